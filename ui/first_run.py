"""The first start: fetch what is missing of the models in use, and give an empty library something to ask about."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from storage.errors import ModelUnavailable
from storage.models.catalogue import entries
from storage.models.store import ModelStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.progress import Progress, Report

    from storage.library import Library
    from storage.models.store import PullProgress
    from ui.app import App

DEMO = Path(__file__).parent / "demo"
DEMO_COLLECTION = "demo"


def missing(store: ModelStore, in_use: tuple[str, ...]) -> tuple[str, ...]:
    """The models in use that are of the catalogue and not there. Folders and servers are the person's own matter."""
    return tuple(entry.id for entry in entries() if entry.id in in_use and not _there(store, entry.id))


def wants_demo(library: "Library") -> bool:
    """Whether the library holds no document at all."""
    return not library.documents() and DEMO.is_dir()


def fetch(store: ModelStore, model_ids: tuple[str, ...], progress: "Callable[[str, PullProgress], None]") -> None:
    """Pull models one after the other. Raises DownloadFailed, ModelUnavailable."""
    for model_id in model_ids:
        store.pull(model_id, lambda step, model_id=model_id: progress(model_id, step))  # type: ignore[misc]


def add_demo(app: "App") -> "Iterator[Progress | Report]":
    """Ingest the demo documents into their own collection."""
    return app.ingest([DEMO], DEMO_COLLECTION)


def _there(store: ModelStore, model_id: str) -> bool:
    try:
        store.path(model_id)
    except ModelUnavailable:
        return False
    return True
