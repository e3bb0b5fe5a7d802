"""The ruled tables in a picture: where the rulings are, and lines of text cut where they cross them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ingest.readers.page.grid import Grid, Ruling, Rulings, grids
from ingest.readers.picture.columns import cut
from storage.anchors import Box

if TYPE_CHECKING:
    from ingest.readers.picture.engine import Pixels, Quad

_LEAST = 1 / 40  # of a picture's longer side: a ruling is longer
_STROKE = 2.2  # times as tall as text: no stroke of a character is so long
_THICKEST = 1 / 150
_SCALE = 1 / 850  # of a picture's longer side: about a point of a page
_ROOM = 0.3  # of a line's height: a line that reaches less far over a ruling touches it


def tables(upright: "Pixels", tilt: float, tall: float) -> list[Grid]:
    """The tables of a picture, had it been laid down straight. Its lines of text are so `tall`."""
    import cv2
    import numpy as np

    height, width = upright.shape[:2]
    side = max(height, width)
    grey = cv2.cvtColor(upright, cv2.COLOR_BGR2GRAY)
    if abs(tilt) * side > 2:
        turn = np.array([[np.cos(tilt), np.sin(tilt), 0], [-np.sin(tilt), np.cos(tilt), 0]])
        grey = cv2.warpAffine(grey, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 12)
    found = Rulings()
    least, thickest = round(max(side * _LEAST, _STROKE * tall)), max(side * _THICKEST, 3)
    for box in _stretches(ink, (least, 1)):
        if box.bottom - box.top <= thickest:
            found.across.append(Ruling((box.top + box.bottom) / 2, box.left, box.right))
    for box in _stretches(ink, (1, least)):
        if box.right - box.left <= thickest:
            found.down.append(Ruling((box.left + box.right) / 2, box.top, box.bottom))
    return grids(found, side * _SCALE)


def _stretches(ink: "Pixels", kernel: tuple[int, int]) -> Iterator[Box]:
    """What is inked without a break for so many pixels across and down."""
    import cv2

    kept = cv2.morphologyEx(ink, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, kernel))
    _, _, stats, _ = cv2.connectedComponentsWithStats(kept, connectivity=8)
    for left, top, width, height, _ in stats[1:].tolist():
        yield Box(left, top, left + width, top + height)


def within(quads: "Sequence[Quad]", ruled: Sequence[Grid]) -> "list[Quad]":
    """The lines, cut where they go from one cell of a table into the next."""
    out: list[Quad] = []
    for quad in quads:
        rest = quad
        left, right = float(quad[:, 0].min()), float(quad[:, 0].max())
        middle = float(quad[:, 1].mean())
        room = _ROOM * float(quad[3][1] - quad[0][1])
        for table in ruled:
            for edge in table.edges(middle):
                if left + room < edge < right - room:
                    first, rest = cut(rest, edge, edge)
                    out.append(first)
                    left = edge
        out.append(rest)
    return out
