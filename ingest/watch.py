"""Notice changes below folders."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

from watchfiles import watch as changes


def watch(paths: Sequence[Path], stop: Event | None = None) -> Iterator[frozenset[Path]]:
    """Yield what changed at or below the paths, a moment after the last change of a burst; ends when `stop` is set.

    What the changes mean is for `ingest` to find out: a file's content decides, not the event.
    """
    for batch in changes(*paths, stop_event=stop, raise_interrupt=True):
        yield frozenset(Path(path) for _, path in batch)
