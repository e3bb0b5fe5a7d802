"""What OpenDocument files share: their parts, the words of a paragraph, and the grid of a table."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.readers.grid import Merge
from ingest.readers.office import office
from storage.errors import UnreadableFile

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_UNSHOWN = (
    "note",
    "annotation",
    "annotation-end",
    "tracked-changes",
    "ruby-text",
    "title",
    "desc",
    "forms",
    "hidden-text",
)
_MOST_SPACES, _MOST_ACROSS, _MOST_DOWN = 100, 1000, 1000


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The parts of a file that has no password."""
    with office.package(path) as archive:
        manifest = office.part(archive, "META-INF/manifest.xml")
        if manifest is not None and next(manifest.iter("{*}encryption-data"), None) is not None:
            raise UnreadableFile("is protected by a password: save a copy without it and ingest again.")
        yield archive


def content(archive: zipfile.ZipFile, kind: str) -> tuple[Any, Any]:
    """The whole of content.xml, and the body of a kind within it."""
    root = office.part(archive, "content.xml")
    body = next(root.iter(f"{_OFFICE}{kind}"), None) if root is not None else None
    if body is None:
        raise UnreadableFile("is cut off or damaged: get a whole copy and ingest again.")
    return root, body


def words(element: Any) -> str:
    """The words of a paragraph as they are shown; text boxes that hang on it follow on lines of their own."""
    parts = [element.text or ""]
    for child in element:
        name = office.local(child)
        if name == "s":
            parts.append(" " * min(number(child, f"{_TEXT}c"), _MOST_SPACES))
        elif name == "tab":
            parts.append(" ")
        elif name == "line-break":
            parts.append("\n")
        elif name in ("p", "h"):
            parts.append("\n" + words(child))
        elif name and name not in _UNSHOWN:
            parts.append(words(child))
        parts.append(child.tail or "")
    return "".join(parts)


def number(element: Any, name: str) -> int:
    """A count among an element's attributes; 1 where it has none."""
    value = element.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 9 else 1


def pictures(element: Any) -> Iterator[str]:
    """What a person wrote for the pictures below an element."""
    for frame in element.iter("{*}frame"):
        described = (office.said(frame.findtext(f"{{*}}{name}")) for name in ("desc", "title"))
        if text := next(filter(None, described), ""):
            yield f"Picture: {text}"


def is_heading_row(table: Any) -> bool:
    """Whether a table says that its first row names the columns."""
    return table.find(f"{_TABLE}table-header-rows") is not None


def table_rows(table: Any) -> Iterator[Any]:
    """The rows of a table, not those of tables within it."""
    for child in table:
        name = office.local(child)
        if name == "table-row":
            yield child
        elif name in ("table-header-rows", "table-rows", "table-row-group"):
            yield from table_rows(child)


def cells(row: Any) -> Iterator[tuple[int, Any]]:
    """The cells of a row that stand by themselves, with the column of each, from 1; repeated ones as often."""
    column = 1
    for cell in row:
        repeated = number(cell, f"{_TABLE}number-columns-repeated")
        if office.local(cell) == "table-cell" and (len(cell) or cell.get(f"{_OFFICE}value")):
            for at in range(min(repeated, _MOST_ACROSS)):
                yield column + at, cell
        if office.local(cell) in ("table-cell", "covered-table-cell"):
            column += repeated


def repeated(row: Any) -> int:
    """How many rows a row stands for."""
    return number(row, f"{_TABLE}number-rows-repeated")


def repeats(row: Any) -> range:
    """Those of them that are read one by one; a row that fills a whole sheet says the same in each."""
    return range(repeated(row) if repeated(row) <= _MOST_DOWN else 1)


def merge(cell: Any, top: int, left: int) -> Merge | None:
    """The cells that are one with a cell, if there are any."""
    down, across = number(cell, f"{_TABLE}number-rows-spanned"), number(cell, f"{_TABLE}number-columns-spanned")
    return (top, left, top + down - 1, left + across - 1) if max(down, across) > 1 else None
