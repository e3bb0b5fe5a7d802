"""Dropped files: copies under the home folder, one folder for each collection, never outside it."""

import re
from collections.abc import Container, Iterable
from hashlib import sha256
from pathlib import Path

from storage.backup import UPLOADS

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*]')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_LONGEST = 70  # characters; most file systems allow 255 bytes, and a Chinese character takes three


def of(home: Path) -> Path:
    """The folder of all copies."""
    return home / UPLOADS


def keep(files: Iterable[tuple[str, bytes]], uploads: Path, collection: str, taken: Container[str] = ()) -> list[Path]:
    """Write dropped files (name and content). Returns where they are now.

    One of the same name is replaced, but for those in `taken`: these belong to others.
    """
    folder = uploads / _folder(collection)
    folder.mkdir(parents=True, exist_ok=True)
    kept: list[Path] = []
    for name, content in files:
        path = _free(folder / safe(name), taken)
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(content)
        part.replace(path)
        kept.append(path)
    return kept


def forget(path: str, uploads: Path) -> None:
    """Delete the copy of a dropped file; a file that lies anywhere else is the person's own and stays."""
    copy = Path(path)
    if is_copy(path, uploads) and copy.parent.resolve().is_relative_to(uploads.resolve()):
        copy.unlink(missing_ok=True)


def is_copy(path: str, uploads: Path) -> bool:
    """Whether a document is the copy of a dropped file."""
    return ".." not in Path(path).parts and Path(path).is_relative_to(uploads)


def _free(path: Path, taken: Container[str]) -> Path:
    free, number = path, 1
    while str(free) in taken:
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return free


def safe(name: str) -> str:
    """A file name that any system takes, without any folder in it."""
    last = re.split(r"[/\\]", name)[-1]
    cleaned = _FORBIDDEN.sub("_", last).strip(" .") or "file"
    if _DEVICES.match(cleaned):
        cleaned = f"_{cleaned}"
    stem, dot, suffix = cleaned.rpartition(".")
    if len(cleaned) > _LONGEST:
        cleaned = f"{(stem or cleaned)[: _LONGEST - 20]}{dot}{suffix[:19]}" if dot else cleaned[:_LONGEST]
    return cleaned


def _folder(collection: str) -> str:
    """A folder name for a collection; names that had to be changed are told apart by a hash."""
    name = safe(collection)
    return name if name == collection else f"{name}-{sha256(collection.encode()).hexdigest()[:8]}"
