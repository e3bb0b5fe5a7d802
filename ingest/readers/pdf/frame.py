"""How a page of a PDF lies on the display."""

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from storage.anchors import Box


class Frame:
    """From a page's own units, where y grows upwards, to its display: turned as the page is, from the top left."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        whole = pdfium_c.FS_RECTF()
        pdfium_c.FPDF_GetPageBoundingBox(page.raw, whole)
        self._left, self._bottom, self._right, self._top = whole.left, whole.bottom, whole.right, whole.top
        self._turned = pdfium_c.FPDFPage_GetRotation(page.raw)  # quarters, to the right
        self.width: float = pdfium_c.FPDF_GetPageWidthF(page.raw)
        self.height: float = pdfium_c.FPDF_GetPageHeightF(page.raw)

    def turn(self, quarters: int) -> None:
        """Turn it further to the right."""
        self._turned = (self._turned + quarters) % 4
        if quarters % 2:
            self.width, self.height = self.height, self.width

    def box(self, sides: tuple[float, float, float, float]) -> Box:
        """A box of left, bottom, right and top."""
        left, bottom, right, top = sides
        if self._turned == 1:
            return Box(bottom - self._bottom, left - self._left, top - self._bottom, right - self._left)
        if self._turned == 2:
            return Box(self._right - right, bottom - self._bottom, self._right - left, top - self._bottom)
        if self._turned == 3:
            return Box(self._top - top, self._right - right, self._top - bottom, self._right - left)
        return Box(left - self._left, self._top - top, right - self._left, self._top - bottom)

    def across(self, sides: tuple[float, float, float, float]) -> float:
        """How far from the left the middle of a box is."""
        if self._turned:
            box = self.box(sides)
            return (box.left + box.right) / 2
        left: float = self._left
        return (sides[0] + sides[2]) / 2 - left

    def shows(self, box: Box) -> bool:
        """Whether the middle of a box lies on the page."""
        return 0 <= box.left + box.right <= 2 * self.width and 0 <= box.top + box.bottom <= 2 * self.height
