"""The process that draws a slide from its shapes: plain grounds, pictures, and its text where it stands.

It is a sketch: charts, diagrams and effects are left to the program that the slide was made with.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from PIL import Image, ImageChops
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.oxml.ns import qn
from pptx.package import Package

from ingest.readers.office import pptx
from ingest.readers.office.slides import Scale
from storage.anchors import Box
from ui.original.child import Object, answer
from ui.original.image import fitting, plain
from ui.original.palette import WHITE, Palette
from ui.original.pictures import TALLEST, WIDTH, packed
from ui.original.quote import find, lines
from ui.original.styles import Styles
from ui.original.typeset import Colour, Frame, Paragraph, Run, Sheet

_DEEPEST = 10  # groups in groups
_FILLS = ("solidFill", "gradFill", "noFill", "blipFill", "pattFill", "grpFill")
_LINE: Colour = (150, 150, 150)


def draw(request: Object) -> tuple[Object, bytes]:
    """Slide `page` (from 1) of the presentation at `path`, with the boxes of `quote`."""
    deck = Package.open(request["path"]).main_document_part.presentation
    slide = deck.slides[request["page"] - 1]
    wide, tall = deck.slide_width or pptx.USUAL[0], deck.slide_height or pptx.USUAL[1]
    scale = min(WIDTH / wide, TALLEST / tall)
    size = max(round(wide * scale), 1), max(round(tall * scale), 1)
    palette = Palette(slide)
    sheet = Sheet(Image.new("RGB", size, _ground(slide, palette)))
    sketch = _Sketch(sheet, palette, Styles(slide, palette, scale))
    for shape, box in _shapes(slide.shapes, Scale(scale, scale)):
        sketch.shape(shape, box) if abs(getattr(shape, "rotation", 0.0)) < 1 else sketch.turned(shape, box)
    span = find("".join(sheet.letters), request["quote"], request["near"])
    return packed(sheet.image, len(deck.slides), lines(sheet.boxes[slice(*(span or (0, 0)))]))


def _ground(slide: Any, palette: Palette) -> Colour:
    """The colour of the slide's background, or of its layout's, or of its master's."""
    for each in (slide, slide.slide_layout, slide.slide_layout.slide_master):
        ground = each.element.find(f"{qn('p:cSld')}/{qn('p:bg')}")
        if ground is not None and (colour := palette.of(ground)):
            return colour
    return palette.named("bg1") or WHITE


def _shapes(shapes: Any, scale: Scale, depth: int = 0) -> Iterator[tuple[Any, Box]]:
    for shape in shapes:
        box = pptx.place(shape, scale)
        if box is None:
            continue
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
            if depth < _DEEPEST:
                yield from _shapes(shape.shapes, pptx.within(shape, box, scale), depth + 1)
        else:
            yield shape, box


