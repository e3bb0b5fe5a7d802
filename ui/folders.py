"""The folders of this computer, for a person who looks for one: names only."""

import os
import string
from dataclasses import dataclass
from pathlib import Path

from ingest import places


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder inside another; `open` tells whether the person may look into it, as far as can be told beforehand."""

    path: Path
    open: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What is seen in a folder: the folders in it by name, and how many files; `problem` is why it cannot be listed."""

    path: Path
    folders: tuple[Folder, ...] = ()
    files: int = 0
    problem: str = ""


def look(path: Path, hidden: bool = False) -> Look:
    """Look into a folder. Hidden ones and hidden files count on demand only; links count as what they lead to."""
    folders: list[Folder] = []
    files = 0
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if not hidden and _is_hidden(entry):
                    continue
                if _is_folder(entry):
                    folders.append(Folder(path / entry.name, os.access(entry.path, os.R_OK | os.X_OK)))
                else:
                    files += 1
    except OSError as error:
        return Look(path, problem=error.strerror or str(error))
    return Look(path, tuple(sorted(folders, key=lambda each: (each.path.name.casefold(), each.path.name))), files)


def nearest(path: str) -> Path:
    """Where to begin: the folder that a text names, else the nearest one above that is there, else the home folder."""
    typed = path.strip().strip("\"'")
    if typed:
        try:
            named = Path(typed).expanduser().absolute()
        except RuntimeError:  # the home of a person whom the system does not know
            return Path.home()
        for place in (named, *named.parents):
            if place.is_dir():
                return place
    return Path.home()


def beginnings() -> tuple[Path, ...]:
    """Where all paths begin: the drives of Windows; elsewhere the root, and the folders where other disks appear."""
    if os.name == "nt":
        return tuple(drive for letter in string.ascii_uppercase if (drive := Path(f"{letter}:\\")).exists())
    disks = [place for folder in ("/Volumes", "/media", "/mnt") if (place := Path(folder)).is_dir() and any_in(place)]
    return (Path("/"), *disks)


def any_in(folder: Path) -> bool:
    """Whether there is anything in a folder that can be listed."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def _is_hidden(entry: "os.DirEntry[str]") -> bool:
    if entry.name.startswith("."):
        return True
    try:
        return places.hidden(entry.stat(follow_symlinks=False))
    except OSError:
        return False


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
