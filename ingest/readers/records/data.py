"""JSON: whole, or a value on each line."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from ingest.clean import Piece, Reading
from ingest.readers import matter, source
from ingest.readers.encoding import decode
from ingest.readers.plain import code
from ingest.readers.plain.definitions import Grammar
from ingest.readers.records import values
from ingest.readers.records.values import Value
from ingest.readers.source import Source
from storage.anchors import Lines

_LONGEST = 20_000_000  # characters of a value in a file that is not held whole
_STEP = 1_000_000  # characters of such a file that are taken at once
_WHOLE = 60_000_000  # bytes of an object that is held whole
_BETWEEN = re.compile(r"[\s,\ufeff]*")


def read(path: Path) -> Reading:
    """Values by their keys, below the path to them; what is in an array has its lines.

    What is no whole JSON is read line by line, as the text that it is.
    """
    text = source.opened(path)
    first, _, rest = text.head.strip("\ufeff \t\n").partition("\n")
    if rest and isinstance(_value(first), dict):
        return read_lines(path)
    if text.large and first.startswith("["):
        return Reading("", _elements(text))
    if text.large and path.stat().st_size <= _WHOLE:
        text = source.of(decode(path.read_bytes()))
    value = None if text.large else _value(text.head)
    if value is None:
        return code.parse(text, Grammar(), "")
    if isinstance(value, list) and any(isinstance(member, dict | list) for member in value):
        return Reading("", tuple(_elements(text)))
    return replace(_about(value), pieces=tuple(values.pieces(value)))


def read_lines(path: Path) -> Reading:
    """JSON Lines: a record is a line, as in a table, or a few if it is long. A line that is no JSON stays as it is."""
    text = source.opened(path, _LONGEST)
    return Reading("", text.kept(_records(text)))


def _records(text: Source) -> Iterator[Piece]:
    for number, line in text.lines:
        spot = Lines(number, number)
        value = _value(line)
        said = values.row(value) if isinstance(value, dict) else line if value is None else values.plain(value)
        if said is None:
            below = values.pieces(value)
            texts = (f"{piece.heading}: {piece.text}" if piece.heading else piece.text for piece in below)
            yield Piece("", None, "\n".join(texts), spot)
        else:
            yield Piece("", None, said, spot, tight=True)


def _elements(text: Source) -> Iterator[Piece]:
    """The elements of an array, each read alone. From where it is broken on, lines as they are."""
    array = _Array(text)
    close = False
    for count, (spot, value) in enumerate(array.values(), start=1):
        said = values.row(value) if isinstance(value, dict) else values.plain(value)
        if said is None:
            below = values.pieces(value, (values.name(value) or str(count),))
            yield from (replace(piece, spot=spot) for piece in below)
        else:
            yield Piece("", None, said, spot, tight=close)
        close = said is not None
    yield from code.parse(array.rest(), Grammar(), "").pieces


class _Array:
    """Takes the elements of an array from the lines of a text, one by one."""

    def __init__(self, text: Source) -> None:
        self._text = text
        self._buffer = ""
        self._at = 0
        self._number = self._taken = 1  # of the line that `_at` is in, and of the last one in the buffer
        self._more = True

    def values(self) -> Iterator[tuple[Lines, Value]]:
        """The elements with their lines, until the array ends, or what follows is none."""
        if self._sign() == "[":
            self._at += 1
        while self._sign() not in ("", "]") and (found := self._next()):
            yield found
        if self._sign() == "]":
            self._at += 1

    def rest(self) -> Source:
        """What was not taken."""
        lines = enumerate(self._buffer[self._at :].split("\n"), start=self._number)
        return Source("", chain(lines, self._text.lines), self._text.large)

    def _sign(self) -> str:
        """The next character that is neither blank nor a comma."""
        while True:
            end = _BETWEEN.match(self._buffer, self._at).end()  # type: ignore[union-attr]  # it matches anything
            self._number += self._buffer.count("\n", self._at, end)
            self._at = end
            if end < len(self._buffer) or not self._more:
                return self._buffer[end : end + 1]
            self._fill()

    def _next(self) -> tuple[Lines, Value] | None:
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._at)
            except ValueError:
                end = len(self._buffer)
                whole = False
            except RecursionError:
                return None
            else:
                whole = end < len(self._buffer) or not self._more
            if whole:
                first = self._number
                self._number += self._buffer.count("\n", self._at, end)
                self._at = end
                return Lines(first, self._number), value
            if not self._more or end - self._at > _LONGEST:
                return None
            self._fill()

    def _fill(self) -> None:
        """Take as much again as is left, so that a long element is not looked at too often."""
        parts = [self._buffer[self._at :]]
        wanted = max(_STEP, len(parts[0]))
        self._more = False
        for number, line in self._text.lines:
            parts.append("\n" + line if number != self._taken else line)
            self._taken = number
            wanted -= len(line) + 1
            if wanted < 0:
                self._more = True
                break
        self._buffer, self._at = "".join(parts), 0


def _value(text: str) -> Value:
    """None for what is no JSON."""
    try:
        return _DECODER.decode(text.strip("\ufeff \t\n"))
    except (ValueError, RecursionError):
        return None


def _object(members: list[tuple[str, Value]]) -> dict[str, Value]:
    """A key that comes more than once keeps all its values."""
    if len(found := dict(members)) == len(members):
        return found
    every: dict[str, list[Value]] = {}
    for key, value in members:
        every.setdefault(key, []).append(value)
    return {key: values[0] if len(values) == 1 else values for key, values in every.items()}


# Numbers stay as they are written, however long they are.
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=str)


def _about(value: Value) -> Reading:
    """What a document says of itself under the keys that are usual for that."""
    if not isinstance(value, dict):
        return Reading("", ())
    authors = (name for key in ("authors", "author") for text in _texts(value.get(key)) for name in matter.names(text))
    tags = (tag for key in ("keywords", "tags") for text in _texts(value.get(key)) for tag in matter.keywords(text))
    dates = (matter.dated(text) for key in ("date", "created", "published") for text in _texts(value.get(key)))
    return Reading(
        " ".join(_texts(value.get("title"))[:1]),
        (),
        authors=matter.few(authors),
        created=next(filter(None, dates), None),
        tags=matter.few(tags),
    )


def _texts(value: Value) -> list[str]:
    found = value if isinstance(value, list) else [value]
    named = (each.get("name") if isinstance(each, dict) else each for each in found[:100])
    return [text for text in named if isinstance(text, str)]
