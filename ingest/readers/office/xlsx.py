"""Workbooks of Excel (.xlsx): cells as Excel shows them, read one row at a time, so that empty ranges cost nothing."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from lxml import etree

from ingest.clean import Piece, Reading
from ingest.readers.grid import Merge, Row, one_line
from ingest.readers.office import office
from ingest.readers.office.number_format import code_of, shown
from ingest.readers.office.sheet import Take, pieces_of
from storage.errors import UnreadableFile

_AREA = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})"')
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_MOST_MERGES = 100_000
_LONGEST = 32_767  # characters of a cell, as Excel has it
_LARGE = 30_000_000  # bytes, unpacked, beyond which the pieces come one by one


@dataclass(frozen=True, slots=True)
class _Book:
    """What the sheets of a workbook share: `formats` are the codes of formats, by the number of a cell's style."""

    texts: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    since_1904: bool = False


def read(path: Path, take: Take = pieces_of) -> Reading:
    """A page is a sheet, in the order of the tabs, hidden ones among them; `take` as for other sheets. Formulas count
    as what they came to."""
    with office.package(path) as archive:
        home = next(iter(_related(archive, "", "/officeDocument").values()), "xl/workbook.xml")
        workbook = office.part(archive, home)
        if workbook is None:
            raise UnreadableFile("is cut off or damaged: get a whole copy and ingest again.")
        parts = _related(archive, home, "sheet")
        sheets = [(sheet.get("name", ""), parts.get(_relation(sheet), "")) for sheet in workbook.iter("{*}sheet")]
        book = _book(archive, home, workbook)
        facts = office.package_facts(archive)
        size = sum(member.file_size for member in archive.infolist())
    pieces = _pieces(path, sheets, book, take)
    return facts.reading("", pieces if size > _LARGE else tuple(pieces), len(sheets))


def _pieces(path: Path, sheets: list[tuple[str, str]], book: _Book, take: Take) -> Iterator[Piece]:
    with office.package(path) as archive:
        for page, (name, part) in enumerate(sheets, 1):
            data = _data(archive, part)
            yield from take(name, page, _rows(data, book), _merges(data))


def _relation(sheet: Any) -> str:
    return next((value for name, value in sheet.items() if name.endswith("}id")), "")


def _related(archive: zipfile.ZipFile, source: str, kind: str) -> dict[str, str]:
    """The parts that a part refers to, by the name of the reference, of the kinds whose names end so."""
    folder, _, name = source.rpartition("/")
    root = office.part(archive, join(folder, "_rels", f"{name}.rels"))
    return {
        each.get("Id", ""): normpath(join(dirname(source), each.get("Target", ""))).lstrip("/")
        for each in (root if root is not None else ())
        if each.get("Type", "").lower().endswith(kind.lower())
    }


def _book(archive: zipfile.ZipFile, home: str, workbook: Any) -> _Book:
    texts = next(iter(_related(archive, home, "/sharedStrings").values()), "")
    styles = office.part(archive, next(iter(_related(archive, home, "/styles").values()), ""))
    properties = workbook.find("{*}workbookPr")
    since_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    return _Book(list(_texts(_data(archive, texts))), _formats(styles), since_1904)


def _data(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except KeyError:
        return b""


def _elements(data: bytes, name: str) -> Iterator[Any]:
    """The elements of a name, each forgotten when the next is asked for."""
    options = {**office.CAREFUL, "remove_comments": True, "remove_pis": True}
    for _, element in etree.iterparse(BytesIO(data), tag=f"{{*}}{name}", **options) if data else ():
        yield element
        element.clear(keep_tail=False)
        while element.getprevious() is not None:
            del element.getparent()[0]


def _texts(data: bytes) -> Iterator[str]:
    """The texts that cells refer to by number."""
    for item in _elements(data, "si"):
        yield _text(item)[:_LONGEST]


def _text(item: Any) -> str:
    """All runs of a text, without the readings that stand above Japanese and Chinese ones."""
    parts = [each.text or "" for each in item.iter("{*}t") if office.local(each.getparent()) != "rPh"]
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), "".join(parts))
    return one_line(text)


def _formats(styles: Any) -> list[str]:
    if styles is None:
        return []
    own = {each.get("numFmtId"): each.get("formatCode", "") for each in styles.iter("{*}numFmt")}
    numbers = [each.get("numFmtId", "0") for each in styles.iterfind("{*}cellXfs/{*}xf")]
    return [own.get(number) or code_of(int(number) if number.isdecimal() else 0) for number in numbers]


def _rows(data: bytes, book: _Book) -> Iterator[Row]:
    number = 0
    for row in _elements(data, "row"):
        given = row.get("r", "")
        number = int(given) if given.isdecimal() and int(given) > number else number + 1
        cells: dict[int, str] = {}
        column = 0
        for cell in row:
            column = _column(cell.get("r", "").rstrip("0123456789")) or column + 1
            if len(cell) and (text := _shown(cell, book)):
                cells[column] = text
        if cells:
            yield Row(number, cells)


@lru_cache(maxsize=20_000)
def _column(letters: str) -> int:
    """The number of a column by its letters; 0 where they are none."""
    if not re.fullmatch("[A-Z]{1,3}", letters):
        return 0
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _shown(cell: Any, book: _Book) -> str:
    """What a cell shows; nothing for an error."""
    value = ""
    for child in cell:
        if child.tag[-2:] == "}v":
            value = child.text or ""
        elif child.tag[-3:] == "}is":
            return _text(child)
    match cell.get("t", "n"):
        case "n":
            return _number(value, cell.get("s", ""), book)
        case "s":
            return book.texts[int(value)] if value.isdecimal() and int(value) < len(book.texts) else ""
        case "b":
            return "FALSE" if value.strip() == "0" else "TRUE"
        case "d":
            return value.removesuffix("T00:00:00").replace("T", " ")
        case "e":
            return ""
    return one_line(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), value))


def _number(value: str, style: str, book: _Book) -> str:
    if not value:
        return ""
    code = book.formats[int(style)] if style.isdecimal() and int(style) < len(book.formats) else ""
    try:
        return shown(float(value), code, book.since_1904)
    except ValueError:
        return " ".join(value.split())


def _merges(data: bytes) -> list[Merge]:
    """The cells that are one, which stand behind the rows."""
    found = islice(_AREA.finditer(data, max(data.rfind(b"mergeCells", 0, data.rfind(b"mergeCells")), 0)), _MOST_MERGES)
    areas = [tuple(part.decode() for part in each.groups()) for each in found]
    return [(int(top), _column(left), int(bottom), _column(right)) for left, top, right, bottom in areas]
