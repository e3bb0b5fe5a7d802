"""Word documents (.docx): paragraphs, headings, tables, text boxes, notes, in reading order."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docx.document import Document
from docx.opc.part import PartFactory
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.package import Package
from docx.parts.document import DocumentPart

from ingest.clean import Reading, headed
from ingest.readers.grid import Merge, sentences
from ingest.readers.office import office, prose
from storage.errors import UnreadableFile

# Containers whose content stands where they stand: content controls, accepted insertions, custom XML.
_THROUGH = {qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:moveTo"), qn("w:customXml"), qn("w:smartTag")}
_LEFT_OUT = {qn("w:del"), qn("w:moveFrom"), "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
_BREAKS = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"

# Templates, and documents that carry macros, are built like documents.
for _kind in ("document.macroEnabled", "template.macroEnabledTemplate"):
    PartFactory.part_type_for[f"application/vnd.ms-word.{_kind}.main+xml"] = DocumentPart
PartFactory.part_type_for["application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"] = (
    DocumentPart
)

Line = tuple[int, str]


def read(path: Path) -> Reading:
    """The title is the core property, else the text in the Title style, else a first line that is a heading 1.

    Deleted text of tracked changes is left out, inserted text is in. Automatic numbers are not text and not in.
    """
    with office.package(path) as archive:
        facts = office.package_facts(archive)
    part = Package.open(str(path)).main_document_part
    if not isinstance(part, DocumentPart):
        raise UnreadableFile("is damaged or no Word document: open it in Word and save it anew.")
    document = part.document
    levels = _levels(document)
    notes = dict(_notes(document, "/footnotes"))
    lines = list(_blocks(document.element.body, levels, notes))
    titled = next((text for level, text in lines if level == _TITLE), "")
    first = lines[0][1] if lines and lines[0][0] == 1 else ""
    pieces = headed([(0 if level == _TITLE else level, text) for level, text in lines])
    last = [*notes.values(), *(text for _, text in _notes(document, "/endnotes")), *office.running(_running(document))]
    return facts.reading(titled or first, [*pieces, *office.closing(last)])


_TITLE = 10  # beside the heading levels 1 to 9: the Title style, which is no part of a heading path
_ITEM = -1  # and the styles of lists


def _levels(document: Document) -> dict[str, int]:
    """Heading level by style id; a style without a level of its own has that of the style it builds on."""
    levels: dict[str, int] = {}
    based: dict[str, str] = {}
    for style in document.styles.element.iterchildren(qn("w:style")):
        identity = style.get(qn("w:styleId"), "")
        name = _value(style.find(qn("w:name")))
        outline = _value(style.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}"))
        if name.lower() in ("title", "标题"):
            levels[identity] = _TITLE
        elif heading := _HEADING.fullmatch(name):
            levels[identity] = int(heading[1])
        elif outline.isdigit() and int(outline) < 9:
            levels[identity] = int(outline) + 1
        elif _value(style.find(f"{qn('w:pPr')}/{qn('w:numPr')}/{qn('w:numId')}")) not in ("", "0"):
            levels[identity] = _ITEM
        based[identity] = _value(style.find(qn("w:basedOn")))
    return prose.inherited(levels, based)


def _value(element: Any) -> str:
    return "" if element is None else str(element.get(qn("w:val"), ""))


def _blocks(body: Any, levels: dict[str, int], notes: dict[str, str]) -> Iterator[Line]:
    """The lines below an element; notes are taken out of `notes` and stand behind the paragraph that refers to them."""
    items: list[str] = []
    for element in body.iterchildren():
        if element.tag == qn("w:p"):
            level, mark, text = _paragraph(element, levels)
            if mark and text.strip():
                items.append(mark + text.strip())
            else:
                yield from prose.listed(items)
                if text.strip():
                    yield level, text.strip()
            if below := list(_below(element, notes)):
                yield from prose.listed(items)
                yield from below
        else:
            yield from prose.listed(items)
            if element.tag == qn("w:tbl"):
                yield from _table(element, levels, notes)
            elif element.tag in _THROUGH:
                yield from _blocks(element, levels, notes)
    yield from prose.listed(items)


def _below(paragraph: Any, notes: dict[str, str]) -> Iterator[Line]:
    """What a person wrote for the pictures of a paragraph, and its footnotes."""
    for text in dict.fromkeys(office.said(each.get("descr")) for each in paragraph.iter(_PICTURE)):
        if text:
            yield 0, f"Picture: {text}"
    for reference in paragraph.iter(qn("w:footnoteReference")):
        if text := notes.pop(reference.get(qn("w:id"), ""), ""):
            yield 0, text


def _paragraph(element: Any, levels: dict[str, int]) -> tuple[int, str, str]:
    """Heading level (0 for none), the mark of an item of a list, and the text."""
    properties = element.find(qn("w:pPr"))
    level, mark = 0, ""
    if properties is not None:
        level = levels.get(_value(properties.find(qn("w:pStyle"))), 0)
        outline = _value(properties.find(qn("w:outlineLvl")))
        if not level and outline.isdigit() and int(outline) < 9:
            level = int(outline) + 1
        number = _value(properties.find(f"{qn('w:numPr')}/{qn('w:numId')}"))  # 0 takes away what the style says
        if (level == _ITEM and number != "0") or (number not in ("", "0") and not level):
            depth = _value(properties.find(f"{qn('w:numPr')}/{qn('w:ilvl')}"))
            mark = f"{'  ' * int(depth) if depth in list('012345678') else ''}- "
    text = _text(element)
    return (level if level > 0 and len(text) <= 200 else 0), mark, text


def _text(element: Any) -> str:
    """All shown text below an element; a text box follows the words it hangs on, on lines of its own."""
    parts: list[str] = []
    for child in element.iterchildren():
        if child.tag == qn("w:t"):
            parts.append(child.text or "")
        elif child.tag in _BREAKS:
            parts.append(_BREAKS[child.tag])
        elif child.tag == qn("w:p"):
            parts.append("\n" + _text(child))
        elif child.tag == f"{_MATH}oMath":
            parts.append(office.formula(child))
        elif child.tag not in _LEFT_OUT and child.tag != qn("w:pPr") and not _is_hidden(child):
            parts.append(_text(child))
    return "".join(parts)


def _is_hidden(element: Any) -> bool:
    """Whether it is a stretch of text that is not shown."""
    if element.tag != qn("w:r"):
        return False
    hidden = element.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
    return hidden is not None and _value(hidden) not in ("0", "false", "off")


def _table(table: Any, levels: dict[str, int], notes: dict[str, str]) -> Iterator[Line]:
    """A table's rows as one paragraph; a table of a single column is a frame around what it holds."""
    rows = [row for row in table.iter(qn("w:tr")) if _owner(row) is table]
    cells = [[cell for cell in row.iter(qn("w:tc")) if _owner(cell) is row] for row in rows]
    if max(map(len, cells), default=0) == 1:
        for row in cells:
            yield from _blocks(row[0], levels, notes) if row else ()
        return
    texts, merges = _grid(rows, cells)
    told = bool(rows) and rows[0].find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
    yield 0, "\n".join(line for _, line in sentences(texts, merges, told))
    for row in rows:
        yield from _below(row, notes)


