"""Zip archives from anyone: their members by name, unpacked within limits."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import UnreadableFile

DAMAGED = "is cut off or damaged: get a whole copy and ingest again."
PROTECTED = "is protected by a password: save a copy without it and ingest again."
_MOST_MEMBERS = 50_000
_STEP = 1_000_000  # bytes


def damaged() -> UnreadableFile:
    """The error of an archive that does not unpack."""
    return UnreadableFile(DAMAGED)


def protected() -> UnreadableFile:
    """The error of an archive that asks for a password."""
    return UnreadableFile(PROTECTED)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive. Raises UnreadableFile where it is damaged or holds too many members."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise damaged() from error
    with archive:
        if len(archive.infolist()) > _MOST_MEMBERS:
            raise UnreadableFile(f"holds more than {_MOST_MEMBERS:,} files: unpack it and ingest the folder.")
        yield archive


def chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member's content, as it is unpacked. Raises UnreadableFile where that fails."""
    if member.flag_bits & 1:
        raise protected()
    try:
        with archive.open(member) as file:
            while data := file.read(_STEP):
                yield data
    except NotImplementedError as error:
        raise UnreadableFile("is packed in a way that is not known: pack it anew as an ordinary zip.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise damaged() from error


def content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    """All of a member. Raises UnreadableFile if it is larger than `most` bytes."""
    parts: list[bytes] = []
    left = most
    for data in chunks(archive, member):
        left -= len(data)
        if left < 0:
            raise UnreadableFile(f"unpacks to more than {most // 1_000_000} MB of text: split it and ingest the parts.")
        parts.append(data)
    return b"".join(parts)
