"""The maps of the collections: drawn in the background, each once for a state of its collection, and kept."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from threading import Event as Flag
from threading import Lock

from storage.atlas import Atlas, Drawing, draw
from storage.database import Database
from storage.records import Collection
from ui.job import Job


@dataclass(frozen=True, slots=True)
class Mapping:
    """A map on its way: how far it is, and at the end the map itself."""

    generation: int
    drawing: Drawing | None = None
    atlas: Atlas | None = None


class Maps:
    """One map for each collection. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._jobs: dict[str, Job[Mapping]] = {}

    def of(self, collection: Collection) -> Job[Mapping]:
        """The map of a collection as it is now: drawn already, or being drawn from this moment on.

        One that was cancelled or went wrong stays so until `forget`.
        """
        with self._lock:
            job = self._jobs.get(collection.name)
            if job is None or job.state.generation != collection.generation:
                if job:
                    job.cancel()
                cancel = Flag()
                events = _drawn(self._database, collection.name, cancel)
                job = self._jobs[collection.name] = Job(events, Mapping(collection.generation), _mapped, cancel)
            return job

    def forget(self, collection: str) -> None:
        """Draw the map anew when it is asked for the next time."""
        with self._lock:
            if job := self._jobs.pop(collection, None):
                job.cancel()


def _drawn(database: Database, collection: str, cancel: Flag) -> Iterator[Drawing | Atlas]:
    with closing(draw(database, collection)) as steps:
        for step in steps:
            yield step
            if cancel.is_set():
                return


def _mapped(state: Mapping, event: Drawing | Atlas) -> Mapping:
    return replace(state, atlas=event) if isinstance(event, Atlas) else replace(state, drawing=event)
