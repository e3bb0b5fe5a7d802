"""A question as a person follows it: evidence on stderr, then the answer growing where a terminal shows it."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

from langchain_core.language_models import BaseChatModel
from rich.console import Console
from rich.live import Live
from rich.text import Text

from qa.answer import Answer, Delta, Evidence
from qa.chat.model import ChatModel
from ui import render
from ui.cli.terminal import note, watched
from ui.keeping import Saved, Told

if TYPE_CHECKING:
    from rich.console import ConsoleOptions, RenderResult


class Screen:
    """Shows events as they come, and holds the last. What grew is wiped at the end: the answer itself is printed
    then, with its footnotes, or it was withdrawn.
    """

    def __init__(self, chat: BaseChatModel, quiet: bool) -> None:
        self._chat = chat
        self._live = None if quiet or not sys.stdout.isatty() else Live(transient=True, console=Console())
        self._text = ""
        self._saved: Saved | None = None
        self._answer: Answer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def show(self, event: Told) -> None:
        """Take the next event."""
        if isinstance(event, Saved):
            self._saved = event
            if isinstance(self._chat, ChatModel) and self._chat.state != "ready":  # it may translate before it writes
                note(f"Loading the chat model {self._chat.id} ...")
        elif isinstance(event, Evidence):
            self._evidence(event)
        elif isinstance(event, Delta):
            self._delta(event)
        elif isinstance(event, Answer):
            self._answer = event
            if self._text and event.reason and not event.stopped:
                note(render.WITHDRAWN[event.reason])

    def outcome(self) -> tuple[Saved, Answer]:
        """Where it is saved, and the answer."""
        assert self._saved and self._answer, "a question ends with an answer or raises"
        return self._saved, self._answer

    def _evidence(self, evidence: Evidence) -> None:
        if watched() and (line := render.evidence(evidence)):
            note(f"{line}\n")

    def _delta(self, delta: Delta) -> None:
        self._text += delta.text
        if self._live:
            if not self._live.is_started:
                self._live.start()
            self._live.update(_Tail(render.printable(self._text)))


class _Tail:
    """As much of the end of a text as the terminal has lines for."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: "ConsoleOptions") -> "RenderResult":
        lines = Text(self._text).wrap(console, options.max_width)
        yield Text("\n").join(lines[-max(console.height - 1, 1) :])
