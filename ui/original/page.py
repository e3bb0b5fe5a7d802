"""The process that draws one page of a PDF."""

import ctypes
import math
from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from storage.anchors import Box
from ui.original.child import Object, answer
from ui.original.pictures import TALLEST, WIDTH, packed
from ui.original.quote import find, lines


def draw(request: Object) -> tuple[Object, bytes]:
    """Page `page` (from 1) of `path`, with the boxes of `quote` near the share `near` of its text."""
    with pdfium.PdfDocument(request["path"]) as document:
        if document.get_formtype():
            document.init_forms()
        page = document[request["page"] - 1]
        width, height = page.get_size()
        picture = page.render(scale=min(WIDTH / width, TALLEST / height)).to_pil()
        boxes = lines(_boxes(page, request["quote"], request["near"]))
        return packed(picture, len(document), [_on_picture(page, picture.size, box) for box in boxes])


def _boxes(page: pdfium.PdfPage, quote: str, near: float) -> Iterator[Box]:
    """The boxes of the quote's characters in the page's own units, turned upside down: there, y grows upwards.

    None where it does not stand on this page.
    """
    if not quote:
        return
    textpage = page.get_textpage()
    codes = [pdfium_c.FPDFText_GetUnicode(textpage, at) for at in range(textpage.count_chars())]
    span = find("".join(map(chr, codes)), quote, near)
    rectangle = pdfium_c.FS_RECTF()
    for at in range(*(span or (0, 0))):
        if pdfium_c.FPDFText_GetLooseCharBox(textpage, at, rectangle):
            sides = rectangle.left, -rectangle.top, rectangle.right, -rectangle.bottom
            if all(map(math.isfinite, sides)):
                yield Box(*sides)


def _on_picture(page: pdfium.PdfPage, size: tuple[int, int], box: Box) -> Box:
    """A box in pixels of the picture: the page may be turned and cropped."""
    x, y = ctypes.c_int(), ctypes.c_int()
    across, down = [], []
    for corner in ((box.left, -box.top), (box.right, -box.bottom)):
        pdfium_c.FPDF_PageToDevice(page, 0, 0, *size, 0, *corner, x, y)
        across.append(x.value)
        down.append(y.value)
    return Box(min(across), min(down), max(across), max(down))


if __name__ == "__main__":
    answer(draw)
