"""The embedders of one process: the one in use, and those that made the collections there are."""

from collections.abc import Callable, Container
from threading import Lock
from typing import TYPE_CHECKING

from storage.errors import IndexMismatch, ModelUnavailable, NotFound

if TYPE_CHECKING:
    from storage.embedder import Embedder


class Embedders:
    """Embedders by their ids, each opened once and kept. Safe to share between threads.

    A collection is searched and added to with the embedder that made it, so that vectors of two embedders never meet.
    The one in use makes new collections, and the old ones when they are embedded anew.
    """

    def __init__(self, open: Callable[[str], "Embedder"], in_use: str) -> None:
        self.open = open
        self._lock = Lock()
        self._in_use = open(in_use)
        self._opened = {self._in_use.id: self._in_use}

    @property
    def in_use(self) -> "Embedder":
        """What embeds new collections."""
        return self._in_use

    def use(self, embedder: "Embedder") -> None:
        """Make this the one in use."""
        with self._lock:
            self._in_use = self._opened[embedder.id] = embedder

    def by_id(self, model_id: str) -> "Embedder":
        """An embedder as collections name it. Loads nothing yet."""
        with self._lock:
            if model_id not in self._opened:
                self._opened[model_id] = self.open(model_id)
            return self._opened[model_id]

    def of(self, collection: str, model_id: str) -> "Embedder":
        """The embedder that made a collection, loaded.

        Raises ModelUnavailable for the one in use; IndexMismatch with the two ways out for another one that is not
        here, as one that was a folder and is known by its name and a hash only (see open_embedder).
        """
        embedder = self.by_id(model_id)
        try:
            embedder.warm()
        except (ModelUnavailable, NotFound) as exc:
            if embedder is self._in_use:
                raise
            name, at, _ = model_id.partition("@")
            fetch = f"footnote models use FOLDER (a folder of yours called {name})" if at else (
                f"footnote models pull {model_id}"
            )  # fmt: skip
            raise IndexMismatch(
                f"The collection {collection!r} was embedded with {model_id}, which is not here or does not load. "
                f"Fetch it with: {fetch}. Or embed the collection anew with: footnote documents reembed "
                f"--collection {collection}"
            ) from exc
        return embedder

    def keep(self, needed: Container[str]) -> None:
        """Let go of all that is neither needed nor in use; its memory is free once nobody computes with it."""
        with self._lock:
            self._opened = {
                model_id: embedder
                for model_id, embedder in self._opened.items()
                if model_id in needed or embedder is self._in_use
            }
