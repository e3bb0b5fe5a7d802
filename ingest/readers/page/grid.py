"""Tables that are ruled: lines drawn on a page that cross each other, and the cells between them. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from storage.anchors import Box

_NEAR = 3.0  # points: rulings that are closer are one, and meet
_LEAST = 8.0  # points of a ruling
_THIN = 2.5
_MOST = 400  # rulings in one direction: a drawing has more
_MOST_CELLS = 4000
_OUTSIDE = 10.0  # points that rulings reach beyond the last one across: the table is open at that side
_COVERED = 0.6  # of a cell's side, by a ruling


class Ruling(NamedTuple):
    """A drawn line at `at`, from `start` to `end` in the other direction."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class Rulings:
    """The lines drawn across a page, and down it."""

    across: list[Ruling] = field(default_factory=list)
    down: list[Ruling] = field(default_factory=list)

    def add(self, box: Box) -> bool:
        """Take a thin box as a ruling; False where it is none."""
        width, height = box.right - box.left, box.bottom - box.top
        if height <= _THIN and width >= _LEAST:
            self.across.append(Ruling((box.top + box.bottom) / 2, box.left, box.right))
        elif width <= _THIN and height >= _LEAST:
            self.down.append(Ruling((box.left + box.right) / 2, box.top, box.bottom))
        return height <= _THIN or width <= _THIN

    def frame(self, box: Box) -> None:
        """Take the four sides of a box as rulings."""
        if box.right - box.left >= _LEAST and box.bottom - box.top >= _LEAST:
            self.across += [Ruling(box.top, box.left, box.right), Ruling(box.bottom, box.left, box.right)]
            self.down += [Ruling(box.left, box.top, box.bottom), Ruling(box.right, box.top, box.bottom)]


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the rows and columns of a table begin and end, and which cell each of its fields belongs to: the first one
    by rows, as (row, column) counted from 0."""

    tops: tuple[float, ...]
    lefts: tuple[float, ...]
    owners: dict[tuple[int, int], tuple[int, int]]

    @property
    def box(self) -> Box:
        """All of it."""
        return Box(self.lefts[0], self.tops[0], self.lefts[-1], self.tops[-1])

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """The cell at a place."""
        row, column = bisect_right(self.tops, y) - 1, bisect_right(self.lefts, x) - 1
        return self.owners.get((row, column))

    def rows(self, cell: tuple[int, int]) -> int:
        """How many rows a cell goes over."""
        return len({row for (row, _), owner in self.owners.items() if owner == cell})

    def crossed(self, box: Box) -> bool:
        """Whether a line of text goes over the edge of a column."""
        middle = (box.top + box.bottom) / 2
        if not self.tops[0] < middle < self.tops[-1]:
            return False
        return any(box.left < left < box.right for left in self.lefts)

    def edges(self, y: float) -> list[float]:
        """Where the cells at a height of the page meet."""
        row = bisect_right(self.tops, y) - 1
        owners = [self.owners.get((row, column)) for column in range(len(self.lefts) - 1)]
        return [self.lefts[at] for at in range(1, len(owners)) if owners[at] != owners[at - 1]]

    def merges(self) -> list[tuple[int, int, int, int]]:
        """Top, left, bottom and right of the cells that have several fields, counted from 1."""
        reach: dict[tuple[int, int], tuple[int, int]] = {}
        for (row, column), owner in self.owners.items():
            bottom, right = reach.get(owner, (0, 0))
            reach[owner] = max(bottom, row + 1), max(right, column + 1)
        return [(top + 1, left + 1, *end) for (top, left), end in reach.items() if end != (top + 1, left + 1)]


def grids(rulings: Rulings, scale: float = 1.0) -> list[Grid]:
    """The tables that rulings make. `scale` is what a point measures."""
    near = _NEAR * scale
    across, down = _whole(rulings.across, near), _whole(rulings.down, near)
    if not 2 <= len(across) <= _MOST or not 2 <= len(down) <= _MOST:
        return []
    found = []
    for some, others in _crossing(across, down, near):
        grid = _grid(some, others, scale)
        if grid is not None:
            found.append(grid)
    return found


def _whole(rulings: Iterable[Ruling], near: float) -> list[Ruling]:
    """Rulings that go on in each other, as one."""
    made: list[Ruling] = []
    for ruling in sorted(rulings):
        for number in range(len(made) - 1, -1, -1):
            other = made[number]
            if ruling.at - other.at > near:
                made.append(ruling)
                break
            if ruling.start <= other.end + near and other.start <= ruling.end + near:
                made[number] = Ruling(other.at, min(ruling.start, other.start), max(ruling.end, other.end))
                break
        else:
            made.append(ruling)
    return made


def _crossing(
    across: Sequence[Ruling], down: Sequence[Ruling], near: float
) -> Iterator[tuple[list[Ruling], list[Ruling]]]:
    """Rulings that meet each other, directly or by others."""
    left = set(range(len(across)))
    free = set(range(len(down)))
    while left:
        waiting = [left.pop()]
        rows = list(waiting)
        columns: list[int] = []
        while waiting:
            row = across[waiting.pop()]
            met = {at for at in free if _meet(row, down[at], near)}
            free -= met
            columns += met
            more = {at for at in left if any(_meet(across[at], down[column], near) for column in met)}
            left -= more
            rows += more
            waiting += more
        yield [across[at] for at in rows], [down[at] for at in columns]


def _meet(row: Ruling, column: Ruling, near: float) -> bool:
    return row.start - near <= column.at <= row.end + near and column.start - near <= row.at <= column.end + near


def _grid(across: Sequence[Ruling], down: Sequence[Ruling], scale: float) -> Grid | None:
    near = _NEAR * scale
    tops = _places([row.at for row in across], [edge for row in down for edge in row[1:]], near, _OUTSIDE * scale)
    lefts = _places([row.at for row in down], [edge for row in across for edge in row[1:]], near, _OUTSIDE * scale)
    if len(tops) < 3 or len(lefts) < 3 or len(tops) * len(lefts) > _MOST_CELLS:
        return None
    owners = {(row, column): (row, column) for row in range(len(tops) - 1) for column in range(len(lefts) - 1)}

    def owner(cell: tuple[int, int]) -> tuple[int, int]:
        while owners[cell] != cell:
            cell = owners[cell]
        return cell

    for row, column in list(owners):
        for other, side, rulings, stretch in (
            ((row, column + 1), lefts[column + 1], down, tops[row : row + 2]),
            ((row + 1, column), tops[row + 1], across, lefts[column : column + 2]),
        ):
            if other in owners and not _drawn(side, stretch, rulings, near):
                one, two = sorted((owner((row, column)), owner(other)))
                owners[two] = one
    return Grid(tuple(tops), tuple(lefts), {cell: owner(cell) for cell in owners})


def _places(places: Iterable[float], ends: Iterable[float], near: float, outside: float) -> list[float]:
    """Where rulings stand, and where those across them end beyond the last ones."""
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > near:
            found.append(place)
    reach = sorted(ends)
    if found and reach:
        if reach[0] < found[0] - outside:
            found.insert(0, reach[0])
        if reach[-1] > found[-1] + outside:
            found.append(reach[-1])
    return found


def _drawn(side: float, stretch: Sequence[float], rulings: Iterable[Ruling], near: float) -> bool:
    """Whether a ruling parts two fields."""
    start, end = stretch
    covered = sum(
        max(0.0, min(end, ruling.end) - max(start, ruling.start)) for ruling in rulings if abs(ruling.at - side) <= near
    )
    return covered >= _COVERED * (end - start)
