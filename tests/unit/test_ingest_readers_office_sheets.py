"""Workbooks: a page for each sheet, rows that say what their values mean and where they stand, values as shown."""

import struct
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest

from ingest.clean import join
from ingest.readers import read
from ingest.readers.office.number_format import plain, shown
from storage.anchors import Cells, spot_of
from storage.errors import UnreadableFile
from tests.unit.office_files import SHARED, compound, rows, workbook

GOLDEN = Path(__file__).parent.parent / "golden" / "readers"
STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="0.0%"/><numFmt numFmtId="165" formatCode="00000"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/>'
    '<xf numFmtId="22"/></cellXfs>'
)


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_one_workbook_reads_alike_in_every_format(suffix: str) -> None:
    """The golden files were saved by LibreOffice from one workbook; its second sheet is hidden."""
    reading = read(GOLDEN / f"budget.{suffix}")
    assert reading.pieces == read(GOLDEN / "budget.ods").pieces
    assert (reading.title, reading.pages) == ("Budget of Linden Street 5", 2)
    assert (reading.authors, reading.created) == (("Ada Example",), datetime(2024, 3, 1, 9, 5, tzinfo=UTC))
    assert [(piece.page, piece.spot, piece.tight) for piece in reading.pieces] == [
        (1, Cells(1, 1, 1, 1), False),
        (1, Cells(5, 1, 5, 5), False),
        (1, Cells(6, 1, 6, 5), True),
        (1, Cells(7, 1, 7, 3), True),
        (1, Cells(12, 2, 12, 4), False),
        (1, Cells(13, 2, 13, 4), True),
        (2, Cells(1, 1, 1, 1), False),
    ]


def test_a_quote_of_two_rows_knows_its_cells() -> None:
    text, _, anchors = join(read(GOLDEN / "budget.xlsx").pieces)
    start, end = text.index("Share: 24.0%"), text.index("131.20")
    assert spot_of(text, anchors, start, end) == Cells(5, 1, 6, 5)


def test_cells_are_said_as_they_are_shown(tmp_path: Path) -> None:
    cells = [
        ('t="s"', "0"), ("", "3.0"), ('s="2"', "0.0675"), ('s="1"', "45352"), ('s="4"', "45352.25"), ('s="3"', "501"),
        ('t="b"', "1"), ('t="e"', "#N/A"), ('t="str"', "sum_x000D_ of all"), ('t="d"', "2024-03-01T00:00:00"),
        ("", "0.30000000000000004"), ('s="99"', "7"), ('t="s"', "9"), ("", ""),
    ]  # fmt: skip
    row = "".join(f"<c {kind}><v>{value}</v></c>" for kind, value in cells)  # places may be left out
    texts = "<si><r><t>Ren</t></r><r><t>t</t></r><rPh><t>reading</t></rPh></si>"
    path = workbook(tmp_path / "a.xlsx", {"S": f"<sheetData><row>{row}</row></sheetData>"}, STYLES, texts)
    assert join(read(path).pieces).text == (
        "Rent; 3; 6.8%; 2024-03-01; 2024-03-01 06:00; 00501; TRUE; sum of all; 2024-03-01; 0.3; 7"
    )


def test_days_count_from_1904_where_the_workbook_says_so(tmp_path: Path) -> None:
    sheet = '<sheetData><row r="1"><c r="A1" s="1"><v>0</v></c></row></sheetData>'
    path = workbook(tmp_path / "a.xlsx", {"S": sheet}, STYLES, settings='<workbookPr date1904="1"/>')
    assert join(read(path).pieces).text == "1904-01-01"


def test_several_tables_titles_and_notes_in_one_sheet(tmp_path: Path) -> None:
    sheet = rows(
        ("Rents of 2024",),
        (),
        ("Flat", "Tenant", "Rent"),
        ("1", "Ada", 500),
        ("2", "Bob", 610),
        (),
        ("3", "Eve", 480),  # goes on
        (),
        ("Costs",),
        ("Item", "Euros", "Paid"),
        ("Gas", 812, "yes"),
        ("Item", "Euros", "Paid"),  # the header once more
        ("Water", 120, "no"),
        ("The roof was mended in May.",),
        (),
        ("Owner:", "Linden GmbH"),
        ("Telephone:", "0123"),
    )
    path = workbook(tmp_path / "a.xlsx", {"Year": sheet})
    reading = read(path)
    assert [(piece.heading, piece.text) for piece in reading.pieces] == [
        ("Year > Rents of 2024", "Rents of 2024"),
        ("Year > Rents of 2024", "Flat: 1; Tenant: Ada; Rent: 500"),
        ("Year > Rents of 2024", "Flat: 2; Tenant: Bob; Rent: 610"),
        ("Year > Rents of 2024", "Flat: 3; Tenant: Eve; Rent: 480"),
        ("Year > Costs", "Costs"),
        ("Year > Costs", "Item: Gas; Euros: 812; Paid: yes"),
        ("Year > Costs", "Item: Water; Euros: 120; Paid: no"),
        ("Year > Costs", "The roof was mended in May."),
        ("Year > Rents of 2024", "Owner: Linden GmbH"),
        ("Year > Rents of 2024", "Telephone: 0123"),
    ]


