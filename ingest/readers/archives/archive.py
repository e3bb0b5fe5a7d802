"""Zip archives: what their members say, each read by its own reader."""

import stat
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from ingest import places
from ingest.clean import Piece, Reading, chinese_characters
from ingest.readers.archives import zipped
from ingest.readers.archives.enclosed import Unread, Within, as_heading
from ingest.readers.encoding import decode
from storage.errors import UnreadableFile, UnsupportedFormat

_MOST_READ = 10_000  # members
_MOST_BYTES = 500_000_000  # of these, unpacked
_BOMB, _LARGE = 200, 50_000_000  # what unpacks to so many times its size, and is so large, is made to do harm
_UTF8_NAMES = 0x800


def read(path: Path, inside: Within) -> Reading:
    """The members in their order, each below its path in the archive; what cannot be read is named at the end."""
    with zipped.opened(path) as archive:
        members = [(name, each) for name, each in _named(archive) if inside.can_read(name) and _is_shown(name, each)]
    if not members:
        raise UnsupportedFormat("holds no file of a format that can be read.")
    total = _total([member for _, member in members], path.stat().st_size)
    pieces = _pieces(path, members, inside)
    return Reading("", pieces if total > _LARGE else tuple(pieces))


def _pieces(path: Path, members: Sequence[tuple[str, zipfile.ZipInfo]], inside: Within) -> Iterator[Piece]:
    unread = Unread()
    some = False
    with zipped.opened(path) as archive:
        for number, (name, member) in enumerate(members):
            inside.told(number, len(members))
            try:
                for piece in inside.pieces(name, as_heading(name), zipped.chunks(archive, member)):
                    some = True
                    yield piece
            except UnreadableFile as error:
                unread.add(as_heading(name), error)
    if not some and all(member.flag_bits & 1 for _, member in members):
        raise zipped.protected()
    if not some:
        raise UnreadableFile(f"holds no file that can be read ({unread.first}).")
    yield Piece("", None, unread.line)


def _is_shown(name: str, member: zipfile.ZipInfo) -> bool:
    """Hidden files, what systems put beside files, and links are passed over."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    mode = member.external_attr >> 16
    return all(map(places.shown, set(parts) - {".", ".."})) and not (member.is_dir() or stat.S_ISLNK(mode))


def _total(members: Sequence[zipfile.ZipInfo], size: int) -> int:
    """The bytes of all members, before any is unpacked. Raises UnreadableFile where they are too many."""
    total = sum(member.file_size for member in members)
    if total > _LARGE and total > _BOMB * size:
        raise UnreadableFile(f"unpacks to {total // max(size, 1):,} times its size, as no honest archive does.")
    if total > _MOST_BYTES:
        raise UnreadableFile(f"unpacks to more than {_MOST_BYTES // 1_000_000} MB: unpack it and ingest the folder.")
    if len(members) > _MOST_READ:
        raise UnreadableFile(f"holds more than {_MOST_READ:,} files: unpack it and ingest the folder.")
    return total


def _named(archive: zipfile.ZipFile) -> list[tuple[str, zipfile.ZipInfo]]:
    """Members with their names.

    Where the archive does not say that a name is in UTF-8, Python takes it for the code page of old PCs. What it is in
    is seen best from all of them together.
    """
    members = archive.infolist()
    foreign = [each for each in members if not (each.flag_bits & _UTF8_NAMES or each.filename.isascii())]
    names = {id(each): each.filename for each in members}
    raw = b"\n".join(each.filename.encode("cp437", "replace") for each in foreign)
    for each, name in zip(foreign, _decoded(raw), strict=False):
        names[id(each)] = name
    return [(names[id(each)], each) for each in members]


def _decoded(raw: bytes) -> list[str]:
    """Names one a line, in UTF-8 or in Chinese; none where they are in neither."""
    try:
        return raw.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        text = decode(raw)
        return text.split("\n") if chinese_characters(text) else []
