"""Lines of a page joined to paragraphs, by where they end: the next word would not have fitted. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ingest.readers.page.lines import Line, spot_around
from ingest.unwrap import columns
from storage.anchors import Box

# A line that begins like this starts something of its own: item of a list, heading, label, caption, article of a law.
_OWN = re.compile(
    r"[-*+•·●○■□◆▪–—◦‣➢✓]\s|\d{1,3}[.)、．]\D|\d{1,3}(?:\.\d{1,3})+\.?\s|[(（][\da-zA-Z一二三四五六七八九十]{1,3}[)）]"
    r"|[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十百零〇\d ]{1,7}[编章节条款部分]"
    r"|(?:Table|TABLE|Figure|FIGURE|Fig\.|Exhibit|Chart|Box|表|图)\s?[\dA-Z][\d.\-A-Z]*[:.：\s](?![a-z])"
    r"|[^\s:：，。,.]{1,12}[:：]\s?\S"
)
_ALONE = re.compile(r"(?:\.\s?){5,}|…{2,}|·{5,}|[{}]$|\);$")  # leaders of a table of contents, and code
_COMPOUND = re.compile(r"\b(?:self|well|non|long|short|high|low|cross|co|ex|pre|post|multi|anti|vice|e)-$", re.I)
_WORD = re.compile(r"\d{1,3}(?: \d{3})+\S*|\S+")
_ENDED = re.compile("[.!?:;。！？：；…][\"'”’」』）)\\]]*$")
_NARROW = 30  # columns: lines that are shorter are a list, unless most of them are full
_FILLED = 0.75  # of such a column's width
_NEAR = 4  # lines before and after one that show how wide its column is
_TALLER = 1.25
_SPACED = 1.35
_INDENT = 4.0  # heights of a line


class Paragraph(NamedTuple):
    """Lines of running text as one, or a line on its own. `apart`: there is a gap above it, or it stands elsewhere."""

    text: str
    apart: bool
    lines: tuple[Line, ...]

    @property
    def spot(self) -> Box | None:
        """Where it is shown, if its lines cannot be found there as text."""
        return spot_around(self.lines)


def paragraphs(lines: Sequence[Line]) -> list[Paragraph]:
    """Join the lines, in reading order, that only the width of their column parts."""
    column = _Columns(lines)
    made: list[Paragraph] = []
    start = 0
    apart = True
    for at, line in enumerate(lines):
        last = at == len(lines) - 1
        if line.rows:
            made += [Paragraph(row.text, not number, (row,)) for number, row in enumerate(line.rows)]
            start, apart = at + 1, True
            continue
        if not last and not lines[at + 1].rows and (line.broken or column.goes_on(at, start)):
            continue
        held = tuple(lines[start : at + 1])
        made.append(Paragraph(running(held), apart, held))
        apart = not last and column.apart(at, start)
        start = at + 1
    return made


class _Columns:
    """Lines as they stand below each other."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._boxes = [line.box for line in lines]
        self._heights = [line.height for line in lines]
        self._sparse = [line.sparse for line in lines]
        self._below = [self._is_below(at) for at in range(len(lines) - 1)]
        self._near = list(self._around())
        self._full = [self._is_full(at) for at in range(len(lines) - 1)]

    def apart(self, at: int, start: int) -> bool:
        """Whether there is a gap between a line and the next one. Its paragraph began with the line `start`."""
        return not self._below[at] or self._spaced(at, start)

    def goes_on(self, at: int, start: int) -> bool:
        """Whether the text of a line goes on in the next one."""
        line, following = self._lines[at], self._lines[at + 1]
        if not self._full[at] or self._sparse[at] or self._sparse[at + 1] or _OWN.match(following.text):
            return False
        one, other = self._heights[at], self._heights[at + 1]
        if (
            max(one, other) > _TALLER * min(one, other)
            or _ALONE.search(line.text)
            or _figures(line.text)
            or _figures(following.text)
        ):
            return False
        if not self._below[at]:
            return self._turns(at)
        return not self._spaced(at, start) and self._aligned(at, start) and (not self._narrow(at) or self._filled(at))

    def _is_below(self, at: int) -> bool:
        """Whether the next line stands right below a line, in its column."""
        one, other = self._boxes[at], self._boxes[at + 1]
        if not other.bottom > one.bottom or self._lines[at].rows or self._lines[at + 1].rows:
            return False
        height = min(self._heights[at], self._heights[at + 1])
        if not -0.6 * height < other.top - one.bottom < 1.5 * height:
            return False
        across = min(one.right, other.right) - max(one.left, other.left)
        if across > 0.25 * min(one.right - one.left, other.right - other.left):
            return True
        return -2 * height < other.right - one.left <= 0  # a short word, left of a first line

    def _around(self) -> Iterator[range]:
        """For each line the lines around it that stand in its column without a break."""
        start = 0
        for at, below in enumerate([*self._below, False]):
            if not below:
                for one in range(start, at + 1):
                    yield range(max(start, one - _NEAR), min(at, one + _NEAR) + 1)
                start = at + 1

    def _is_full(self, at: int) -> bool:
        """Whether the first word of the next line would not have fitted at the end of this one."""
        right = self._boxes[at].right
        margin = max(self._boxes[one].right for one in self._near[at])
        following, box = self._lines[at + 1], self._boxes[at + 1]
        word = (box.right - box.left) * (_first(following.text) + 1) / max(columns(following.text), 1)
        return margin - right < word + 0.3 * self._heights[at]

    def _spaced(self, at: int, start: int) -> bool:
        """Whether the next line is further away than the lines before or, in the first one, behind."""
        other = at - 1 if at > start else at + 1
        usual = self._pitch(other) if other < len(self._below) and self._below[other] else 2 * self._heights[at]
        return self._pitch(at) > _SPACED * max(usual, 0.8 * self._heights[at])

    def _pitch(self, at: int) -> float:
        return self._boxes[at + 1].bottom - self._boxes[at].bottom

    def _aligned(self, at: int, start: int) -> bool:
        """Whether the next line begins where a line of the same paragraph does."""
        box, following = self._boxes[at], self._boxes[at + 1]
        slack = 0.6 * self._heights[at]
        inwards = following.left - box.left
        if abs(inwards) <= slack or abs(inwards + following.right - box.right) <= slack:  # or both are centred
            return True
        if inwards < 0:  # only a paragraph's first line is set in
            return at == start and inwards > -_INDENT * self._heights[at]
        if at > start:
            return False
        hangs = at + 1 < len(self._below) and self._below[at + 1]
        hangs = hangs and abs(self._boxes[at + 2].left - following.left) <= slack
        return hangs or bool(_OWN.match(self._lines[at].text))

    def _turns(self, at: int) -> bool:
        """Whether the next line is the first of another column, in mid-sentence."""
        box, following = self._boxes[at], self._boxes[at + 1]
        if _ENDED.search(self._lines[at].text) or self._lines[at + 1].text[:1].isupper() or following.left < box.right:
            return False
        one, other = self._width(at), self._width(at + 1)
        return len(self._near[at]) > 2 and len(self._near[at + 1]) > 2 and 0.9 * one < other < 1.1 * one

    def _width(self, at: int) -> float:
        near = [self._boxes[one] for one in self._near[at]]
        return max(box.right for box in near) - min(box.left for box in near)

    def _narrow(self, at: int) -> bool:
        box = self._boxes[at]
        return self._width(at) * columns(self._lines[at].text) < _NARROW * (box.right - box.left)

    def _filled(self, at: int) -> bool:
        """Whether most lines around reach the end of their column: it is narrow text, and no list."""
        near = [self._boxes[one] for one in self._near[at]]
        left, right = min(box.left for box in near), max(box.right for box in near)
        full = [box.right > left + _FILLED * (right - left) for box in near]
        return sum(full) >= 0.6 * len(full) and self._boxes[at].right > left + _FILLED * (right - left)


