"""A text file by its lines: read at once where it is small, else as a stream, so that no file fills the memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.clean import Piece
from ingest.readers.encoding import decode, detect

SMALL = 8_000_000  # bytes of a file that is read at once
LONGEST = 1_000_000  # characters of a line of a large file that is not cut
_HEAD = 200_000  # characters

Numbered = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Source:
    """How a text begins (all of it, where it is small), and its lines, to be gone through once: each without its end
    and after its number, from 1. A line end at the end of the text has an empty line after it."""

    head: str
    lines: Iterator[Numbered]
    large: bool = False

    def kept(self, pieces: Iterable[Piece]) -> Iterable[Piece]:
        """Pieces made of the lines: as they come where the text is large, all of them where it is not."""
        return pieces if self.large else tuple(pieces)


def opened(path: Path, longest: int = LONGEST) -> Source:
    """A file's text. Raises UnreadableFile if it is none."""
    if path.stat().st_size <= SMALL:
        return of(decode(path.read_bytes()))
    encoding = detect(path)
    with path.open(encoding=encoding, errors="replace") as file:
        head = file.read(_HEAD)
    return Source(head, _stream(path, encoding, longest), large=True)


def of(text: str) -> Source:
    """A text that is there already."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Source(text, iter(enumerate(text.split("\n"), start=1)))


def _stream(path: Path, encoding: str, longest: int) -> Iterator[Numbered]:
    """A line longer than `longest` comes in parts, cut at spaces, that have one number."""
    number, rest = 1, ""
    with path.open(encoding=encoding, errors="replace") as file:
        while part := file.readline(longest):
            line = rest + part.replace("\0", "")
            rest = ""
            if line.endswith("\n"):
                yield number, line[:-1]
                number += 1
            elif len(part) < longest:  # the last line
                rest = line
            else:
                at = line.rfind(" ", len(line) - 1000) + 1 or len(line)
                yield number, line[:at]
                rest = line[at:]
    yield number, rest
