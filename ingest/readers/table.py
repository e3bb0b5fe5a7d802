"""Tables: each row becomes a line that says what its values mean ("Name: Ada; Born: 1815")."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ingest.clean import Piece, Reading
from ingest.readers.encoding import decode

_NUMBER = re.compile(r"[\s\d.,:/%+\-$€£¥()]*")


def read(path: Path) -> Reading:
    """CSV or TSV with any of the usual separators; the first row is the header if every cell of it is a name."""
    return Reading("", (Piece("", None, "\n".join(sentences(rows(path)))),))


def rows(path: Path) -> list[list[str]]:
    """The cells of CSV or TSV as they are in the file."""
    source = decode(path.read_bytes()).replace("\0", "")
    delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(source[:20_000])
    # A field may be as long as the file; the C long of some platforms holds 32 bits.
    csv.field_size_limit(min(len(source) + 1, 2**31 - 1))
    return list(csv.reader(io.StringIO(source, newline=""), delimiter=delimiter))


def sentences(rows: Iterable[Sequence[str]], header: bool | None = None) -> list[str]:
    """One line for each row that is not blank; `header` says whether the first row names the columns (None: look)."""
    table = [row for _, row in filled(rows)]
    names = header_of(table, header)
    if not names:
        return ["; ".join(cell for cell in row if cell) for row in table]
    return [_sentence(names, row) for row in table[1:]]


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


def _sentence(names: Sequence[str], row: Sequence[str]) -> str:
    named = [*names, *[""] * (len(row) - len(names))]
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(named, row, strict=False) if cell)


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
