"""Cells in rows and columns: which of them name the columns, and what each row says with those names. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

Merge = tuple[int, int, int, int]  # top, left, bottom, right of cells that are one, counted like the cells

_FIGURE = re.compile(
    r"[^\w]*\d[\d\s.,:/+\-–%‰()$€£¥￥]*(?:(?:bn|mn|[km%‰°]|万|亿|元|年)[^\w]*)?|[\-–—]|n/?a", re.IGNORECASE
)
_MOMENT = re.compile(
    r"(?:18|19|20|21)\d\d(?:[-/](?:0?\d|1[0-2])|[-/.]\d\d?[-/.]\d\d?|年|\s?[/–-]\s?\d\d)?|[1-4]Q\d\d|\d{1,2}月"
)
_BROKEN = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \r]*\n\s*(?=[\u3000-\u9fff\uff00-\uffef])")
_LONGEST_NAME = 150  # characters of what may name a column
_LOOKED_AT = 60  # rows below a header that tell what its columns hold
_DEEPEST = 3  # rows that name the columns
_MEET = 40  # twips: edges of cells that are closer than this are one
_WIDEST = 500  # columns that one name may stand above


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row that are filled, by column; `number` is the row's. Both count from 1."""

    number: int
    cells: dict[int, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell between two edges, wherever these count from; `below` tells that it is part of the one above it."""

    text: str
    left: int
    right: int
    below: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns that have any, below those of their groups, and how many rows they take.

    `last` is the lowest of these rows.
    """

    names: dict[int, tuple[str, ...]] = field(default_factory=dict)
    depth: int = 0
    last: dict[int, str] = field(default_factory=dict)


def sentences(
    table: Sequence[Sequence[str]], merges: Sequence[Merge] = (), told: bool = False
) -> list[tuple[int, str]]:
    """What the rows of one table say, each with its number (from 1); blank rows and the header say nothing.

    `told` tells that the file itself marks the first row as the one that names the columns.
    """
    rows = [
        Row(number, {at: text for at, cell in enumerate(cells, 1) if (text := one_line(cell))})
        for number, stacks in enumerate(table, 1)
        for cells in _unstacked(stacks)
    ]
    rows = list(reaching([row for row in rows if row.cells], merges))
    told = told and bool(rows) and not _goes_across(rows, merges)
    titles, body = ((), rows) if told else titled(rows)
    header = header_of(body, merges, told)
    lines = [(row.number, said(row, Header(), 1)) for row in titles]
    lines += [(row.number, said(row, header, width_of(body))) for row in body[header.depth :]]
    return [(number, line) for number, line in lines if line]


def laid(rows: Sequence[Sequence[Cell]]) -> tuple[list[list[str]], list[Merge]]:
    """Texts by row and column, and which cells are one, from cells that each say where they begin and end."""
    edges = sorted({edge for row in rows for cell in row for edge in (cell.left, cell.right)})
    columns: dict[int, int] = {}
    before: int | None = None
    for edge in edges:  # edges that nearly meet are one
        columns[edge] = len(columns) if before is None else columns[before] + (edge - before > _MEET)
        before = edge
    columns = {edge: column - columns[edges[0]] for edge, column in columns.items()}
    texts: list[list[str]] = []
    merges: dict[int, Merge] = {}
    done: list[Merge] = []
    for number, row in enumerate(rows, 1):
        out = [""] * (max(columns.values(), default=0) + 1)
        for cell in row:
            left, right = columns[cell.left] + 1, max(columns[cell.right], columns[cell.left] + 1)
            if cell.below and left in merges:
                merges[left] = (*merges[left][:2], number, merges[left][3])
                continue
            if left in merges:
                done.append(merges.pop(left))
            merges[left] = (number, left, number, right)
            out[left - 1] = f"{out[left - 1]} {cell.text}".strip(" ")
        texts.append(out)
    return texts, [merge for merge in (*done, *merges.values()) if merge[:2] != merge[2:]]


def reaching(rows: Iterable[Row], merges: Sequence[Merge]) -> Iterator[Row]:
    """The same rows; what stands in a cell that goes over several rows stands in each of them."""
    tall = sorted(merge for merge in merges if merge[2] > merge[0])
    reach: list[tuple[Merge, str]] = []
    at = 0
    for row in rows:
        while at < len(tall) and tall[at][0] <= row.number:
            if tall[at][0] == row.number and len(reach) < _WIDEST and (text := row.cells.get(tall[at][1])):
                reach.append((tall[at], text))
            at += 1
        reach = [each for each in reach if each[0][2] >= row.number]
        added = {merge[1]: text for merge, text in reach if merge[1] not in row.cells}
        yield Row(row.number, dict(sorted((row.cells | added).items()))) if added else row


def titled(rows: Sequence[Row]) -> tuple[Sequence[Row], Sequence[Row]]:
    """The rows of a single cell above a table, and the table; no title where all rows are so."""
    at = next((at for at, row in enumerate(rows) if len(row.cells) > 1), 0)
    return rows[:at], rows[at:]


def header_of(rows: Sequence[Row], merges: Sequence[Merge] = (), told: bool = False) -> Header:
    """Which rows at the top name the columns; none where the first is a row like the others."""
    names: dict[int, list[str]] = {}
    for depth, row in enumerate(rows[: min(_DEEPEST, len(rows) - 1)], 1):
        wide = [merge for merge in merges if merge[0] == row.number and merge[3] > merge[1] and merge[1] in row.cells]
        for column, text in _spread(row, wide).items():
            if text not in names.setdefault(column, []):
                names[column].append(text)
        body = rows[depth : depth + _LOOKED_AT]
        below = rows[depth + 1 : depth + 1 + _LOOKED_AT]
        if wide and below and _may_name({at: [text] for at, text in body[0].cells.items()}, body[0], below, False):
            continue  # it names groups of columns, and the next row names the columns
        if _may_name(names, row, body, told and depth == 1):
            return Header({column: tuple(parts) for column, parts in names.items()}, depth, row.cells)
        break
    return Header()


def said(row: Row, header: Header, width: int) -> str:
    """A row as a line, each value below the name of its column; "" for the header once more, as on a new page.

    The name of a group stands before the first of its columns. Without names, the first of two columns says what the
    second is.
    """
    cells = sorted(row.cells.items())
    if not header.names:
        between = "; " if width != 2 else " " if cells[0][1].endswith((":", "：")) else ": "
        return between.join(text for _, text in cells)
    if row.cells == {column: header.last.get(column) for column in row.cells}:
        return ""
    if len(cells) == 1 and len(header.names) > 2:
        return cells[0][1]
    parts: list[tuple[str, str]] = []
    group: tuple[str, ...] = ()
    for column, text in cells:
        names = header.names.get(column, ())
        name = names[-1] if names and names[:-1] == group else " ".join(names)
        group = names[:-1]
        parts.append((name.rstrip(":： "), text))
    return named(parts)


def named(cells: Sequence[tuple[str, str]]) -> str:
    """The cells of a row, each with the name of its column or "", as a line.

    A first cell whose column alone has no name says what the others are of: "2000: Finland: 5.0; Sweden: 4.7".
    """
    parts = [f"{name}: {text}" if name and name != text else text for name, text in cells]
    (name, label), *others = cells
    if name or not others or not all(name for name, _ in others) or len(label) > _LONGEST_NAME:
        return "; ".join(parts)
    return f"{label.rstrip(':： ')}: {'; '.join(parts[1:])}"


def width_of(rows: Iterable[Row]) -> int:
    """How many columns hold anything."""
    return len({column for row in rows for column in row.cells})


def _goes_across(rows: Sequence[Row], merges: Sequence[Merge]) -> bool:
    """Whether the first row is one cell over all columns: a title, whatever the file calls it."""
    width = width_of(rows)
    return any(merge[0] == rows[0].number and merge[3] - merge[1] + 1 >= max(width, 2) for merge in merges)


def _unstacked(cells: Sequence[str]) -> list[list[str]]:
    """One row as several, where its cells hold figures on lines of their own that belong beside each other."""
    stacks = [cell.rstrip().split("\n") for cell in cells]
    filled = [stack for stack in stacks if any(line.strip() for line in stack)]
    heights = {len(stack) for stack in filled}
    if len(filled) < 2 or len(heights) != 1 or (height := heights.pop()) < 3:
        return [list(cells)]
    if 2 * max(sum(is_figure(line.strip()) for line in stack) for stack in filled) < height:
        return [list(cells)]
    return [[stack[at] if stack in filled else "" for stack in stacks] for at in range(height)]


def one_line(text: str) -> str:
    """A cell's text on one line; Chinese that a narrow column broke meets without a space."""
    return " ".join((_BROKEN.sub("", text) if "\n" in text else text).split())


def is_figure(text: str) -> bool:
    """Whether a cell holds a number, an amount, a share or the sign for none."""
    return bool(_FIGURE.fullmatch(text))


def _spread(row: Row, wide: Sequence[Merge]) -> dict[int, str]:
    """The cells of a row that may name columns, with the name of a group on each of its columns."""
    cells = dict(row.cells)
    for _, left, _, right in wide:
        cells.update(dict.fromkeys(range(left, min(right, left + _WIDEST) + 1), row.cells[left]))
    return cells


def _may_name(names: dict[int, list[str]], row: Row, body: Sequence[Row], told: bool) -> bool:
    """Whether these are names of columns, judged by themselves and by what stands below them."""
    used = {column for each in body for column in each.cells}
    texts = list(row.cells.values())
    if not used or len(texts) < 2 - told or max(map(len, texts)) > _LONGEST_NAME:
        return False
    if any(text.endswith((":", "：")) for text in texts) and not told:  # fields of a form
        return False
    for column, parts in names.items():
        below = [each.cells[column] for each in body if column in each.cells]
        dated = bool(_MOMENT.fullmatch(parts[-1]))
        if dated and 2 * sum(bool(_MOMENT.fullmatch(each)) for each in below) > len(below):
            return False
        if is_figure(parts[-1]) and not dated:
            return False
    if told:
        return True
    if len(set(texts)) < len(texts) or 2 * len(names) < len(used):
        return False
    return len(used) > 2 or (len(used) == 2 and _pairs(sorted(used), body))


def _pairs(columns: Sequence[int], body: Sequence[Row]) -> bool:
    """Whether two columns have names, rather than that the first names what stands in the second."""
    first, second = (
        sum(is_figure(text) or bool(_MOMENT.match(text)) for each in body if (text := each.cells.get(column, "")))
        for column in columns
    )
    return len(body) > 1 and (5 * first >= 4 * len(body) or (len(body) > 3 and 5 * second >= 4 * len(body)))
