"""Texts of LibreOffice and others (.odt): headings, paragraphs, lists, tables, notes, in reading order."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from ingest.clean import Reading, headed
from ingest.readers.grid import Merge, sentences
from ingest.readers.office import odf, office

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TITLE = 10  # beside the heading levels: the Title style, which is no part of a heading path
_ITEM = re.compile("^ *- ")
_DEEPEST = 8  # lists in lists, as they are marked
_PAGES = ("header", "footer", "header-left", "footer-left", "header-first", "footer-first")

Line = tuple[int, str]


def read(path: Path) -> Reading:
    """The title is the file's own, else the text in the Title style, else a first line that is a heading 1.

    Deleted text of tracked changes is left out, inserted text is in.
    """
    with odf.opened(path) as archive:
        root, body = odf.content(archive, "text")
        titles = {"Title", *_named_after(root, "Title")}
        _take_out_hidden(root)
        lines = _together(_blocks(body, lambda paragraph: paragraph.get(f"{_TEXT}style-name") in titles))
        styles = office.part(archive, "styles.xml")
        heads = [
            odf.words(each)
            for name in _PAGES
            for each in (styles.iter(f"{_STYLE}{name}") if styles is not None else ())
        ]
        titled = next((text for level, text in lines if level == _TITLE), "")
        first = lines[0][1] if lines and lines[0][0] == 1 else ""
        pieces = headed([(0 if level == _TITLE else level, text) for level, text in lines])
        last = office.closing(office.running(heads))
        return office.odf_facts(archive).reading(titled or first, [*pieces, *last])


def _take_out_hidden(root: Any) -> None:
    """Stretches of text whose style says that they are not shown."""
    unshown = {
        each.getparent().get(f"{_STYLE}name")
        for each in root.iter(f"{_STYLE}text-properties")
        if each.get(f"{_TEXT}display") == "none"
    }
    for element in list(root.iter(f"{_TEXT}span")) if unshown else ():
        if element.get(f"{_TEXT}style-name") in unshown:
            element.clear(keep_tail=True)


def _together(lines: Iterable[Line]) -> list[Line]:
    """Lists that follow each other as one."""
    out: list[Line] = []
    for level, text in lines:
        if out and not level and not out[-1][0] and _ITEM.match(text) and _ITEM.match(out[-1][1]):
            out[-1] = (0, f"{out[-1][1]}\n{text}")
        else:
            out.append((level, text))
    return out


def _named_after(root: Any, parent: str) -> Iterator[str]:
    for style in root.iter(f"{_STYLE}style"):
        if style.get(f"{_STYLE}parent-style-name") == parent:
            yield style.get(f"{_STYLE}name", "")


def _blocks(body: Any, is_title: Callable[[Any], bool]) -> Iterator[Line]:
    for element in body:
        match office.local(element):
            case "h":
                level = odf.number(element, f"{_TEXT}outline-level")
                yield from _paragraph(element, min(level, 9))
            case "p":
                yield from _paragraph(element, _TITLE if is_title(element) else 0)
            case "list":
                yield from _list(element)
            case "table":
                yield from _table(element, is_title)
            case "section" | "index-body" | "index-title" | "numbered-paragraph" | "text-box" | "frame":
                yield from _blocks(element, is_title)
            case name if name in ("table-of-content", "alphabetical-index", "illustration-index", "table-index"):
                yield from _blocks(element, is_title)
            case "bibliography" | "user-index" | "object-index":
                yield from _blocks(element, is_title)


def _paragraph(element: Any, level: int) -> Iterator[Line]:
    """A paragraph, then what a person wrote for its pictures, then its notes."""
    text = odf.words(element).strip()
    if text:
        yield level if len(text) <= 200 else 0, text
    yield from ((0, picture) for picture in dict.fromkeys(odf.pictures(element)))
    for note in element.iter(f"{_TEXT}note-body"):
        if said := odf.words(note).strip():
            yield 0, said


def _list(element: Any) -> Iterator[Line]:
    """The items of a list as one paragraph; headings that are numbered by a list stand in it."""
    items: list[str] = []
    below: list[Line] = []
    for heading, text, rest in _items(element, 0):
        if heading:
            if items:
                yield 0, "\n".join(items)
                items = []
            yield heading, text
        elif text:
            items.append(text)
        below += rest
    if items:
        yield 0, "\n".join(items)
    yield from below


def _items(element: Any, depth: int) -> Iterator[tuple[int, str, list[Line]]]:
    """Level of a heading, text, and what stands below the paragraph."""
    for item in element.iterchildren(f"{_TEXT}list-item", f"{_TEXT}list-header"):
        mark = f"{'  ' * min(depth, _DEEPEST)}- "
        for child in item:
            name = office.local(child)
            if name == "list":
                yield from _items(child, depth + 1)
            elif name in ("p", "h"):
                level = min(odf.number(child, f"{_TEXT}outline-level"), 9) if name == "h" else 0
                first, *below = [*_paragraph(child, level)] or [(0, "")]
                text = first[1]
                yield level, text if level or not text else mark + text.replace("\n", "\n  "), below
                mark = "  " * (min(depth, _DEEPEST) + 1)


def _cell(cell: Any, is_title: Callable[[Any], bool]) -> str:
    """Lines, blank ones among them where there are only paragraphs: they may stand beside those of other cells."""
    if all(office.local(child) == "p" for child in cell):
        return "\n".join(odf.words(child).strip() for child in cell)
    lines = (line for _, text in _blocks(cell, is_title) for line in text.split("\n"))
    return "\n".join(_ITEM.sub("", line, count=1) for line in lines)


def _table(table: Any, is_title: Callable[[Any], bool]) -> Iterator[Line]:
    """A table's rows as one paragraph; a table of a single column is a frame around what it holds."""
    texts: list[list[str]] = []
    merges: list[Merge] = []
    every: list[Any] = []
    for row in odf.table_rows(table):
        out: list[str] = []
        for column, cell in odf.cells(row):
            out += [""] * (column - len(out))
            out[column - 1] = _cell(cell, is_title)
            every.append(cell)
            if merge := odf.merge(cell, len(texts) + 1, column):
                merges.append(merge)
        texts += [out for _ in odf.repeats(row)]
    if max(map(len, texts), default=0) <= 1:
        for cell in every:
            yield from _blocks(cell, is_title)
    else:
        yield 0, "\n".join(line for _, line in sentences(texts, merges, odf.is_heading_row(table)))
