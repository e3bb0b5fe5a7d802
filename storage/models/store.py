"""The model store: a folder of models, each one whole or not there at all.

FOLDER/<id>/              a model that loads, with manifest.json ("org/name" becomes org--name)
FOLDER/.partial/<id>/     what a pull has fetched so far; the next one goes on from there
"""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from storage.errors import DownloadFailed, ModelUnavailable, NotFound
from storage.models.catalogue import Entry, Role, entries, find
from storage.models.damage import MANIFEST
from storage.models.disk import check_room, size
from storage.models.pull import copy, make
from storage.models.sources import Progress, PullProgress

# An id of the catalogue, or organisation/name; never "..", a path or nothing.
_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)

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
        folders = [(manifest.parent, _facts(manifest.parent)) for manifest in self.folder.glob(f"[!.]*/{MANIFEST}")]
        found = [Installed(facts["id"], facts["role"], size(folder), folder) for folder, facts in folders if facts]
        return tuple(sorted(found, key=lambda model: model.id))

    def path(self, model_id: str) -> Path:
        """The folder of a model. Raises ModelUnavailable if it is not there."""
        folder = self._folder(model_id)
        if not _facts(folder):
            raise ModelUnavailable(f"The model {model_id} is not there. Run: footnote models pull {model_id}")
        return folder

    def pull(self, model_id: str, progress: Progress) -> Path:
        """The folder of a model, fetched and converted first if it is not there.

        A catalogue id, or "org/name" for a transformers or OpenVINO folder of the Hugging Face hub. Waits while another
        process pulls the same model. Raises NotFound for an unknown id, DownloadFailed or ModelUnavailable where it
        cannot be had; then nothing is left but what the next try goes on from.
        """
        final, work = self._folder(model_id), self._work(model_id)
        known = None if "/" in model_id else find(model_id, self._catalogue)
        if not _facts(final):
            with self._explained(model_id, known.room if known else 0):
                work.mkdir(parents=True, exist_ok=True)
                with _alone(work, known.size if known else 0, progress):
                    self._pull(model_id, known, progress)
        return final

    def unfinished(self) -> tuple[tuple[str, int], ...]:
        """The pulls that did not end, or have not yet: id and the bytes that lie there."""
        folders = sorted(path for path in self.folder.glob(".partial/*") if path.is_dir())
        return tuple((folder.name.replace("--", "/", 1), size(folder)) for folder in folders)

    def strangers(self) -> tuple[Path, ...]:
        """Folders beside the models that no pull made; they are never touched."""
        return tuple(sorted(path for path in self.folder.glob("[!.]*") if path.is_dir() and not _facts(path)))

    def remove(self, model_id: str) -> int:
        """Delete a model and what an unfinished pull left of it; the bytes that frees.

        Raises NotFound if there is neither, ModelUnavailable if it is in use.
        """
        final, work = self._folder(model_id), self._work(model_id)
        ours = bool(_facts(final))
        if not ours and not work.exists():
            raise NotFound(f"The model {model_id} is not there. See: footnote models list")
        try:
            work.mkdir(parents=True, exist_ok=True)
            with FileLock(_lock(work), timeout=0):
                if ours:  # gone in one step, so that a half-deleted folder is never taken for a model
                    final.replace(work / "removed")
                freed = size(work)
                shutil.rmtree(work)
        except Timeout as error:
            raise ModelUnavailable(f"The model {model_id} is being pulled. Stop that first, then remove it.") from error
        except OSError as error:
            raise ModelUnavailable(f"{final} cannot be removed: {error.strerror}. Close what uses it.") from error
        return freed

    def _pull(self, model_id: str, known: Entry | None, progress: Progress) -> None:
        final, work = self._folder(model_id), self._work(model_id)
        if _facts(final):  # another process was faster
            return
        work.mkdir(exist_ok=True)
        if final.exists():
            raise ModelUnavailable(f"{final} is in the way, and no model of Footnote's. Move it.")
        if known:
            check_room(model_id, work, known.room)
        made = make(known, work, progress) if known else copy(model_id, work, progress)
        made.replace(final)
        shutil.rmtree(work)

    def _folder(self, model_id: str) -> Path:
        return self.folder / _folder_name(model_id)

    def _work(self, model_id: str) -> Path:
        return self.folder / ".partial" / _folder_name(model_id)

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


def _folder_name(model_id: str) -> str:
    """A name that stays inside the store, whatever was typed: folders of that name are deleted. Raises NotFound."""
    if not _ID.fullmatch(model_id):
        raise NotFound(f"{model_id!r} is no model id. See: footnote models list")
    return model_id.replace("/", "--")


def _facts(folder: Path) -> dict[str, Any]:
    """The manifest that a pull wrote; nothing for any other folder, also where it has a manifest of its own."""
    try:
        facts = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    known = isinstance(facts, dict) and {"id", "role"} <= facts.keys()
    return facts if known and folder.name == str(facts["id"]).replace("/", "--") else {}


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
