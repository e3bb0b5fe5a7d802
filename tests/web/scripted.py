"""A chat model for the pages: it answers by what the question is about, however often and in whatever order."""

from threading import Event

from pydantic import Field, PrivateAttr

from qa.chat.model import Reply, Request, State
from storage.errors import FootnoteError
from tests.fakes import FakeChat


class ScriptedChat(FakeChat):
    """`script` maps a part of a question to the answer; anything else is refused. It loads while `hold` is set."""

    script: dict[str, str | FootnoteError] = Field(default_factory=dict)
    hold: bool = False
    _loading: Event = PrivateAttr(default_factory=Event)

    @property
    def state(self) -> State:
        return "loading" if self.hold and not self._loading.is_set() else super().state

    def warm(self) -> None:
        if self.hold:
            self._loading.wait(30)
        super().warm()

    def release(self) -> None:
        """Let it finish loading."""
        self._loading.set()

    def begin(self, request: Request, reply: Reply) -> None:
        question = request.turns[-1]["content"].splitlines()[-1]
        answers = [answer for part, answer in self.script.items() if part in question]
        self.replies.append(answers[0] if answers else "The documents don't say.")
        super().begin(request, reply)
