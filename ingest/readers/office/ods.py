"""Workbooks of LibreOffice and others (.ods): cells as they are shown, read one row at a time."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from lxml import etree

from ingest.clean import Piece, Reading
from ingest.readers.grid import Merge, Row, one_line
from ingest.readers.office import odf, office
from ingest.readers.office.sheet import Take, pieces_of

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def read(path: Path, take: Take = pieces_of) -> Reading:
    """A page is a sheet, in the order of the tabs, hidden ones among them; `take` as for other sheets."""
    pieces: list[Piece] = []
    page = 0
    with odf.opened(path) as archive:
        for page, (name, rows, merges) in enumerate(_sheets(archive.read("content.xml")), 1):
            pieces += take(name, page, rows, merges)
        return office.odf_facts(archive).reading("", pieces, page)


def _sheets(data: bytes) -> Iterator[tuple[str, list[Row], list[Merge]]]:
    """Name, rows and merged cells of each sheet."""
    options = {**office.CAREFUL, "remove_comments": True, "remove_pis": True}
    events = etree.iterparse(
        BytesIO(data), events=("start", "end"), tag=(f"{_TABLE}table", f"{_TABLE}table-row"), **options
    )
    rows: list[Row] = []
    merges: list[Merge] = []
    number, depth = 1, 0
    for event, element in events:
        if element.tag == f"{_TABLE}table":
            depth += 1 if event == "start" else -1
            if not depth:
                yield element.get(f"{_TABLE}name", ""), rows, merges
                rows, merges, number = [], [], 1
        elif event == "end" and depth == 1:  # deeper are tables within cells
            read_row = _row(element, number, merges)
            rows += [Row(number + at, read_row) for at in odf.repeats(element) if read_row]
            number += odf.repeated(element)
            element.clear(keep_tail=False)
            while element.getprevious() is not None:
                del element.getparent()[0]


def _row(row: Any, number: int, merges: list[Merge]) -> dict[int, str]:
    cells: dict[int, str] = {}
    for column, cell in odf.cells(row):
        if text := _shown(cell):
            cells[column] = text
            if merge := odf.merge(cell, number, column):
                merges.append(merge)
    return cells


def _shown(cell: Any) -> str:
    """What a cell shows; dates as ISO 8601 writes them."""
    if date := cell.get(f"{_OFFICE}date-value"):
        return str(date).removesuffix("T00:00:00").replace("T", " ")
    paragraphs = [odf.words(child) for child in cell.iterchildren("{*}p")]
    return one_line("\n".join(paragraphs or [cell.get(f"{_OFFICE}value", "")]))
