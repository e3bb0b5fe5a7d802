"""Presentations of PowerPoint (.pptx): slides in their order, with tables, charts, diagrams and the speaker's notes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pptx.oxml.ns import qn
from pptx.package import Package
from pptx.parts.presentation import PresentationPart

from ingest.clean import Piece, Reading
from ingest.readers.grid import Merge, sentences
from ingest.readers.office import chart, office
from ingest.readers.office.slides import Scale, Shape, pieces_of, turned
from storage.anchors import Box
from storage.errors import UnreadableFile

_ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
_FURNITURE = ("dt", "sldNum", "hdr")  # placeholders: the date and the number of the slide
_TITLES = ("title", "ctrTitle")
_BODIES = ("body", "obj")  # placeholders whose paragraphs are items, where nothing else is said
_SHAPES = ("sp", "pic", "graphicFrame", "grpSp")
_DEEPEST = 20  # groups in groups
USUAL = (9_144_000, 6_858_000)  # the size of a slide that says none


def read(path: Path) -> Reading:
    """A page is a slide, hidden ones among them. The title is the file's own, else that of the first slide."""
    with office.package(path) as archive:
        facts = office.package_facts(archive)
    part = Package.open(str(path)).main_document_part
    if not isinstance(part, PresentationPart):
        raise UnreadableFile("is damaged or no presentation: open it in PowerPoint and save it anew.")
    deck = part.presentation
    scale = Scale(1 / (deck.slide_width or USUAL[0]), 1 / (deck.slide_height or USUAL[1]))
    pieces: list[Piece] = []
    feet: set[str] = set()
    for number, slide in enumerate(deck.slides, 1):
        _choose(slide.element)
        shapes = list(_shapes(slide.shapes, scale, feet))
        pieces += pieces_of(number, shapes, _notes(slide))
    first = next((piece.heading for piece in pieces if piece.page == 1), "")
    return facts.reading(first, pieces, len(deck.slides))


def place(shape: Any, scale: Scale) -> Box | None:
    """Where a shape stands; None where nothing says so."""
    sides = (shape.left, shape.top, shape.width, shape.height)
    if any(side is None for side in sides):
        return None
    return scale.box(shape.left, shape.top, shape.left + shape.width, shape.top + shape.height)


def within(group: Any, box: Box, scale: Scale) -> Scale:
    """The scale of the shapes in a group, which have coordinates of their own that fill its box."""
    frame = group.element.find(f"{qn('p:grpSpPr')}/{qn('a:xfrm')}")
    offset, extent = (frame.find(qn(name)) if frame is not None else None for name in ("a:chOff", "a:chExt"))
    if offset is None or extent is None:
        return scale
    left, top = int(offset.get("x", 0)), int(offset.get("y", 0))
    return scale.inside(box, left, top, left + int(extent.get("cx", 0)), top + int(extent.get("cy", 0)))


def _choose(slide: Any) -> None:
    """What newer programs draw stands in a choice, beside a picture of it for older ones."""
    for alternatives in list(slide.iter(_ALTERNATIVES)):
        choices = alternatives.getchildren()
        if choices and alternatives.getparent() is not None:
            for child in list(choices[0]):
                alternatives.addprevious(child)
            alternatives.getparent().remove(alternatives)


def _shapes(shapes: Any, scale: Scale, feet: set[str], depth: int = 0) -> Iterator[Shape]:
    for shape in shapes:
        name = office.local(shape.element)
        if name not in _SHAPES or _is_hidden(shape):  # others are lines between shapes, and ink
            continue
        if name == "grpSp":
            if depth < _DEEPEST:
                box = place(shape, scale)
                yield from _shapes(shape.shapes, within(shape, box, scale) if box else scale, feet, depth + 1)
            continue
        box = place(shape, scale)
        if box is not None:
            box = turned(box, getattr(shape, "rotation", 0.0)).share(1, 1)
        if name == "graphicFrame":
            yield _frame(shape, box)
        elif name == "sp":
            yield from _words(shape, box, feet)
        if name in ("pic", "graphicFrame") and (alternative := _alternative(shape)):
            yield Shape(f"Picture: {alternative}", box)


def _is_hidden(shape: Any) -> bool:
    properties = next(shape.element.iter(qn("p:cNvPr")), None)
    return properties is not None and properties.get("hidden") in ("1", "true")


