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
    source = decode(path.read_bytes()).replace("\0", "")
    delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(source[:20_000])
    # A field may be as long as the file; the C long of some platforms holds 32 bits.
    csv.field_size_limit(min(len(source) + 1, 2**31 - 1))
    rows = csv.reader(io.StringIO(source, newline=""), delimiter=delimiter)
    return Reading("", (Piece("", None, "\n".join(sentences(rows))),))


def sentences(rows: Iterable[Sequence[str]], header: bool | None = None) -> list[str]:
    """One line for each row that is not blank; `header` says whether the first row names the columns (None: look)."""
    table = [[" ".join(cell.split()) for cell in row] for row in rows]
    table = [row for row in table if any(row)]
    if not table:
        return []
    if header is None:
        header = _names(table[0])
    if not header or len(table) == 1:
        return ["; ".join(cell for cell in row if cell) for row in table]
    return [_sentence(table[0], row) for row in table[1:]]


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
