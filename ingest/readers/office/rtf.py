"""Rich text (.rtf): paragraphs, headings, lists, tables, notes, in reading order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ingest.clean import Reading, headed
from ingest.readers.grid import Cell, laid, sentences
from ingest.readers.office import office
from ingest.readers.office.richtext import Mark, RichText

_HEADING = re.compile(r"(?:heading|标题|überschrift|titre)\s*([1-9])", re.IGNORECASE)
_TITLE = 10  # beside the heading levels: the Title style, which is no part of a heading path

Line = tuple[int, str]


def read(path: Path) -> Reading:
    """The title is the file's own, else the text in the Title style, else a first line that is a heading 1."""
    source = RichText(path.read_bytes().decode("latin-1"))
    marks = [mark for mark in source.marks() if mark.text or mark.in_table or mark.end in ("cell", "row")]
    levels = {number: _level(name) for number, name in source.styles.items()}
    aside = {kind: [_whole(mark.text) for mark in marks if mark.aside == kind] for kind in _ASIDE}
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


def _whole(text: str) -> str:
    """Characters beyond the first 65,536 are two in the file."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@dataclass(slots=True)
class _Table:
    rows: list[list[Cell]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    told: bool = False

    def end_row(self, mark: Mark) -> None:
        row: list[Cell] = []
        left = 0
        for at, text in enumerate(self.cells):
            right, before, above = mark.edges[at] if at < len(mark.edges) else (left + 1000, False, False)
            if before and row:
                row[-1] = Cell(row[-1].text, row[-1].left, right, row[-1].below)
            else:
                row.append(Cell(text, left, right, above))
            left = right
        self.told = mark.heads if not self.rows else self.told
        self.rows.append(row)
        self.cells.clear()

    def lines(self) -> Iterator[Line]:
        if self.cells or self.words:
            self.cells.append("\n".join(self.words))
            self.end_row(Mark("row", ""))
        if self.rows:
            yield 0, "\n".join(line for _, line in sentences(*laid(self.rows), self.told))
        self.rows, self.words, self.told = [], [], False


def _lines(marks: list[Mark], levels: dict[int, int]) -> Iterator[Line]:
    table, items, notes = _Table(), list[str](), list[str]()
    for mark in marks:
        text = _whole(mark.text).strip()
        if mark.aside:
            notes += [text] if mark.aside == "note" else []
        elif mark.end == "row":
            yield from _list(items)
            table.end_row(mark)
        elif mark.end == "cell":
            table.cells.append("\n".join([*table.words, text]))
            table.words.clear()
        elif mark.in_table:
            table.words.append(text)
        elif text:
            yield from table.lines()
            level = mark.level or levels.get(mark.style, 0)
            if mark.item and not level:
                sign = mark.item if re.fullmatch(r"[(]?[0-9]{1,3}[.)]", mark.item) else "-"
                items.append(f"{'  ' * mark.depth}{sign} {text}")
            else:
                yield from _list(items)
                yield level if len(text) <= 200 else 0, text
            if notes:
                yield from _list(items)
                yield from ((0, note) for note in notes)
                notes = []
    yield from table.lines()
    yield from _list(items)
    yield from ((0, note) for note in notes)


def _list(items: list[str]) -> Iterator[Line]:
    if items:
        yield 0, "\n".join(items)
        items.clear()
