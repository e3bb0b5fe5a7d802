"""Read files in child processes, so that no file can stop or crash an ingest."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock, Thread
from time import monotonic
from types import TracebackType
from typing import IO, Any, Self

from ingest.chunk import ChunkOptions
from ingest.memory import TOO_MUCH
from ingest.parts import MOST, Part, from_json
from storage.errors import BadSettings, UnreadableFile
from storage.process import command, environment

_LOOK = 0.05  # seconds between two looks at the clock
_START = 60.0  # seconds that a process has to start in
_LONGEST = 100_000_000  # bytes of one answer; what is longer comes from a process that has gone mad
_MOST_AT_ONCE = 4
_ROOM = 4_000_000_000  # bytes of this machine's memory for each process that reads

_STOPPED = "was not read: the ingest was stopped."

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may cost: seconds without a sign of life, seconds in all (both without the time that is
    spent waiting for those who take the parts), bytes of memory; and the characters of one part."""

    seconds: float = 120.0
    whole: float = 6 * 3600.0
    memory: int = 2_000_000_000
    part: int = MOST


def most_at_once() -> int:
    """How many files this machine can read at a time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    room = _MOST_AT_ONCE
    with suppress(AttributeError, ValueError, OSError):  # Windows does not tell
        room = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // _ROOM
    return max(1, min(cores, room, _MOST_AT_ONCE))


class Reader:
    """One child process, started at the first file, and again after it died or took too long.

    One thread reads; another may close, which ends a reading at once.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._temporary: dict[int, TemporaryDirectory[str]] = {}  # of each process, for what it unpacks
        self._closed = Event()
        self._lock, self._clock = Lock(), Lock()
        self._until = float("inf")  # when the child has had its time
        Thread(target=self._watch, daemon=True, name="footnote-clock").start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End what is being read, and read no more."""
        self._closed.set()
        self._stop()

    def read(
        self, path: Path, options: ChunkOptions, tell: Tell = lambda done, total: None
    ) -> Iterator[tuple[Part, bool]]:
        """The parts of a file, each with whether it is the last; the next one is not read before it is asked for.

        `tell` is told how many of the file's pages, or of other steps, are done, and of how many. Raises UnreadableFile
        as `readers.read` does, and where reading takes too long, takes too much memory, or crashes; BadSettings where
        nothing can be read.
        """
        process = self._running()
        left, last = self.limits.whole, False
        try:
            self._ask(process, {"path": str(path), "most": self.limits.part, "limit": options.limit})
            while not last:
                began = monotonic()
                step = _step(self._answer(process, min(self.limits.seconds, max(left, 0.0))))
                left -= monotonic() - began
                match step:
                    case str():
                        last = True
                        raise UnreadableFile(step)
                    case Part() as part, bool(last):
                        yield part, last
                        if not last:
                            self._ask(process, {})
                    case int(done), int(total):
                        tell(done, total)
        finally:
            if not last:  # it would go on with this file
                self._stop()

    def _running(self) -> "subprocess.Popen[bytes]":
        with self._lock:
            if self._closed.is_set():
                raise UnreadableFile(_STOPPED)
            if self._process is not None:
                return self._process
            temporary = TemporaryDirectory(prefix="footnote-", ignore_cleanup_errors=True)
            process = self._process = _started(self.limits.memory, temporary.name)
            self._temporary[process.pid] = temporary
        try:
            self._answer(process, _START)
        except UnreadableFile as error:
            if self._closed.is_set():
                raise
            raise BadSettings(
                "Files cannot be read: the process that reads them does not start. "
                "Raise ingest.read_megabytes, or install Footnote anew."
            ) from error  # no file is to blame
        return process

    def _ask(self, process: "subprocess.Popen[bytes]", what: dict[str, Any]) -> None:
        with suppress(OSError, ValueError):  # it is gone, as its answer will tell
            _pipe(process.stdin).write(json.dumps(what).encode() + b"\n")
            _pipe(process.stdin).flush()

    def _answer(self, process: "subprocess.Popen[bytes]", seconds: float) -> dict[str, Any]:
        with self._clock:
            self._until = monotonic() + seconds
        answer: dict[str, Any] | None = None
        with suppress(ValueError):  # closed meanwhile, or no JSON
            answer = json.loads(_pipe(process.stdout).readline(_LONGEST))
        with self._clock:  # else the child may be ended for this answer while it is asked for the next file
            late, self._until = monotonic() >= self._until, float("inf")
        if answer is None or late:
            self._stop()
            raise UnreadableFile(self._reason(process.wait(), seconds if late else 0))
        return answer

    def _reason(self, code: int, late: float) -> str:
        if self._closed.is_set():
            return _STOPPED
        if late:
            named = self.limits.seconds if late >= self.limits.seconds else self.limits.whole
            return f"took longer than {named:g} s to read: split it and ingest the parts."
        if code == TOO_MUCH:
            megabytes = self.limits.memory // 1_000_000
            return f"needs more than {megabytes:,} MB of memory to read: split it and ingest the parts."
        return "crashes the reader or needs too much memory: open it in its own program and save it anew."

    def _watch(self) -> None:
        """End the child when its time is over: who waits for its answer cannot do it."""
        while not self._closed.wait(_LOOK):
            with self._clock:
                if monotonic() >= self._until and (process := self._process):
                    process.kill()

    def _stop(self) -> None:
        """End the child process, at once, whatever it does."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # a request that it did not take
                    _pipe(pipe).close()
            self._temporary.pop(process.pid).cleanup()  # what it had unpacked


def _started(memory: int, temporary: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command("ingest.readers.worker", str(memory)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=1 << 20,
        start_new_session=True,  # a Ctrl-C is for the parent alone: it would look like a crash
        env=environment(PYTHONUTF8="1", TMPDIR=temporary, TEMP=temporary, TMP=temporary),
    )


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _step(answer: dict[str, Any]) -> str | tuple[int, int] | tuple[Part, bool]:
    """What a child has said: a reason, how far it is, or a part and whether it is the last. Nobody vouches for it."""
    try:
        if "reason" in answer:
            return str(answer["reason"])
        if "part" in answer:
            return from_json(answer["part"]), bool(answer["last"])
        return int(answer["done"]), int(answer["total"])
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise UnreadableFile("confuses the reader: open it in its own program and save it anew.") from error
