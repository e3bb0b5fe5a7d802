"""Text below a red stamp: read as if the stamp was not there, where that says more."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from storage.anchors import Box

if TYPE_CHECKING:
    from ingest.readers.picture.engine import Engine, Pixels, Quad

_RED = 40  # of 255: by how much more red than anything else a stamp is
_FEW = 0.0005  # of a picture's pixels: less red is no stamp
_PALE = 1.2  # times as light: a stamp turns white
_TOUCHED = 0.01  # of a line's pixels: so much red lies on it
_COVERED = 0.5  # of a line's box, where it is the same line

Cut = Callable[["Pixels", "Quad"], "Pixels"]


def unstamped(picture: "Pixels", quads: "Sequence[Quad]", engine: "Engine", cut: Cut) -> "tuple[Pixels, list[Quad]]":
    """The picture, and the lines in it, without red where this makes lines longer; red text stays."""
    import cv2
    import numpy as np

    blue, green, red = cv2.split(picture)
    stamped = cv2.subtract(red, cv2.max(blue, green)) > _RED
    if stamped.mean() < _FEW:
        return picture, list(quads)
    grey = cv2.convertScaleAbs(red, alpha=_PALE)[:, :, None]
    plain = np.where(stamped[:, :, None], grey, picture)
    shown, kept = picture.copy(), list(quads)
    for quad in engine.find(plain):
        box = _box(quad)
        here = slice(int(box.top), int(box.bottom) + 1), slice(int(box.left), int(box.right) + 1)
        if stamped[here].mean() < _TOUCHED:
            continue
        before = [each for each in kept if _same(_box(each), box)]
        read = engine.read([cut(plain, quad), *(cut(picture, each) for each in before)])
        said = [len(text) * sure for text, sure in read]
        if said[0] > sum(said[1:]):
            shown[here] = plain[here]
            kept = [each for each in kept if not any(each is old for old in before)] + [quad]
    return shown, kept


def _box(quad: "Quad") -> Box:
    (left, top), (right, bottom) = quad.min(axis=0).tolist(), quad.max(axis=0).tolist()
    return Box(left, top, right, bottom)


def _same(one: Box, other: Box) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    size = min((box.right - box.left) * (box.bottom - box.top) for box in (one, other))
    return across > 0 and down > 0 and across * down > _COVERED * size
