"""The model store: a folder of models, each one whole or not there at all.

FOLDER/<id>/              a model that loads, with manifest.json ("org/name" becomes org--name)
FOLDER/.partial/<id>/     what a pull has fetched so far; the next one goes on from there
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import EDQUOT, ENOSPC
from pathlib import Path

from filelock import FileLock, Timeout

from storage.errors import DownloadFailed, ModelUnavailable, NotFound
from storage.models.catalogue import Entry, Role, entries, find
from storage.models.pull import MANIFEST, check_room, copy, make, room, size
from storage.models.sources import Progress, PullProgress

__all__ = ["Installed", "ModelStore", "PullProgress"]


@dataclass(frozen=True, slots=True)
class Installed:
    """A model on disk; `bytes` is what its folder holds."""

    id: str
    role: Role
    bytes: int
    folder: Path


class ModelStore:
    """Models in one folder, which several homes and processes may share."""

    def __init__(self, folder: Path, catalogue: tuple[Entry, ...] | None = None) -> None:
        self.folder = folder
        self._catalogue = entries() if catalogue is None else catalogue

    def installed(self) -> tuple[Installed, ...]:
        """The models that are there, by id. Anything else in the folder is passed over."""
        found = []
        for manifest in self.folder.glob(f"[!.]*/{MANIFEST}"):
            facts = json.loads(manifest.read_text(encoding="utf-8"))
            found.append(Installed(facts["id"], facts["role"], size(manifest.parent), manifest.parent))
        return tuple(sorted(found, key=lambda model: model.id))

    def path(self, model_id: str) -> Path:
        """The folder of a model. Raises ModelUnavailable if it is not there."""
        folder = self._folder(model_id)
        if not (folder / MANIFEST).is_file():
            raise ModelUnavailable(f"The model {model_id} is not there. Run: footnote models pull {model_id}")
        return folder

    def pull(self, model_id: str, progress: Progress) -> Path:
        """The folder of a model, fetched and converted first if it is not there.

        A catalogue id, or "org/name" for a transformers folder of the Hugging Face hub. Waits while another process
        pulls the same model. Raises NotFound for an unknown id, DownloadFailed or ModelUnavailable where it cannot be
        had; then nothing is left but what the next try goes on from.
        """
        known = None if _is_on_hub(model_id) else find(model_id, self._catalogue)
        final, work = self._folder(model_id), self._work(model_id)
        if not (final / MANIFEST).is_file():
            with self._explained(model_id, room(known) if known else 0):
                work.mkdir(parents=True, exist_ok=True)
                with _alone(work, known.size if known else 0, progress):
                    self._pull(model_id, known, progress)
        return final

    def remove(self, model_id: str) -> None:
        """Delete a model and what an unfinished pull left of it. Raises NotFound if there is neither."""
        final, work = self._folder(model_id), self._work(model_id)
        if not (final / MANIFEST).is_file() and not work.exists():
            raise NotFound(f"The model {model_id} is not there. See: footnote models list")
        try:
            work.mkdir(parents=True, exist_ok=True)
            with FileLock(_lock(work), timeout=0):
                if final.exists():  # gone in one step, so that a half-deleted folder is never taken for a model
                    final.replace(work / "removed")
                shutil.rmtree(work)
        except Timeout as error:
            raise ModelUnavailable(f"The model {model_id} is being pulled. Stop that first, then remove it.") from error
        except OSError as error:
            raise ModelUnavailable(f"{final} cannot be removed: {error.strerror}. Close what uses it.") from error

    def _pull(self, model_id: str, known: Entry | None, progress: Progress) -> None:
        final, work = self._folder(model_id), self._work(model_id)
        if (final / MANIFEST).is_file():  # another process was faster
            return
        work.mkdir(exist_ok=True)
        if final.exists():
            raise ModelUnavailable(f"{final} is in the way, and no model of Footnote's. Move it.")
        if known:
            check_room(model_id, work, room(known))
        made = make(known, work, progress) if known else copy(model_id, work, progress)
        made.replace(final)
        shutil.rmtree(work)

    def _folder(self, model_id: str) -> Path:
        return self.folder / model_id.replace("/", "--")

    def _work(self, model_id: str) -> Path:
        return self.folder / ".partial" / model_id.replace("/", "--")

    @contextmanager
    def _explained(self, model_id: str, need: int) -> Iterator[None]:
        """Every failure in one line that ends with the way out."""
        again = f"Then run again: footnote models pull {model_id}"
        try:
            yield
        except ModelUnavailable as error:
            raise type(error)(f"{error} {again}") from error
        except OSError as error:
            if error.errno not in (ENOSPC, EDQUOT):
                raise ModelUnavailable(f"{self.folder} cannot be written: {error.strerror}. {again}") from error
            check_room(model_id, self._work(model_id), need)
            raise DownloadFailed(f"The disk of {self.folder} is full. Free some space. {again}") from error


def _is_on_hub(model_id: str) -> bool:
    organisation, slash, name = model_id.partition("/")
    return bool(organisation and slash and name) and "/" not in name


def _lock(work: Path) -> Path:
    return work.with_name(f"{work.name}.lock")


@contextmanager
def _alone(work: Path, total: int, progress: Progress) -> Iterator[None]:
    """Hold the model's lock; while another process holds it, report how far that one is."""
    lock = FileLock(_lock(work))
    while True:
        try:
            lock.acquire(timeout=1)
            break
        except Timeout:
            done = size(work)
            progress(PullProgress("downloading", done, max(total, done), "another process"))
    try:
        yield
    finally:
        lock.release()
