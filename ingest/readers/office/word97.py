"""What a Word file of 1997 to 2003 holds, by [MS-DOC]: its text in order, and what is said of its paragraphs."""

import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ingest.readers.office.prose import inherited
from storage.errors import UnreadableFile

_WORD, _OLDEST = 0xA5EC, 0xC0  # the mark of the format, and its version of 1997
_ENCRYPTED, _SECOND_TABLE = 0x0100, 0x0200
# Where the lengths of the stories and the places of the tables stand in the head of the file.
_LENGTHS, _STYLES, _CHARACTERS, _PARAGRAPHS, _PIECES = 0x4C, 0xA2, 0xFA, 0x102, 0x1A2
_PAGE = 512
# What is said of paragraphs and characters, by number.
_IN_TABLE, _ROW_END, _OUTLINE, _HEADER_ROW, _CELLS = 0x2416, 0x2417, 0x2640, 0x3404, 0xD608
_LIST, _LIST_DEPTH = 0x460B, 0x260A
_DELETED, _HIDDEN, _SYMBOL = 0x0800, 0x083C, 0x6A09
_SIZES = (1, 1, 2, 4, 2, 2, 0, 3)
TITLE = 10  # beside the heading levels 1 to 9
_TITLE_STYLE, _LIST_STYLES = 62, (48, 49, *range(54, 62))


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`level` is 1 to 9 for a heading, TITLE for a title; `cells` are the edges and flags of a row that ends here."""

    level: int = 0
    item: bool = False
    depth: int = 0
    in_table: bool = False
    ends_row: bool = False
    heads: bool = False
    cells: tuple[tuple[int, int, int], ...] = ()


class _Piece(NamedTuple):
    start: int  # in characters of the text
    place: int  # in bytes of the stream
    width: int  # bytes of a character


class Document:
    """The whole text, where each character counts as in the file; hidden and deleted ones are "\\0"."""

    def __init__(self, container: Any) -> None:
        self._data = container.openstream("WordDocument").read()
        if len(self._data) < 0x1AA or struct.unpack_from("<H", self._data)[0] != _WORD or self._number(2) < _OLDEST:
            raise UnreadableFile("comes from an Office older than 1997: save it in a newer format and ingest again.")
        flags = self._number(0x0A)
        if flags & _ENCRYPTED:
            raise UnreadableFile("is protected by a password: save a copy without it and ingest again.")
        self._table = container.openstream("1Table" if flags & _SECOND_TABLE else "0Table").read()
        self._lengths = struct.unpack_from("<8I", self._data, _LENGTHS)
        self._pieces: list[_Piece] = []
        self._styles = _styles(self._at(_STYLES))
        self._paragraphs = list(self._runs(_PARAGRAPHS, self._paragraph))
        self._starts = [start for start, _, _ in self._paragraphs]
        self.text = self._text()

    def story(self, number: int) -> range:
        """Where a story stands: the text, footnotes, heads and feet, macros, comments, endnotes, text boxes."""
        start = sum(self._lengths[:number])
        return range(min(start, len(self.text)), min(start + self._lengths[number], len(self.text)))

    def paragraph(self, position: int) -> Paragraph | None:
        """What is said of the paragraph that the character at this position ends."""
        piece = self._pieces[bisect_right(self._pieces, position, key=lambda piece: piece.start) - 1]
        place = piece.place + (position - piece.start) * piece.width
        at = bisect_right(self._starts, place) - 1
        return self._paragraphs[at][2] if at >= 0 and place < self._paragraphs[at][1] else None

    def _number(self, place: int) -> int:
        return int(struct.unpack_from("<H", self._data, place)[0])

    def _at(self, place: int) -> bytes:
        """The part of the table stream that the head of the file points to."""
        start, length = struct.unpack_from("<II", self._data, place)
        return bytes(self._table[start : start + length])

    def _text(self) -> str:
        clx = self._at(_PIECES)
        at = 0
        while clx[at : at + 1] == b"\x01":
            at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
        count = (struct.unpack_from("<I", clx, at + 1)[0] - 4) // 12
        ends = struct.unpack_from(f"<{count + 1}I", clx, at + 5)
        if ends[-1] > len(self._data):  # each character takes a byte at least
            raise ValueError("its text is longer than the file")
        unseen = sorted((run for run in self._runs(_CHARACTERS, _character) if run[2]), key=lambda run: run[1])
        units = array("H")
        for number in range(count):
            place = struct.unpack_from("<I", clx, at + 5 + 4 * (count + 1) + 8 * number + 2)[0]
            narrow, place = bool(place & 0x40000000), place & 0x3FFFFFFF
            width, place = (1, place // 2) if narrow else (2, place)
            self._pieces.append(_Piece(ends[number], place, width))
            length = max(ends[number + 1] - ends[number], 0)
            raw = bytes(self._data[place : place + length * width])
            part = _units(raw, width)
            for start, end, _ in unseen[bisect_right(unseen, place, key=lambda run: run[1]) :]:
                if start >= place + length * width:
                    break
                first, last = max(start - place, 0) // width, min(max(end - place, 0) // width, len(part))
                part[first:last] = array("H", bytes(2 * (last - first)))
            units.extend(part + array("H", bytes(2 * (length - len(part)))))
        return "".join(map(chr, units))

    def _runs(self, place: int, meant: Any) -> Iterator[tuple[int, int, Any]]:
        """What is said of stretches of the stream, on pages that list them."""
        plc = self._at(place)
        count = min(max(len(plc) - 4, 0) // 8, len(self._data) // _PAGE)
        for (number,) in struct.iter_unpack("<I", plc[4 * (count + 1) : 4 * (count + 1) + 4 * count]):
            page = self._data[(number & 0x3FFFFF) * _PAGE :][:_PAGE]
            if len(page) == _PAGE:
                runs = page[-1]
                edges = struct.unpack_from(f"<{min(runs, 100) + 1}I", page)
                for at in range(min(runs, 100)):
                    yield edges[at], edges[at + 1], meant(page, 4 * (runs + 1), at)

    def _paragraph(self, page: bytes, start: int, at: int) -> Paragraph:
        offset = 2 * page[start + 13 * at]
        if not offset:
            return Paragraph()
        length, begin = 2 * page[offset] - 1, offset + 1
        if not page[offset]:
            length, begin = 2 * page[offset + 1], offset + 2
        said = page[begin : begin + length]
        style = struct.unpack_from("<H", said)[0] if len(said) > 1 else 0
        level, item = self._styles.get(style, (0, False))
        facts = dict(_sprms(said[2:]))
        if _OUTLINE in facts:
            level = facts[_OUTLINE][0] + 1 if facts[_OUTLINE][0] < 9 else 0
        if _LIST in facts:
            item = any(facts[_LIST])
        told = {name: any(facts.get(name, b"")) for name in (_IN_TABLE, _ROW_END, _HEADER_ROW)}
        cells = _cells(facts.get(_CELLS, b"")) if told[_ROW_END] else ()
        depth = min(facts.get(_LIST_DEPTH, b"\0")[0], 8)
        return Paragraph(level, item, depth, told[_IN_TABLE], told[_ROW_END], told[_HEADER_ROW], cells)


def _units(raw: bytes, width: int) -> "array[int]":
    """UTF-16 code units, or Windows' Latin letters."""
    if width == 1:
        return array("H", raw.decode("cp1252", errors="replace").encode("utf-16-le"))
    return array("H", raw[: len(raw) // 2 * 2])


def _character(page: bytes, start: int, at: int) -> bool:
    """Whether characters are not shown: deleted, hidden, or a place for a sign of a font of symbols."""
    offset = 2 * page[start + at]
    said = dict(_sprms(page[offset + 1 : offset + 1 + page[offset]])) if offset else {}
    return any(any(said.get(name, b"")) for name in (_DELETED, _HIDDEN, _SYMBOL))


def _sprms(said: bytes) -> Iterator[tuple[int, bytes]]:
    """Each thing that is said: its number and its value."""
    at = 0
    while at + 2 < len(said):
        name = struct.unpack_from("<H", said, at)[0]
        at += 2
        size = _SIZES[name >> 13]
        if name == _CELLS:
            size = struct.unpack_from("<H", said, at)[0] + 1 if at + 2 <= len(said) else 0
        elif not size:
            size = said[at] + 1
        if size == 0:
            return
        yield name, said[at : at + size]
        at += size


def _cells(said: bytes) -> tuple[tuple[int, int, int], ...]:
    """Left edge, right edge and flags of each cell of a row."""
    count = said[2] if len(said) > 2 else 0
    if len(said) < 3 + 2 * (count + 1):
        return ()
    edges = struct.unpack_from(f"<{count + 1}h", said, 3)
    flags = said[3 + 2 * (count + 1) :]
    return tuple(
        (edges[at], edges[at + 1], struct.unpack_from("<H", flags, 20 * at)[0] if len(flags) >= 20 * at + 2 else 0)
        for at in range(count)
    )


def _styles(sheet: bytes) -> dict[int, tuple[int, bool]]:
    """Heading level of each style by its number, and whether it is one of lists; a style has that of its base."""
    own: dict[int, tuple[int, bool]] = {}
    base: dict[int, int] = {}
    if len(sheet) < 6:
        return own
    head, count = struct.unpack_from("<HH", sheet)
    at = 2 + head
    for number in range(count):
        if at + 6 > len(sheet):
            break
        length, kind, above = struct.unpack_from("<HHH", sheet, at)
        if length:
            kind, base[number] = kind & 0xFFF, above >> 4
            if 1 <= kind <= 9 or kind == _TITLE_STYLE or kind in _LIST_STYLES:
                own[number] = (kind if kind <= 9 else TITLE if kind == _TITLE_STYLE else 0, kind in _LIST_STYLES)
        at += 2 + length + length % 2
    return inherited(own, base)
