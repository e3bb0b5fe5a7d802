"""Progress on stderr: a bar where a terminal shows it, else a line now and then, so that a log tells it too."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bar

from ui.cli.terminal import note
from ui.render import printable
from ui.words import count, duration, size

if TYPE_CHECKING:
    from ingest.progress import Progress, Report
    from storage.models.store import PullProgress

_EVERY = 10.0  # seconds between two lines where there is no terminal


class Pace:
    """Lets a line through now and then."""

    def __init__(self, seconds: float = _EVERY) -> None:
        self._seconds, self._last = seconds, time.monotonic()

    def due(self) -> bool:
        """Whether it is time for the next line."""
        now = time.monotonic()
        if now - self._last < self._seconds:
            return False
        self._last = now
        return True


def follow_ingest(events: Iterable["Progress | Report"]) -> "Report":
    """Show an ingest until it is done, and return its report. What fails is told as it does."""
    from ingest.progress import Progress

    pace = Pace()
    failures = 0
    with _bar(TextColumn("{task.fields[counts]}"), TextColumn("{task.fields[path]}")) as bar:
        task = bar.add_task("scanning", total=None, counts="", path="")
        for event in events:
            if not isinstance(event, Progress):
                return event
            done, total = (event.bytes_done, event.bytes_total) if event.bytes_total else (event.files_done, None)
            bar.update(task, description=event.stage, completed=done, total=total,
                       counts=counts(event), path=escape(_at(event)))  # fmt: skip
            if event.failed and event.failures > failures and not bar.disable:
                told = f"{printable(event.failed.path)} {event.failed.reason}"
                bar.console.print(told, style="yellow", markup=False, highlight=False, soft_wrap=True)
            if bar.disable and pace.due():
                latest = f", the latest: {printable(_short(event.failed.path))}" if event.failed else ""
                note(f"{event.stage} {counts(event)}{latest}")
            failures = event.failures
    raise AssertionError("an ingest ends with a report")


def counts(event: "Progress") -> str:
    """How far an ingest is, in numbers."""
    parts = [f"{event.files_done}/{count(event.files_total, 'file')}"]
    if event.chunks:
        parts.append(count(event.chunks, "chunk"))
    if event.bytes_per_second:
        parts.append(f"{size(round(event.bytes_per_second))}/s")
    if event.seconds_left is not None:
        parts.append(f"{duration(event.seconds_left)} left")
    if event.failures:
        parts.append(f"{event.failures} failed")
    return ", ".join(parts)


def _at(event: "Progress") -> str:
    path = printable(_short(event.path))
    return f"{path} {event.pages[0]}/{event.pages[1]}" if event.pages else path


def _short(path: str, width: int = 40) -> str:
    return path if len(path) <= width else f"…{path[1 - width :]}"


@contextmanager
def pull_bar(model_id: str) -> Iterator[Callable[["PullProgress"], None]]:
    """What a model's pull reports to: bytes, speed and time left, anew for each stage."""
    pace = Pace()
    with _bar(DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()) as bar:
        tasks: dict[str, int] = {}

        def report(step: "PullProgress") -> None:
            what = f"{step.stage} {model_id}"
            if step.stage not in tasks:
                tasks[step.stage] = bar.add_task(what, total=step.total)
                if bar.disable:
                    note(f"{what} ({size(step.total)}, {step.source})")
            bar.update(tasks[step.stage], completed=step.done, total=step.total)  # type: ignore[arg-type]
            if bar.disable and pace.due():
                note(f"{what}: {size(step.done)} of {size(step.total)}")

        yield report


@contextmanager
def steps_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """What counted work reports to: done and total. The time left is told by the mean of what was done here."""
    pace = Pace()
    first: tuple[int, float] | None = None
    with _bar(TextColumn("{task.completed}/{task.total}"), TextColumn("{task.fields[left]}")) as bar:
        task = bar.add_task(what, total=None, left="")

        def report(done: int, total: int) -> None:
            nonlocal first
            first = first or (done, time.monotonic())
            here, since = done - first[0], time.monotonic() - first[1]
            left = f"{duration(since / here * (total - done))} left" if here else ""
            bar.update(task, completed=done, total=total, left=left)
            if bar.disable and pace.due():
                note(f"{what} {done}/{total}" + (f", {left}" if left else ""))

        yield report


def _bar(*columns: ProgressColumn) -> Bar:
    return Bar(
        TextColumn("{task.description}"), BarColumn(bar_width=30), *columns,
        console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty(),
        redirect_stdout=False, redirect_stderr=False,
    )  # fmt: skip
