"""The rows of a sheet that a quote comes from, as the sheet's program numbers them."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from ingest.clean import Piece, join
from storage.anchors import Cells
from storage.errors import UnreadableFile
from storage.records import Document
from ui.original.sheets import Grid, Place, around
from ui.spots import column

ROWS = [
    ["Prices", "", ""],
    ["", "", ""],
    ["Tool", "Price", "Sold"],
    *[[f"Tool {n}", str(n), "x"] for n in range(4, 40)],
]
OTHER = [["Note"], ["Closed in May"]]
WIDE = [[f"C{n}" for n in range(1, 61)], [f"v{n}" for n in range(1, 61)]]


def workbook(path: Path, **sheets: list[list[str]]) -> Path:
    """A workbook of text cells, written by hand."""
    kinds = {"workbook": "sheet.main", "worksheet": "worksheet"}
    types = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts = {"xl/workbook.xml": kinds["workbook"]}
    names = related = ""
    with ZipFile(path, "w") as archive:
        for number, (name, rows) in enumerate(sheets.items(), 1):
            cells = "".join(
                f'<row r="{at}">'
                + "".join(
                    f'<c r="{column(across)}{at}" t="inlineStr"><is><t>{cell}</t></is></c>'
                    for across, cell in enumerate(row, 1)
                    if cell
                )
                + "</row>"
                for at, row in enumerate(rows, 1)
            )
            archive.writestr(
                f"xl/worksheets/s{number}.xml", f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'
            )
            parts[f"xl/worksheets/s{number}.xml"] = kinds["worksheet"]
            names += f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>'
            related += f'<Relationship Id="r{number}" Type="{office}/worksheet" Target="worksheets/s{number}.xml"/>'
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{names}</sheets></workbook>'
        )
        package = "http://schemas.openxmlformats.org/package/2006"
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}/relationships">{related}</Relationships>'
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        content = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        types += "".join(f'<Override PartName="/{part}" ContentType="{content}.{k}+xml"/>' for part, k in parts.items())
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types">{types}</Types>')
    return path


def read(path: Path) -> Document:
    """What a reader makes of it: a tight piece for each row below the names of the columns."""
    pieces = [Piece("2024", 1, "Prices", Cells(1, 1, 1, 1))]
    pieces += [
        Piece("2024", 1, f"Tool: {a}; Price: {b}; Sold: {c}", Cells(n, 1, n, 3), tight=True)
        for n, (a, b, c) in enumerate(ROWS[3:], 4)
    ]
    pieces += [Piece("Notes", 2, "Note: Closed in May", Cells(2, 1, 2, 1))]
    pieces += [Piece("Wide", 3, "; ".join(f"C{n}: v{n}" for n in range(1, 61)), Cells(2, 1, 2, 60))]
    text, sections, anchors = join(pieces)
    return Document("d", str(path), "T", "0", text, sections, "xlsx", "en", 1, 0.0, 3, anchors=anchors)


@pytest.fixture
def prices(tmp_path: Path) -> Document:
    return read(workbook(tmp_path / "prices.xlsx", **{"2024": ROWS, "Notes": OTHER, "Wide": WIDE}))


def shown(document: Document, page: int, quote: str, most: int = 2) -> Grid:
    start = document.text.index(quote)
    sections = [each for each in document.sections if each.page == page]
    own = sections[0].start, sections[-1].end
    return around(Path(document.path), document, Place(page, own, (start, start + len(quote))), most)


def test_the_cited_row_stands_among_its_neighbours_below_the_names(prices: Document) -> None:
    found = shown(prices, 1, "Price: 30; Sold: x")
    assert found.names == ("2024", "Notes", "Wide") and found.left == 1 and not found.wider
    assert [(row.number, row.cells) for row in found.heads] == [(3, ("Tool", "Price", "Sold"))]
    assert [(row.number, row.cited) for row in found.rows] == [
        (28, False), (29, False), (30, True), (31, False), (32, False),
    ]  # fmt: skip
    cited = found.rows[2]
    assert {at: cited.cells[at][slice(*span)] for at, span in cited.marks.items()} == {1: "30", 2: "x"}
    assert found.before and found.after


def test_rows_above_the_names_stay_in_their_place(prices: Document) -> None:
    found = shown(prices, 1, "Tool: Tool 5", most=9)
    assert found.heads == () and [row.number for row in found.rows][:4] == [1, 2, 3, 4]
    assert {at: row.cells[at] for row in found.rows for at in row.marks} == {0: "Tool 5"}


def test_a_quote_of_several_rows_cites_them_all(prices: Document) -> None:
    found = shown(prices, 1, "Sold: x\nTool: Tool 8; Price: 8; Sold: x\nTool: Tool 9")
    assert [row.number for row in found.rows if row.cited] == [7, 8, 9]
    assert [dict(row.marks) for row in found.rows if row.cited] == [{2: (0, 1)}, {0: (0, 6), 1: (0, 1), 2: (0, 1)},
                                                                   {0: (0, 6)}]  # fmt: skip


def test_another_sheet_is_shown_from_its_beginning(prices: Document) -> None:
    section = prices.sections[1]
    found = around(Path(prices.path), prices, Place(2, (section.start, section.end), (section.start,) * 2), 5)
    assert [row.cells for row in found.heads] == [("Note",)]
    assert [(row.cells, row.cited) for row in found.rows] == [(("Closed in May",), False)]


def test_of_a_wide_sheet_the_marked_columns_are_shown(prices: Document) -> None:
    found = shown(prices, 3, "C50: v50")
    assert found.wider and found.left == 47
    assert found.heads[0].cells[3] == "C50" and found.rows[0].cells[3] == "v50" and set(found.rows[0].marks) == {3}


def test_a_file_that_is_no_workbook_says_so(prices: Document) -> None:
    Path(prices.path).write_bytes(b"PK\x03\x04 no more")
    with pytest.raises(UnreadableFile, match="cannot be drawn"):
        shown(prices, 1, "Tool 5")
