"""The rows of a sheet around those that a quote comes from, as the sheet's program numbers them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.anchors import Cells, within
from storage.records import Document
from ui.original.child import ask
from ui.original.rows import Row, Span, marks

_COLUMNS = 40  # that are shown
_BESIDE = 3  # of them before the first that is marked, where that lies further to the right
_UNREAD = 200  # rows above the cited ones that are looked at for the names of the columns


@dataclass(frozen=True, slots=True)
class Place:
    """A sheet by its number (from 1), the characters of its document's text that are its own, and those quoted there
    (an empty span: none)."""

    page: int
    own: Span
    quote: Span


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of a sheet, from column `left` on (from 1); `heads` are those with the names of its columns.

    `names` are those of all sheets; `before`, `after` and `wider` tell that there are more rows and columns.
    """

    names: tuple[str, ...]
    left: int
    heads: tuple[Row, ...]
    rows: tuple[Row, ...]
    before: bool
    after: bool
    wider: bool


def around(path: Path, document: Document, place: Place, most: int) -> Grid:
    """The rows of a sheet that a quote comes from, with up to `most` on each side.

    Raises UnreadableFile, whose message completes "The page ...".
    """
    spots = [each.spot for each in within(document.anchors, *place.own) if isinstance(each.spot, Cells)]
    cited = _cited(document, place.quote)
    first, last = min(cited, default=1), max(cited, default=1)
    read = {row for spot in spots for row in range(spot.top, min(spot.bottom, first) + 1)}
    answer, _ = ask("cells", {
        "path": str(path), "page": place.page, "first": max(first - most, 1), "last": last + most,
        "above": [row for row in range(max(first - 1, 1), 0, -1) if row not in read][:_UNREAD][::-1],
    })  # fmt: skip
    heads = [Row(number, tuple(cells), False, {}) for number, cells in answer["heads"]]
    names = heads[-1].cells if heads else ()
    shown = [number for number, cells in answer["rows"] if any(cells)]
    if heads and heads[0].number in shown[1:]:  # another table stands above it
        heads = []
    rows = [_row(number, cells, document.text, cited.get(number, ()), names) for number, cells in answer["rows"]]
    left, width = _window(rows, names)
    return Grid(
        tuple(answer["names"]), left + 1, tuple(_cut(row, left) for row in heads),
        tuple(_cut(row, left) for row in rows if row.number not in [head.number for head in heads]),
        first - most > 1, answer["more"], left + _COLUMNS < width or left > 0,
    )  # fmt: skip


Held = tuple[Span, Span]  # the line that a row has become in the text, and what is quoted


def _cited(document: Document, quote: Span) -> dict[int, Sequence[Held]]:
    """The rows that a quote comes from, with what it has of the text of each."""
    if quote[0] == quote[1]:
        return {}
    found: dict[int, list[Held]] = {}
    for anchor in within(document.anchors, *quote):
        if isinstance(anchor.spot, Cells):
            for row in range(anchor.spot.top, anchor.spot.bottom + 1):
                found.setdefault(row, []).append(((anchor.start, anchor.end), quote))
    return dict(found)


def _row(number: int, cells: list[str], text: str, held: Sequence[Held], names: Sequence[str]) -> Row:
    found: dict[int, Span] = {}
    for (start, end), quote in held:
        here = max(quote[0] - start, 0), min(quote[1], end) - start
        found |= marks(text[start:end], names, cells, here)
    return Row(number, tuple(cells), bool(held), found)


def _window(rows: Sequence[Row], names: Sequence[str]) -> tuple[int, int]:
    """How many columns are left out before those that are shown, and how many there are."""
    filled = [at + 1 for row in rows for at, cell in enumerate(row.cells) if cell]
    width = max([len(names), *filled], default=0)
    marked = min((at for row in rows for at in row.marks), default=0)
    return (0 if marked < _COLUMNS else marked - _BESIDE), width


def _cut(row: Row, left: int) -> Row:
    cells = row.cells[left : left + _COLUMNS]
    return Row(row.number, cells, row.cited, {at - left: span for at, span in row.marks.items() if at >= left})
