"""A line as it stands on a page, of a PDF or a picture. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from ingest.unwrap import columns
from storage.anchors import Box

SHORT = 25  # columns of text: lines that are shorter can be the cells of a table
LONG = 8  # lines: so many below each other are no wrapped text if they are short
_SPARSE = 0.62  # of a line's height for each column of its text: wider ones have gaps, as rows of cells do


class Line(NamedTuple):
    """A line of text and its place, y growing downwards. `broken`: the hyphen at its end only broke a word.

    One made of several that stand beside each other has them as `cells`. `spot` is where it is shown, in shares of the
    page or picture, if it cannot be found there as text. A table is one line that has `rows`.
    """

    text: str
    box: Box
    broken: bool = False
    cells: tuple["Line", ...] = ()
    spot: Box | None = None
    rows: tuple["Line", ...] = ()

    @property
    def height(self) -> float:
        """How tall its box is."""
        return self.box.bottom - self.box.top

    @property
    def sparse(self) -> bool:
        """Whether there are gaps in it, as between the cells of a row."""
        if any(cell.box.left - before.box.right > self.height for before, cell in pairwise(self.cells)):
            return True
        return self.box.right - self.box.left > _SPARSE * self.height * max(columns(self.text), 4)


Block = list[Line]  # lines below each other, with nothing beside or between them


def around(boxes: Sequence[Box]) -> Box:
    """The box that holds them all."""
    if len(boxes) == 1:
        return boxes[0]
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def beside(one: Box, other: Box) -> bool:
    """Whether two boxes stand at the same height, as cells of a row do."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > 0.5 * min(one.bottom - one.top, other.bottom - other.top)


def brief(lines: Sequence[Line]) -> bool:
    """Whether lines may be a column of a table: several, and short."""
    return len(lines) > 2 and median(columns(line.text) for line in lines) < SHORT


def prose(lines: Sequence[Line]) -> bool:
    """Whether lines may be a column of running text."""
    return not brief(lines) and sum(columns(line.text) for line in lines) > LONG * SHORT


def spot_around(lines: Sequence[Line]) -> Box | None:
    """The spot of them all, where each has one."""
    spots = [line.spot for line in lines if line.spot is not None]
    return around(spots) if lines and len(spots) == len(lines) else None
