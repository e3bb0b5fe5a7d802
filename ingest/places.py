"""The places that an ingest looks at, and the names that never count below them."""

import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path, PosixPath, WindowsPath

# What programs and systems leave in a person's folders, in lower case. What a person names counts all the same.
LITTER = {
    "$recycle.bin", "__macosx", "__pycache__", "desktop.ini", "node_modules", "system volume information", "thumbs.db",
}  # fmt: skip


if sys.platform == "win32":
    _Path = WindowsPath
else:
    _Path = PosixPath


class Changed(_Path):
    """A place where something has just changed; it may be gone.

    No person named it: patterns decide whether a file counts, and a file that failed is read again only if it has
    changed since.
    """

    __slots__ = ()


class Inside:
    """Tells of many paths whether they are one of some places or lie below one."""

    def __init__(self, places: Iterable[str | Path]) -> None:
        self._told = {str(place): True for place in places}

    def __contains__(self, path: str) -> bool:
        asked = []
        while path not in self._told:
            asked.append(path)
            above = str(Path(path).parent)
            if above == path:
                self._told[path] = False
            path = above
        self._told.update(dict.fromkeys(asked, self._told[path]))
        return self._told[path]


def shown(name: str) -> bool:
    """Whether a name is neither hidden nor litter, such as the files in which Office notes who has one open."""
    return not name.startswith((".", "~$")) and name.lower() not in LITTER


def hidden(status: os.stat_result) -> bool:
    """Whether Windows hides a file."""
    return bool(getattr(status, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_HIDDEN)


def is_gone(path: Path) -> bool:
    """Whether there is surely no file: a folder that cannot be looked into hides its files, it does not delete them,
    and a link may lead to a disk that is not connected."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return not _leads_nowhere(path)
    except OSError:
        return False
    return False


def is_empty(path: Path) -> bool:
    """Whether there is no folder, or nothing at all in it, as where a disk was connected before."""
    try:
        return next(path.iterdir(), None) is None
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False


def _leads_nowhere(path: Path) -> bool:
    """Whether the path, or a folder above, is a link whose target's folder is not there either."""
    link = next((each for each in (path, *path.parents) if each.is_symlink() and not each.exists()), None)
    return link is not None and not Path(os.path.realpath(link)).parent.is_dir()
