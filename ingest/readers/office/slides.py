"""The shapes of a slide as pieces of text: in the order in which a person reads them, each where it stands. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.clean import Piece, heading_name
from storage.anchors import Box

_MOST = 300  # shapes that are compared with each other; with more they are read from top to bottom


@dataclass(frozen=True, slots=True)
class Scale:
    """How the coordinates of a slide, or of a group on it, become what is wanted: shares of the slide, or pixels."""

    across: float
    down: float
    left: float = 0.0
    top: float = 0.0

    def box(self, left: float, top: float, right: float, bottom: float) -> Box:
        """A rectangle of these coordinates."""
        first = (self.left + left * self.across, self.top + top * self.down)
        return Box(*first, self.left + right * self.across, self.top + bottom * self.down)

    def inside(self, box: Box, left: float, top: float, right: float, bottom: float) -> "Scale":
        """That of the shapes in a group, whose own coordinates, from `left` to `bottom`, fill its box."""
        across = (box.right - box.left) / (right - left) if right > left else self.across
        down = (box.bottom - box.top) / (bottom - top) if bottom > top else self.down
        return Scale(across, down, box.left - left * across, box.top - top * down)


@dataclass(frozen=True, slots=True)
class Shape:
    """The text of a shape and the box it stands in, in shares of the slide. `rows` follow the text line by line."""

    text: str
    box: Box | None = None
    title: bool = False
    rows: tuple[tuple[str, Box | None], ...] = ()


def pieces_of(number: int, shapes: Sequence[Shape], notes: str = "") -> Iterator[Piece]:
    """The title first, then the other shapes, then what the speaker is to say; all under the title."""
    titles = [shape for shape in shapes if shape.title and shape.text.strip()]
    heading = heading_name(titles[0].text) if titles else ""
    for shape in [*titles, *ordered([shape for shape in shapes if shape not in titles])]:
        if shape.text.strip():
            yield Piece(heading, number, shape.text, shape.box)
        for at, (row, box) in enumerate(shape.rows):
            yield Piece(heading, number, row, box, tight=bool(at or shape.text.strip()))
    if notes.strip():
        yield Piece(heading, number, f"Notes: {notes.strip()}")


def ordered(shapes: Sequence[Shape]) -> list[Shape]:
    """Shapes as they are read: as they come, but for those that stand above or left of one that comes before them."""
    if len(shapes) > _MOST:
        return sorted(shapes, key=lambda shape: (shape.box.top, shape.box.left) if shape.box else (2.0, 0.0))
    every = range(len(shapes))
    after = {at: {other for other in every if other != at and _precedes(shapes[other], shapes[at])} for at in every}
    out: list[Shape] = []
    while after:
        free = next((at for at, others in after.items() if not others), None)
        if free is None:  # they stand in a circle
            free = min(after, key=lambda at: (box.top, box.left) if (box := shapes[at].box) else (2.0, 0.0))
        out.append(shapes[free])
        del after[free]
        for others in after.values():
            others.discard(free)
    return out


def turned(box: Box, degrees: float) -> Box:
    """The box that a shape takes up when it is turned by about a quarter; other turns leave it as it is."""
    if not 45 <= degrees % 180 < 135:
        return box
    across, down = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    wide, tall = (box.right - box.left) / 2, (box.bottom - box.top) / 2
    return Box(across - tall, down - wide, across + tall, down + wide)


def _precedes(one: Shape, other: Shape) -> bool:
    """Whether one stands wholly above another in the same column, or wholly left of it in the same row."""
    if one.box is None or other.box is None:
        return False
    a, b = one.box, other.box
    if a.bottom <= b.top + 0.2 * (a.bottom - a.top) and a.top < b.top:
        return min(a.right, b.right) > max(a.left, b.left)
    beside = min(a.bottom, b.bottom) - max(a.top, b.top)
    lower = min(a.bottom - a.top, b.bottom - b.top)
    return a.right <= b.left + 0.2 * (a.right - a.left) and a.left < b.left and beside > 0.6 * lower
