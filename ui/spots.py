"""Lines and cells of a file as people and scripts write them: "A5:D5" (pure)."""

import re
from typing import Any

from storage.anchors import Cells, Lines, Spot

_CELL = r"([A-Z]{1,3})([1-9][0-9]{0,6})"
_CELLS = re.compile(f"{_CELL}(?::{_CELL})?")


def column(number: int) -> str:
    """The letters of a column, from 1: A to Z, AA, AB and so on."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def written(cells: Cells) -> str:
    """Cells as a sheet's program names them."""
    first, last = f"{column(cells.left)}{cells.top}", f"{column(cells.right)}{cells.bottom}"
    return first if first == last else f"{first}:{last}"


def cells(text: str) -> Cells:
    """Cells from their name. Raises ValueError where it is none."""
    found = _CELLS.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} names no cells")
    left, top, right, bottom = found.groups()
    return Cells(int(top), _number(left), int(bottom or top), _number(right or left))


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def as_object(spot: Spot | None) -> dict[str, Any] | None:
    """A spot as `--json` prints it: {"lines": [12, 15]} or {"cells": "A5:D5"}; None of what has neither."""
    if isinstance(spot, Lines):
        return {"lines": [spot.first, spot.last]}
    return {"cells": written(spot)} if isinstance(spot, Cells) else None
