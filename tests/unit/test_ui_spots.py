"""Lines and cells are written as people write them, and read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.anchors import Box, Cells, Lines
from ui import spots


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA"), (0, "")])
def test_columns_have_letters(number: int, letters: str) -> None:
    assert spots.column(number) == letters


@given(*[st.integers(1, 16_384) for _ in range(4)])
def test_cells_are_read_as_they_were_written(top: int, left: int, more: int, wider: int) -> None:
    cells = Cells(top, left, top + more - 1, min(left + wider - 1, 18_278))
    assert spots.cells(spots.written(cells)) == cells


@pytest.mark.parametrize("text", ["", "5", "A", "A0", "a5", "A5:", "A5:D", "A5:D5:E6", "A12345678", "ÄÖ5"])
def test_what_names_no_cells_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="names no cells"):
        spots.cells(text)


def test_json_has_lines_and_cells() -> None:
    assert spots.as_object(Lines(12, 15)) == {"lines": [12, 15]}
    assert spots.as_object(Cells(5, 1, 5, 4)) == {"cells": "A5:D5"}
    assert spots.as_object(None) is None and spots.as_object(Box(0, 0, 1, 1)) is None
