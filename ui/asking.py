"""A question on its way: what has come so far, folded from the events of its answer (pure, but for the clock)."""

import time
from dataclasses import dataclass, field, replace

from ingest.progress import Progress, Report
from qa.answer import Answer, Delta, Evidence
from ui.keeping import Told


@dataclass(frozen=True, slots=True)
class Asking:
    """What has come so far. Where files alone are attached, there is no `message`.

    `progress` and `report` are of the files that came along. The stages begin at `started` (the files are read),
    `searching`, `reading` (the model reads the passages) and `writing`, in seconds of `time.monotonic`.
    """

    message: str = ""
    progress: Progress | None = None
    report: Report | None = None
    evidence: Evidence | None = None
    text: str = ""
    answer: Answer | None = None
    started: float = field(default_factory=time.monotonic)
    searching: float | None = None
    reading: float | None = None
    writing: float | None = None


def asked(state: Asking, event: Told) -> Asking:
    """The state with one more event."""
    now = time.monotonic()
    if isinstance(event, Progress):
        return replace(state, progress=event)
    if isinstance(event, Report):
        return replace(state, report=event, searching=now)
    if isinstance(event, Evidence):
        return replace(state, evidence=event, reading=now)
    if isinstance(event, Delta):
        return replace(state, text=state.text + event.text, writing=state.writing or now)
    return replace(state, answer=event) if isinstance(event, Answer) else state
