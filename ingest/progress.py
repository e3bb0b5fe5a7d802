"""How far an ingest has come, and what it has done."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Literal

from storage.records import Failure

Stage = Literal["scanning", "reading", "embedding", "writing"]

_RECENT = 10.0  # seconds that the rate is the mean of
_SOON = 1.0  # seconds before which neither rate nor time left can be told


@dataclass(frozen=True, slots=True)
class Progress:
    """One step. While scanning, files are counted as hashed; afterwards only those that are new or changed count.

    A file's bytes count half once they are read, and whole once they are embedded. `seconds_left` and
    `bytes_per_second` are None until they can be told. `failed` is the latest failure. `path` is the file that the
    stage is about, `current` are all that are under way, and `pages` tells how many steps of reading `path`, mostly
    pages, are done, and how many there are; None where there is nothing to tell.
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
    bytes_per_second: float | None = None
    failed: Failure | None = None
    current: tuple[str, ...] = ()
    pages: tuple[int, int] | None = None


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
class _Work:
    """A file under way: its size, the shares of it that are read and embedded, the share that has come as text."""

    size: int
    read: float = 0.0
    embedded: float = 0.0
    come: float = 0.0
    pages: tuple[int, int] | None = None


@dataclass(slots=True)
class Tally:
    """Counts while an ingest runs. Safe to share between threads."""

    files_total: int = 0
    bytes_total: int = 0
    files_done: int = 0
    chunks: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    passed_over: int = 0
    failures: list[Failure] = field(default_factory=list)
    started: float = field(default_factory=monotonic)
    work_started: float = field(default_factory=monotonic)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _stage: tuple[Stage, str] = ("reading", "")
    _under_way: dict[str, _Work] = field(default_factory=dict)
    _finished: int = 0  # bytes of files that are done
    _waiting: int = 0  # chunks that are read and not embedded
    _embedding: float | None = None  # when that began
    _samples: deque[tuple[float, float]] = field(default_factory=deque, repr=False)

    def begin(self, files: int, size: int) -> None:
        """The work is known now: the clock for the time left starts."""
        self.files_total, self.bytes_total, self.files_done = files, size, 0
        self.work_started = monotonic()

    def at(self, stage: Stage, path: str = "") -> None:
        """What is being done now; without a path, the file that has been under way for longest."""
        self._stage = (stage, path)
        if stage == "embedding":
            self._embedding = self._embedding or monotonic()

    def open(self, path: str, size: int) -> None:
        """A file is being read from now on."""
        with self._lock:
            self._under_way[path] = _Work(size)

    def pages(self, path: str, done: int, total: int) -> None:
        """So many of a file's pages, or of other steps, are read."""
        with self._lock:
            if work := self._under_way.get(path):
                work.pages = (done, total)
                work.read = max(work.read, min(done / max(total, 1), 1.0))

    def read(self, path: str, chunks: int, last: bool, size: int = 0) -> float:
        """A part of a file has come, of about `size` bytes, the last one or not. Returns the share that it is."""
        with self._lock:
            self._waiting += chunks
            if (work := self._under_way.get(path)) is None:  # given up meanwhile
                return 0.0
            if last:
                work.read, work.pages = 1.0, None
            elif work.pages is None and work.size:  # its reader tells nothing of its progress
                work.read = min(work.read + size / work.size, 0.99)
            share, work.come = work.read - work.come, work.read
            return share

    def embedded(self, path: str, chunks: int, share: float, known: bool = False) -> None:
        """These chunks of a file have their vectors, which is a share of it; they had them before if they are `known`,
        from a run that was stopped."""
        with self._lock:
            if work := self._under_way.get(path):
                work.embedded += share
            self._waiting -= chunks
            if not known:
                self.chunks += chunks

    def close(self, path: str, size: int) -> None:
        """A file is stored, or given up."""
        with self._lock:
            self._under_way.pop(path, None)
            self._finished += size
            self.files_done += 1

    def fail(self, failures: Sequence[Failure]) -> None:
        """Files that cannot be ingested."""
        self.failures += failures

    def now(self) -> Progress:
        """Where the work stands."""
        stage, path = self._stage
        return self.progress(stage, path or next(iter(self._under_way.copy()), ""))

    def progress(self, stage: Stage, path: str) -> Progress:
        """Where it stands."""
        with self._lock:
            work = self._under_way.get(path)
            done = self._finished + sum(
                each.size * (each.read + each.embedded) / 2 for each in self._under_way.values()
            )
            done = min(done, self.bytes_total)
            return Progress(
                stage=stage,
                path=path,
                files_done=self.files_done,
                files_total=self.files_total,
                chunks=self.chunks,
                bytes_done=round(done),
                bytes_total=self.bytes_total,
                seconds_left=self._seconds_left(),
                failures=len(self.failures),
                bytes_per_second=self._rate(done),
                failed=self.failures[-1] if self.failures else None,
                current=tuple(self._under_way),
                pages=work.pages if work and stage == "reading" else None,
            )

    def report(self) -> Report:
        """The end of it."""
        return Report(
            self.added,
            self.changed,
            self.removed,
            self.unchanged,
            tuple(sorted(self.failures, key=lambda failure: failure.path)),
            self.chunks,
            monotonic() - self.started,
            self.passed_over,
        )

    def _seconds_left(self) -> float | None:
        """Files are read while others are embedded: what takes longer decides."""
        now, read = monotonic(), self._finished + sum(each.size * each.read for each in self._under_way.values())
        elapsed, unread = now - self.work_started, max(0.0, self.bytes_total - read)
        if elapsed < _SOON or not read or not self.bytes_total:
            return None
        reading = elapsed * unread / read
        if not self.chunks or self._embedding is None or now - self._embedding < _SOON:
            return reading if not self._waiting else None
        to_come = unread * (self.chunks + self._waiting) / read
        return max(reading, (now - self._embedding) * (self._waiting + to_come) / self.chunks)

    def _rate(self, done: float) -> float | None:
        now = monotonic()
        self._samples.append((now, done))
        while self._samples[0][0] < now - _RECENT and len(self._samples) > 2:
            self._samples.popleft()
        began, before = self._samples[0]
        return (done - before) / (now - began) if now - began >= _SOON else None
