"""What stands at the edges of pages and is no part of their text: heads, feet, page and line numbers. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from ingest.readers.page.lines import Line, around

_NUMBER = re.compile(r"\d{1,6}")
_BARE = re.compile(r"[-–—\[( ]*(\d{1,5})[-–—\]) ]*")
_WORDS = re.compile(r"[^\W\d_].*?[^\W\d_]")  # at least two letters
_EDGE = 0.12  # of a page's height
_LINES = 2  # at each end of a page
_BANDS = 50  # of a page's height: heads stand in the same one on every page
_FEWEST = 4  # pages
_SHARE = 8  # one page in so many has a head of its chapter at least
_NUMBERED = 15  # lines: so many numbers below each other count lines
_TALL = 0.6  # of a page: how far they reach


def without_heads(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[list[Line]]:
    """Pages without the heads and feet that many share at the same place, but for numbers that are the same or count
    with the pages; the first page keeps its own. Bare page numbers go everywhere."""
    marks = [
        {at: _marks(lines[at], page, height) for at in _edges(lines, height)}
        for page, (lines, height) in enumerate(zip(pages, heights, strict=True))
    ]
    counts = Counter(mark for page in marks for mark in set().union(*page.values()))
    least = max(_FEWEST, len(pages) // _SHARE)
    running = {mark for mark, count in counts.items() if count >= (least if mark[0] else max(least, len(pages) // 3))}
    out = []
    for number, (lines, page) in enumerate(zip(pages, marks, strict=True)):
        drop = {at for at, own in page.items() if any(mark in running and (number or not mark[0]) for mark in own)}
        out.append([line for at, line in enumerate(lines) if at not in drop])
    return out


def _edges(lines: Sequence[Line], height: float) -> Iterable[int]:
    for at in {*range(min(_LINES, len(lines))), *range(max(len(lines) - _LINES, 0), len(lines))}:
        box = lines[at].box
        if box.bottom < _EDGE * height or box.top > (1 - _EDGE) * height:
            yield at


def _marks(line: Line, page: int, height: float) -> set[tuple[str, int]]:
    """A line as it may repeat, with its place: each number in it is the same on every page, or one counts with them.
    That of a bare page number has no words."""
    band = round(_BANDS * line.box.bottom / max(height, 1.0))
    if bare := _BARE.fullmatch(line.text):
        return {("", int(bare[1]) - page)}
    if not _WORDS.search(line.text):
        return set()
    words = "".join(line.text.split())
    marks = {(words, band)}
    for match in _NUMBER.finditer(words):
        marks.add((f"{words[: match.start()]}<{int(match[0]) - page}>{words[match.end() :]}", band))
    return marks


def without_line_numbers(lines: Sequence[Line], height: float) -> list[Line]:
    """The lines of a page without the numbers that count them in its margin, as in transcripts."""
    numbers = [line for line in lines if line.text.isdigit() and len(line.text) < 3]
    if len(numbers) < _NUMBERED:
        return list(lines)
    counted = [line for at, line in enumerate(numbers, 1) if int(line.text) == at]
    box = around([line.box for line in counted or numbers])
    others = [line for line in lines if not any(line is each for each in counted)]
    if len(counted) < _NUMBERED or box.bottom - box.top < _TALL * height:
        return list(lines)
    if sum(line.box.left < box.right and line.box.right > box.left for line in others) > 0.2 * len(others):
        return list(lines)
    return others
