"""A chat model for the pages: it says what a script holds for a question, word by word, and can be stopped."""

import re
import time
from threading import Thread

from pydantic import Field

from qa.chat.model import ChatModel, Reply, Request, State


class ScriptedChat(ChatModel):
    """`script` maps a part of the question to the answer; anything else is refused. `pause`: seconds between words."""

    id: str = "scripted"
    script: dict[str, str] = Field(default_factory=dict)
    pause: float = 0.0
    loading: float = 0.0  # seconds that warm() takes
    now: State = "cold"
    why: str = ""

    @property
    def backend(self) -> str:
        return "fake"

    @property
    def state(self) -> State:
        return self.now

    @property
    def reason(self) -> str:
        return self.why

    def warm(self) -> None:
        self.now = "loading"
        time.sleep(self.loading)
        self.now = "ready"

    def begin(self, request: Request, reply: Reply) -> None:
        question = request.turns[-1]["content"].splitlines()[-1]
        answers = [answer for part, answer in self.script.items() if part in question]
        Thread(target=self._write, args=(answers[0] if answers else "The documents don't say.", reply)).start()

    def _write(self, answer: str, reply: Reply) -> None:
        for word in re.findall(r"\s*(?:[a-zA-Z0-9.,%'-]+|\S)", answer):
            if reply.stopped:
                return
            time.sleep(self.pause)
            reply.write(word)
        reply.end("stop")
