"""The straight lines that a page of a PDF draws, as far as they may rule a table."""

from collections.abc import Iterator, Sequence
from ctypes import c_float, c_int
from itertools import pairwise
from math import isfinite
from typing import Any

import pypdfium2.raw as pdfium_c

from ingest.readers.page.grid import Grid, Rulings, grids
from ingest.readers.pdf.frame import Frame

_BOX = 6  # segments that a rectangle has at most
_MOST_SEGMENTS = 4_000  # of a path; a drawing has more
_MOST_PATHS = 5_000


def tables(paths: Sequence[Any], frame: Frame) -> list[Grid]:
    """The ruled tables on a page; where nothing is ruled, those whose cells are coloured."""
    drawn, shades = Rulings(), Rulings()
    left, bottom, right, top = sides = [c_float() for _ in range(4)]
    for path in paths[:_MOST_PATHS]:
        if not pdfium_c.FPDFPageObj_GetBounds(path, *sides):
            continue
        bounds = left.value, bottom.value, right.value, top.value
        if not isfinite(sum(bounds)) or drawn.add(frame.box(bounds)):
            continue
        segments = pdfium_c.FPDFPath_CountSegments(path)
        if segments <= _BOX:
            (drawn if _stroked(path) else shades).frame(frame.box(bounds))
        elif segments <= _MOST_SEGMENTS:
            for stretch in _stretches(path, segments):
                drawn.add(frame.box(stretch))
    ruled = grids(drawn)
    if ruled or not shades.across:
        return ruled
    return grids(Rulings(drawn.across + shades.across, drawn.down + shades.down))


def _stroked(path: Any) -> bool:
    """Whether a path is drawn as a line, and not only filled."""
    fill, stroke = c_int(), c_int()
    return bool(pdfium_c.FPDFPath_GetDrawMode(path, fill, stroke) and stroke.value)


def _stretches(path: Any, segments: int) -> Iterator[tuple[float, float, float, float]]:
    """Left, bottom, right and top of each line that a path draws."""
    matrix = pdfium_c.FS_MATRIX()
    pdfium_c.FPDFPageObj_GetMatrix(path, matrix)
    for start, end in pairwise(_points(path, segments, matrix)):
        if end is not None and start is not None and isfinite(sum(start) + sum(end)):
            (x, y), (to_x, to_y) = start, end
            yield min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y)


def _points(path: Any, segments: int, matrix: Any) -> Iterator[tuple[float, float] | None]:
    """The points that lines lead to, on the page; None where a line is broken off."""
    x, y = c_float(), c_float()
    first: tuple[float, float] | None = None
    for number in range(segments):
        segment = pdfium_c.FPDFPath_GetPathSegment(path, number)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        place = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
            yield None
            first = place
        yield place if kind != pdfium_c.FPDF_SEGMENT_BEZIERTO else None
        if pdfium_c.FPDFPathSegment_GetClose(segment):
            yield first
