"""Lines that come in no order, put in the one they are read in: columns, tables, rows. Pure."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise
from statistics import median

from ingest.readers.page.lines import LONG, Block, Line, around, beside, brief, prose, spot_around
from storage.anchors import Box

_PITCH = 1.3  # of the distance between two lines: the third one is further away
_LEVEL = 0.35  # of a line's height: lines whose middles are further apart stand in different rows
_Stretch = Callable[[int], tuple[float, float]]  # where something begins and ends along one direction


def scattered(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page as a person reads them, with cells of a row as one line."""
    return list(rows(placed(lines)))


def placed(lines: Sequence[Line]) -> list[Line]:
    """The lines in the order of their places alone."""
    return [line for block in _sorted(_blocks(lines)) for line in block]


def rows(lines: Sequence[Line]) -> Iterator[Line]:
    """Lines that follow each other from left to right at one height, as one."""
    row: Block = []
    for line in lines:
        if row and (row[-1].rows or line.rows or not _follows(row[-1], line)):
            yield _joined(row)
            row = []
        row.append(line)
    if row:
        yield _joined(row)


def _follows(line: Line, other: Line) -> bool:
    return beside(line.box, other.box) and line.box.right <= other.box.left + 0.5 * other.height


def _joined(row: Block) -> Line:
    if len(row) == 1:
        return row[0]
    text = row[0].text
    for before, line in pairwise(row):
        close = line.box.left - before.box.right < 0.15 * line.height
        text += line.text if close or before.broken else " " + line.text
    cells = tuple(cell for line in row for cell in line.cells or (line,))
    return Line(text, around([line.box for line in row]), row[-1].broken, cells, spot_around(row))


def _blocks(lines: Sequence[Line]) -> list[Block]:
    """Each line with the one above it, if it stands close under that and no third one is beside or between them."""
    ranked = sorted(lines, key=lambda line: (line.box.top, line.box.left))
    tops = [line.box.top for line in ranked]
    tallest = max((line.height for line in ranked), default=0.0)
    blocks: list[Block] = []
    for line in ranked:
        above = [
            block for block in blocks if line.box.top < block[-1].box.bottom + tallest * 1.5 and _under(block, line)
        ]
        if len(above) == 1:
            last = above[0][-1]
            joint = around([last.box, line.box])
            level = ranked[bisect_left(tops, joint.top - tallest) : bisect_left(tops, joint.bottom)]
            if not any(_overlap(joint, other.box) for other in level if other is not line and other is not last):
                above[0].append(line)
                continue
        blocks.append([line])
    return blocks


def _under(block: Block, line: Line) -> bool:
    """Whether a line stands right under a block, not further away than the block's own lines."""
    one, other = block[-1].box, line.box
    height = min(block[-1].height, line.height)
    if not -0.6 * height < other.top - one.bottom < 1.5 * height:
        return False
    across = min(one.right, other.right) - max(one.left, other.left)
    usual = _PITCH * (one.bottom - block[-2].box.bottom) if len(block) > 1 else 3 * height
    return across > 0.5 * min(one.right - one.left, other.right - other.left) and other.bottom - one.bottom < usual


def _overlap(one: Box, other: Box) -> bool:
    """Whether boxes share more than their rims."""
    rim = 0.2 * (other.bottom - other.top)
    across = min(one.right, other.right) - max(one.left, other.left)
    return across > rim and min(one.bottom, other.bottom) - max(one.top, other.top) > 2 * rim


def cells_beside(block: Block, lines: Sequence[Line]) -> list[Line]:
    """The lines that are in the rows of a table of which the block is a column; none where it is not one.

    Text that is wrapped within cells is no such column: there, lines side by side have nothing to do with each other.
    """
    others = [line for line in lines if any(beside(line.box, each.box) for each in block)]
    if not others or not brief(block):
        return []
    if len(block) < LONG and not _figures(block) and not _figures(others):
        return []
    if not brief(others) and sum(line.sparse for line in others) < 0.5 * len(others):
        return []
    matched = sum(any(beside(line.box, each.box) for each in others) for line in block)
    return others if matched >= 0.7 * len(block) else []


def _figures(lines: Sequence[Line]) -> bool:
    return sum(any(sign.isdigit() for sign in line.text) for line in lines) >= 0.6 * len(lines)


def _by_rows(block: Block) -> Block:
    """Lines from top to bottom, those at one height from left to right."""
    found: list[Block] = []
    middle = 0.0
    for line in sorted(block, key=_middle):
        if found and _middle(line) - middle < _LEVEL * line.height:
            found[-1].append(line)
            middle += (_middle(line) - middle) / len(found[-1])
        else:
            found.append([line])
            middle = _middle(line)
    return [line for row in found for line in sorted(row, key=lambda line: line.box.left)]


def _middle(line: Line) -> float:
    return (line.box.top + line.box.bottom) / 2


def _sorted(blocks: list[Block]) -> list[Block]:
    """Blocks in reading order: columns one after the other, below what stands above them all."""
    done: list[Block] = []
    waiting = [blocks]
    while waiting:
        parts = _split(waiting.pop())
        if len(parts) == 1:
            done += parts[0]
        else:
            waiting += reversed(parts)
    return done


def _split(blocks: list[Block]) -> list[list[Block]]:
    """The parts that blocks are read in; one where they cannot be parted any more, in order."""
    if len(blocks) < 2:
        return [blocks]
    boxes = [around([line.box for line in block]) for block in blocks]
    slack = 0.3 * median(line.height for block in blocks for line in block)
    across = [
        [blocks[at] for at in part]
        for part in parted(len(blocks), lambda at: (boxes[at].left, boxes[at].right), 2 * slack)
    ]
    columns = [[line for block in part for line in block] for part in across]
    if len(columns) > 1 and all(map(prose, columns)):
        return across
    down = parted(len(blocks), lambda at: (boxes[at].top, boxes[at].bottom), slack)
    if len(down) > 1:  # first what is widest, since that may stand across all columns
        widest = max(range(len(blocks)), key=lambda at: boxes[at].right - boxes[at].left)
        middle = next(number for number, part in enumerate(down) if widest in part)
        stages = [down[:middle], down[middle : middle + 1], down[middle + 1 :]]
        return [[blocks[at] for at in chain.from_iterable(stage)] for stage in stages if stage]
    if len(columns) > 1 and any(map(prose, columns)) and not _in_rows(columns):
        return across
    return [[_by_rows([line for block in blocks for line in block])]]


def _in_rows(columns: Sequence[Block]) -> bool:
    """Whether lines of columns stand at the same heights, as cells of a table do."""
    fewest = min(columns, key=len)
    others = [_middle(line) for column in columns if column is not fewest for line in column]
    level = [any(abs(_middle(line) - other) < _LEVEL * line.height for other in others) for line in fewest]
    return sum(level) >= 0.7 * len(level)


def parted(count: int, stretch: _Stretch, slack: float) -> list[list[int]]:
    """Numbers below `count` in groups that nothing joins along one direction."""
    parts: list[list[int]] = []
    end = 0.0
    for at in sorted(range(count), key=stretch):
        start, stop = stretch(at)
        if parts and start < end - slack:
            parts[-1].append(at)
        else:
            parts.append([at])
        end = max(end, stop)
    return parts
