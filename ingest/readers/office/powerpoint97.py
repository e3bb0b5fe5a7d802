"""How a presentation of PowerPoint 97 to 2003 is laid down, by [MS-PPT]: its records, and where its slides stand."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

SLIDES, NOTES = 0, 2
_DOCUMENT, _SLIDE, _LIST, _PERSIST, _EDIT, _PLACES = 0x3E9, 0x3EE, 0xFF0, 0x3F3, 0xFF5, 0x1772
_KIND, _WIDE, _NARROW = 0xF9F, 0xFA0, 0xFA8
_OTHER = 4  # the kind of a text that is neither title nor body
_USUAL = (5760, 4320)  # the size of a slide that says none
_SIGNS = str.maketrans({"\r": "\n", "\x0b": "\n"})


class Record(NamedTuple):
    """A record by its kind and number; what it holds stands between `start` and `end`."""

    kind: int
    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Words:
    """A text, and what it is for: 0 and 6 for a title, 1, 7 and 8 for a body, 2 for the speaker."""

    kind: int
    text: str


@dataclass(frozen=True, slots=True)
class Slide:
    """Where a slide or the notes for one stand, its number in the file, and the texts that its shapes refer to."""

    place: int
    identity: int
    outline: list[Words] = field(default_factory=list)


class Deck:
    """The records of a presentation. What was changed stands behind what it takes the place of."""

    def __init__(self, data: bytes, user: bytes) -> None:
        self.data = data
        self._places, document = self._directory(user)
        self._document = list(self.inside(self._places.get(document, len(data))))
        self.size = _USUAL
        for record in self._document:
            if record.kind == _DOCUMENT and record.end - record.start >= 8:
                self.size = struct.unpack_from("<ii", data, record.start)

    def slides(self) -> list[Slide]:
        """The slides in their order; of a file whose list of them is lost, all that it holds."""
        every = (record for record in self.records(0, len(self.data)) if record.kind == _SLIDE)
        return list(self.listed(SLIDES)) or [Slide(record.start - 8, 0) for record in every]

    def records(self, start: int, end: int) -> Iterator[Record]:
        """The records of a stretch, one behind the other."""
        while start + 8 <= end:
            number, kind, length = struct.unpack_from("<HHI", self.data, start)
            yield Record(kind, number >> 4, start + 8, min(start + 8 + length, end))
            start += 8 + length

    def inside(self, place: int) -> Iterator[Record]:
        """The records within the one that stands at a place."""
        for record in self.records(place, len(self.data)):
            yield from self.records(record.start, record.end)
            return

    def body(self, record: Record) -> bytes:
        """What a record holds."""
        return self.data[record.start : record.end]

    def listed(self, kind: int) -> Iterator[Slide]:
        """The slides, or the notes, that the document lists."""
        for lists in self._document:
            if lists.kind != _LIST or lists.number != kind:
                continue
            slide: Slide | None = None
            seen = set[int]()
            for record in self.records(lists.start, lists.end):
                if record.kind == _PERSIST and record.end - record.start >= 16:
                    if slide is not None:
                        yield slide
                    number, identity = struct.unpack_from("<I8xI", self.data, record.start)
                    place = self._places.get(number, len(self.data))
                    slide = Slide(place if place not in seen else len(self.data), identity)
                    seen.add(place)
                elif slide is not None:
                    self.collect(record, slide.outline)
            if slide is not None:
                yield slide

    def collect(self, record: Record, words: list[Words]) -> None:
        """Take up one record of a text: its kind comes first, then what it says."""
        if record.kind == _KIND:
            words.append(Words(int.from_bytes(self.body(record)[:4], "little"), ""))
        elif record.kind in (_WIDE, _NARROW):
            text = self.body(record).decode("utf-16-le" if record.kind == _WIDE else "latin-1", errors="replace")
            kind = words.pop().kind if words and not words[-1].text else _OTHER
            words.append(Words(kind, text.translate(_SIGNS)))

    def _directory(self, user: bytes) -> tuple[dict[int, int], int]:
        """Where things stand by their number, the latest first, and the number of the document."""
        places: dict[int, int] = {}
        document, seen = 0, set[int]()
        edit = struct.unpack_from("<I", user, 16)[0] if len(user) >= 20 else 0
        while edit not in seen:
            seen.add(edit)
            record = next(self.records(edit, len(self.data)), None)
            if record is None or record.kind != _EDIT or record.end - record.start < 20:
                break
            edit, listed, first = struct.unpack_from("<III", self.data, record.start + 8)
            document = document or first
            directory = next(self.records(listed, len(self.data)), None)
            if directory is not None and directory.kind == _PLACES:
                for number, place in self._placed(directory):
                    places.setdefault(number, place)
        return places, document

    def _placed(self, directory: Record) -> Iterator[tuple[int, int]]:
        """Runs of places, each behind the number of its first and how many they are."""
        whole = (directory.end - directory.start) // 4 * 4
        numbers = [number for (number,) in struct.iter_unpack("<I", self.body(directory)[:whole])]
        at = 0
        while at < len(numbers):
            first, count = numbers[at] & 0xFFFFF, numbers[at] >> 20
            yield from enumerate(numbers[at + 1 : at + 1 + count], first)
            at += 1 + count