def _grid(rows: list[Any], cells: list[list[Any]]) -> tuple[list[list[str]], list[Merge]]:
    """The texts of cells by row and column, and which cells go over several."""
    texts: list[list[str]] = []
    merges: list[Merge] = []
    reach: dict[int, Merge] = {}  # by column, cells that go on below
    for number, (row, each) in enumerate(zip(rows, cells, strict=True), 1):
        before = _value(row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}"))
        out = [""] * (min(int(before), 100) if before.isdigit() else 0)
        for cell in each:
            column, properties = len(out) + 1, cell.find(qn("w:tcPr"))
            span = _value(properties.find(qn("w:gridSpan"))) if properties is not None else ""
            across = min(max(int(span), 1), 100) if span.isdigit() else 1
            goes_on = properties.find(qn("w:vMerge")) if properties is not None else None
            if goes_on is not None and _value(goes_on) != "restart" and column in reach:
                top, left, _, right = reach[column]
                reach[column] = (top, left, number, right)
                out += [""] * across
                continue
            if column in reach:
                merges.append(reach.pop(column))
            if goes_on is not None or across > 1:
                reach[column] = (number, column, number, column + across - 1)
            out += [_text(cell).removeprefix("\n")] + [""] * (across - 1)
        texts.append(out)
    return texts, [*merges, *reach.values()]


def _owner(element: Any) -> Any:
    above = element.getparent()
    while above.tag in _THROUGH:
        above = above.getparent()
    return above


def _notes(document: Document, kind: str) -> Iterator[tuple[str, str]]:
    """Footnotes or endnotes by their number in the file."""
    for relation in document.part.rels.values():
        if relation.reltype.endswith(kind):
            for note in parse_xml(relation.target_part.blob).iterchildren():
                if text := _text(note).strip():
                    yield note.get(qn("w:id"), ""), text


def _running(document: Document) -> Iterator[str]:
    """The text of each head and foot of pages."""
    for relation in document.part.rels.values():
        if relation.reltype.endswith(("/header", "/footer")):
            yield _text(parse_xml(relation.target_part.blob))
