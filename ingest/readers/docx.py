"""Word documents (.docx): paragraphs, headings, tables, text boxes, notes, in reading order."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from ingest.clean import Reading, headed
from ingest.readers.table import sentences

# Containers whose content stands where they stand: content controls, accepted insertions, custom XML.
_THROUGH = {qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:moveTo"), qn("w:customXml"), qn("w:smartTag")}
_LEFT_OUT = {qn("w:del"), qn("w:moveFrom"), "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
_BREAKS = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)
_JUNK = re.compile(
    r"\s*(?:microsoft word - .*|untitled|document\s*\d*|word document|无标题|文档\s*\d*)?\s*", re.IGNORECASE
)

Line = tuple[int, str]


def read(path: Path) -> Reading:
    """The title is the core property, else the text in the Title style, else a first line that is a heading 1.

    Deleted text of tracked changes is left out, inserted text is in. Automatic numbers are not text and not in.
    """
    with path.open("rb") as file:
        document = docx.Document(file)
    levels = _levels(document)
    lines = [*_blocks(document.element.body, levels), *_notes(document)]
    titled = next((text for level, text in lines if level == _TITLE), "")
    first = lines[0][1] if lines and lines[0][0] == 1 else ""
    core = document.core_properties.title or ""
    title = (titled or first) if _JUNK.fullmatch(core) else core
    return Reading(title, headed([(0 if level == _TITLE else level, text) for level, text in lines]))


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
        elif style.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None:
            levels[identity] = _ITEM
        based[identity] = _value(style.find(qn("w:basedOn")))
    for identity in based:
        above = identity
        for _ in range(9):
            if above in levels:
                levels[identity] = levels[above]
                break
            above = based.get(above, "")
    return levels


def _value(element: Any) -> str:
    return "" if element is None else str(element.get(qn("w:val"), ""))


def _blocks(body: Any, levels: dict[str, int]) -> Iterator[Line]:
    items: list[str] = []
    for element in body.iterchildren():
        if element.tag == qn("w:p"):
            level, item, text = _paragraph(element, levels)
            if item and text.strip():
                items.append(f"- {text.strip()}")
                continue
            yield from _list(items)
            if text.strip():
                yield level, text.strip()
        else:
            yield from _list(items)
            if element.tag == qn("w:tbl"):
                yield 0, "\n".join(_rows(element))
            elif element.tag in _THROUGH:
                yield from _blocks(element, levels)
    yield from _list(items)


def _list(items: list[str]) -> Iterator[Line]:
    if items:
        yield 0, "\n".join(items)
        items.clear()


def _paragraph(element: Any, levels: dict[str, int]) -> tuple[int, bool, str]:
    """Heading level (0 for none), whether it is an item of a list, and the text."""
    properties = element.find(qn("w:pPr"))
    level, item = 0, False
    if properties is not None:
        level = levels.get(_value(properties.find(qn("w:pStyle"))), 0)
        outline = _value(properties.find(qn("w:outlineLvl")))
        if not level and outline.isdigit() and int(outline) < 9:
            level = int(outline) + 1
        item = level == _ITEM or (properties.find(qn("w:numPr")) is not None and not level)
    text = _text(element)
    return (level if level > 0 and len(text) <= 200 else 0), item, text


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
        elif child.tag not in _LEFT_OUT and child.tag != qn("w:pPr"):
            parts.append(_text(child))
    return "".join(parts)


def _rows(table: Any) -> list[str]:
    rows = []
    for row in table.iter(qn("w:tr")):
        if row.getparent() is table or row.getparent().getparent() is table:
            rows.append([_text(cell).strip() for cell in row.iter(qn("w:tc")) if _owner(cell) is row])
    rows = [row for row in rows if any(row)]
    if rows and max(map(len, rows)) == 2:
        return [": ".join(" ".join(cell.split()) for cell in row if cell) for row in rows]
    return sentences(rows)


def _owner(cell: Any) -> Any:
    above = cell.getparent()
    while above.tag in _THROUGH:
        above = above.getparent()
    return above


def _notes(document: Document) -> Iterator[Line]:
    """Footnotes and endnotes, after the text."""
    for relation in document.part.rels.values():
        if relation.reltype.endswith(("/footnotes", "/endnotes")):
            for note in parse_xml(relation.target_part.blob).iterchildren():
                if text := _text(note).strip():
                    yield 0, text
