"""Presentations of PowerPoint 97 to 2003 (.ppt): slides in their order, with tables and the speaker's notes."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.clean import Piece, Reading
from ingest.readers.grid import Cell, laid, sentences
from ingest.readers.office import office
from ingest.readers.office.powerpoint97 import NOTES, Deck, Record, Slide, Words
from ingest.readers.office.slides import Scale, Shape, pieces_of
from storage.anchors import Box
from storage.errors import UnreadableFile

_ENCRYPTED = 0xF3D1C4DF
# Kinds of records.
_NOTES_OF, _OUTLINE, _DRAWING, _GROUP, _SHAPE, _WORDS = 0x3F1, 0xF9E, 0x40C, 0xF003, 0xF004, 0xF00D
_ANCHOR, _ANCHOR_INSIDE, _COORDINATES, _PROPERTIES, _MORE = 0xF010, 0xF00F, 0xF009, 0xF00B, 0xF122
_FIELDS = (0xFD8, 0xFF7, 0xFF8, 0xFF9, 0xFFA)  # the number of the slide, dates, heads and feet
_DESCRIPTION, _TABLE = 0x381, 0x39F
_TITLES, _LISTED, _SPOKEN = (0, 6), (1, 7, 8), 2
_DEEPEST = 20  # groups in groups
_FINE = 10_000  # parts of a slide that the cells of tables are laid out by


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A shape, and what its text is for."""

    shape: Shape
    kind: int = -1


def read(path: Path) -> Reading:
    """A page is a slide, hidden ones among them. The title is the file's own, else that of the first slide."""
    with office.compound(path) as container:
        facts = office.ole_facts(container)
        user = container.openstream("Current User").read() if container.exists("Current User") else b""
        if user[12:16] == struct.pack("<I", _ENCRYPTED):
            raise UnreadableFile("is protected by a password: save a copy without it and ingest again.")
        deck = Deck(container.openstream("PowerPoint Document").read(), user)
    notes = dict(_notes(deck))
    slides = deck.slides()
    pieces: list[Piece] = []
    for number, slide in enumerate(slides, 1):
        shapes = [drawn.shape for drawn in _drawn(deck, slide) if drawn.kind != _SPOKEN]
        pieces += pieces_of(number, shapes, notes.get(slide.identity, ""))
    first = next((piece.heading for piece in pieces if piece.page == 1), "")
    return facts.reading(first, pieces, len(slides))


def _notes(deck: Deck) -> Iterator[tuple[int, str]]:
    """What the speaker is to say, by the number of the slide."""
    for notes in deck.listed(NOTES):
        for record in deck.inside(notes.place):
            if record.kind == _NOTES_OF:
                spoken = [drawn.shape.text for drawn in _drawn(deck, notes) if drawn.kind == _SPOKEN]
                yield int.from_bytes(deck.body(record)[:4], "little"), "\n".join(spoken)


def _drawn(deck: Deck, slide: Slide) -> Iterator[_Drawn]:
    """The shapes of a slide that say something."""
    scale = Scale(1 / max(deck.size[0], 1), 1 / max(deck.size[1], 1))
    for record in deck.inside(slide.place):
        if record.kind == _DRAWING:
            for drawing in deck.records(record.start, record.end):
                for top in deck.records(drawing.start, drawing.end):
                    if top.kind == _GROUP:
                        yield from _group(deck, top, scale, slide.outline, 0)


def _group(deck: Deck, group: Record, scale: Scale, outline: Sequence[Words], depth: int) -> Iterator[_Drawn]:
    members = list(deck.records(group.start, group.end))
    if not members or depth > _DEEPEST:
        return
    own = {record.kind: deck.body(record) for record in deck.records(members[0].start, members[0].end)}
    box = _box(own, scale)
    if box is not None and len(own.get(_COORDINATES, b"")) >= 16:
        scale = scale.inside(box, *struct.unpack_from("<iiii", own[_COORDINATES]))
    drawn: list[_Drawn] = []
    for member in members[1:]:
        if member.kind == _GROUP:
            drawn += _group(deck, member, scale, outline, depth + 1)
        elif member.kind == _SHAPE:
            drawn += _shape(deck, member, scale, outline)
    if int.from_bytes(_property(own, _TABLE)[:4], "little") & 1 and all(each.shape.box for each in drawn):
        yield _Drawn(_table([each.shape for each in drawn], box))
    else:
        yield from drawn


