"""Tables: which rows name the columns, and what each row says then."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers.grid import Cell, Merge, laid, sentences


def said(table: str, merges: list[Merge] | None = None, told: bool = False) -> list[str]:
    """Rows by "/", cells by "|"."""
    rows = [[cell.strip() for cell in row.split("|")] for row in table.split("/")]
    return [line for _, line in sentences(rows, merges or [], told)]


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        ("Name|Age|City / Ada|36|London", ["Name: Ada; Age: 36; City: London"]),
        ("|2006|2007 / Tax|388|0 / Rest|5|6", ["Tax: 2006: 388; 2007: 0", "Rest: 2006: 5; 2007: 6"]),
        ("Year|Ducks / 2019|120 / 2020|135", ["Year: 2019; Ducks: 120", "Year: 2020; Ducks: 135"]),
        ("1|2|3 / 4|5|6", ["1; 2; 3", "4; 5; 6"]),  # figures are no header
        ("Name|Ada / Age|36 / City|London", ["Name: Ada", "Age: 36", "City: London"]),  # the first tells of the other
        ("Rent|500 / Heating|80", ["Rent: 500", "Heating: 80"]),
        (
            "Land|People / A|67 / B|47 / C|10 / D|38",
            ["Land: A; People: 67", "Land: B; People: 47", "Land: C; People: 10", "Land: D; People: 38"],
        ),
        ("Airfares:|$|Project / Hotel:|$|Project", ["Airfares:; $; Project", "Hotel:; $; Project"]),  # a form
        ("Costs of 2024 / Item|Euros|Paid / Gas|812|yes", ["Costs of 2024", "Item: Gas; Euros: 812; Paid: yes"]),
        (
            "Item|Euros|Paid / Gas|812|yes / Item|Euros|Paid / Oil|9|no",  # the header once more, as on a new page
            ["Item: Gas; Euros: 812; Paid: yes", "Item: Oil; Euros: 9; Paid: no"],
        ),
        ("Item|Euros|Paid / Gas|812|yes / See page 2||", ["Item: Gas; Euros: 812; Paid: yes", "See page 2"]),
        ("yes|yes|no / no|yes|no", ["yes; yes; no", "no; yes; no"]),  # names are not alike
        ("Name|Age|City", ["Name; Age; City"]),
        ("", []),
    ],
)  # fmt: skip
def test_which_row_names_the_columns(table: str, lines: list[str]) -> None:
    assert said(table) == lines


def test_a_header_that_the_file_marks_as_one() -> None:
    assert said("Key|Value / a|b", told=True) == ["Key: a; Value: b"]
    assert said("|Sum / Gas|812", told=True) == ["Gas: Sum: 812"]


def test_names_of_groups_stand_before_the_first_of_their_columns() -> None:
    table = "Item|Euros||Paid / |2023|2024| / Gas|812|790|Ada / Oil||9|Bob"
    merges = [(1, 2, 1, 3), (1, 1, 2, 1), (1, 4, 2, 4)]
    assert said(table, merges) == [
        "Item: Gas; Euros 2023: 812; 2024: 790; Paid: Ada",
        "Item: Oil; Euros 2024: 9; Paid: Bob",
    ]


def test_what_goes_over_several_rows_stands_in_each() -> None:
    assert said("Region|Town|People / North|A|1 / |B|2 / South|C|3", [(2, 1, 3, 1)]) == [
        "Region: North; Town: A; People: 1",
        "Region: North; Town: B; People: 2",
        "Region: South; Town: C; People: 3",
    ]


def test_figures_that_are_stacked_in_cells_stand_beside_what_they_are() -> None:
    rows = [["", "2006"], ["Income\nTax\nRest", "100\n20\n80"], ["First\nsecond\nthird", "one\ntwo\nthree"]]
    assert sentences(rows) == [
        (1, "2006"), (2, "Income: 100"), (2, "Tax: 20"), (2, "Rest: 80"), (3, "First second third: one two three"),
    ]  # fmt: skip


def test_cells_that_say_where_they_begin_and_end() -> None:
    rows = [
        [Cell("Item", 0, 1000), Cell("Euros", 1000, 3000)],
        [Cell("Gas", 10, 990), Cell("812", 1000, 2010), Cell("790", 2000, 3000)],
        [Cell("", 0, 1000, below=True), Cell("1", 1000, 2000), Cell("2", 2000, 3000)],
    ]
    texts, merges = laid(rows)
    assert [row[:3] for row in texts] == [["Item", "Euros", ""], ["Gas", "812", "790"], ["", "1", "2"]]
    assert merges == [(1, 2, 1, 3), (2, 1, 3, 1)]


@given(st.lists(st.lists(st.text("ab1 ", max_size=3), max_size=4), max_size=6), st.booleans())
def test_every_cell_below_the_header_is_said(table: list[list[str]], told: bool) -> None:
    lines = dict.fromkeys(range(1, len(table) + 1), "")
    for number, line in sentences(table, told=told):
        assert line
        lines[number] = line
    first = min((number for number, line in lines.items() if line), default=0)
    for number, row in enumerate(table, 1):
        if number > first and lines[number]:
            assert all(cell in lines[number] for each in row if (cell := " ".join(each.split())))