def _words(shape: Any, box: Box | None, feet: set[str]) -> Iterator[Shape]:
    """The text of a shape; what stands at the foot of every slide counts once."""
    holder = next(shape.element.iter(qn("p:ph")), None)
    kind = holder.get("type", "obj") if holder is not None else ""
    if kind in _FURNITURE:
        return
    text = _text(shape.element.find(qn("p:txBody")), listed=kind in _BODIES)
    if kind == "ftr":
        if text in feet:
            return
        feet.add(text)
    title = kind in _TITLES
    yield Shape(" ".join(text.split()) if title else text, box, title)


def _text(body: Any, listed: bool = False) -> str:
    """Paragraphs, a line each; items of lists are marked."""
    if body is None:
        return ""
    paragraphs = body.findall(qn("a:p"))
    listed = listed and len(paragraphs) > 1
    lines, count = [], 0
    for paragraph in paragraphs:
        words = _said(paragraph).strip()
        properties = paragraph.find(qn("a:pPr"))
        marks = {office.local(each) for each in properties} if properties is not None else set()
        count = count + 1 if "buAutoNum" in marks else 0
        item = marks & {"buChar", "buAutoNum", "buBlip"} or (listed and "buNone" not in marks)
        level = int(properties.get("lvl", 0)) if properties is not None else 0
        mark = f"{'  ' * min(level, 8)}{f'{count}.' if count else '-'} " if item else ""
        if words:
            lines.append(mark + words)
    return "\n".join(lines)


def _said(paragraph: Any) -> str:
    parts = []
    for each in paragraph.iter(qn("a:t"), qn("a:br"), f"{_MATH}oMath"):
        if each.tag == qn("a:br"):
            parts.append("\n")
        elif each.tag == f"{_MATH}oMath":
            parts.append(office.formula(each))
        elif each.getparent().get("type") != "slidenum":
            parts.append(each.text or "")
    return "".join(parts)


def _frame(shape: Any, box: Box | None) -> Shape:
    if shape.has_table:
        return _table(shape, box)
    if shape.has_chart:
        lines = list(chart.lines(shape.chart.element))
        return Shape("", box, rows=tuple((line, box) for line in lines))
    reference = next(shape.element.iter(f"{{{_DIAGRAM}}}relIds"), None)
    return Shape(_diagram(shape.part, reference.get(qn("r:dm"))) if reference is not None else "", box)


def _diagram(part: Any, reference: str) -> str:
    """The texts of a diagram (SmartArt), which stand in a part of their own."""
    root = office.tree(part.related_part(reference).blob)
    points = root.iter(f"{{{_DIAGRAM}}}t")
    return "\n".join(f"- {' '.join(text.split())}" for point in points if (text := _text(point)).strip())


def _table(shape: Any, box: Box | None) -> Shape:
    """Each row with the strip of the table that it stands in."""
    table = shape.table
    cells = [[_text(cell.find(qn("a:txBody"))) for cell in row._tr.findall(qn("a:tc"))] for row in table.rows]
    merges: list[Merge] = []
    for top, row in enumerate(table.rows, 1):
        for left, cell in enumerate(row._tr.findall(qn("a:tc")), 1):
            down, across = int(cell.get("rowSpan", 1)), int(cell.get("gridSpan", 1))
            if down > 1 or across > 1:
                merges.append((top, left, top + down - 1, left + across - 1))
    heights = [max(row.height or 0, 1) for row in table.rows]
    rows = []
    for number, line in sentences(cells, merges, told=bool(table.first_row)):
        rows.append((line, _strip(box, heights, number)))
    return Shape("", box, rows=tuple(rows))


def _strip(box: Box | None, heights: list[int], number: int) -> Box | None:
    if box is None:
        return None
    tall = (box.bottom - box.top) / sum(heights)
    top = box.top + tall * sum(heights[: number - 1])
    return Box(box.left, top, box.right, top + tall * heights[number - 1])


def _alternative(shape: Any) -> str:
    """What a person wrote for those who cannot see a picture."""
    properties = next(shape.element.iter(qn("p:cNvPr")), None)
    return office.said(properties.get("descr")) if properties is not None else ""


def _notes(slide: Any) -> str:
    if not slide.has_notes_slide:
        return ""
    holder = slide.notes_slide.notes_placeholder
    return _text(holder.element.find(qn("p:txBody"))) if holder is not None else ""
