"""Sheets of a workbook: one page each, its tables as rows that say what their values mean. Reads .xls and .xlsb."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook, PasswordError

from ingest.clean import Piece, Reading, heading_name
from ingest.readers.grid import Header, Merge, Row, header_of, is_figure, one_line, reaching, said, titled, width_of
from ingest.readers.office import excel97, number_format, office
from ingest.readers.office.number_format import iso, plain, span
from storage.anchors import Cells
from storage.errors import UnreadableFile

_MOST_TITLES = 3  # rows of a single cell above a table: with more it is a list
_LONGEST_TITLE = 120  # characters
_LOOKED_AT = 60  # rows of a table that tell what its columns hold


def pieces_of(name: str, page: int, rows: Iterable[Row], merges: Sequence[Merge] = ()) -> Iterator[Piece]:
    """A sheet's rows, one piece each; blank rows part its tables, and rows of one cell above a table are its title.

    A table without a header goes on with that of the table above, if its columns are among that one's.
    """
    header, heading, first, above = Header(), heading_name(name), "", list[Row]()
    by_row: dict[int, list[Merge]] = {}
    for merge in merges:
        by_row.setdefault(merge[0], []).append(merge)
    waiting: list[Row] = []
    for block in _blocks(reaching(rows, merges)):
        titles, body = titled(block)
        if width_of(body) == 1 and _is_title(block):
            yield from _lines(waiting, heading, page)
            waiting, heading = block, heading_name(name)
            continue
        found = header_of(body, [merge for row in body[:5] for merge in by_row.get(row.number, ())])
        if waiting or titles or found.names or not _goes_on(body, header, above):
            titles = [*waiting, *titles]
            title = heading_name(next(iter(titles[0].cells.values()))) if titles and _is_title(titles[:1]) else first
            first = title if not header.depth else first  # the title above the first table is that of the sheet
            heading = " > ".join(filter(None, dict.fromkeys([heading_name(name), title])))
            waiting, header, above = [], found, list(body[found.depth :])
            yield from _lines(titles, heading, page)
        yield from _lines(body, heading, page, header, found.depth)
    yield from _lines(waiting, heading, page)


Take = Callable[[str, int, Iterable[Row], Sequence[Merge]], Iterable[Piece]]


def read(path: Path, take: Take = pieces_of) -> Reading:
    """Old and binary workbooks of Excel. A page is a sheet, in the order of the tabs, hidden ones among them.

    `take` makes what is wanted of the rows of each sheet.
    """
    facts, codes = _about(path)
    pieces: list[Piece] = []
    with _orderly(), CalamineWorkbook.from_path(path) as book:
        names = book.sheet_names
        for page, name in enumerate(names, 1):
            sheet = book.get_sheet_by_index(page - 1)
            left = (sheet.start or (0, 0))[1]
            rows = (
                Row(number, filled)
                for number, values in enumerate(sheet.iter_rows(), 1)
                if (filled := dict(_filled(number, left, values, codes[page - 1] if page <= len(codes) else {})))
            )
            merges = [(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in _merges(sheet)]
            pieces += take(name, page, rows, merges)
    return facts.reading("", pieces, len(names))


def shown(value: Any) -> str:
    """A cell's value as a person sees it, on one line."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return plain(value)
    if isinstance(value, timedelta):
        return span(value)
    return iso(value) if isinstance(value, date | time) else ""


def _blocks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows that follow each other without a blank one."""
    block: list[Row] = []
    for row in rows:
        if block and row.number > block[-1].number + 1:
            yield block
            block = []
        block.append(row)
    if block:
        yield block


def _goes_on(rows: Sequence[Row], header: Header, above: Sequence[Row]) -> bool:
    """Whether rows without a header belong to the table above: its columns, with figures where that has figures."""
    columns = {column for row in rows for column in row.cells}
    if len(columns) < 2 or not columns <= header.names.keys():
        return False
    return _figures(above) & columns <= _figures(rows)


def _figures(rows: Sequence[Row]) -> set[int]:
    """The columns that mostly hold figures."""
    some = rows[:_LOOKED_AT]
    cells = [(column, is_figure(text)) for row in some for column, text in row.cells.items()]
    counts = Counter(column for column, figure in cells if figure)
    every = Counter(column for column, _ in cells)
    return {column for column, count in counts.items() if 2 * count > every[column]}


def _is_title(rows: Sequence[Row]) -> bool:
    """Whether rows of a single cell may be the title of what stands below them, rather than a note or a list."""
    text = next(iter(rows[0].cells.values()))
    return len(rows) <= _MOST_TITLES and len(text) <= _LONGEST_TITLE and not text.endswith((".", "。", ";", "；"))


def _lines(
    rows: Sequence[Row], heading: str, page: int, header: Header | None = None, after: int = 0
) -> Iterator[Piece]:
    header = header or Header()
    width = width_of(rows)
    tight = False
    for row in rows[after:]:
        if text := said(row, header, width):
            place = Cells(row.number, min(row.cells), row.number, max(row.cells))
            yield Piece(heading, page, text, place, tight=tight)
            tight = True


def _merges(sheet: Any) -> Sequence[tuple[tuple[int, int], tuple[int, int]]]:
    return sheet.merged_cell_ranges or ()


def _filled(number: int, left: int, values: Iterable[Any], codes: excel97.Codes) -> Iterator[tuple[int, str]]:
    for column, value in enumerate(values, left + 1):
        code = codes.get((number, column)) if type(value) in (int, float) else None
        if text := number_format.shown(value, code) if code else shown(value):
            yield column, text


def _about(path: Path) -> tuple[office.Facts, list[excel97.Codes]]:
    """What the file says of itself, and the formats of its numbers where they can be had."""
    with path.open("rb") as file:
        head = file.read(2)
    if head == b"PK":
        with office.package(path) as archive:
            return office.package_facts(archive), []
    with office.compound(path) as container:
        book = container.openstream("Workbook").read() if container.exists("Workbook") else b""
        return office.ole_facts(container), excel97.codes(book)


@contextmanager
def _orderly() -> Iterator[None]:
    """Calamine ends in a panic on some damaged files and on sheets of billions of cells: no Exception in Python."""
    try:
        yield
    except PasswordError as error:
        raise UnreadableFile("is protected by a password: save a copy without it and ingest again.") from error
    except BaseException as error:
        if type(error).__module__ != "pyo3_runtime":
            raise
        raise UnreadableFile("is damaged or too large: open it in Excel, save it as .xlsx and ingest again.") from error
