"""A chat model for the pages: it answers by what the question is about, however often and in whatever order."""

import time
from pathlib import Path
from threading import Event, Lock
from typing import Any

from pydantic import Field, PrivateAttr

from qa.chat.model import Reply, Request, State
from storage.errors import FootnoteError
from tests.fakes import FakeChat, aside

HOLD = "hold-answers"  # a file in the home: while it is there, no word is written


class ScriptedChat(FakeChat):
    """`script` maps a part of a question to the answer; anything else is refused. It loads while `hold` is set.

    While there is a file `gate`, no answer begins; what is asked beside it does.
    """

    script: dict[str, str | FootnoteError] = Field(default_factory=dict)
    gate: Path | None = None
    hold: bool = False
    _loading: Event = PrivateAttr(default_factory=Event)
    _turn: Any = PrivateAttr(default_factory=Lock)

    @property
    def state(self) -> State:
        return "loading" if self.hold and not self._loading.is_set() else super().state

    def warm(self) -> None:
        if self.hold:
            self._loading.wait(120)
        super().warm()

    def release(self) -> None:
        """Let it finish loading."""
        self._loading.set()

    def begin(self, request: Request, reply: Reply) -> None:
        question = request.turns[-1]["content"].splitlines()[-1]
        answers = [answer for part, answer in self.script.items() if part in question]
        with self._turn:  # two who ask at once get their own answers
            if not self.replies and not aside(request):
                self.replies.append(answers[0] if answers else "The documents don't say.")
            super().begin(request, reply)

    def _write(self, answer: str | FootnoteError, request: Request, reply: Reply) -> None:
        while self.gate and self.gate.exists() and not (reply.stopped or aside(request)):
            time.sleep(0.02)
        super()._write(answer, request, reply)