def _first(text: str) -> int:
    """The columns of what cannot be parted at the beginning of a text: a word, or a Chinese character and its sign."""
    match = _WORD.match(text)
    word = match[0] if match else ""
    if word.isascii():
        return len(word)
    size = 0
    for number, sign in enumerate(word):
        wide = unicodedata.east_asian_width(sign) in "WF"
        if number and wide and unicodedata.category(sign)[0] != "P":
            break
        size += 1 + wide
    return size


def _figures(text: str) -> bool:
    words = text.split()
    return len(words) > 2 and sum(any(sign.isdigit() for sign in word) for word in words) >= 0.4 * len(words)


def running(lines: Sequence[Line]) -> str:
    """The text of lines that go on in each other."""
    if len(lines) == 1:
        return lines[0].text
    parts = [lines[0].text]
    for line, following in pairwise(lines):
        if line.text.endswith("-") and following.text[:1].islower():
            if line.spot is not None and not _COMPOUND.search(line.text):  # a picture does not say what a hyphen is for
                parts[-1] = parts[-1][:-1]
            parts.append(following.text)
        else:
            close = line.broken or _wide(line.text[-1:]) or _wide(following.text[:1])
            parts += [following.text] if close else [" ", following.text]
    return "".join(parts)


def _wide(sign: str) -> bool:
    return bool(sign) and unicodedata.east_asian_width(sign) in "WF"
