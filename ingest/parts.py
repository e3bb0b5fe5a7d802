"""A file's text in parts that can be held: cut at the ends of pieces, joined, and marked where to cut it into chunks.

All this is done in the process that reads the file; JSON brings it to the one that stores it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ingest.chunk import ChunkOptions, Cut, cuts
from ingest.clean import Joined, Piece, Reading, join
from storage import rows
from storage.anchors import Lines, Spot
from storage.language import language

MOST = 2_000_000  # characters of one part
_PIECE = 40  # characters that a piece counts beside its text: many small ones take room, too


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file: its text, the places to cut it at, and what the whole file says of itself."""

    title: str
    joined: Joined
    cuts: tuple[Cut, ...]
    language: str
    pages: int | None = None
    authors: tuple[str, ...] = ()
    created: datetime | None = None
    tags: tuple[str, ...] = ()


def parts(reading: Reading, options: ChunkOptions, most: int = MOST) -> Iterator[tuple[Part, bool]]:
    """The parts of a reading that hold any text, each with whether it is the last; one more is held than is given."""
    held: Part | None = None
    for pieces in stretches(reading.pieces, most):
        joined = join(pieces)
        if not joined.text.strip():
            continue
        if held is not None:
            yield held, False
        held = Part(
            reading.title,
            joined,
            tuple(cuts(joined.text, joined.sections, options)),
            language(joined.text),
            reading.pages,
            reading.authors,
            reading.created,
            reading.tags,
        )
    if held is not None:
        yield held, True


def stretches(pieces: Iterable[Piece], most: int) -> Iterator[list[Piece]]:
    """The pieces in runs of at most `most` characters; a piece that is longer is cut where a line ends."""
    held: list[Piece] = []
    size = 0
    for whole in pieces:
        for piece in _cut(whole, most):
            here = len(piece.text) + _PIECE
            if held and size + here > most:
                yield held
                held, size = [], 0
            held.append(piece)
            size += here
    if held:
        yield held


def _cut(piece: Piece, most: int) -> Iterator[Piece]:
    text, start, first = piece.text, 0, 0
    while len(text) - start > most:
        ends = (text.rfind(mark, start, start + most) for mark in ("\n", " "))
        end = next((end + 1 for end in ends if end >= 0), start + most)
        lines = text.count("\n", start, end)
        yield replace(piece, text=text[start:end], spot=_lines(piece, first, first + lines - (text[end - 1] == "\n")))
        start, first = end, first + lines
    if start:
        piece = replace(piece, text=text[start:], spot=_lines(piece, first, text.count("\n")))
    yield piece


def _lines(piece: Piece, first: int, last: int) -> Spot | None:
    """The spot of some of a piece's lines, counted from 0; that of all where its lines are not those of the file."""
    spot = piece.spot
    if isinstance(spot, Lines) and piece.text.count("\n") == spot.last - spot.first:
        return Lines(spot.first + first, spot.first + last)
    return spot


def as_json(part: Part) -> dict[str, Any]:
    """A part as JSON can say it."""
    text, sections, anchors = part.joined
    return {
        "title": part.title,
        "text": text,
        "sections": rows.section_values(sections),
        "anchors": rows.anchor_values(anchors),
        "cuts": part.cuts,
        "language": part.language,
        "pages": part.pages,
        "authors": part.authors,
        "created": part.created and part.created.isoformat(),
        "tags": part.tags,
    }


def from_json(values: dict[str, Any]) -> Part:
    """The same read back. Raises ValueError, TypeError, KeyError for what is no part: nobody vouches for its source."""
    text = str(values["text"])
    return Part(
        str(values["title"]),
        Joined(
            text,
            rows.sections(values["sections"]),
            rows.anchors(values["anchors"]),
        ),
        tuple(Cut(*cut) for cut in values["cuts"]),
        str(values["language"]),
        values["pages"],
        tuple(values["authors"]),
        datetime.fromisoformat(values["created"]) if values["created"] else None,
        tuple(values["tags"]),
    )
