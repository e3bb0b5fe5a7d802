"""The rows of a table file that a quote comes from, with what it has of their cells."""

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.clean import join
from ingest.readers.records import table
from storage.errors import UnreadableFile
from storage.records import Document
from ui.original.rows import around

CSV = """Branch,Opens,Note
Central,9:00,"Rooms, by
booking"

  ,,
North,10:00,Closed in May. Ask at Central.
Hill,9:00,
"""


@pytest.fixture
def hours(tmp_path: Path) -> tuple[Path, Document]:
    path = tmp_path / "hours.csv"
    path.write_text(CSV, encoding="utf-8")
    return path, read(path)


def read(path: Path) -> Document:
    text, sections, anchors = join(table.read(path).pieces)
    return Document("d", str(path), "T", "0", text, sections, "csv", "en", 1, 0.0, anchors=anchors)


def span(document: Document, quote: str) -> tuple[int, int]:
    start = document.text.index(quote)
    return start, start + len(quote)


def test_the_row_and_the_part_of_its_cell_are_found(hours: tuple[Path, Document]) -> None:
    path, document = hours
    found = around(path, document, span(document, "Ask at Central."), 5)
    assert found.names == ("Branch", "Opens", "Note")
    assert [(row.number, row.cited) for row in found.rows] == [(2, False), (6, True), (7, False)]
    cited = found.rows[1]
    assert cited.cells[2][slice(*cited.marks[2])] == "Ask at Central."
    assert set(cited.marks) == {2}


def test_a_whole_row_has_all_its_cells_marked(hours: tuple[Path, Document]) -> None:
    path, document = hours
    line = document.text.split("\n")[0]
    row = around(path, document, span(document, line), 0).rows[0]
    assert [row.cells[at][slice(*marked)] for at, marked in row.marks.items()] == [
        "Central",
        "9:00",
        "Rooms, by booking",
    ]


def test_as_many_rows_as_wanted_on_each_side(hours: tuple[Path, Document]) -> None:
    path, document = hours
    found = around(path, document, span(document, "North"), 0)
    assert ([row.number for row in found.rows], found.before, found.after) == ([6], 1, 1)


def test_a_quote_of_two_rows_cites_both(hours: tuple[Path, Document]) -> None:
    path, document = hours
    found = around(path, document, (document.text.index("Ask at"), len(document.text)), 5)
    assert [row.number for row in found.rows if row.cited] == [6, 7]


def test_no_quote_cites_none(hours: tuple[Path, Document]) -> None:
    path, document = hours
    assert not any(row.cited or row.marks for row in around(path, document, (0, 0), 5).rows)


def test_a_table_without_names_has_rows_only(tmp_path: Path) -> None:
    path = tmp_path / "plain.tsv"
    path.write_text("1\t2\n3\t4\n", encoding="utf-8")
    found = around(path, read(path), (0, 4), 5)
    assert found.names == () and [row.cells for row in found.rows] == [("1", "2"), ("3", "4")]


def test_rows_that_are_not_those_of_the_text_are_refused(hours: tuple[Path, Document]) -> None:
    with pytest.raises(UnreadableFile):
        around(hours[0], replace(hours[1], text="Branch: Central"), (0, 5), 5)
