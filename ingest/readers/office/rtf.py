"""Rich text (.rtf): paragraphs, headings, lists, tables, notes, in reading order."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ingest.clean import Reading, headed
from ingest.readers.office import office, prose
from ingest.readers.office.prose import Edge, Line, Table
from ingest.readers.office.richtext import Mark, RichText

_HEADING = re.compile(r"(?:heading|标题|überschrift|titre)\s*([1-9])", re.IGNORECASE)
_TITLE = 10  # beside the heading levels: the Title style, which is no part of a heading path


def read(path: Path) -> Reading:
    """The title is the file's own, else the text in the Title style, else a first line that is a heading 1."""
    source = RichText(path.read_bytes().decode("latin-1"))
    marks = [mark for mark in source.marks() if mark.text or mark.in_table or mark.end in ("cell", "row")]
    levels = {number: _level(name) for number, name in source.styles.items()}
    aside = {kind: [prose.whole(mark.text) for mark in marks if mark.aside == kind] for kind in _ASIDE}
    lines = list(_lines(marks, levels))
    titled = next((text for level, text in lines if level == _TITLE), "")
    first = lines[0][1] if lines and lines[0][0] == 1 else ""
    pieces = headed([(0 if level == _TITLE else level, text) for level, text in lines])
    facts = office.facts(
        next(iter(aside["title"]), ""),
        aside["author"][:1],
        _moment(next(iter(aside["created"]), "")),
        aside["keywords"],
    )
    heads = office.closing(office.running(aside["head"]))
    return facts.reading(titled or first, [*pieces, *heads])


_ASIDE = ("title", "author", "created", "keywords", "head")


def _level(name: str) -> int:
    found = _HEADING.match(name)
    return int(found[1]) if found else _TITLE if name.lower() in ("title", "标题") else 0


def _moment(text: str) -> datetime | None:
    """Year, month, day, hour and minute, as far as they are given."""
    given = [int(number) for number in text.split() if number.isdecimal()]
    year, month, day, hour, minute = (*given, *[0] * 5)[:5]
    try:
        return datetime(year, month or 1, day or 1, hour, minute, tzinfo=UTC)
    except ValueError:
        return None


def _edges(mark: Mark) -> Iterator[Edge]:
    left = 0
    for right, before, above in mark.edges:
        yield left, right, before, above
        left = right


def _lines(marks: list[Mark], levels: dict[int, int]) -> Iterator[Line]:
    table, items, notes = Table(), list[str](), list[str]()
    for mark in marks:
        text = prose.whole(mark.text).strip()
        if mark.aside:
            notes += [text] if mark.aside == "note" else []
        elif mark.end == "row":
            yield from prose.listed(items)
            table.end_row(tuple(_edges(mark)), mark.heads)
        elif mark.end == "cell":
            table.end_cell(text)
        elif mark.in_table:
            table.words.append(text)
        elif text:
            yield from table.lines()
            level = mark.level or levels.get(mark.style, 0)
            if mark.item and not level:
                sign = mark.item if re.fullmatch(r"[(]?[0-9]{1,3}[.)]", mark.item) else "-"
                items.append(f"{'  ' * mark.depth}{sign} {text}")
            else:
                yield from prose.listed(items)
                yield level if len(text) <= 200 else 0, text
            if notes:
                yield from prose.listed(items)
                yield from ((0, note) for note in notes)
                notes = []
    yield from table.lines()
    yield from prose.listed(items)
    yield from ((0, note) for note in notes)
