"""The server keeps linked folders in sync: it catches up when it starts, and follows their changes while it runs."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic

from ingest.places import Inside, is_empty
from ingest.progress import Report
from ingest.watch import follow
from storage.errors import FootnoteError
from storage.folders import Folder
from storage.library import Library
from ui.ingests import Ingesting, Ingests
from ui.job import BROKEN, Job
from ui.links import link

GONE = "The folder is not there. Is its disk connected? Its documents stay, and it is followed as soon as it is back."
EMPTY = "The folder is empty. Is its disk connected? Its documents stay; if its files were deleted, unlink it."
STOPPED = "Stopped before everything was read. Sync now goes on."

_TICK = 0.2  # seconds between two looks at whether to stop
_END = 5.0  # seconds that following has to end in


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds between two looks at which folders are linked, and until something that went wrong is tried again."""

    look: float = 3.0
    again: float = 60.0


@dataclass(frozen=True, slots=True)
class Followed:
    """How it is with a folder that is followed: `problem` is what keeps it from being in sync, `note` what else a
    person should know; `job` brings changes in just now, `report` tells what it did last."""

    problem: str = ""
    note: str = ""
    job: Job[Ingesting] | None = None
    report: Report | None = None


class _Follower:
    """Follows one folder in a thread of its own, so that none waits for the trouble of another.

    `own` tells that a person has just added the folder: reading it for the first time is that person's own ingest.
    """

    def __init__(self, folder: Folder, library: Library, ingests: Ingests, again: float, own: bool) -> None:
        self.stop, self.begun = Event(), Event()
        self.state = Followed()
        self._lock = Lock()
        self._since = datetime.now(UTC)  # when there was a problem last
        self._folder, self._library, self._ingests, self._again, self._own = folder, library, ingests, again, own
        self.thread = Thread(target=self._run, daemon=True, name="footnote-follow")
        self.thread.start()

    def _run(self) -> None:
        try:
            while not self.stop.is_set():
                try:
                    follow([self._folder], self._bring, self.stop, self._tell)
                except FootnoteError as exc:
                    self._put(problem=str(exc))
                    self.stop.wait(self._again)
        finally:
            if not self.stop.is_set():  # a bug, whose trace is in the server's output
                self._put(problem=BROKEN)
                self.stop.wait(self._again)  # then it is followed anew

    def look(self, folder: Folder) -> None:
        """Notice that the folder has gone or is back, or that all is well since somebody has read it."""
        problem, root = self.state.problem, Path(folder.path)
        if not os.path.lexists(root):
            if problem != GONE:
                self._put(problem=GONE)
        elif (
            problem == GONE
            or (problem == EMPTY and not is_empty(root))
            or (problem not in ("", EMPTY) and folder.synced and folder.synced > self._since)
        ):
            self._put(problem="")

    def _tell(self, what: str) -> None:
        self._put(note=what)

    def _put(self, **changes: object) -> None:
        with self._lock:
            self.state = replace(self.state, **changes)  # type: ignore[arg-type]
            if changes.get("problem"):
                self._since = datetime.now(UTC)

    def _bring(self, collection: str, places: Sequence[Path]) -> None:
        """Bring in what has changed, as soon as that can be done."""
        own, self._own = self._own, False
        while not self.stop.is_set():
            if problem := self._missing(places):
                self._put(problem=problem, note="")
                break
            job = self._ingests.begin(places, collection, own)
            self._put(job=job, note="")
            self.begun.set()
            while not job.wait(_TICK):
                if self.stop.is_set():
                    job.cancel()
            if not job.error:
                stopped = job.cancelled and not job.state.report
                self._put(job=None, problem=STOPPED if stopped else "", report=job.state.report)
                break
            self._put(job=None, problem=job.error)
            if own:  # the page tells that person
                break
            self.stop.wait(self._again)
        self.begun.set()

    def _missing(self, places: Sequence[Path]) -> str:
        """Why the folder as a whole cannot be read now: a disk that is not connected does not delete its files."""
        root = Path(self._folder.path)
        if root not in places:
            return ""
        if not os.path.lexists(root):
            return GONE
        return EMPTY if is_empty(root) and self._known(root) else ""

    def _known(self, root: Path) -> bool:
        inside = Inside([root])
        return any(each.file.path in inside for each in self._library.known(self._folder.collection))


class Following:
    """All folders that are to be followed, whichever process linked them."""

    def __init__(self, library: Library, ingests: Ingests, rhythm: Rhythm = Rhythm()) -> None:
        self._library, self._ingests, self._rhythm = library, ingests, rhythm
        self._folders = library.folders
        self._followers: dict[tuple[str, str], _Follower] = {}
        self._lock = Lock()
        self._stop = Event()
        self._thread = Thread(target=self._run, daemon=True, name="footnote-following")

    def start(self) -> None:
        """Begin, in the background."""
        self._thread.start()

    def close(self) -> None:
        """Follow nothing any more, and wait until that has ended."""
        self._stop.set()
        with self._lock:
            left = list(self._followers.values())
            self._followers.clear()
            for each in left:
                each.stop.set()
        end = monotonic() + _END
        for thread in (*(each.thread for each in left), self._thread):
            if thread.is_alive():
                thread.join(max(end - monotonic(), 0.0))

    def add(self, collection: str, path: Path) -> None:
        """Link a folder, read it as a person's own ingest, and follow it from now on. Raises DatabaseUnavailable."""
        key = (collection, str(path))
        with self._lock:
            link(self._folders, collection, path)
            before = self._folders.folders(collection)
            if not any(each.watched and path != Path(each.path) and path.is_relative_to(each.path) for each in before):
                self._folders.link(*key)
                self._folders.watch(*key, True)
                if key not in self._followers and not self._stop.is_set():
                    self._followers[key] = self._follower(Folder(*key), own=True)
                    self._followers[key].begun.wait(_END)
                    return
        self._ingests.begin([path], collection)

    def settle(self) -> None:
        """Follow what is to be followed now, and nothing else. Raises DatabaseUnavailable."""
        with self._lock:
            wanted = {(each.collection, each.path): each for each in self._folders.folders() if each.watched}
            for key in self._followers.keys() - wanted.keys():
                self._followers.pop(key).stop.set()
            for key, folder in wanted.items():
                alive = key in self._followers and self._followers[key].thread.is_alive()
                if not alive and not self._stop.is_set():
                    self._followers[key] = self._follower(folder)
                if key in self._followers:
                    self._followers[key].look(folder)

    def _follower(self, folder: Folder, own: bool = False) -> _Follower:
        return _Follower(folder, self._library, self._ingests, self._rhythm.again, own)

    def of(self, folder: Folder) -> Followed | None:
        """How it is with a folder; None where it is not followed."""
        follower = self._followers.get((folder.collection, folder.path))
        return follower.state if follower else None

    @property
    def seen(self) -> tuple[Followed, ...]:
        """How it is with all of them, to tell whether something has happened."""
        return tuple(each.state for each in list(self._followers.values()))

    def _run(self) -> None:
        while not self._stop.is_set():
            with suppress(FootnoteError):  # the pages say so
                self.settle()
            self._stop.wait(self._rhythm.look)
