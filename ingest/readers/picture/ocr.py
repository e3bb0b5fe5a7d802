"""Read pictures: which way up they are, their lines in order, and where each is shown."""

import re
from collections.abc import Callable, Sequence
from math import atan2, cos, hypot, sin
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from ingest.readers.page.layout import scattered
from ingest.readers.page.lines import Line
from ingest.readers.page.table import tabled
from ingest.readers.picture.columns import parted
from ingest.readers.picture.stamps import unstamped
from ingest.readers.picture.tables import tables, within
from storage.anchors import Box

if TYPE_CHECKING:
    from PIL.Image import Image

    from ingest.readers.page.grid import Grid
    from ingest.readers.picture.engine import Pixels, Quad

Progress = Callable[[int, int], None]  # pages done, pages in all

_SURE = 0.5  # lines that are less sure are spots and pictures
_ASKED = 12  # lines that are asked whether they are upside down
_STRAIGHT = 0.01  # a tilt below that: rulings cross lines where they do in the picture
_COMPARED = 3  # lines that are read both ways up
_TALL = 1.5  # times as tall as wide: lines that run downwards
_RIM = 0.2  # of a line's height
_COMMA = re.compile(r"(?<=\d)，(?=\d{3}(?!\d))")  # within a number


class Seen(NamedTuple):
    """The lines of a picture in reading order, in pixels of the picture upright, which is so tall. `sure`: 0 to 1."""

    lines: list[Line]
    height: float
    sure: float


def look(picture: "Image") -> Seen:
    """Read a picture of a page, whichever way it is turned."""
    import numpy as np

    from ingest.readers.picture.engine import engine

    given: Pixels = np.ascontiguousarray(np.asarray(picture.convert("RGB"))[:, :, ::-1])
    quads = engine().find(given)
    turns = 0  # quarters to the left that make it upright
    upright = given
    if _lie(quads):
        turns = 1
        upright = np.ascontiguousarray(np.rot90(given))
        quads = engine().find(upright)
    if _on_its_head(upright, quads):
        turns += 2
        upright = np.ascontiguousarray(np.rot90(upright, 2))
        limits = np.array([upright.shape[1], upright.shape[0]], dtype=np.float32)
        quads = [np.roll(limits - quad, 2, axis=0) for quad in quads]
    upright, quads = unstamped(upright, quads, engine(), _cut)
    return _read(upright, parted(upright, quads), turns)


def _on_its_head(picture: "Pixels", quads: "Sequence[Quad]") -> bool:
    """Whether the longest lines say so, and can be read better the other way up."""
    from ingest.readers.picture.engine import engine

    longest = sorted((quad for quad in quads if not _runs_down(quad)), key=_length, reverse=True)[:_ASKED]
    lines = [_cut(picture, quad) for quad in longest]
    if 2 * sum(engine().on_their_heads(lines)) <= len(lines):
        return False
    some = lines[:_COMPARED]
    given, turned = engine().read(some), engine().read([line[::-1, ::-1].copy() for line in some])
    return sum(sure for _, sure in turned) > sum(sure for _, sure in given)


def _read(upright: "Pixels", quads: "Sequence[Quad]", turns: int) -> Seen:
    from ingest.readers.picture.engine import engine

    height, width = upright.shape[:2]
    straight = [quad for quad in quads if not _runs_down(quad)]
    tilt = median([_tilt(quad) for quad in straight] or [0.0])
    ruled = tables(upright, tilt, median([min(_sides(quad)) for quad in straight] or [float(height)]))
    quads = within(quads, ruled) if ruled and abs(tilt) < _STRAIGHT else quads
    cuts = [_cut(upright, quad) for quad in quads]
    down = [at for at, quad in enumerate(quads) if _runs_down(quad)]
    for at, head in zip(down, engine().on_their_heads([cuts[at] for at in down]), strict=True):
        cuts[at] = cuts[at][::-1, ::-1].copy() if head else cuts[at]
    found: list[Line] = []
    aside: list[Line] = []
    sure: list[tuple[float, int]] = []
    for at, (text, certain) in enumerate(engine().read(cuts)):
        words = _COMMA.sub(",", text.strip())
        if certain >= _SURE and words:
            line = Line(words, _levelled(quads[at], tilt), spot=_shown(quads[at], width, height, turns))
            (aside if at in down else found).append(line)
            sure.append((certain, len(words)))
    signs = sum(size for _, size in sure)
    lines = scattered(_tabled(found, ruled, (width, height), turns))
    lines += sorted(aside, key=lambda line: -line.box.right)
    return Seen(lines, float(height), sum(certain * size for certain, size in sure) / max(signs, 1))


def _tabled(lines: list[Line], ruled: "Sequence[Grid]", size: tuple[int, int], turns: int) -> list[Line]:
    """The lines with rows of tables, whose places are told as the picture was given."""
    if not ruled:
        return lines
    lines.sort(key=lambda line: (line.box.top, line.box.left))
    return [
        line._replace(rows=tuple(row._replace(spot=_turned(row.spot, turns)) for row in line.rows))
        for line in tabled(lines, ruled, *size)
    ]


def _turned(spot: Box | None, turns: int) -> Box | None:
    """A box in shares of the upright picture, in shares of the picture as it was given."""
    for _ in range(turns % 4 if spot else 0):
        assert spot is not None
        spot = Box(1 - spot.bottom, spot.left, 1 - spot.top, spot.right)
    return spot


def _cut(picture: "Pixels", quad: "Quad") -> "Pixels":
    """A line as a picture of its own; one that runs down is turned to the left."""
    import numpy as np
    from rapidocr.utils.process_img import get_rotate_crop_image

    return np.ascontiguousarray(get_rotate_crop_image(picture, quad.copy()))


def _sides(quad: "Quad") -> tuple[float, float]:
    """Width and height."""
    across, down = quad[1] - quad[0], quad[3] - quad[0]
    return hypot(*across.tolist()), hypot(*down.tolist())


def _length(quad: "Quad") -> float:
    return max(_sides(quad))


def _runs_down(quad: "Quad") -> bool:
    width, height = _sides(quad)
    return height >= _TALL * width


def _lie(quads: "Sequence[Quad]") -> bool:
    """Whether most of what is written runs down the picture: it lies on its side, or is Chinese in columns."""
    down = sum(_length(quad) for quad in quads if _runs_down(quad))
    return down > 0.6 * sum(_length(quad) for quad in quads)


def _tilt(quad: "Quad") -> float:
    (left, top), (right, other) = quad[0].tolist(), quad[1].tolist()
    return atan2(other - top, right - left)


def _levelled(quad: "Quad", tilt: float) -> Box:
    """The box of a line, had the page been laid down straight, without the rim that it was found with."""
    x, y = quad.mean(axis=0).tolist()
    width, height = _sides(quad)
    width = max(width - 2 * _RIM * height, 0.5 * width)
    x, y = x * cos(tilt) + y * sin(tilt), y * cos(tilt) - x * sin(tilt)
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _shown(quad: "Quad", width: int, height: int, turns: int) -> Box:
    """The box of a line in shares of the picture as it was given."""
    x, y = quad[:, 0] / width, quad[:, 1] / height
    for _ in range(turns % 4):  # to the right again
        x, y = 1 - y, x
    return Box(float(x.min()), float(y.min()), float(x.max()), float(y.max())).share(1.0, 1.0)
