"""The tables of reStructuredText, as rows of cells (pure)."""

import csv
import re
from collections.abc import Sequence

_EDGE = re.compile(r"\+(?:[-=]+\+)+\s*")
_RULES = re.compile(r"=+(?: +=+)+\s*")
_ITEM = re.compile(r"\s*([*+-]) ([*+-])(?: (.*))?$")
_CELL = re.compile(r"\s*([*+-])(?: (.*))?$")
_LONGEST = 2000  # lines

Rows = list[list[str]]


def begins(line: str) -> bool:
    """Whether a drawn table begins with this line, which has no indentation."""
    return _EDGE.fullmatch(line) is not None or _RULES.fullmatch(line) is not None


def end(lines: Sequence[tuple[int, str]], at: int) -> int:
    """Where the drawn table ends that begins at a line."""
    marks = ("+", "|")
    if lines[at][1].startswith("+"):
        return next((to for to in range(at, len(lines)) if not lines[to][1].startswith(marks)), len(lines))
    first_blank = 0
    for to in range(at + 1, min(at + _LONGEST, len(lines))):
        line = lines[to][1]
        last = to + 1 == len(lines) or not lines[to + 1][1].strip()
        if last and _RULES.fullmatch(line):
            return to + 1  # below the last rule is a blank line
        first_blank = first_blank or (to if not line.strip() else 0)
    return first_blank or min(at + _LONGEST, len(lines))


def drawn(lines: Sequence[str]) -> tuple[Rows, bool | None]:
    """The rows of a drawn table, and whether the first one is a head."""
    return _grid(lines) if lines[0].startswith("+") else _simple(lines)


def _grid(lines: Sequence[str]) -> tuple[Rows, bool | None]:
    """Cells that go over several columns or rows are cut where the other rows are."""
    rows: Rows = []
    row: list[list[str]] = []
    head = False
    for line in lines[1:]:
        if line.startswith("+"):
            if row:
                rows.append([_joined(cell) for cell in row])
            head = head or "=" in line
            row = []
        else:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            row += [[] for _ in range(len(cells) - len(row))]
            for cell, text in zip(row, cells, strict=False):
                cell.append(text)
    return [cells for cells in rows if any(cells)], head or None


def _simple(lines: Sequence[str]) -> tuple[Rows, bool | None]:
    """Columns stand below the rule; a row that has nothing in the first one goes on with the row above."""
    starts = [found.start() for found in re.finditer("=+", lines[0])]
    ends = [*starts[1:], None]
    rows: list[list[list[str]]] = []
    rules = 0
    for line in lines:
        if _RULES.fullmatch(line):
            rules += 1
        elif line.strip() and not re.fullmatch(r"[- ]+", line):
            cells = [line[start:end].strip() for start, end in zip(starts, ends, strict=True)]
            if cells[0] or not rows:
                rows.append([[] for _ in cells])
            for cell, text in zip(rows[-1], cells, strict=True):
                cell.append(text)
    return [[_joined(cell) for cell in row] for row in rows], rules > 2 or None


def listed(lines: Sequence[str]) -> Rows:
    """The rows of a table that is written as a list of lists; what is before the list does not count."""
    rows: list[list[list[str]]] = []
    for line in lines:
        if found := _ITEM.match(line):
            rows.append([[found[3] or ""]])
        elif rows and (cell := _CELL.match(line)):
            rows[-1].append([cell[2] or ""])
        elif rows:
            rows[-1][-1].append(line.strip())
    return [[_joined(cell) for cell in row] for row in rows]


def separated(lines: Sequence[str]) -> Rows:
    """The rows of a table that is written with commas."""
    try:
        return list(csv.reader(filter(str.strip, lines), skipinitialspace=True))
    except csv.Error:
        return [line.split(",") for line in lines]


def _joined(parts: Sequence[str]) -> str:
    return " ".join(part for part in parts if part)
