"""Office files are read by what they are; bombs, passwords and damage are refused with one line each."""

import struct
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest
from pptx import Presentation

from ingest.clean import join
from ingest.readers import kind, read
from ingest.readers.office import office
from storage.errors import UnreadableFile, UnsupportedFormat
from tests.unit.office_files import SHARED, compound, drawing, powerpoint, rows, shape, word, words, workbook

OPEN = "application/vnd.oasis.opendocument."


def zipped(path: Path, parts: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("parts", "suffix"),
    [
        ({"[Content_Types].xml": "", "word/document2.xml": ""}, ".docx"),
        ({"[Content_Types].xml": "", "ppt/presentation.xml": ""}, ".pptx"),
        ({"[Content_Types].xml": "", "xl/workbook.xml": "", "word/a.xml": ""}, ".xlsx"),
        ({"[Content_Types].xml": "", "xl/workbook.bin": ""}, ".xlsb"),
        ({"mimetype": OPEN + "text", "content.xml": ""}, ".odt"),
        ({"mimetype": OPEN + "text-template\n", "content.xml": ""}, ".odt"),
        ({"mimetype": OPEN + "spreadsheet", "content.xml": ""}, ".ods"),
        ({"content.xml": "", "META-INF/manifest.xml": f'<a media-type="{OPEN}presentation"/>'}, ".odp"),
        ({"mimetype": "application/epub+zip"}, ".epub"),
        ({"META-INF/container.xml": "", "book.opf": ""}, ".epub"),
        ({"word/notes.txt": "", "xl/more.txt": ""}, ".zip"),  # folders of these names prove nothing
    ],
)
def test_zip_archives_are_what_they_hold(tmp_path: Path, parts: dict[str, str | bytes], suffix: str) -> None:
    assert kind(zipped(tmp_path / "named.pdf", parts)) == suffix


@pytest.mark.parametrize(
    ("streams", "suffix"),
    [
        (word([("text\r", False)]), ".doc"),
        (powerpoint([(drawing(shape(words(4, "text"), (0, 0, 9, 9))), b"", "")]), ".ppt"),
        ({"Workbook": b"\x09\x08"}, ".xls"),
        ({"Book": b"\x09\x08"}, ".xls"),
        ({"__properties_version1.0": b"mail"}, ".msg"),
    ],
)
def test_ole_files_are_what_they_hold(tmp_path: Path, streams: dict[str, bytes], suffix: str) -> None:
    path = tmp_path / "named.docx"
    path.write_bytes(compound(streams))
    assert kind(path) == suffix


@pytest.mark.parametrize("stream", ["EncryptedPackage", "\tDRMContent"])
def test_encrypted_files_say_that_they_have_a_password(tmp_path: Path, stream: str) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(compound({stream: b"secret", "WordDocument": b""}))
    with pytest.raises(UnreadableFile, match="protected by a password"):
        kind(path)


@pytest.mark.parametrize(
    ("name", "data", "suffix"),
    [
        ("report.xls", b"\xef\xbb\xbf<html><body><table>", ".html"),
        ("report.doc", b"\r\n<!DOCTYPE HTML PUBLIC", ".html"),
        ("report.doc", b'<?xml version="1.0"?>\n<html xmlns=', ".html"),
        ("page.doc", b"MIME-Version: 1.0\r\n", ".mhtml"),
        ("report.xls", b'<?xml version="1.0"?><Workbook', ".xml"),
        ("report.xls", b"Name\tRent\nAda\t500\n", ".csv"),
        ("letter.doc", b"Dear Ada,\n", ".txt"),
        ("letter.doc", b"{\\rtf1\\ansi", ".rtf"),
        ("letter.rtf", b"\n{\\rtf1 %PDF-1.4", ".rtf"),
        ("code.md", b"{\\rtf1 is how RTF begins", ".md"),
    ],
)
def test_what_only_bears_the_name_of_an_office_file(tmp_path: Path, name: str, data: bytes, suffix: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert kind(path) == suffix


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.odt", b"This is not a zip file!\n", "no OpenDocument file"),
        ("a.pptx", b"\0\1\2", "no presentation"),
        ("a.xls", b"\0\1\2", "no workbook"),
        ("a.doc", b"\xdb\xa5\x2d\0", "no Word document"),
        ("a.xlsx", b"PK\x05\x06" + bytes(18), "cut off or damaged"),
        ("a.ppt", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut off", "cut off or damaged"),
    ],
)
def test_what_is_no_office_file_at_all_says_so(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnreadableFile, match=reason):
        read(path)


def test_formats_that_nobody_reads_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFormat, match="save it as PDF"):
        kind(zipped(tmp_path / "a.odg", {"mimetype": OPEN + "graphics"}))
    path = tmp_path / "a.vsd"
    path.write_bytes(compound({"VisioDocument": b""}))
    with pytest.raises(UnsupportedFormat, match="has a format that cannot be read"):
        kind(path)


