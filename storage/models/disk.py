"""Room on the disk: what a folder takes and what is free, also while other processes change the folder."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from storage.errors import DownloadFailed


def size(folder: Path, ending: str = "") -> int:
    """The bytes of all files in a folder, or of those whose names end so. Files and folders may vanish meanwhile."""
    return sum(_length(path) for path in _files(folder) if path.name.endswith(ending))


def check_room(model_id: str, work: Path, need: int) -> None:
    """Raise DownloadFailed if the disk is too small, before the first byte comes."""
    free = shutil.disk_usage(work).free
    if free + size(work) < need:
        raise DownloadFailed(
            f"{model_id} needs {_gigabytes(need)} in {work.parent.parent}, and {_gigabytes(free)} are free. "
            "Free some space."
        )


def _files(folder: Path) -> Iterator[Path]:
    # Not Path.rglob: it raises where a folder is gone before it is read, and pip removes folders all the time.
    for place, _, names in os.walk(folder):
        yield from (Path(place, name) for name in names)


def _length(file: Path) -> int:
    try:
        status = file.stat()
    except FileNotFoundError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
