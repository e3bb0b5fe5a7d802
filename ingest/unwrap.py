"""Undo line ends that were only set by the width of a page. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

_SENTENCE_END = re.compile("[.!?:;。！？：；…][\"'”’」』）)\\]]*$")
# A line that begins like this starts something of its own: list, table row, quote, heading, label, article of a law.
_OWN_LINE = re.compile(
    r"[-*+•·●○■□◆▪–—]\s|\d{1,3}[.)、．]|[(（][\da-zA-Z一二三四五六七八九十]{1,3}[)）]|[|>#:$]|!\[|```|~~~"
    r"|[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十百零〇\d]{1,7}[编章节条款部分]"
    r"|[^\s:：，。,.]{1,12}[:：]\s?\S|\[\[|&nbsp"
)
_DIGIT = re.compile("[0-9]")
_NARROW = 30  # columns: a block of lines shorter than this is no running text


class Unwrapped(NamedTuple):
    """A line after `unwrap`, and the lines of the text, counted from 0, that it was made of."""

    first: int
    last: int
    text: str


def columns(line: str) -> int:
    """The width of a line on a page: a Chinese character is two columns wide."""
    if line.isascii():
        return len(line)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def unwrap(text: str) -> str:
    """Join lines that a page's width broke; a hyphen that PDF marks as set at a line's end (U+FFFE) is taken out.

    A line goes on in the next one if it is about as long as the lines around it and the next one does not begin
    something of its own. Rows of figures stay rows. Chinese lines meet without a space.
    """
    return "\n".join(line.text for line in unwrapped(text))


def unwrapped(text: str) -> list[Unwrapped]:
    """The lines that `unwrap` leaves, each with the lines of the text it comes from."""
    raw = text.splitlines(keepends=True) or [""]
    lines = [line.strip() for line in raw]
    widths = [columns(line) for line in lines]
    filled = sorted(width for width in widths if width)
    typical = filled[len(filled) * 8 // 10] if filled else 0
    out: list[Unwrapped] = []
    parts: list[str] = []
    first = last = here = 0
    for number, line in enumerate(lines):
        if number and _goes_on(lines[number - 1], line, widths[number - 1], typical):
            parts[-1:] = _meet(parts[-1], line)
        else:
            if number:
                out.append(Unwrapped(first, last, "".join(parts)))
            first, parts = here, [line]
        last = here
        here += raw[number].endswith("\n")  # other characters end a line on a page, but not in the file
    out.append(Unwrapped(first, last, "".join(parts)))
    return out


def rejoined(lines: Iterable[str]) -> str:
    """Lines that are surely one, as one."""
    parts: list[str] = []
    for line in filter(None, map(str.strip, lines)):
        parts[-1:] = _meet(parts[-1], line) if parts else [line]
    return "".join(parts)


def _goes_on(line: str, following: str, width: int, typical: int) -> bool:
    if not line or not following:
        return False
    if line.endswith("\ufffe"):
        return True
    if line.endswith(("，", "、")) and not _OWN_LINE.match(following):
        return True
    if typical < _NARROW or _OWN_LINE.match(following) or _figures(line) or _figures(following):
        return False
    if _SENTENCE_END.search(line):
        return width >= 0.85 * typical
    return width >= (0.4 if following[0].islower() else 0.7) * typical


def _figures(line: str) -> bool:
    if line.isascii() and not _DIGIT.search(line):
        return False
    words = line.split()
    return len(words) > 2 and sum(any(map(str.isdigit, word)) for word in words) >= 0.4 * len(words)


def _meet(line: str, following: str) -> tuple[str, str]:
    """Both lines, so that they can be joined as they are."""
    if line.endswith("\ufffe"):
        return line[:-1], following
    if line.endswith("-") and following[0].islower():
        return line, following
    wide = any(unicodedata.east_asian_width(character) in "WF" for character in (line[-1], following[0]))
    return line, following if wide else " " + following