BOMB = '<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;">]>'


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".xlsx", ".odt", ".ods", ".odp"])
def test_entities_are_refused(tmp_path: Path, suffix: str) -> None:
    whole, path = tmp_path / f"whole{suffix}", tmp_path / f"bomb{suffix}"
    if suffix == ".docx":
        document = docx.Document()
        document.add_paragraph("text")
        document.save(str(whole))
    elif suffix == ".pptx":
        Presentation().save(str(whole))
    elif suffix == ".xlsx":
        workbook(whole, {"S": rows(("text",))})
    else:
        kinds = {".odt": "text", ".ods": "spreadsheet", ".odp": "presentation"}
        zipped(whole, {"mimetype": OPEN + kinds[suffix], "content.xml": "<a>text</a>"})
    main = {".docx": "word/document.xml", ".pptx": "ppt/presentation.xml", ".xlsx": "xl/worksheets/sheet1.xml"}
    with zipfile.ZipFile(whole) as source:
        parts: dict[str, str | bytes] = {name: source.read(name) for name in source.namelist()}
    name = main.get(suffix, "content.xml")
    body = bytes(parts[name])  # type: ignore[arg-type]
    end = body.find(b"?>") + 2 if body.startswith(b"<?xml") else 0
    parts[name] = body[:end] + BOMB.encode() + body[end:]
    with pytest.raises(UnreadableFile, match="declares XML entities"):
        read(zipped(path, parts))


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/media/image1.png"])
def test_files_that_unpack_to_too_much_are_refused(tmp_path: Path, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MOST_XML", 1_000_000)
    monkeypatch.setattr(office, "_MOST_IN_ALL", 2_000_000)
    path = workbook(tmp_path / "a.xlsx", {"S": rows(("text",))})
    assert join(read(path).pieces).text == "text"
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part.replace("1", "2"), bytes(3_000_000))
    with pytest.raises(UnreadableFile, match=r"unpacks to more than [12] MB"):
        read(path)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("The boiler in the cellar", True),
        ("锅炉在地下室", True),
        ("A cartoon duck holding a paper\n\nDescription automatically generated", False),
        ("图形用户界面, 文本\n\nAI 生成的内容可能不正确。", False),
        ("image1.png", False),
        ("Picture 3", False),
        ("图片 3", False),
        ("C:\\Users\\ada\\boiler final.jpg", False),
        ("https://example.org/a.png", False),
        ("", False),
    ],
)
def test_only_what_a_person_wrote_for_a_picture_counts(text: str, kept: bool) -> None:
    assert office.said(text) == (text if kept else "")


def test_facts_are_without_what_programs_write() -> None:
    made = office.facts(
        "Microsoft Word - Draft", ["Ada Example; 王小明", "Administrator"], datetime(2024, 3, 1), ["a, b；c"]
    )
    assert made == office.Facts("", ("Ada Example", "王小明"), datetime(2024, 3, 1, tzinfo=UTC), ("a", "b", "c"))
    assert office.facts("Lease", ["python-docx"], datetime(1601, 1, 1), []) == office.Facts("Lease")


def test_heads_and_feet_count_once_and_not_where_they_tell_chapters() -> None:
    assert office.running(["Acme Ltd, page 1", "Acme Ltd, page 2", "3", "____________"]) == ["Acme Ltd, page 1"]
    assert office.running([f"Chapter {letter * 8}" for letter in "abcdefgh"]) == []


def test_damaged_facts_do_not_cost_the_text(tmp_path: Path) -> None:
    path = tmp_path / "a.doc"
    hostile = struct.pack("<28x16xI", 48) + struct.pack("<II", 10**9, 10**9) + bytes(range(256)) * 4
    path.write_bytes(compound(word([("text\r", False)]) | {"\x05SummaryInformation": hostile}))
    assert join(read(path).pieces).text == "text"
    path = workbook(tmp_path / "a.xlsx", {"S": rows(("text",))})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("docProps/core.xml", "<cut off")
    assert join(read(path).pieces).text == "text"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("password_protected.docx", "protected by a password"),
        ("password_protected.pptx", "protected by a password"),
        ("password_protected.xlsx", "protected by a password"),
        ("truncated.docx", "cut off or damaged"),
        ("truncated_part.docx", "cut off or damaged"),
        ("xml_entity_bomb.xlsx", "declares XML entities"),
        ("invalid_22_bytes.xlsx", "cut off or damaged"),
        ("empty.xlsx", "holds no text"),
        ("not_a_zip.odt", "no OpenDocument file"),
    ],
)
def test_real_files_that_cannot_be_read(name: str, reason: str) -> None:
    path = SHARED / "broken" / name
    if not path.exists():
        pytest.skip("the shared documents are not here")
    with pytest.raises(UnreadableFile, match=reason):
        read(path)
