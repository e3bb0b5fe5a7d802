"""Tables: each row becomes a line that says what its values mean ("Name: Ada; Born: 1815")."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from pathlib import Path

from ingest.clean import Piece, Reading
from ingest.readers import source
from ingest.readers.grid import named
from ingest.readers.source import Numbered, Source
from storage.anchors import Lines

_NUMBER = re.compile(r"[\s\d.,:/%+\-$€£¥()]*")
_DECLARED = re.compile(r"\ufeff?\"?sep=(.)\"?")  # how some files tell Excel their separator, in their first line
_LONGEST_CELL = 1_000_000  # characters; what is longer is no cell, but the rest of a file behind a stray quote

Record = tuple[Lines, list[str]]


def read(path: Path) -> Reading:
    """CSV or TSV with any of the usual separators; the first row is the header if every cell of it is a name."""
    text = source.opened(path)
    return Reading("", text.kept(_pieces(_records(text, path.suffix.lower() == ".tsv"))))


def rows(path: Path) -> list[list[str]]:
    """The cells of CSV or TSV as they are in the file."""
    return [cells for _, cells in _records(source.opened(path), path.suffix.lower() == ".tsv")]


def _pieces(records: Iterable[Record]) -> Iterator[Piece]:
    """A piece for each row that is not blank, with its lines."""
    table = ((lines, row) for lines, cells in records for _, row in filled([cells]))
    first = list(islice(table, 2))
    names = header_of([row for _, row in first])
    for lines, row in chain(first[1:] if names else first, table):
        yield Piece("", None, sentence(names, row), lines, tight=True)


def _records(text: Source, tabbed: bool) -> Iterator[Record]:
    """The rows with the lines they stand in; a cell in quotes may go over several."""
    declared = _DECLARED.match(text.head)
    if declared:
        next(text.lines)
    delimiter = "\t" if tabbed else declared[1] if declared else _delimiter(text.head[:20_000])
    csv.field_size_limit(_LONGEST_CELL)
    feed = _Feed(text.lines)
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        try:
            cells = next(reader, None)
            stray = feed.open and len(feed.taken) > 1
        except csv.Error:
            stray, reader = True, csv.reader(feed, delimiter=delimiter)
        if stray:  # a quote that is never closed holds nothing together
            yield from ((Lines(number, number), line.split(delimiter)) for number, line in feed.taken)
        elif cells is None:
            return
        else:
            yield Lines(feed.taken[0][0], feed.taken[-1][0]), cells
        feed.taken, feed.open = [], False


class _Feed:
    """Gives lines to the CSV reader, and keeps those of the row that it is reading; `open` where they end inside it."""

    def __init__(self, lines: Iterator[Numbered]) -> None:
        self._lines = lines
        self.taken: list[Numbered] = []
        self.open = False

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        for numbered in self._lines:
            self.taken.append(numbered)
            return numbered[1] + "\n"
        self.open = bool(self.taken)
        raise StopIteration


def sentences(rows: Iterable[Sequence[str]], header: bool | None = None) -> list[str]:
    """One line for each row that is not blank; `header` says whether the first row names the columns (None: look)."""
    table = [row for _, row in filled(rows)]
    names = header_of(table, header)
    if not names:
        return [sentence((), row) for row in table]
    return [sentence(names, row) for row in table[1:]]


def filled(rows: Iterable[Sequence[str]]) -> list[tuple[int, list[str]]]:
    """The rows that are not blank, each with its number in the file (from 1) and its cells on one line each."""
    table = [[" ".join(cell.split()) for cell in row] for row in rows]
    return [(number, row) for number, row in enumerate(table, 1) if any(row)]


def header_of(table: Sequence[Sequence[str]], header: bool | None = None) -> Sequence[str]:
    """The names of the columns, which are the first of these rows; none where that is a row like the others."""
    if len(table) < 2:
        return ()
    if header is None:
        header = _names(table[0])
    return table[0] if header else ()


def sentence(names: Sequence[str], row: Sequence[str]) -> str:
    """One row below the names of its columns, if there are any."""
    return named([(name, cell) for name, cell in zip_longest(names, row, fillvalue="") if cell])


def _names(row: Sequence[str]) -> bool:
    names = row[:-1] if row and not row[-1] else row  # a trailing separator is common
    return all(names) and len(set(names)) == len(names) and not any(_NUMBER.fullmatch(name) for name in names)


def _delimiter(sample: str) -> str:
    lines = [line for line in sample.splitlines() if line.strip()][:20]
    if not lines:
        return ","

    def evenness(mark: str) -> tuple[bool, int]:
        counts = [line.count(mark) for line in lines]
        return min(counts) > 0, counts[0]

    return max(",\t;|", key=evenness)
