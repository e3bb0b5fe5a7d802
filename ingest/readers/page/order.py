"""The order in which a PDF's page is read: that of the file, as long as it makes sense on the page. Pure."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from ingest.readers.page.layout import cells_beside, parted, placed, rows
from ingest.readers.page.lines import Block, Line, around, beside

_VOID = 8.0  # heights of a line
_MOST = 600  # lines of a page that are put in order; drawings have more, and no order


def in_order(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page as a person reads them, with cells of a row as one line.

    They come in the order of the file. That is kept where it goes down the page, column by column; what strays from
    there is put where it stands, and where such stretches share a height, they are sorted by their places.
    """
    lines = list(rows(lines))
    runs = _runs(lines) if len(lines) <= _MOST else []
    if len(runs) < 2:
        return lines
    ordered: list[Line] = []
    for level in _levels(runs):
        mixed = any(other.of != one.of for one, other in pairwise(level))
        block = [line for run in level for line in run.lines]
        ordered += placed(block) if mixed else block
    return list(rows(ordered))


class _Run(NamedTuple):
    """Lines of one stretch `of` the file's order, below all lines of it that come before."""

    of: int
    lines: Block


def _runs(lines: Sequence[Line]) -> list[_Run]:
    """The lines, cut where one stands above or left of that before it and does not begin a new column of text. If one
    does, cut wherever nothing stands beside each other: others may stand there."""
    stray, begin = _turns(lines)
    begin.append(len(lines))
    for before, start, end in zip(begin, begin[1:], begin[2:], strict=False):
        if start not in stray and cells_beside(_level_with(lines[before:start], lines[start]), lines[start:end]):
            stray.add(start)
    if not stray:
        return [_Run(0, list(lines))]
    bounds = [0, *sorted(stray), len(lines)]
    whole = [list(lines[start:end]) for start, end in pairwise(bounds)]
    main = max(range(len(whole)), key=lambda of: len(whole[of]))
    runs = [_Run(of, run) for of, each in enumerate(whole) if of != main for run in _slices(each)]
    body = around([line.box for line in whole[main]])
    if any(line.box.top < body.bottom and line.box.bottom > body.top for run in runs for line in run.lines):
        return sorted([*runs, *(_Run(main, run) for run in _slices(whole[main]))], key=lambda run: run.of)
    return sorted([*runs, _Run(main, whole[main])], key=lambda run: run.of)


def _slices(lines: Sequence[Line]) -> Iterator[Block]:
    """The lines, cut wherever all before are above all that follow."""
    tops = list(accumulate((line.box.top for line in reversed(lines)), min))[::-1]
    bottom = lines[0].box.bottom
    start = 0
    for at, line in enumerate(lines):
        if at > start and tops[at] >= bottom - 0.3 * line.height:
            yield list(lines[start:at])
            start = at
        bottom = max(bottom, line.box.bottom)
    yield list(lines[start:])


def _turns(lines: Sequence[Line]) -> tuple[set[int], list[int]]:
    """Which lines stray from the order, and which begin a column: the first one, these, and others that are above the
    line before, but right of the column that stands at their height."""
    stray: set[int] = set()
    begin = [0]
    for at, (before, line) in enumerate(pairwise(lines), 1):
        if beside(before.box, line.box):
            if line.box.right <= before.box.left:
                stray.add(at)
        elif line.box.top < before.box.top:
            level = _level_with(lines[begin[-1] : at], line)
            if _loose(level) or max(each.box.right for each in level) > line.box.left + 0.5 * line.height:
                stray.add(at)
            begin.append(at)
    return stray, begin


def _level_with(column: Sequence[Line], line: Line) -> Block:
    """The lines of a column that are not above the line."""
    return [each for each in column if each.box.bottom > line.box.top + 0.5 * line.height]


def _loose(column: Sequence[Line]) -> bool:
    """Whether lines are no column at all, like a page's head and foot."""
    return len(column) < 3 and (not column or column[-1].box.top - column[0].box.top > _VOID * column[0].height)


def _levels(runs: Sequence[_Run]) -> list[list[_Run]]:
    """Runs from top to bottom, those together that share a height on the page, each in the order of the file."""
    spans = [around([line.box for line in run.lines]) for run in runs]
    slack = [0.5 * min(line.height for line in run.lines) for run in runs]
    parts = parted(len(runs), lambda at: (spans[at].top + slack[at], spans[at].bottom), 0.0)
    return [[runs[at] for at in sorted(part)] for part in parts]
