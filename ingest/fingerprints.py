"""The hash of what files hold, for several files at once; files that are being written are waited for."""

import hashlib
import os
import stat
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event

from ingest.scan import Seen, printable
from storage.errors import UnreadableFile
from storage.records import File

_AT_ONCE = 4  # files: disks and networks answer several questions at a time
_PIECE = 1 << 20  # bytes
_SIGN = 0.5  # seconds between two signs of life
_FRESH = 1_000_000_000  # nanoseconds since the last change within which a file may still be written
_LOOK = 0.2  # seconds until a second look at such files
_PATIENCE = 3.0  # seconds that files which go on changing are waited for
_SETTLED = 2_000_000_000  # nanoseconds: the coarsest file systems keep times in steps of two seconds

Outcome = File | UnreadableFile | None  # None of a file that is gone meanwhile


def fingerprints(seen: Sequence[Seen], most_bytes: int) -> Iterator[tuple[Seen, Outcome] | None]:
    """Each file with its hash, or with the reason why it has none; None now and then as a sign of life.

    Those that have just been changed come last, after a second look. It can be closed at any time.
    """
    stop = Event()
    with ThreadPoolExecutor(_AT_ONCE, "footnote-hash") as pool:
        try:
            begun = [(each, pool.submit(_fingerprint, each, most_bytes, stop)) for each in seen]
            fresh: dict[Seen, Outcome] = {}
            for each, future in begun:
                yield from _signs(future)
                outcome, restless = future.result()
                if restless:
                    fresh[each] = outcome
                else:
                    yield each, outcome
            until = time.monotonic() + _PATIENCE
            while fresh:
                yield None
                time.sleep(_LOOK)
                late = time.monotonic() > until
                for each, outcome in tuple(fresh.items()):
                    if not isinstance(outcome, File) or _look(each.path) == (outcome.size, outcome.modified):
                        yield each, outcome
                        del fresh[each]
                    elif late:
                        yield each, UnreadableFile("is being written: ingest it again when that has ended.")
                        del fresh[each]
                    else:
                        future = pool.submit(_fingerprint, each, most_bytes, stop)
                        yield from _signs(future)
                        fresh[each], _ = future.result()
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


def _signs(future: "Future[tuple[Outcome, bool]]") -> Iterator[None]:
    while not wait([future], _SIGN).done:
        yield None


def _look(path: str) -> tuple[int, int] | None:
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _fingerprint(seen: Seen, most_bytes: int, stop: Event) -> tuple[Outcome, bool]:
    """A file's hash, and whether the file may still be written: as it looked before it was read."""
    path = seen.path
    if path != printable(path):
        return UnreadableFile("has a name that is not valid Unicode: rename it and ingest again."), False
    began = time.time_ns()
    digest = hashlib.sha256()
    try:
        with open(path, "rb", buffering=0, opener=_without_waiting) as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                return None, False
            if before.st_size > most_bytes:
                size, most = before.st_size / 1e6, most_bytes / 1e6
                return UnreadableFile(f"is too large ({size:,.0f} MB, the limit is {most:,.0f} MB): split it."), False
            while not stop.is_set() and (piece := file.read(_PIECE)):
                digest.update(piece)
            after = os.fstat(file.fileno())
    except FileNotFoundError:
        return None, False
    except OSError as error:
        return UnreadableFile(f"cannot be opened ({error.strerror}): check that you may read it."), False
    settled = before.st_mtime_ns < began - _SETTLED
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    restless = not same or before.st_mtime_ns > began - _FRESH
    found = File(path, digest.hexdigest(), before.st_size, before.st_mtime_ns, seen.named, settled)
    return found, restless


def _without_waiting(path: str, flags: int) -> int:
    """Open a file, but never wait for somebody at the other end of what was a file a moment ago."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)
