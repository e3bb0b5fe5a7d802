"""The rows of a table file that a quote comes from, with what it has of their cells."""

from pathlib import Path

import pytest

from ingest.clean import join
from ingest.readers import table
from storage.errors import UnreadableFile
from ui.original.rows import around

CSV = """Branch,Opens,Note
Central,9:00,"Rooms, by
booking"

  ,,
North,10:00,Closed in May. Ask at Central.
Hill,9:00,
"""


@pytest.fixture
def hours(tmp_path: Path) -> tuple[Path, str]:
    path = tmp_path / "hours.csv"
    path.write_text(CSV, encoding="utf-8")
    return path, join(table.read(path).pieces)[0]


def span(text: str, quote: str) -> tuple[int, int]:
    return text.index(quote), text.index(quote) + len(quote)


def test_the_row_and_the_part_of_its_cell_are_found(hours: tuple[Path, str]) -> None:
    path, text = hours
    found = around(path, text, span(text, "Ask at Central."), 5)
    assert found.names == ("Branch", "Opens", "Note")
    assert [(row.number, row.cited) for row in found.rows] == [(2, False), (5, True), (6, False)]
    cited = found.rows[1]
    assert cited.cells[2][slice(*cited.marks[2])] == "Ask at Central."
    assert set(cited.marks) == {2}


def test_a_whole_row_has_all_its_cells_marked(hours: tuple[Path, str]) -> None:
    path, text = hours
    line = text.split("\n")[0]
    row = around(path, text, span(text, line), 0).rows[0]
    assert [row.cells[at][slice(*marked)] for at, marked in row.marks.items()] == [
        "Central",
        "9:00",
        "Rooms, by booking",
    ]


def test_as_many_rows_as_wanted_on_each_side(hours: tuple[Path, str]) -> None:
    path, text = hours
    found = around(path, text, span(text, "North"), 0)
    assert ([row.number for row in found.rows], found.before, found.after) == ([5], 1, 1)


def test_a_quote_of_two_rows_cites_both(hours: tuple[Path, str]) -> None:
    path, text = hours
    found = around(path, text, (text.index("Ask at"), len(text)), 5)
    assert [row.number for row in found.rows if row.cited] == [5, 6]


def test_no_quote_cites_none(hours: tuple[Path, str]) -> None:
    path, text = hours
    assert not any(row.cited or row.marks for row in around(path, text, (0, 0), 5).rows)


def test_a_table_without_names_has_rows_only(tmp_path: Path) -> None:
    path = tmp_path / "plain.tsv"
    path.write_text("1\t2\n3\t4\n", encoding="utf-8")
    found = around(path, join(table.read(path).pieces)[0], (0, 4), 5)
    assert found.names == () and [row.cells for row in found.rows] == [("1", "2"), ("3", "4")]


def test_rows_that_are_not_those_of_the_text_are_refused(hours: tuple[Path, str]) -> None:
    with pytest.raises(UnreadableFile):
        around(hours[0], "Branch: Central", (0, 5), 5)
