"""Files that lie in other files, as attachments of mails and members of archives: each is read by its own reader.

Nothing is ever written under a name from inside a file, and limits hold for all that one outermost file holds.
"""

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkstemp

from ingest.clean import Piece, Reading, normalise
from ingest.readers.plain.definitions import suffix_of
from storage.errors import UnreadableFile, UnsupportedFormat

_MOST_BYTES = 500_000_000  # of all that is taken out of one file
_MOST_DEPTH = 3  # files that hold files within each other, the outermost included; of one kind two at most
_MOST_NAMED = 20
_LONGEST_NAME = 80
_PAGED = frozenset((".pdf", ".pptx", ".ppt", ".odp"))  # a person finds a page of these by its number

Tell = Callable[[int, int], None]
Read = Callable[[Path, Tell], Reading]


@dataclass(slots=True)
class _Whole:
    """What the outermost file has left to be read, and whom it tells how far it is."""

    tell: Tell
    bytes: int
    done: int = 0
    total: int = 1

    def sign(self, done: int = 0, total: int = 0) -> None:
        """Say that reading goes on, whatever is being read within."""
        self.tell(self.done, self.total)


@dataclass(frozen=True, slots=True)
class Within:
    """Reads what a file holds, as long as the limits allow; `holders` are the readers of the files around that."""

    _read: Read
    _suffixes: Collection[str]
    _whole: _Whole
    holders: tuple["Holder", ...] = ()

    def can_read(self, name: str) -> bool:
        """Whether a file of this name has a format that is read."""
        return plain_suffix(name) in self._suffixes

    def pieces(self, name: str, heading: str, content: Iterable[bytes]) -> Iterator[Piece]:
        """The text of a file that is called so, below a heading. Its content is taken as it comes.

        Its places in lines, cells and boxes are none of the outer file's; its pages stay where they have numbers.
        Raises UnreadableFile.
        """
        suffix = plain_suffix(name)
        path = _temporary(suffix)
        try:
            self._write(path, content)
            token = _around.set(self)
            try:
                reading = self._read(path, self._whole.sign)
            finally:
                _around.reset(token)
            for piece in reading.pieces:
                below = " > ".join(filter(None, (heading, piece.heading)))
                yield replace(piece, heading=below, page=piece.page if suffix in _PAGED else None, spot=None)
        finally:
            with suppress(OSError):  # Windows keeps a file that a damaged reading left open
                path.unlink()

    def _write(self, path: Path, content: Iterable[bytes]) -> None:
        with path.open("wb") as file:
            for data in content:
                self._whole.bytes -= len(data)
                if self._whole.bytes < 0:
                    raise UnreadableFile(
                        f"was left out, there is more than {_MOST_BYTES // 1_000_000} MB in all:"
                        " take it out and ingest it alone."
                    )
                file.write(data)

    def within(self, holder: "Holder") -> "Within":
        """The same, one file further in. Raises UnreadableFile where there are too many of them around."""
        if len(self.holders) == _MOST_DEPTH or self.holders.count(holder) == 2:
            raise UnreadableFile("lies too deep in other files: take it out and ingest it alone.")
        return replace(self, holders=(*self.holders, holder))

    def told(self, done: int, total: int) -> None:
        """Say how much of what this file holds is read."""
        if len(self.holders) == 1:
            self._whole.done, self._whole.total = done, total
        self._whole.sign()


Holder = Callable[[Path, Within], Reading]
_around: ContextVar[Within | None] = ContextVar("around", default=None)


def holding(holder: Holder, read: Read, suffixes: Collection[str]) -> Callable[[Path], Reading]:
    """The reader of a format that holds other files, which `read` reads if they have one of the suffixes."""

    def bound(path: Path, progress: Tell = lambda done, total: None) -> Reading:
        around = _around.get() or Within(read, suffixes, _Whole(progress, _MOST_BYTES))
        return holder(path, around.within(holder))

    return bound


class Unread:
    """What could not be read in a file, by name, with the reasons."""

    def __init__(self) -> None:
        self._said: list[str] = []

    def add(self, name: str, error: UnreadableFile) -> None:
        """Remember a file that was not read."""
        self._said.append(f"{name} ({_short(error)})")

    @property
    def first(self) -> str:
        """The first of it, empty where nothing was added."""
        return next(iter(self._said), "")

    @property
    def line(self) -> str:
        """All of it in one line, empty where nothing was added."""
        more = len(self._said) - _MOST_NAMED
        named = self._said[:_MOST_NAMED] + ([f"and {more} more"] if more > 0 else [])
        return f"Not read: {'; '.join(named)}" if named else ""


def _temporary(suffix: str) -> Path:
    """A file of our own; a folder for each would take ten times as long."""
    number, name = mkstemp(suffix, "footnote-")
    os.close(number)
    return Path(name)


def plain_suffix(name: str) -> str:
    """The suffix that an inner file is read by, where it is a plain one, else "": it becomes part of a file's name."""
    found = suffix_of(name.replace("\\", "/").rpartition("/")[2])
    return found if re.fullmatch(r"\.[a-z0-9]{1,10}", found) else ""


def as_heading(name: str) -> str:
    """A file's name as a part of a heading path: one line, and of a long one the end."""
    name = " ".join(normalise(name).split()).replace(">", "›")
    return f"…{name[1 - _LONGEST_NAME :]}" if len(name) > _LONGEST_NAME else name or "?"


def _short(error: UnreadableFile) -> str:
    """The reason without the advice, which is about a file by itself."""
    reason = str(error).partition(". Supported")[0] if isinstance(error, UnsupportedFormat) else str(error)
    what, colon, _ = reason.rpartition(": ")
    return (what if colon else reason).rstrip(".")
