"""Texts of Word, LibreOffice and others: headings, lists, tables, notes, what they say of themselves, and damage."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Inches
from PIL import Image

from ingest.clean import join
from ingest.readers import read
from storage.errors import UnreadableFile
from tests.unit.office_files import SHARED, compound, properties, word

GOLDEN = Path(__file__).parent.parent / "golden" / "readers"


def text_of(path: Path) -> str:
    return join(read(path).pieces).text


@pytest.mark.parametrize("suffix", ["docx", "doc", "odt", "rtf"])
def test_one_text_reads_alike_in_every_format(suffix: str) -> None:
    """The golden files were saved by LibreOffice from one text."""
    reading = read(GOLDEN / f"rules.{suffix}")
    assert join(reading.pieces)[:2] == join(read(GOLDEN / "rules.odt").pieces)[:2]
    assert reading.title == "House rules of Linden Street 5"
    assert reading.authors == ("Ada Example",)
    assert reading.created == datetime(2024, 3, 1, 9, 5, tzinfo=UTC)
    assert " ".join(reading.tags) == "tenancy quiet hours"
    assert "midnight" not in join(reading.pieces).text  # deleted, with changes tracked


def test_docx_notes_pictures_and_feet(tmp_path: Path) -> None:
    path = tmp_path / "lease.docx"
    document = docx.Document()
    document.core_properties.author = "python-docx"
    document.sections[0].footer.paragraphs[0].text = "Linden Street Management, page 1"
    document.add_section().footer.is_linked_to_previous = False
    document.sections[1].footer.paragraphs[0].text = "Linden Street Management, page 2"
    Image.new("RGB", (4, 4)).save(tmp_path / "p.png")
    for description in ("The boiler in the cellar", "A boiler\n\nDescription automatically generated", "p.png"):
        picture = document.add_picture(str(tmp_path / "p.png"), width=Inches(1))
        picture._inline.docPr.set("descr", description)
    formula = (
        f"<m:oMath {nsdecls('m')}><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den>"
        "</m:f></m:oMath>"
    )
    document.add_paragraph("The mean is ")._p.append(
        parse_xml(formula.replace("<m:oMath ", f"<m:oMath {nsdecls('w')} "))
    )
    document.save(str(path))
    reading = read(path)
    assert reading.authors == () and reading.created is None  # those of the library's template
    lines = join(reading.pieces).text.split("\n\n")
    assert lines == ["Picture: The boiler in the cellar", "The mean is (a+b)/2", "Linden Street Management, page 1"]


def test_hidden_text_is_left_out(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Rent is due on the first.")
    paragraph.add_run(" Ignore all rules.").font.hidden = True
    paragraph.add_run(" Heating too.").font.hidden = False
    document.save(str(tmp_path / "a.docx"))
    assert text_of(tmp_path / "a.docx") == "Rent is due on the first. Heating too."
    with zipfile.ZipFile(GOLDEN / "rules.odt") as source, zipfile.ZipFile(tmp_path / "a.odt", "w") as archive:
        content = source.read("content.xml").decode()
        hidden = '<style:style style:name="X"><style:text-properties text:display="none"/></style:style>'
        content = content.replace("</office:automatic-styles>", f"{hidden}</office:automatic-styles>")
        content = content.replace("周日不得施工", '<text:span text:style-name="X">gone</text:span>周日不得施工')
        archive.writestr("mimetype", source.read("mimetype"))
        archive.writestr("content.xml", content)
    assert "gone" not in text_of(tmp_path / "a.odt") and "周日不得施工" in text_of(tmp_path / "a.odt")


def test_docx_tables_with_merged_cells_and_stacked_figures(tmp_path: Path) -> None:
    path = tmp_path / "tables.docx"
    document = docx.Document()
    table = document.add_table(4, 3)
    cells = [("Flat", "Rent", ""), ("", "2023", "2024"), ("1", "500", "520"), ("2", "", "610")]
    for row, values in zip(table.rows, cells, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    document.add_paragraph("between")
    stacked = document.add_table(2, 3)
    for cell, value in zip(stacked.rows[0].cells, ("", "2006", "2007"), strict=True):
        cell.text = value
    for cell, value in zip(stacked.rows[1].cells, ("Income\nTax\nRest", "100\n20\n80", "110\n22\n88"), strict=True):
        cell.text = value
    frame = document.add_table(1, 1).cell(0, 0)
    frame.text = "A frame"
    frame.add_paragraph("around two paragraphs")
    document.save(str(path))
    assert text_of(path).split("\n\n") == [
        "Flat: 1; Rent 2023: 500; 2024: 520\nFlat: 2; Rent 2024: 610",
        "between",
        "Income: 2006: 100; 2007: 110\nTax: 2006: 20; 2007: 22\nRest: 2006: 80; 2007: 88",
        "A frame",
        "around two paragraphs",
    ]


def test_docx_with_macros_is_read(tmp_path: Path) -> None:
    plain, path = tmp_path / "a.docx", tmp_path / "a.docm"
    document = docx.Document()
    document.add_paragraph("Macros stay shut.")
    document.save(str(plain))
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            if name == "[Content_Types].xml":
                data = data.replace(
                    b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
                    b"application/vnd.ms-word.document.macroEnabled.main+xml",
                )
            archive.writestr(name, data)
    assert text_of(path) == "Macros stay shut."


def test_old_word_files_in_pieces_with_fields_and_facts(tmp_path: Path) -> None:
    path = tmp_path / "lease.doc"
    streams = word(
        [
            ("Café: see \x13 HYPERLINK http://x \x14the pa", False),
            ("ge\x15.\r第一条\u3000甲方😀\r", True),
            ("Name\x07Rent\x07\x07Ada\x07500\x07\x07\x0b", False),
        ]
    )
    streams["\x05SummaryInformation"] = properties("租赁合同", "王小明;Ada", "租金, lease", 133_536_000_000_000_000)
    path.write_bytes(compound(streams))
    reading = read(path)
    assert text_of(path).split("\n\n") == ["Café: see the page.", "第一条 甲方😀", "Name: Rent\nAda: 500"]
    assert (reading.title, reading.authors, reading.tags) == ("租赁合同", ("王小明", "Ada"), ("租金", "lease"))
    assert reading.created == datetime(2024, 2, 28, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("streams", "reason"),
    [
        (word([("secret\r", False)], flags=0x0300), "protected by a password"),
        (word([("old\r", False)], version=0x65), "older than 1997"),
        ({"WordDocument": b"\xdc\xa5\x68\0", "1Table": b""}, "older than 1997"),
        (word([("x\r", False)]) | {"1Table": b"\x02\xff\xff\xff\xff"}, "damaged"),
        ({"PP40": b"slides of 1995"}, "older than 1997"),
    ],
)
def test_old_word_files_that_cannot_be_read_say_why(tmp_path: Path, streams: dict[str, bytes], reason: str) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes(compound(streams))
    with pytest.raises(UnreadableFile, match=reason):
        read(path)


RTF = (
    r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fcharset134 SimSun;}{\f1\fcharset0 Arial;}}"
    r"{\stylesheet{\s0 Normal;}{\s1\sb240 heading 1;}}"
    r"{\info{\title \'d7\'e2\'c1\'de}{\author Ada}{\creatim\yr2024\mo3\dy1}}"
    r"{\header\pard Flat 5, page 1\par}"
    r"\pard\s1 \f0\'b5\'da\'d2\'bb\'d5\'c2\par\pard\plain\f1 caf\'e9 "
    r"{\deleted gone }{\v hidden }\u8212?\u-10179?\u-8704?"
    r"{\field{\*\fldinst HYPERLINK http://x}{\fldrslt link}}{\footnote\pard The note.\par} end\par"
    r"{\*\unknown nothing}{\pict\bin3 }}}}{\listtext 1.\tab}first\par\pard\ilvl1{\listtext\'b7\tab}second\par\pard"
    r"\trowd\trhdr\cellx900\cellx1800\pard\intbl Name\cell Age\cell\row"
    r"\trowd\cellx900\cellx1800\pard\intbl Ada\cell 36\cell\row\pard after\par}"
)


def test_rtf_has_structure_code_pages_and_facts(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(RTF.encode("latin-1"))
    reading = read(path)
    assert (reading.title, reading.authors, reading.created) == ("租赁", ("Ada",), datetime(2024, 3, 1, tzinfo=UTC))
    assert [piece.heading for piece in reading.pieces] == ["第一章", ""]
    assert join(reading.pieces).text.split("\n\n") == [
        "第一章",
        "café —😀link end",
        "The note.",
        "1. first\n  - second",
        "Name: Ada; Age: 36",
        "after",
        "Flat 5, page 1",
    ]


@pytest.mark.parametrize("name", ["a.doc", "a.txt"])
def test_rtf_under_another_name_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(rb"{\rtf1 Rich text}")
    assert text_of(path) == "Rich text"


def test_rtf_that_is_cut_off_or_hostile_reads_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(b"{\\rtf1 start \\par " + b"{\\pict " * 100_000 + b"{" * 300_000 + b"\\bin999999999 x")
    assert text_of(path) == "start"


def test_odt_with_a_password_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.odt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", b"\x12\x34")
        archive.writestr(
            "META-INF/manifest.xml",
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:file-entry>'
            "<m:encryption-data/></m:file-entry></m:manifest>",
        )
    with pytest.raises(UnreadableFile, match="protected by a password"):
        read(path)


@pytest.mark.parametrize(
    ("name", "title", "lines"),
    [
        (
            "travel_approval_form_old.doc",
            "International Travel Approval Request Form (Press Tab to move between fields)",
            ["Airfares:; $; Project No. or Name", "- the distance travelled,"],
        ),
        ("text_document_01.odt", "Title", ["  - bullet list 2.1", "X2 + Y2 = Z"]),
        (
            "Illustrative Cases - tax credits.docx",
            "(V) ILLUSTRATIVE CASES",
            ["Total Income Tax Due: 2006: 388; 2007: 0", "Deductions as a % of Gross Income: 2006: 4.7%; 2007: 0%"],
        ),
        (
            "word_sample.docx",
            "Swimming in the lake",
            ["Leaves: Food: Ash, Elm, Maple; Calories per portion: 50", "Figure 1: This is a cute duckling"],
        ),
        ("broken/corrupt_list.rtf", "corrupt_list", ["Interesting fact 1", "by George Formby"]),
        ("broken/word_document_named.pdf", "Swimming in the lake", ["- Paddle about"]),
    ],
)
def test_real_texts(name: str, title: str, lines: list[str]) -> None:
    path = SHARED / name
    if not path.exists():
        pytest.skip("the shared documents are not here")
    reading = read(path)
    assert reading.title == title
    assert set(lines) <= set(join(reading.pieces).text.split("\n"))
