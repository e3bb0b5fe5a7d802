"""How far an ingest has come, and what it has done."""

from dataclasses import dataclass, field
from time import monotonic
from typing import Literal

from storage.records import Failure

Stage = Literal["scanning", "reading", "embedding", "writing"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One step. While scanning, files are counted as hashed; afterwards only those that are new or changed count.

    `seconds_left` is None until it can be told.
    """

    stage: Stage
    path: str
    files_done: int
    files_total: int
    chunks: int
    bytes_done: int
    bytes_total: int
    seconds_left: float | None
    failures: int


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingest did, in files; a renamed file counts as changed. `chunks` were embedded; `seconds` took it all;
    `passed_over` were met below folders and have a format that cannot be read."""

    added: int
    changed: int
    removed: int
    unchanged: int
    failures: tuple[Failure, ...]
    chunks: int
    seconds: float
    passed_over: int = 0


@dataclass(slots=True)
class Tally:
    """Counts while an ingest runs."""

    files_total: int = 0
    bytes_total: int = 0
    files_done: int = 0
    bytes_done: float = 0
    chunks: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    passed_over: int = 0
    failures: list[Failure] = field(default_factory=list)
    started: float = field(default_factory=monotonic)
    work_started: float = field(default_factory=monotonic)

    def begin(self, files: int, size: int) -> None:
        """The work is known now: the clock for the time left starts."""
        self.files_total, self.bytes_total = files, size
        self.files_done, self.bytes_done = 0, 0
        self.work_started = monotonic()

    def progress(self, stage: Stage, path: str) -> Progress:
        """Where it stands."""
        return Progress(
            stage=stage,
            path=path,
            files_done=self.files_done,
            files_total=self.files_total,
            chunks=self.chunks,
            bytes_done=round(self.bytes_done),
            bytes_total=self.bytes_total,
            seconds_left=self._seconds_left(),
            failures=len(self.failures),
        )

    def report(self) -> Report:
        """The end of it."""
        seconds = monotonic() - self.started
        return Report(
            self.added,
            self.changed,
            self.removed,
            self.unchanged,
            tuple(self.failures),
            self.chunks,
            seconds,
            self.passed_over,
        )

    def _seconds_left(self) -> float | None:
        elapsed = monotonic() - self.work_started
        if elapsed < 1 or self.bytes_done <= 0 or not self.bytes_total:
            return None
        return max(0.0, elapsed * (self.bytes_total - self.bytes_done) / self.bytes_done)