def test_empty_ranges_cost_nothing(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    styled = "".join(f'<row r="{number}" s="1"><c r="A{number}" s="1"/></row>' for number in range(2, 20_000))
    near = '<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    path = workbook(tmp_path / "a.xlsx", {"S": f"{near}{styled}{far}</sheetData>"})
    started = monotonic()
    assert [piece.spot for piece in read(path).pieces] == [Cells(1, 1, 1, 1), Cells(1048576, 16384, 1048576, 16384)]
    assert monotonic() - started < 5


def test_rows_that_are_repeated_to_the_end_of_an_ods_sheet_are_read_once(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    names = " xmlns:".join(
        f'{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in (("o", "office"), ("t", "table"), ("x", "text"))
    )
    cell = '<t:table-cell t:number-columns-repeated="16384" o:value-type="string"><x:p>same</x:p></t:table-cell>'
    many = f'<t:table-row t:number-rows-repeated="1048576">{cell}</t:table-row>'
    body = f'<o:body><o:spreadsheet><t:table t:name="S">{many}</t:table></o:spreadsheet></o:body>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"<o:document-content xmlns:{names}>{body}</o:document-content>")
    assert len(join(read(path).pieces).text) < 10_000


def xlsb(path: Path) -> None:
    """A binary workbook of one sheet with two texts, a number and a share."""

    def record(kind: int, body: bytes = b"") -> bytes:
        head = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
        return head + bytes([len(body)]) + body

    def spelt(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    def row(number: int) -> bytes:
        return record(0, struct.pack("<IIHBBI", number, 0, 300, 0, 0, 0))

    tabs = record(156, struct.pack("<II", 0, 1) + spelt("rId1") + spelt("Costs"))
    book = record(131) + record(143) + tabs + record(144) + record(132)
    sheet = (
        record(129)
        + record(148, struct.pack("<4I", 2, 3, 0, 2))
        + record(145)
        + row(2)
        + b"".join(
            record(6, struct.pack("<II", column, 0) + spelt(text))
            for column, text in enumerate(("Item", "Paid by", "Euros"))
        )
        + row(3)
        + record(6, struct.pack("<II", 0, 0) + spelt("煤气"))
        + record(6, struct.pack("<II", 1, 0) + spelt("Ada"))
    )
    sheet += record(5, struct.pack("<IId", 2, 0, 812.5)) + record(146) + record(130)
    links = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        main = f'<Relationship Id="a" Type="{kind}/officeDocument" Target="xl/workbook.bin"/>'
        archive.writestr("_rels/.rels", links.format(main))
        first = f'<Relationship Id="rId1" Type="{kind}/worksheet" Target="worksheets/sheet1.bin"/>'
        archive.writestr("xl/_rels/workbook.bin.rels", links.format(first))
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)


def test_xlsb_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsb"
    xlsb(path)
    reading = read(path)
    assert reading.pages == 1
    assert [(piece.heading, piece.text, piece.spot) for piece in reading.pieces] == [
        ("Costs", "Item: 煤气; Paid by: Ada; Euros: 812.5", Cells(4, 1, 4, 3))
    ]


def test_old_workbooks_that_are_encrypted_or_damaged_say_so(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    begin = struct.pack("<HHHHHHII", 0x809, 16, 0x600, 5, 0, 0, 0, 0)
    path.write_bytes(compound({"Workbook": begin + struct.pack("<HH6x", 0x2F, 6)}))
    with pytest.raises(UnreadableFile, match="protected by a password"):
        read(path)
    path.write_bytes(compound({"Workbook": begin + struct.pack("<HH", 0xFC, 9000) + b"cut"}))
    with pytest.raises(UnreadableFile, match="damaged"):
        read(path)


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.2395, "0.0%", "24.0%"),  # as people round, not as bits do
        (45352, "m/d/yyyy", "2024-03-01"),
        (45352, '[$-804]yyyy"年"m"月"d"日"', "2024-03-01"),
        (45352, "mmm-yy", "2024-03"),
        (45352.604166667, "dd.mm.yyyy hh:mm", "2024-03-01 14:30"),
        (0.5, "h:mm AM/PM", "12:00"),
        (1.5, "[h]:mm", "36:00:00"),
        (1, "yyyy-mm-dd", "1900-01-01"),
        (57000, '"$"#,##0.00', "$57,000.00"),
        (-57000, "#,##0.00 [$€-407];[Red]-#,##0.00 [$€-407]", "-57,000.00 €"),
        (1234.5, "_(* #,##0.00_);_(* (#,##0.00)", "1,234.50"),
        (1234567, '0.0,,"M"', "1.2M"),
        (501, "00000", "00501"),
        (12, '0.0" kg"', "12.0 kg"),
        (1234567, "0.00E+00", "1234567"),
        (0.1 + 0.2, "General", "0.3"),
        (45352, "", "45352"),
        (-1, "yyyy-mm-dd", "-1"),
        (1e300, "0.00", "1e+300"),
    ],
)
def test_formats_of_numbers(value: float, code: str, text: str) -> None:
    assert shown(value, code) == text


def test_numbers_that_are_none() -> None:
    assert plain(float("nan")) == plain(float("inf")) == ""


def test_real_workbooks() -> None:
    if not SHARED.exists():
        pytest.skip("the shared documents are not here")
    rates = join(read(SHARED / "AverageTaxRates.xlsx").pieces).text
    assert "FULL RATE PRSI €: 15,000; £: 9,451; SINGLE 1997: 23.0%; 1998: 20.8%; 1999: 18.0%; 2000: 13.9%" in rates
    assert read(SHARED / "employee_data.xlsx").pieces[-1].spot == Cells(475, 1, 475, 9)
    recipe = read(SHARED / "配方原料表.xlsx").pieces[-1]
    assert "原料中成分含量（%）: 100" in recipe.text
    assert recipe.text.startswith("序号: 1; 原料编号: 01502200; 厂定名称: 1，2-戊二醇")
    assert read(SHARED / "vodafone.xlsx").pieces[1].heading == "Index > Financial performance"
    ducks = read(SHARED / "odf_table_with_title_01.ods")
    assert ducks.pieces[-1].text == "Year: 2024; Freshwater Ducks: 180"
    assert ducks.pieces[-1].heading == "Sheet1 > Number of freshwater ducks per year"
