"""Each format: what a person sees in the file is in the text, under its headings, with its pages."""

import json
import os
import zipfile
from pathlib import Path
from time import monotonic

import docx
import pytest
from docx.oxml import OxmlElement

from ingest.clean import join
from ingest.readers import READERS, read
from storage.errors import UnreadableFile, UnsupportedFormat

GOLDEN = sorted(
    path
    for path in (Path(__file__).parent.parent / "golden" / "readers").iterdir()
    if path.suffix in READERS and not path.with_suffix("").exists()  # else it is what is expected of another
)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_golden_files_read_as_before(path: Path) -> None:
    """After a change on purpose: GOLDEN=write pytest tests/unit/test_ingest_readers.py, and look at the difference."""
    reading = read(path)
    text, sections, _ = join(reading.pieces)
    found = {
        "title": reading.title,
        "sections": [[section.heading, text[section.start : section.end].strip().split("\n")] for section in sections],
    }
    expected = path.with_name(path.name + ".json")
    if os.environ.get("GOLDEN") == "write":
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def word_file(path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("House rules", style="Title")
    document.add_heading("Quiet hours", 1)
    document.add_paragraph("From 22:00 to 6:00.")
    document.add_heading("周末", 2)
    document.add_paragraph("周日不得施工。")
    document.add_paragraph("drill", style="List Bullet").paragraph_format.left_indent = None
    table = document.add_table(2, 3)
    for row, values in zip(table.rows, [("Day", "Bins", "Colour"), ("Monday", "paper", "blue")], strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    kept, dropped = OxmlElement("w:ins"), OxmlElement("w:del")
    for change, tag, words in ((kept, "w:t", "inserted words"), (dropped, "w:delText", "deleted words")):
        run, text = OxmlElement("w:r"), OxmlElement(tag)
        text.text = words
        run.append(text)
        change.append(run)
    paragraph = document.add_paragraph("Changed: ")._p
    paragraph.append(kept)
    paragraph.append(dropped)
    control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    content.append(document.add_paragraph("In a content control.")._p)
    control.append(content)
    document.element.body.insert(0, control)
    document.save(str(path))


def test_docx_has_headings_tables_and_tracked_changes(tmp_path: Path) -> None:
    path = tmp_path / "rules.docx"
    word_file(path)
    reading = read(path)
    text, *_ = join(reading.pieces)
    assert reading.title == "House rules"
    assert [piece.heading for piece in reading.pieces] == ["", "Quiet hours", "Quiet hours > 周末"]
    assert "Day: Monday; Bins: paper; Colour: blue" in text
    assert "inserted words" in text and "deleted words" not in text
    assert text.startswith("In a content control.")


def test_docx_with_another_name_is_read(tmp_path: Path) -> None:
    path = tmp_path / "really-word.pdf"
    word_file(path)
    assert "From 22:00 to 6:00." in join(read(path).pieces)[0]


def test_docx_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as member:
        for _ in range(151):
            member.write(bytes(1_000_000))
    with pytest.raises(UnreadableFile, match="unpacks to more than"):
        read(path)


def test_word_with_password_says_so(tmp_path: Path) -> None:
    path = tmp_path / "locked.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(UnreadableFile, match="protected by a password"):
        read(path)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\t\n", "holds no text"),
        ("a.md", "\u200b\ufeff".encode(), "holds no text"),
        ("a.docx", b"no archive", "no Word document"),
        ("a.docx", b"PK\x03\x04 cut off", "cut off"),
        ("a.txt", bytes(range(256)) * 40, "binary"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8, "binary"),
    ],
)
def test_unreadable_files_give_a_reason(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnreadableFile, match=reason):
        read(path)


def test_other_formats_name_the_supported_ones(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(b"ID3")
    with pytest.raises(UnsupportedFormat, match=r"Supported: \.txt .* \.tsv"):
        read(path)


def test_markdown_full_of_openings_reads_at_once(tmp_path: Path) -> None:
    path = tmp_path / "hostile.md"
    path.write_text("<!-- " * 200_000 + "\n" + "```a\n" * 100_001 + "end", encoding="utf-8")
    started = monotonic()
    assert join(read(path).pieces)[0].endswith("end")
    assert monotonic() - started < 10


def test_html_nested_deeper_than_python_recurses(tmp_path: Path) -> None:
    path = tmp_path / "deep.html"
    path.write_text("<div>" * 3000 + "bottom" + "</div>" * 3000, encoding="utf-8")
    assert "bottom" in join(read(path).pieces)[0]


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("a;b\n1;2\n", "a: 1; b: 2"),
        ("a\tb\n1\t2\n", "a: 1; b: 2"),
        ("1,2\n3,4\n", "1; 2"),  # figures are no header
        ("a,b\n1,2,3\n", "a: 1; b: 2; 3"),  # a cell too many is kept
        ("a,b\n", "a; b"),
    ],
)
def test_table_rows_say_what_their_values_mean(tmp_path: Path, rows: str, line: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(rows, encoding="utf-8")
    assert join(read(path).pieces)[0].split("\n")[0] == line


def test_table_with_a_very_long_field(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f'name,text\nx,"{"word " * 60_000}"\n', encoding="utf-8")
    assert join(read(path).pieces)[0].count("word") == 60_000
