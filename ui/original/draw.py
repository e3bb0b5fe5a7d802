"""The child process that draws one page of a PDF: `python -m ui.original.draw`, the request on stdin.

A file that hangs, crashes PDFium or eats memory takes this process down and nothing else. The answer is a line of JSON
(pages of the file, width and height of the picture, boxes of the quote in shares of them), then a WebP picture.
"""

import ctypes
import json
import math
import sys
from collections.abc import Iterator
from io import BytesIO

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.memory import limit
from storage.anchors import Box
from ui.original.quote import find, lines

_WIDTH = 1400  # pixels of a picture, enough for a drawer of 700 on a screen that has two for each
_TALLEST = 6000
_MEMORY = 3_000_000_000  # bytes


def main() -> None:
    """Draw page `page` (from 1) of `path` and find `quote` near the share `near` of it."""
    limit(_MEMORY)
    request = json.load(sys.stdin)
    with pdfium.PdfDocument(request["path"]) as document:
        if document.get_formtype():
            document.init_forms()
        page = document[request["page"] - 1]
        width, height = page.get_size()
        picture = page.render(scale=min(_WIDTH / width, _TALLEST / height)).to_pil()
        boxes = lines(_boxes(page, request["quote"], request["near"]))
        shares = [_on_picture(page, picture.size, box).share(*picture.size) for box in boxes]
        answer = {
            "pages": len(document),
            "width": picture.width,
            "height": picture.height,
            "boxes": [(box.left, box.top, box.right, box.bottom) for box in shares],
        }
    image = BytesIO()
    picture.save(image, "WEBP", quality=80, method=2)
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + image.getvalue())


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
    main()
