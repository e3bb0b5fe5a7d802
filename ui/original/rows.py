"""The rows of a table file around those that a quote comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.readers.records import table
from storage.anchors import Lines, spot_of
from storage.errors import UnreadableFile
from storage.records import Document

Span = tuple[int, int]

_LARGEST = 20_000_000  # bytes of a file that is read whole to show some rows of it


@dataclass(frozen=True, slots=True)
class Row:
    """A row by its first line in the file, or its number in the sheet (from 1): whether it is cited, and which
    characters of its cells the quote has."""

    number: int
    cells: tuple[str, ...]
    cited: bool
    marks: Mapping[int, Span]


@dataclass(frozen=True, slots=True)
class Rows:
    """The names of the columns, rows of the file, and how many lie before and after them."""

    names: tuple[str, ...]
    rows: tuple[Row, ...]
    before: int
    after: int


def around(path: Path, document: Document, quote: Span, most: int) -> Rows:
    """The rows that the characters `quote` of a document come from, with up to `most` rows on each side.

    Each line of the text is a row of the file that is not blank, below the names of the columns. An empty span cites
    none. Raises UnreadableFile where the text is not that of these rows, OSError.
    """
    if path.stat().st_size > _LARGEST:
        raise UnreadableFile("is too large to be shown as a table.")
    text = document.text
    every = table.filled(table.rows(path))
    names = table.header_of([cells for _, cells in every])
    below = every[1:] if names else every
    lines = text.split("\n")
    if len(lines) != len(below):
        raise UnreadableFile("has rows that cannot be told apart.")
    first, last = text.count("\n", 0, quote[0]), text.count("\n", 0, max(quote[1] - 1, quote[0]))
    begin, end = max(first - most, 0), min(last + most + 1, len(below))
    start = sum(len(line) + 1 for line in lines[:begin])
    rows = []
    for at, (number, cells) in enumerate(below[begin:end], begin):
        here = (max(quote[0] - start, 0), min(quote[1] - start, len(lines[at])))
        cited = here[0] < here[1]
        line = spot_of(text, document.anchors, start, start + len(lines[at]))
        number = line.first if isinstance(line, Lines) else number  # a cell may hold line ends
        rows.append(Row(number, tuple(cells), cited, marks(lines[at], names, cells, here) if cited else {}))
        start += len(lines[at]) + 1
    return Rows(tuple(names), tuple(rows), begin, len(below) - end)


def marks(line: str, names: Sequence[str], cells: Sequence[str], quote: Span) -> dict[int, Span]:
    """What a quote has of each cell: a line is its cells in order, each below the name of its column if it has one."""
    marks = {}
    at = 0
    for column, cell in enumerate(cells):
        name = names[column] if column < len(names) else ""
        whole = f"{name}: {cell}" if name else cell
        found = line.find(whole, at) if cell else -1
        if found < 0 and name:  # it may stand below the name of a group of columns
            whole = f": {cell}"
            found = line.find(whole, at)
        if found < 0:
            continue
        at = found + len(whole)
        start = at - len(cell)
        first, last = max(quote[0], start), min(quote[1], at)
        if first < last:
            marks[column] = first - start, last - start
    return marks
