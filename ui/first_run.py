"""The first start: what is missing of the models in use, and whether the library needs something to ask about."""

from pathlib import Path
from typing import TYPE_CHECKING

from storage.errors import ModelUnavailable
from storage.models.catalogue import entries
from storage.models.store import ModelStore

if TYPE_CHECKING:
    from storage.library import Library

DEMO = Path(__file__).parent / "demo"
DEMO_COLLECTION = "demo"


def missing(store: ModelStore, in_use: tuple[str, ...]) -> tuple[str, ...]:
    """The models in use that are of the catalogue and not there. Folders and servers are the person's own matter."""
    return tuple(entry.id for entry in entries() if entry.id in in_use and not _there(store, entry.id))


def wants_demo(library: "Library") -> bool:
    """Whether nothing was ever put into the library."""
    return not library.collections() and DEMO.is_dir()


def _there(store: ModelStore, model_id: str) -> bool:
    try:
        store.path(model_id)
    except ModelUnavailable:
        return False
    return True