class _Sketch:
    def __init__(self, sheet: Sheet, palette: Palette, styles: Styles) -> None:
        self._sheet, self._palette, self._styles = sheet, palette, styles

    def shape(self, shape: Any, box: Box) -> None:
        """Draw one shape, if anything of it can be drawn."""
        if getattr(shape, "has_table", False):
            self._table(shape, box)
        elif getattr(shape, "has_chart", False):
            self._chart(shape.chart.element, box)
        elif shape.element.tag == qn("p:pic"):
            self._picture(shape, box)
        elif shape.element.tag == qn("p:cxnSp"):
            self._sheet.pen.line(_ends(shape, box), self._outline(shape) or _LINE, 2)
        elif shape.has_text_frame:
            self._filled(shape, box)
            self._text(shape, shape.element.find(qn("p:txBody")), box)
        elif shape.element.tag == qn("p:graphicFrame"):
            self._sheet.pen.rectangle(_corners(box), outline=_LINE)

    def turned(self, shape: Any, box: Box) -> None:
        """Draw a shape that is turned round its middle."""
        whole, under = self._sheet, self._under(box)
        size = max(round(box.right - box.left), 1), max(round(box.bottom - box.top), 1)
        flat = Image.new("RGB", size, under)
        self._sheet = Sheet(flat.copy())
        self.shape(shape, Box(0, 0, *size))
        drawn, self._sheet = self._sheet.image, whole
        mask = ImageChops.difference(drawn, flat).convert("L").point(lambda value: 255 if value else 0)
        turned, cut = (each.rotate(-shape.rotation, expand=True) for each in (drawn, mask))
        left, top = (box.left + box.right - turned.width) / 2, (box.top + box.bottom - turned.height) / 2
        whole.image.paste(turned, (round(left), round(top)), cut)

    def _text(self, shape: Any, body: Any, box: Box) -> None:
        if body is None or not "".join(body.itertext()).strip():
            return
        frame = self._styles.frame(shape, body, Frame(box))
        self._sheet.set(self._styles.paragraphs(shape, body, self._under(box)), frame)

    def _under(self, box: Box) -> Colour:
        """The colour that a text in this box stands on: the mean of what is drawn there."""
        image = self._sheet.image
        left, top = max(round(box.left), 0), max(round(box.top), 0)
        right, bottom = min(round(box.right), image.width), min(round(box.bottom), image.height)
        if right <= left or bottom <= top:
            return WHITE
        red, green, blue = image.crop((left, top, right, bottom)).resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
        return int(red), int(green), int(blue)

    def _filled(self, shape: Any, box: Box) -> None:
        fill, line = self._fill(shape), self._outline(shape)
        form = shape.element.find(f"{qn('p:spPr')}/{qn('a:prstGeom')}")
        kind = form.get("prst", "") if form is not None else "rect"
        if shape.element.find(f"{qn('p:spPr')}/{qn('a:custGeom')}") is not None:
            fill = None  # of any form: its box would hide what lies beside it
        if fill is None and line is None:
            return
        if kind == "ellipse":
            self._sheet.pen.ellipse(_corners(box), fill, line, 2)
        elif kind == "line":
            self._sheet.pen.line(_ends(shape, box), line or _LINE, 2)
        else:
            radius = min(box.right - box.left, box.bottom - box.top) * (0.12 if kind == "roundRect" else 0)
            self._sheet.pen.rounded_rectangle(_corners(box), radius, fill, line, 2)

    def _fill(self, shape: Any) -> Colour | None:
        own = shape.element.find(qn("p:spPr"))
        for name in _FILLS:
            if own is not None and (found := own.find(qn(f"a:{name}"))) is not None:
                return self._palette.of(found) if name in ("solidFill", "gradFill") else None
        style = shape.element.find(f"{qn('p:style')}/{qn('a:fillRef')}")
        return self._palette.of(style) if style is not None and style.get("idx") != "0" else None

    def _outline(self, shape: Any) -> Colour | None:
        line = shape.element.find(f"{qn('p:spPr')}/{qn('a:ln')}")
        if line is not None and line.find(qn("a:noFill")) is not None:
            return None
        style = shape.element.find(f"{qn('p:style')}/{qn('a:lnRef')}")
        return self._palette.of(line) or (
            self._palette.of(style) if style is not None and style.get("idx") != "0" else None
        )

    def _picture(self, shape: Any, box: Box) -> None:
        """A picture, cut as the slide says; a frame in the place of one of a kind that nothing here reads."""
        size = round(box.right - box.left), round(box.bottom - box.top)
        if min(size) < 1:
            return
        try:
            with Image.open(BytesIO(shape.image.blob)) as found:
                cut = _cropped(found, shape)
                shown = plain(fitting(cut, *(4 * side for side in size)))
        except (
            OSError,
            ValueError,
            KeyError,
            Image.DecompressionBombError,
        ):  # a link, or of a kind that none here reads
            self._sheet.pen.rectangle(_corners(box), (235, 235, 235), _LINE)
            return
        self._sheet.image.paste(shown.resize(size), (round(box.left), round(box.top)))

    def _table(self, shape: Any, box: Box) -> None:
        table = shape.table
        across = (box.right - box.left) / max(sum(column.width for column in table.columns), 1)
        down = (box.bottom - box.top) / max(sum(row.height for row in table.rows), 1)
        top = box.top
        for row in table.rows:
            left, bottom = box.left, top + row.height * down
            for cell, column in zip(row.cells, table.columns, strict=False):
                width = column.width * across
                if not cell.is_spanned:
                    self._cell(cell, Box(left, top, left + width * cell.span_width, bottom))
                left += width
            top = bottom

    def _cell(self, cell: Any, box: Box) -> None:
        own = cell._tc.find(qn("a:tcPr"))
        fill = self._palette.of(own.find(qn("a:solidFill"))) if own is not None else None
        self._sheet.pen.rectangle(_corners(box), fill, _LINE)
        self._text(None, cell._tc.find(qn("a:txBody")), box)

    def _chart(self, chart: Any, box: Box) -> None:
        """The values of a chart, in a frame."""
        self._sheet.pen.rectangle(_corners(box), outline=_LINE)
        ink = self._palette.named("tx1") or (0, 0, 0)
        said = [Paragraph((Run(line, (box.bottom - box.top) / 18, ink, bold),)) for line, bold in _values(chart)]
        self._sheet.set(said, Frame(Box(box.left + 10, box.top + 8, box.right - 10, box.bottom - 8)))


def _values(chart: Any) -> Iterator[tuple[str, bool]]:
    """The lines that say what a chart shows, and whether each is its title."""
    title = chart.find(f"{qn('c:chart')}/{qn('c:title')}")
    if title is not None and (said := "".join(each.text or "" for each in title.iter(qn("a:t")))):
        yield said, True
    for series in chart.iter(qn("c:ser")):
        name, names, values = (_cached(series.find(qn(each))) for each in ("c:tx", "c:cat", "c:val"))
        paired = [" ".join(each) for each in zip(names, values, strict=False)] if names else values
        yield f"{' '.join(name)}: {', '.join(paired)}" if name else ", ".join(paired), False


def _cached(element: Any) -> list[str]:
    return [] if element is None else [each.text or "" for each in element.iter(qn("c:v"))]


def _cropped(image: Image.Image, shape: Any) -> Image.Image:
    left, top = shape.crop_left * image.width, shape.crop_top * image.height
    right, bottom = (1 - shape.crop_right) * image.width, (1 - shape.crop_bottom) * image.height
    cut = round(left), round(top), round(right), round(bottom)
    inside = cut[2] > cut[0] and cut[3] > cut[1]
    return (
        image.crop(cut)
        if any((shape.crop_left, shape.crop_top, shape.crop_right, shape.crop_bottom)) and inside
        else image
    )


def _ends(shape: Any, box: Box) -> Sequence[tuple[float, float]]:
    """The ends of a line: it goes down to the right, or down to the left."""
    place = shape.element.find(f"{qn('p:spPr')}/{qn('a:xfrm')}")
    flips = [place.get(name) in ("1", "true") for name in ("flipH", "flipV")] if place is not None else [False, False]
    left, right = (box.left, box.right) if flips[0] == flips[1] else (box.right, box.left)
    return [(left, box.top), (right, box.bottom)]


def _corners(box: Box) -> Sequence[tuple[float, float]]:
    return [(box.left, box.top), (max(box.right, box.left), max(box.bottom, box.top))]


if __name__ == "__main__":
    answer(draw)
