"""Where in a file a stretch of a document's text stands, so that a quote can be shown there. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a text file, from 1, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Cells:
    """A rectangle of a sheet: rows and columns from 1, all included. The sheet is the section's page."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, a slide or a picture, from its top left corner; in an anchor, in shares of its size."""

    left: float
    top: float
    right: float
    bottom: float

    def share(self, width: float, height: float) -> "Box":
        """The same in shares of the page's width and height, within 0 and 1."""
        return Box(
            _share(self.left, width), _share(self.top, height), _share(self.right, width), _share(self.bottom, height)
        )


Spot = Lines | Cells | Box


@dataclass(frozen=True, slots=True)
class Anchor:
    """The characters `start:end` of a document's text come from this spot of its file."""

    start: int
    end: int
    spot: Spot


_KINDS: dict[str, type[Lines] | type[Cells] | type[Box]] = {"lines": Lines, "cells": Cells, "box": Box}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def packed(spot: Spot) -> list[Any]:
    """A spot as JSON keeps it: its kind, then its numbers."""
    return [_NAMES[type(spot)], *astuple(spot)]


def unpacked(values: list[Any]) -> Spot:
    """A spot read back from JSON."""
    return _KINDS[values[0]](*values[1:])


def within(anchors: Sequence[Anchor], start: int, end: int) -> tuple[Anchor, ...]:
    """The anchors that hold any of the characters `start:end`."""
    first = bisect_right(anchors, start, key=lambda anchor: anchor.end)
    last = bisect_left(anchors, max(end, start + 1), key=lambda anchor: anchor.start)
    return tuple(anchors[first:last])


def spot_of(text: str, anchors: Sequence[Anchor], start: int, end: int) -> Lines | Cells | None:
    """The lines or cells that the characters `start:end` of a document's text stand in; None where it has neither.

    Inside an anchor whose text has as many lines as its file has there, it is exact to the line.
    """
    held = within(anchors, start, end)
    lines = [_narrowed(text, anchor, anchor.spot, start, end) for anchor in held if isinstance(anchor.spot, Lines)]
    if lines:
        return Lines(min(each.first for each in lines), max(each.last for each in lines))
    cells = [anchor.spot for anchor in held if isinstance(anchor.spot, Cells)]
    if not cells:
        return None
    return Cells(
        min(each.top for each in cells),
        min(each.left for each in cells),
        max(each.bottom for each in cells),
        max(each.right for each in cells),
    )


def _narrowed(text: str, anchor: Anchor, lines: Lines, start: int, end: int) -> Lines:
    if text.count("\n", anchor.start, anchor.end) != lines.last - lines.first:
        return lines
    first = lines.first + text.count("\n", anchor.start, max(start, anchor.start))
    return Lines(first, first + text.count("\n", max(start, anchor.start), min(end, anchor.end)))


def _share(part: float, whole: float) -> float:
    return min(max(part / whole, 0.0), 1.0)
