"""Nested values, as JSON has them, as text to read: "key: value" lines below the path to them (pure)."""

import re
from collections.abc import Iterable, Iterator, Mapping

from ingest.clean import Piece, heading_name

Value = object  # a text (numbers are texts too), a bool, None, a list of values, or a dict of them by name
Path = tuple[str, ...]

_SHORT = 300  # characters of a text that stands close to others
_TOGETHER = 1000  # characters of values that share a line
_INSIDE = 200  # the same inside of brackets
_LINE = 100  # characters of a line of values from an array
_DEEPEST = 6  # names in a heading path; those of what lies deeper stand before its text
_DATA = re.compile(r"(?:data:[\w/+.;=-]+,)?[A-Za-z0-9+/_=-]{1000,}")  # a picture, or what else is no text
_NAMES = ("name", "title", "label", "heading", "key", "id")


def pieces(value: Value, path: Path = ()) -> Iterator[Piece]:
    """What is plain comes before what is nested. An array of flat records becomes rows, as in a table."""
    waiting: list[tuple[Path, Value]] = [(path, value)]
    while waiting:
        path, value = waiting.pop()
        if not isinstance(value, dict | list):
            yield _piece(path, value.strip() if isinstance(value, str) else plain(value) or "")
            continue
        nested: list[tuple[Path, Value]] = []
        texts: list[str] = []
        for label, below, member in _members(value):
            said = plain(member) if label or not isinstance(member, dict) else row(member)
            if said is None:
                nested.append(((*path, below), member))
            elif said:
                texts.append(f"{label}: {said}" if label else said)
        lines = (
            texts if isinstance(value, dict) or any(isinstance(member, dict) for member in value) else _packed(texts)
        )
        yield from _close(path, lines)
        waiting += reversed(nested)


def _packed(texts: list[str]) -> list[str]:
    """Short values share lines."""
    lines: list[str] = []
    for text in texts:
        if lines and len(lines[-1]) <= _LINE and len(text) <= _LINE:
            lines[-1] += f", {text}"
        else:
            lines.append(text)
    return lines


def _close(path: Path, texts: list[str]) -> Iterator[Piece]:
    """Texts below each other; a blank line parts long ones from what is around them."""
    before = _SHORT + 1
    for text in texts:
        yield _piece(path, text, tight=max(before, len(text)) <= _SHORT)
        before = len(text)


def _members(value: dict[str, Value] | list[Value]) -> Iterator[tuple[str, str, Value]]:
    """Each with the label of its text, and the name that it adds to the path."""
    if isinstance(value, dict):
        yield from ((key, key, member) for key, member in value.items())
    else:
        yield from (("", name(member) or str(number), member) for number, member in enumerate(value, start=1))


def _piece(path: Path, text: str, tight: bool = False) -> Piece:
    heading = " > ".join(filter(None, map(heading_name, path[:_DEEPEST])))
    deeper = ".".join(path[_DEEPEST:])
    return Piece(heading, None, f"{deeper}: {text}" if deeper else text, tight=tight)


def name(value: Value) -> str:
    """What a record calls itself."""
    if isinstance(value, Mapping):
        for key in _NAMES:
            found = value.get(key)
            if isinstance(found, str) and 0 < len(found) <= 80 and "\n" not in found:
                return found
    return ""


def row(record: Mapping[str, Value]) -> str | None:
    """A record on one line; None where that would be too long, or where it holds what needs lines of its own."""
    return _shared(((key, plain(member)) for key, member in record.items()), _TOGETHER, "; ")


def plain(value: Value, depth: int = 2) -> str | None:
    """A value on one line; "" where it says nothing, None where it needs lines of its own."""
    match value:
        case str():
            text = value.strip()
            return None if "\n" in text else "" if _DATA.fullmatch(text) and not text.isdigit() else text
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list() if depth and not any(isinstance(member, dict) for member in value):
            return _shared((("", plain(member, 0)) for member in value), _SHORT, ", ")
        case dict() if depth:
            said = _shared(((key, plain(member, depth - 1)) for key, member in value.items()), _INSIDE, "; ")
            return f"({said})" if said else said
    return None if isinstance(value, list | dict) and value else ""


def _shared(members: Iterable[tuple[str, str | None]], most: int, gap: str) -> str | None:
    parts: list[str] = []
    for label, said in members:
        if said is None or len(said) > most:
            return None
        most -= len(said)
        if said:
            parts.append(f"{label}: {said}" if label else said)
    return gap.join(parts)