def _shape(deck: Deck, record: Record, scale: Scale, outline: Sequence[Words]) -> Iterator[_Drawn]:
    own = {each.kind: each for each in deck.records(record.start, record.end)}
    bodies = {kind: deck.body(each) for kind, each in own.items()}
    box = _box(bodies, scale)
    words: list[Words] = []
    for each in deck.records(own[_WORDS].start, own[_WORDS].end) if _WORDS in own else ():
        if each.kind in _FIELDS:
            return
        deck.collect(each, words)
        if each.kind == _OUTLINE and (at := int.from_bytes(deck.body(each)[:4], "little")) < len(outline):
            words.append(outline[at])
    share = box.share(1, 1) if box else None
    for part in words:
        if part.text.strip():
            title = part.kind in _TITLES
            text = " ".join(part.text.split()) if title else _listed(part)
            yield _Drawn(Shape(text, share, title), part.kind)
    description = office.said(_property(bodies, _DESCRIPTION).decode("utf-16-le", errors="replace").strip("\0"))
    if description and not words:
        yield _Drawn(Shape(f"Picture: {description}", share))


def _listed(words: Words) -> str:
    lines = [line.strip() for line in words.text.split("\n") if line.strip()]
    return "\n".join(f"- {line}" for line in lines) if words.kind in _LISTED and len(lines) > 1 else "\n".join(lines)


def _box(own: dict[int, bytes], scale: Scale) -> Box | None:
    """Where a shape stands, by whichever of its anchors it has."""
    inside, anchor = own.get(_ANCHOR_INSIDE, b""), own.get(_ANCHOR, b"")
    if len(inside) >= 16:
        return scale.box(*struct.unpack_from("<iiii", inside))
    if len(anchor) >= 8:
        top, left, right, bottom = struct.unpack_from("<iiii" if len(anchor) >= 16 else "<hhhh", anchor)
        return scale.box(left, top, right, bottom)
    return None


def _property(own: dict[int, bytes], wanted: int) -> bytes:
    """The value of a property of a shape; of a long one, what stands for it behind all of them."""
    for data in (own.get(_PROPERTIES, b""), own.get(_MORE, b"")):
        at, behind = 0, len(data)
        while at + 6 <= behind:
            name, value = struct.unpack_from("<HI", data, at)
            if name & 0x8000:  # its length is given; the first of the long values begins where the list ends
                behind -= value
            at += 6
        start = at
        for place in range(0, at, 6):
            name, value = struct.unpack_from("<HI", data, place)
            size = value if name & 0x8000 else 0
            if name & 0x3FFF == wanted:
                return data[start : start + size] if size else struct.pack("<I", value)
            start += size
    return b""


def _table(cells: Sequence[Shape], box: Box | None) -> Shape:
    """A table, which is a group of shapes: a row is what begins at the same height."""
    heights = sorted({round(cell.box.top * _FINE) for cell in cells if cell.box})
    rows: list[list[Cell]] = []
    strips: list[Box] = []
    for height in heights:
        row = [(cell, cell.box) for cell in cells if cell.box and round(cell.box.top * _FINE) == height]
        row.sort(key=lambda each: each[1].left)
        rows.append([Cell(cell.text, round(each.left * _FINE), round(each.right * _FINE)) for cell, each in row])
        bottom = max(each.bottom for _, each in row)
        strips.append(Box(row[0][1].left, row[0][1].top, row[-1][1].right, bottom))
    lines = sentences(*laid(rows))
    return Shape("", box, rows=tuple((line, strips[number - 1]) for number, line in lines))
