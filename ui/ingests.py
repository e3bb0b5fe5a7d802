"""The ingests of one process, one at a time: what a person begins goes before what keeps folders in sync."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Condition, Lock
from threading import Event as Flag

from ingest.progress import Progress, Report
from ui.job import Job, until

Work = Callable[[Sequence[Path], str], Iterator[Progress | Report]]

_LOOK = 0.2  # seconds between two looks at whether one that waits was cancelled
_KEPT = 3  # reports of those that have ended
_END = 3.0  # seconds that the ingests have to end in when the process ends


@dataclass(frozen=True, slots=True)
class Ingesting:
    """An ingest: what it brings where, its latest progress, and at the end its report.

    `own` tells that a person began it, not the server to keep a folder in sync. While it is `waiting`, others go first.
    """

    collection: str
    paths: tuple[Path, ...] = ()
    own: bool = True
    waiting: bool = True
    progress: Progress | None = None
    report: Report | None = None


class Place:
    """A place in the line; the ones of a person's own come first."""

    def __init__(self, own: bool) -> None:
        self.own = own


class Line:
    """Whose turn it is to change the library. Who has the turn keeps it; but the server's own work can give way."""

    def __init__(self) -> None:
        self._moved = Condition()
        self._places: list[Place] = []

    def enter(self, own: bool) -> Place:
        """Take a place behind all that go first."""
        place = Place(own)
        with self._moved:
            first = len(self._places)
            if own and len(self._places) > 1:
                first = next((n for n, each in enumerate(self._places[1:], 1) if not each.own), first)
            self._places.insert(first, place)
        return place

    def wait(self, place: Place, seconds: float) -> bool:
        """Wait for the turn, at most `seconds`; tell whether it has come."""
        with self._moved:
            return self._moved.wait_for(lambda: self._places[0] is place, seconds)

    def wanted(self, place: Place) -> bool:
        """Whether a person waits for what the server does by itself."""
        with self._moved:
            return not place.own and any(each.own for each in self._places)

    def leave(self, place: Place) -> None:
        """It is the next one's turn."""
        with self._moved:
            self._places.remove(place)
            self._moved.notify_all()

    @contextmanager
    def turn(self, cancel: Flag, own: bool = True) -> Iterator[Place | None]:
        """Wait for the turn and hold it; None where it was cancelled meanwhile."""
        place = self.enter(own)
        try:
            come = False
            while not come and not cancel.is_set():
                come = self.wait(place, _LOOK)
            yield place if come else None
        finally:
            self.leave(place)


class Ingests:
    """Those that run, wait, or have ended and were not dismissed yet."""

    def __init__(self, work: Work, line: Line) -> None:
        self._work, self._line = work, line
        self._changing = Lock()
        self._jobs: list[Job[Ingesting]] = []

    def begin(self, paths: Sequence[Path], collection: str, own: bool = True) -> Job[Ingesting]:
        """Begin an ingest as soon as it is its turn. One that waits with the same to do is not begun twice."""
        what = Ingesting(collection, tuple(paths), own)
        with self._changing:
            self._forget_ended(what)
            for job in self._jobs:
                if not job.done and not job.cancelled and job.state == what:
                    return job
            cancel = Flag()
            job = Job(until(cancel, self._in_turn(what, cancel)), what, _folded, cancel)
            self._jobs.append(job)
            return job

    def _in_turn(self, what: Ingesting, cancel: Flag) -> Iterator[Progress | Report | bool]:
        """The ingest, when its turn has come; it begins anew where it had to give way: what was stored is known."""
        whole = False
        while not whole:
            with self._line.turn(cancel, what.own) as place:
                if place is None:
                    return
                yield True
                with closing(self._work(what.paths, what.collection)) as events:  # type: ignore[type-var]
                    for event in events:
                        yield event
                        if not isinstance(event, Report) and self._line.wanted(place):
                            break
                    else:
                        whole = True
            if not whole:
                yield False

    @property
    def running(self) -> Job[Ingesting] | None:
        """The one whose turn it is."""
        return next((job for job in self._jobs if not job.done and not job.state.waiting), None)

    @property
    def waiting(self) -> tuple[Job[Ingesting], ...]:
        """Those that wait for their turn."""
        return tuple(job for job in self._jobs if not job.done and job.state.waiting)

    @property
    def ended(self) -> tuple[Job[Ingesting], ...]:
        """Those that a person began and that have ended, the latest first, until they are dismissed."""
        return tuple(job for job in reversed(self._jobs) if job.done and job.state.own)

    @property
    def own(self) -> bool:
        """Whether one that a person began runs or waits."""
        return any(job.state.own and not job.done for job in self._jobs)

    def busy(self, collection: str) -> bool:
        """Whether something is being brought into a collection."""
        return any(not job.done and job.state.collection == collection for job in self._jobs)

    def dismiss(self, job: Job[Ingesting]) -> None:
        """Forget one that has ended: its report was read."""
        with self._changing:
            self._jobs = [each for each in self._jobs if each is not job or not each.done]

    def close(self) -> None:
        """Cancel all of them and wait until they have ended."""
        left = [job for job in self._jobs if not job.done]
        for job in left:
            job.cancel()
        for job in left:
            job.wait(_END)

    def _forget_ended(self, what: Ingesting) -> None:
        """Those that nobody waits for, that are done once more now, and all but the latest."""
        told = [job for job in self.ended if (job.state.collection, job.state.paths) != (what.collection, what.paths)]
        self._jobs = [job for job in self._jobs if not job.done or job in told[: _KEPT - 1]]


def _folded(state: Ingesting, event: Progress | Report | bool) -> Ingesting:
    if isinstance(event, bool):  # whether it has the turn
        return replace(state, waiting=not event, progress=None)
    return replace(state, report=event) if isinstance(event, Report) else replace(state, progress=event)
