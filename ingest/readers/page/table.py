"""Lines that stand in a ruled table, as its rows. Pure."""

from collections.abc import Iterable, Sequence

from ingest.readers.grid import sentences
from ingest.readers.page.grid import Grid
from ingest.readers.page.layout import rows
from ingest.readers.page.lines import Line, around
from ingest.readers.page.paragraphs import paragraphs, running
from storage.anchors import Box

_Cell = tuple[int, int]

_FILLED = 0.35  # of the cells of a table, at least
_TALL = 8  # lines in a cell: it is no cell, but a column of a page that is framed
_FEW = 4  # rows of such frames
_LONG = 150  # characters of a cell that goes over several rows


def tabled(lines: Sequence[Line], grids: Iterable[Grid], width: float, height: float) -> list[Line]:
    """The lines, those in a table replaced by one that has the table's rows, at the place of the first."""
    made = list(lines)
    for grid in grids:
        cells: dict[_Cell, list[Line]] = {}
        inside: set[int] = set()
        for line in made:
            cell = grid.cell((line.box.left + line.box.right) / 2, (line.box.top + line.box.bottom) / 2)
            if cell is not None and not line.rows:
                cells.setdefault(cell, []).append(line)
                inside.add(id(line))
        table = _table(grid, cells, width, height)
        if table:
            at = next(number for number, line in enumerate(made) if id(line) in inside)
            made[at:] = [*table, *(line for line in made[at:] if id(line) not in inside)]
    return made


def _table(grid: Grid, cells: dict[_Cell, list[Line]], width: float, height: float) -> list[Line]:
    """The table as one line, frames around columns of text as one line each; none where it is neither."""
    owners = set(grid.owners.values())
    if len({row for row, _ in cells}) < 2 or len({column for _, column in cells}) < 2:
        return []
    if len(cells) < _FILLED * len(owners):
        return []
    held = {cell: list(rows(some)) for cell, some in cells.items()}
    if sum(len(some) >= _TALL for some in held.values()) >= 2 and len({row for row, _ in held}) <= _FEW:
        return [_frame(held[cell], width, height) for cell in sorted(held)]
    if any(_framed(some, grid.rows(cell)) for cell, some in held.items()):
        return []
    texts = [[""] * (len(grid.lefts) - 1) for _ in range(len(grid.tops) - 1)]
    for number, row in enumerate(texts):
        mine = {column: some for (at, column), some in held.items() if at == number}
        stacked = _stacked(list(mine.values()))
        for column, some in mine.items():
            row[column] = "\n".join(line.text for line in some) if stacked else running(some)
    said = [
        Line(text, box, spot=box.share(width, height))
        for number, text in sentences(texts, grid.merges())
        for box in [Box(grid.lefts[0], grid.tops[number - 1], grid.lefts[-1], grid.tops[number])]
    ]
    return [Line(said[0].text, grid.box, rows=tuple(said))] if said else []


def _framed(lines: Sequence[Line], rows: int) -> bool:
    """Whether a cell is rather a frame around a part of the page: what stands in it has columns of its own, or is much,
    beside several rows."""
    if len(lines) > 2 and sum(line.sparse for line in lines) > 0.5 * len(lines):
        return True
    if len(lines) >= _TALL and _figures(lines):
        return True
    return rows > 1 and sum(len(line.text) for line in lines) > _LONG


def _stacked(cells: Sequence[Sequence[Line]]) -> bool:
    """Whether the cells of a row hold several rows without rulings between them."""
    return len({len(lines) for lines in cells}) == 1 and len(cells) > 1 and 2 * sum(map(_figures, cells)) > len(cells)


def _figures(lines: Sequence[Line]) -> bool:
    return sum(any(map(str.isdigit, line.text)) for line in lines) >= 0.6 * len(lines)


def _frame(lines: Sequence[Line], width: float, height: float) -> Line:
    said = []
    for paragraph in paragraphs(lines):
        box = around([line.box for line in paragraph.lines])
        said.append(Line(paragraph.text, box, spot=box.share(width, height)))
    return Line(said[0].text, around([line.box for line in said]), rows=tuple(said))
