"""What the texts of word processors share: items of lists, tables, and styles that build on others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ingest.readers.grid import Cell, laid, sentences

Key = TypeVar("Key", str, int)
Value = TypeVar("Value")
Line = tuple[int, str]
Edge = tuple[int, int, bool, bool]  # left and right; whether it is part of the cell before it, and of the one above

_BASES = 9  # styles that one may build on, each on the next


def listed(items: list[str]) -> Iterator[Line]:
    """The items so far as one paragraph; then there are none."""
    if items:
        yield 0, "\n".join(items)
        items.clear()


def whole(text: str) -> str:
    """The text where characters beyond the first 65,536 are two in the file."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def inherited(own: Mapping[Key, Value], based: Mapping[Key, Key]) -> dict[Key, Value]:
    """What each style is: what it says itself, else what the nearest one says that it builds on."""
    found = dict(own)
    for style in based:
        above = style
        for _ in range(_BASES):
            if above in found:
                found[style] = found[above]
            if above in found or above not in based:
                break
            above = based[above]
    return found


@dataclass(slots=True)
class Table:
    """The rows of a table so far, and the cells and paragraphs of the one that is read."""

    rows: list[list[Cell]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    told: bool = False  # the first row says itself that it names the columns

    def end_cell(self, text: str) -> None:
        """The last paragraph of a cell."""
        self.cells.append("\n".join([*self.words, text]))
        self.words.clear()

    def end_row(self, edges: tuple[Edge, ...], heads: bool) -> None:
        """The row is read; cells without edges are taken to be equally wide."""
        row: list[Cell] = []
        left = 0
        for at, text in enumerate(self.cells):
            begin, right, before, above = edges[at] if at < len(edges) else (left, left + 1000, False, False)
            if before and row:
                row[-1] = Cell(row[-1].text, row[-1].left, right, row[-1].below)
            else:
                row.append(Cell(text, begin, right, above))
            left = right
        if not self.rows:
            self.told = heads
        self.rows.append(row)
        self.cells.clear()

    def lines(self) -> Iterator[Line]:
        """What the table says, a line for a row; then it is empty."""
        if self.cells or self.words:
            self.cells.append("\n".join(self.words))
            self.end_row((), False)
        if self.rows:
            yield 0, "\n".join(line for _, line in sentences(*laid(self.rows), self.told))
        self.rows, self.words, self.told = [], [], False
