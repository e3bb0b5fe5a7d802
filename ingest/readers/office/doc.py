"""Word documents of 1997 to 2003 (.doc): paragraphs, headings, lists, tables, notes, in reading order."""

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.clean import Reading, headed
from ingest.readers.office import office, prose
from ingest.readers.office.prose import Edge, Line, Table
from ingest.readers.office.word97 import TITLE, Document, Paragraph

_TEXT, _FOOTNOTES, _HEADS, _ENDNOTES, _BOXES = 0, 1, 2, 5, 6
_ENDS = re.compile("[\r\x07\x0c]")
_SIGNS = str.maketrans({"\x0b": "\n", "\x0e": "\n", "\x1e": "-", "\x1f": None, "\0": None, "\t": " "})
_MERGED, _REACHING, _REACHES = 0x02, 0x20, 0x40  # flags of cells: part of the one before, of the one above; the first
_NOTE = "\x02"


def read(path: Path) -> Reading:
    """The title is the file's property, else the text in the Title style, else a first line that is a heading 1."""
    with office.compound(path) as container:
        facts = office.ole_facts(container)
        document = Document(container)
    text = _shown(document.text)
    notes, ends = _notes(document, text, _FOOTNOTES), _notes(document, text, _ENDNOTES)
    lines = list(_lines(document, text, [] if ends else notes))
    titled = next((words for level, words in lines if level == TITLE), "")
    first = lines[0][1] if lines and lines[0][0] == 1 else ""
    pieces = headed([(0 if level == TITLE else level, words) for level, words in lines])
    boxes = [words for words, _ in _paragraphs(document, text, _BOXES)]
    heads = office.running(words for words, _ in _paragraphs(document, text, _HEADS))
    last = [*boxes, *(notes if ends else ()), *ends, *heads]
    return facts.reading(titled or first, [*pieces, *office.closing(last)])


def _shown(text: str) -> str:
    """The text with "\\0" for the codes of fields, which stand before what they came to."""
    if "\x13" not in text:
        return text
    out: list[str] = []
    codes: list[bool] = []
    for part in re.split("([\x13-\x15])", text):
        if part == "\x13":
            codes.append(True)
        elif part == "\x14" and codes:
            codes[-1] = False
        elif part == "\x15" and codes:
            codes.pop()
        out.append("\0" * len(part) if any(codes[-20:]) or "\x13" <= part[:1] <= "\x15" else part)
    return "".join(out)


def _paragraphs(document: Document, text: str, story: int) -> Iterator[tuple[str, int]]:
    """Each paragraph of a story, and where the sign that ends it stands."""
    place = document.story(story)
    start = place.start
    for end in _ENDS.finditer(text, place.start, place.stop):
        yield _clean(text[start : end.start()]), end.start()
        start = end.end()
    if start < place.stop:
        yield _clean(text[start : place.stop]), place.stop - 1


def _notes(document: Document, text: str, story: int) -> list[str]:
    """Footnotes or endnotes, each of which begins with its mark."""
    whole = "\n".join(words for words, _ in _paragraphs(document, text, story))
    return [note.strip() for note in whole.split(_NOTE)[1:]]


def _clean(text: str) -> str:
    return prose.whole(text.translate(_SIGNS))


def _edges(paragraph: Paragraph) -> Iterator[Edge]:
    for left, right, flags in paragraph.cells:
        yield left, right, bool(flags & _MERGED), bool(flags & _REACHING and not flags & _REACHES)


def _lines(document: Document, text: str, notes: list[str]) -> Iterator[Line]:
    table, items, below = Table(), list[str](), list[str]()
    for words, end in _paragraphs(document, text, _TEXT):
        below += [notes.pop(0) for _ in range(words.count(_NOTE)) if notes]
        paragraph, sign = document.paragraph(end), text[end : end + 1]
        known = paragraph or Paragraph()
        if known.ends_row or (paragraph is None and sign == "\x07" and not words and table.cells):
            table.end_row(tuple(_edges(known)), known.heads)
        elif sign == "\x07":
            table.end_cell(words)
        elif known.in_table:
            table.words.append(words)
        else:
            yield from table.lines()
            if known.item and not known.level and words.strip():
                items.append(f"{'  ' * known.depth}- {words.strip()}")
                continue
            yield from prose.listed(items)
            if words.strip():
                yield known.level if len(words) <= 200 else 0, words.strip()
            yield from ((0, note.strip()) for note in below)
            below = []
            continue
        yield from prose.listed(items)
    yield from prose.listed(items)
    yield from table.lines()
    yield from ((0, note.strip()) for note in [*below, *notes])
