"""What is drawn on a page of a PDF beside its characters: pictures, paths, fonts, text that nobody sees."""

import re
from collections.abc import Iterator
from ctypes import addressof, c_float, create_string_buffer
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

_LATIN = re.compile(
    r"helvetica|arial|times|courier|symbol|dingbats|calibri|cambria|verdana|georgia|tahoma|trebuchet", re.I
)
SCANNED = 0.7  # of a page covered by pictures: it is one, and invisible text above is what OCR read there
_MOST_THINGS = 200_000
_DEEPEST = 3  # forms within forms
_INVISIBLE = (pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP)
# Called a thousand times for a page: looking up their names would cost as much as they do.
_thing = pdfium_c.FPDFPage_GetObject
_kind = pdfium_c.FPDFPageObj_GetType
_mode = pdfium_c.FPDFTextObj_GetTextRenderMode
_font = pdfium_c.FPDFTextObj_GetFont


@dataclass(slots=True)
class Drawn:
    """What is on a page beside its characters.

    `pictures` is the share of it that images cover, `paths` how many lines and areas there are, `texts` and `invisible`
    count stretches of text; `doubtful` says that a font is neither embedded nor Latin; `strange` is the share of the
    characters that stand for nothing.
    """

    pictures: float = 0.0
    paths: int = 0
    texts: int = 0
    invisible: int = 0
    doubtful: bool = False
    strange: float = 0.0

    @property
    def scanned(self) -> bool:
        """Whether the page is a picture, with what OCR once read in it as invisible text above."""
        return self.pictures >= SCANNED and self.texts > 0 and self.invisible >= 0.9 * self.texts


def look(page: pdfium.PdfPage, area: float) -> tuple[Drawn, list[Any]]:
    """What is on the page, and its paths, but for those within forms."""
    drawn = Drawn()
    paths = []
    fonts: set[int] = set()
    for kind, thing, scale in islice(_things(page.raw), _MOST_THINGS):
        if kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            drawn.texts += 1
            if _mode(thing) in _INVISIBLE:
                drawn.invisible += 1
            font = _font(thing)
            if font and (address := addressof(font.contents)) not in fonts:
                fonts.add(address)
                drawn.doubtful = drawn.doubtful or _foreign(font)
        elif kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            drawn.pictures = min(1.0, drawn.pictures + scale * _area(thing) / max(area, 1.0))
        elif kind == pdfium_c.FPDF_PAGEOBJ_PATH:
            drawn.paths += 1
            if scale == 1.0:
                paths.append(thing)
    return drawn, paths


def invisible(thing: Any) -> bool:
    """Whether a stretch of text is there to be found, and not to be seen."""
    return _mode(thing) in _INVISIBLE


def _things(page: Any) -> Iterator[tuple[int, Any, float]]:
    """What is drawn on the page, within forms too: its kind, itself, and how much larger it is there."""
    for at in range(pdfium_c.FPDFPage_CountObjects(page)):
        thing = _thing(page, at)
        kind = _kind(thing)
        yield kind, thing, 1.0
        if kind == pdfium_c.FPDF_PAGEOBJ_FORM:
            yield from _inside(thing, 1.0, _DEEPEST)


def _inside(form: Any, scale: float, depth: int) -> Iterator[tuple[int, Any, float]]:
    matrix = pdfium_c.FS_MATRIX()
    if pdfium_c.FPDFPageObj_GetMatrix(form, matrix):
        scale *= abs(matrix.a * matrix.d - matrix.b * matrix.c)
    for at in range(pdfium_c.FPDFFormObj_CountObjects(form)):
        thing = pdfium_c.FPDFFormObj_GetObject(form, at)
        kind = pdfium_c.FPDFPageObj_GetType(thing)
        yield kind, thing, scale
        if kind == pdfium_c.FPDF_PAGEOBJ_FORM and depth > 1:
            yield from _inside(thing, scale, depth - 1)


def _area(thing: Any) -> float:
    left, bottom, right, top = sides = [c_float() for _ in range(4)]
    if not pdfium_c.FPDFPageObj_GetBounds(thing, *sides):
        return 0.0
    area = (right.value - left.value) * (top.value - bottom.value)
    return max(area, 0.0) if isfinite(area) else 0.0


def _foreign(font: Any) -> bool:
    """Whether a font is neither embedded nor Latin. Where the system has no Chinese font, PDFium leaves out the text of
    such fonts and says nothing."""
    if pdfium_c.FPDFFont_GetIsEmbedded(font):
        return False
    name = create_string_buffer(200)
    pdfium_c.FPDFFont_GetBaseFontName(font, name, len(name))
    return not _LATIN.search(name.value.decode("utf-8", errors="replace"))
