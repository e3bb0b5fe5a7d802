"""Lines that were found in one go across two columns, cut where the gap between the columns is."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ingest.readers.picture.engine import Pixels, Quad

_WIDE = 15  # times as wide as tall: shorter lines are left alone
_GAP = 0.5  # of a line's height, without ink
_MATE = 0.6  # of a line's height: another line that begins there
_MATES = 3


def parted(picture: "Pixels", quads: "Sequence[Quad]") -> "list[Quad]":
    """The lines, those cut in two that cross a gap where several others begin."""
    import numpy as np

    begins = np.array([quad[:, 0].min() for quad in quads])
    out: list[Quad] = []
    for quad in quads:
        left, top, right, bottom = _around(picture, quad)
        tall = bottom - top
        if right - left < _WIDE * tall:
            out.append(quad)
            continue
        rest = quad
        for start, stop in _gaps(picture[top:bottom, left:right], _GAP * tall):
            if (np.abs(begins - (left + stop)) < _MATE * tall).sum() >= _MATES:
                first, rest = cut(rest, left + start, left + stop)
                out.append(first)
        out.append(rest)
    return out


def _around(picture: "Pixels", quad: "Quad") -> tuple[int, int, int, int]:
    height, width = picture.shape[:2]
    left, top = quad.min(axis=0).tolist()
    right, bottom = quad.max(axis=0).tolist()
    return max(0, int(left)), max(0, int(top)), min(width, int(right) + 1), min(height, int(bottom) + 1)


def _gaps(line: "Pixels", least: float) -> list[tuple[int, int]]:
    """Where there is no ink in a line, between ink, at least so wide."""
    import cv2
    import numpy as np

    grey = cv2.cvtColor(line, cv2.COLOR_BGR2GRAY)
    if int(np.median(grey)) < 128:  # light on dark
        grey = 255 - grey
    _, ink = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    middle = ink[len(ink) // 6 : -(len(ink) // 6) or None]  # without the lines above and below
    filled = np.flatnonzero(middle.any(axis=0)).tolist()
    return [(before + 1, after) for before, after in pairwise(filled) if after - before > least]


def cut(quad: "Quad", start: float, stop: float) -> "tuple[Quad, Quad]":
    """The parts of a line before and after a gap."""
    import numpy as np

    upper_left, upper_right, lower_right, lower_left = quad

    def at(one: "NDArray[np.float32]", other: "NDArray[np.float32]", x: float) -> "NDArray[np.float32]":
        share = np.float32((x - one[0]) / max(other[0] - one[0], 1.0))
        found: NDArray[np.float32] = one + (other - one) * share
        return found

    first = [upper_left, at(upper_left, upper_right, start), at(lower_left, lower_right, start), lower_left]
    second = [at(upper_left, upper_right, stop), upper_right, lower_right, at(lower_left, lower_right, stop)]
    return np.array(first, dtype=np.float32), np.array(second, dtype=np.float32)
