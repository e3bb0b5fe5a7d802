"""Presentations of LibreOffice and others (.odp): slides in their order, with tables and the speaker's notes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.clean import Piece, Reading
from ingest.readers.grid import Merge, sentences
from ingest.readers.office import odf, office
from ingest.readers.office.slides import Shape, pieces_of
from storage.anchors import Box

_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_SHOW = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_LENGTH = re.compile(r"(-?\d{1,6}(?:\.\d{1,9})?)(cm|mm|in|pt|pc|px)")
_UNITS = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72, "pc": 2.54 / 6, "px": 2.54 / 96}
_USUAL = (28.0, 15.75)  # the size of a slide that says none, in centimetres
_FURNITURE = ("date-time", "footer", "header", "page-number")
_DEEPEST = 20  # groups in groups


def read(path: Path) -> Reading:
    """A page is a slide, hidden ones among them. The title is the file's own, else that of the first slide."""
    with odf.opened(path) as archive:
        _, body = odf.content(archive, "presentation")
        size = _size(office.part(archive, "styles.xml"))
        slides = list(body.iterchildren(f"{_DRAW}page"))
        pieces: list[Piece] = []
        for number, slide in enumerate(slides, 1):
            pieces += pieces_of(number, list(_shapes(slide, size, 0)), _notes(slide))
        first = next((piece.heading for piece in pieces if piece.page == 1), "")
        return office.odf_facts(archive).reading(first, pieces, len(slides))


def _size(styles: Any) -> tuple[float, float]:
    """Width and height of the slides, which are those of their master."""
    if styles is None:
        return _USUAL
    masters = {each.get("{*}page-layout-name") or _layout(each) for each in styles.iter("{*}master-page")}
    for layout in styles.iter("{*}page-layout"):
        properties = layout.find("{*}page-layout-properties")
        if properties is not None and _named(layout) in masters:
            wide, tall = _length(properties, f"{_FO}page-width"), _length(properties, f"{_FO}page-height")
            if wide and tall:
                return wide, tall
    return _USUAL


def _layout(master: Any) -> str:
    return next((value for name, value in master.items() if name.endswith("}page-layout-name")), "")


def _named(layout: Any) -> str:
    return next((value for name, value in layout.items() if name.endswith("}name")), "")


def _shapes(parent: Any, size: tuple[float, float], depth: int) -> Iterator[Shape]:
    for element in parent:
        name = office.local(element)
        kind = element.get(f"{_SHOW}class", "")
        if name == "g" and depth < _DEEPEST:
            yield from _shapes(element, size, depth + 1)
        if name in ("g", "notes", "forms", "") or kind in _FURNITURE or element.get(f"{_SHOW}placeholder") == "true":
            continue
        box = _box(element, size)
        table = element.find("{*}table")
        if table is not None:
            yield Shape("", box, rows=tuple((line, box) for line in _table(table)))
        elif text := _said(element):
            title = kind == "title"
            yield Shape(" ".join(text.split()) if title else text, box, title)
        for picture in dict.fromkeys(odf.pictures(element) if name == "frame" else ()):
            yield Shape(picture, box)


def _said(element: Any) -> str:
    """The paragraphs of a shape, a line each; items of lists are marked."""
    lines: list[str] = []
    for paragraph in element.iter(f"{_TEXT}p", f"{_TEXT}h"):
        depth = sum(1 for above in paragraph.iterancestors(f"{_TEXT}list"))
        if text := odf.words(paragraph).strip():
            lines.append(f"{'  ' * (min(depth, 9) - 1)}- {text}" if depth else text)
    return "\n".join(lines)


def _table(table: Any) -> list[str]:
    texts: list[list[str]] = []
    merges: list[Merge] = []
    for row in odf.table_rows(table):
        out: list[str] = []
        for column, cell in odf.cells(row):
            out += [""] * (column - len(out))
            out[column - 1] = odf.words(cell).strip()
            if merge := odf.merge(cell, len(texts) + 1, column):
                merges.append(merge)
        texts += [out for _ in odf.repeats(row)]
    first = next((value for name, value in table.items() if name.endswith("}use-first-row-styles")), "")
    return [line for _, line in sentences(texts, merges, first == "true" or odf.is_heading_row(table))]


def _box(element: Any, size: tuple[float, float]) -> Box | None:
    left, top, wide, tall = (_length(element, f"{_SVG}{name}") for name in ("x", "y", "width", "height"))
    if left is None or top is None or wide is None or tall is None:
        return None
    return Box(left, top, left + wide, top + tall).share(*size)


def _length(element: Any, name: str) -> float | None:
    found = _LENGTH.fullmatch(element.get(name, ""))
    return float(found[1]) * _UNITS[found[2]] if found else None


def _notes(slide: Any) -> str:
    notes = slide.find(f"{_SHOW}notes")
    frames = notes.iter(f"{_DRAW}frame") if notes is not None else ()
    return "\n".join(filter(None, (_said(each) for each in frames if each.get(f"{_SHOW}class") == "notes")))
