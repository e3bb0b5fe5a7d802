"""Which files there are, and which of them are new, changed, renamed or gone, by the hash of their content."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.readers import READERS, supported
from storage.errors import NotFound, UnreadableFile
from storage.records import Failure, File, Known


@dataclass(frozen=True, slots=True)
class Found:
    """The files to ingest, sorted, what was named or met but cannot be read, and how many of other formats."""

    files: tuple[Path, ...]
    failures: tuple[Failure, ...]
    passed_over: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What an ingest has to do. A changed file comes with what was known at its path, a renamed one at its old path."""

    added: tuple[File, ...]
    changed: tuple[tuple[File, Known], ...]
    renamed: tuple[tuple[File, Known], ...]
    removed: tuple[Known, ...]
    unchanged: int


def roots(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The paths, absolute and resolved. Raises NotFound for the first one that does not exist."""
    resolved = []
    for path in paths:
        try:
            resolved.append(path.expanduser().resolve(strict=True))
        except (OSError, RuntimeError) as error:  # the latter for the home of a person whom the system does not know
            raise NotFound(f"No such file or folder: {path}. Check the spelling, or give its full path.") from error
    return tuple(resolved)


def find(places: Sequence[Path]) -> Found:
    """Files named, and files of a supported format below folders.

    Below folders, hidden names, Office's lock files and links to folders do not count; links to files are followed.
    """
    files: set[Path] = set()
    others: set[Path] = set()
    failures: list[Failure] = []
    for place in places:
        if place.is_dir():
            for path in _below(place, failures):
                (files if path.suffix.lower() in READERS else others).add(path)
        elif place.suffix.lower() in READERS:
            files.add(place)
        else:
            failures.append(Failure(str(place), f"has a format that cannot be read. Supported: {supported()}"))
    return Found(tuple(sorted(files)), tuple(failures), len(others))


def _below(folder: Path, failures: list[Failure]) -> Iterator[Path]:
    def unlisted(error: OSError) -> None:
        failures.append(
            Failure(str(error.filename), f"cannot be listed ({error.strerror}): check that you may read it.")
        )

    for place, folders, names in os.walk(folder, onerror=unlisted):
        folders[:] = [name for name in folders if _shown(name)]
        for name in names:
            path = Path(place, name)
            if _shown(name) and path.is_file():
                yield path.resolve() if path.is_symlink() else path


def _shown(name: str) -> bool:
    return not name.startswith((".", "~$"))


def fingerprint(path: Path, most_bytes: int) -> File:
    """Hash a file's content. Raises UnreadableFile if it cannot be opened or is larger than `most_bytes`."""
    if str(path) != printable(path):
        raise UnreadableFile("has a name that is not valid Unicode: rename it and ingest again.")
    try:
        status = path.stat()
        if status.st_size > most_bytes:
            size, most = status.st_size / 1e6, most_bytes / 1e6
            raise UnreadableFile(f"is too large ({size:,.0f} MB, the limit is {most:,.0f} MB): split it.")
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableFile(f"cannot be opened ({error.strerror}): check that you may read it.") from error
    return File(str(path), sha256, status.st_size, status.st_mtime_ns)


def compare(files: Sequence[File], known: Sequence[Known], places: Sequence[Path], gone: frozenset[str]) -> Changes:
    """Sort the files by what is known. `gone` are known paths with no file any more; below `places` they are removed.

    A file whose content was known at a path that is gone has been renamed, wherever that path was.
    """
    at = {each.file.path: each for each in known}
    lost: dict[str, list[Known]] = defaultdict(list)
    for each in known:
        if each.file.path in gone:
            lost[each.file.sha256].append(each)
    added: list[File] = []
    changed: list[tuple[File, Known]] = []
    renamed: list[tuple[File, Known]] = []
    for file in files:
        before = at.get(file.path)
        if before is None and lost[file.sha256]:
            renamed.append((file, lost[file.sha256].pop(0)))
        elif before is None:
            added.append(file)
        elif before.file.sha256 != file.sha256:
            changed.append((file, before))
    removed = tuple(each for each in known if each in lost[each.file.sha256] and below(each.file.path, places))
    unchanged = len(files) - len(added) - len(changed) - len(renamed)
    return Changes(tuple(added), tuple(changed), tuple(renamed), removed, unchanged)


def below(path: str, places: Sequence[Path]) -> bool:
    """Whether the path is one of the places or lies below one."""
    return any(Path(path).is_relative_to(place) for place in places)


def printable(path: Path) -> str:
    """The path as text that can be stored and shown, whatever bytes are in it."""
    return str(path).encode("utf-8", errors="replace").decode()


def is_gone(path: str) -> bool:
    """Whether there is surely no file: a folder that cannot be looked into hides its files, it does not delete them."""
    try:
        Path(path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
