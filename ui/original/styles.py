"""How the text of a slide's shape looks: what it says itself, else what its layout and its master say."""

from collections.abc import Iterator
from typing import Any, Literal

from pptx.oxml.ns import qn

from ui.original.palette import Palette, legible
from ui.original.typeset import Colour, Frame, Paragraph, Run

_POINTS = 18.0  # of a text that says nothing of its size
_EMU = 12_700  # in a point
_KINDS = {
    "title": "titleStyle",
    "ctrTitle": "titleStyle",
    "body": "bodyStyle",
    "subTitle": "bodyStyle",
    "obj": "bodyStyle",
}
_ALIGN: dict[str, Literal["left", "center", "right"]] = {"ctr": "center", "r": "right"}
_KEEPS: dict[str, Literal["top", "middle", "bottom"]] = {"ctr": "middle", "b": "bottom"}


class Styles:
    """The styles of a slide: `scale` are pixels for a unit of its file."""

    def __init__(self, slide: Any, palette: Palette, scale: float) -> None:
        self._palette, self._scale = palette, scale
        self._layout, self._master = slide.slide_layout, slide.slide_layout.slide_master

    def paragraphs(self, shape: Any, body: Any, ground: Colour) -> list[Paragraph]:
        """The paragraphs of a text body, to be read on this ground."""
        chain = _Chain(list(self._above(shape, body)))
        fit = body.find(f"{qn('a:bodyPr')}/{qn('a:normAutofit')}")
        shrunk = _share(fit.get("fontScale", "100000")) if fit is not None else 1.0
        font = shape.element.find(f"{qn('p:style')}/{qn('a:fontRef')}") if shape is not None else None
        colour = self._palette.of(font)
        made, number = [], 0
        for each in body.findall(qn("a:p")):
            paragraph = self._paragraph(each, chain, colour, ground, shrunk)
            number = number + 1 if paragraph.mark == "1." else 0
            made.append(_numbered(paragraph, number))
        return made

    def _paragraph(
        self, element: Any, chain: "_Chain", colour: Colour | None, ground: Colour, shrunk: float
    ) -> Paragraph:
        own = element.find(qn("a:pPr"))
        level = int(own.get("lvl", "0")) if own is not None else 0
        looks = [own] if own is not None else []
        looks += chain.level(level)
        runs = tuple(self._runs(element, looks, colour, ground, shrunk))
        indent = next((float(each.get("marL")) for each in looks if each.get("marL")), 0.0)
        align = next((each.get("algn") for each in looks if each.get("algn")), "l")
        return Paragraph(runs, _ALIGN.get(align, "left"), indent * self._scale, _mark(looks) if runs else "")

    def _runs(
        self, paragraph: Any, looks: list[Any], colour: Colour | None, ground: Colour, shrunk: float
    ) -> Iterator[Run]:
        inherited = [each.find(qn("a:defRPr")) for each in looks]
        for element in paragraph:
            if element.tag == qn("a:br"):
                yield self._run("\n", [element.find(qn("a:rPr")), *inherited], colour, ground, shrunk)
            elif element.tag in (qn("a:r"), qn("a:fld")):
                text = element.findtext(qn("a:t")) or ""
                yield self._run(text, [element.find(qn("a:rPr")), *inherited], colour, ground, shrunk)

    def _run(self, text: str, looks: list[Any], colour: Colour | None, ground: Colour, shrunk: float) -> Run:
        told = [each for each in looks if each is not None]
        size = next((int(each.get("sz")) / 100 for each in told if each.get("sz")), _POINTS)
        bold = next((each.get("b") for each in told if each.get("b")), "0") in ("1", "true")
        fills = [each.find(qn("a:solidFill")) for each in told]
        own = self._palette.of(fills[0]) if fills else None
        said = own or colour or next((c for c in map(self._palette.of, fills) if c), None)
        said = said or self._palette.named("tx1")
        return Run(text, size * shrunk * _EMU * self._scale, legible(said, ground), bold)

    def frame(self, shape: Any, body: Any, frame: Frame) -> Frame:
        """The part of a shape's box that its text has."""
        bodies = [body, *(each.find(qn("p:txBody")) for each in self._bases(shape))]
        told = [each.find(qn("a:bodyPr")) for each in bodies if each is not None]
        said = [each for each in told if each is not None]
        left, top, right, bottom = (
            next((float(each.get(name)) for each in said if each.get(name)), usual) * self._scale
            for name, usual in (("lIns", 91440), ("tIns", 45720), ("rIns", 91440), ("bIns", 45720))
        )
        box = frame.box
        keeps = next((each.get("anchor") for each in said if each.get("anchor")), "t")
        wraps = next((each.get("wrap") for each in said if each.get("wrap")), "square") != "none"
        inside = type(box)(
            box.left + left, box.top + top, max(box.right - right, box.left + left + 1), box.bottom - bottom
        )
        return Frame(inside, _KEEPS.get(keeps, "top"), wraps)

    def _above(self, shape: Any, body: Any) -> Iterator[Any]:
        """The lists of styles that hold for a text, the nearest first."""
        yield body.find(qn("a:lstStyle"))
        for base in self._bases(shape):
            yield base.find(f"{qn('p:txBody')}/{qn('a:lstStyle')}")
        styles = self._master.element.find(qn("p:txStyles"))
        kind = "otherStyle"
        if shape is not None and shape.is_placeholder:
            kind = _KINDS.get(_kind(shape.element), "bodyStyle" if _kind(shape.element) == "" else "otherStyle")
        yield styles.find(qn(f"p:{kind}")) if styles is not None else None

    def _bases(self, shape: Any) -> Iterator[Any]:
        """The placeholders of the layout and of the master that a placeholder stands for."""
        if shape is None or not shape.is_placeholder:
            return
        index = shape.placeholder_format.idx
        for each in self._layout.placeholders:
            if each.placeholder_format.idx == index:
                yield each.element
                break
        kind = _kind(shape.element) or "body"
        for each in self._master.placeholders:
            if _same(_kind(each.element) or "body", kind):
                yield each.element
                break


class _Chain:
    def __init__(self, lists: list[Any]) -> None:
        self._lists = [each for each in lists if each is not None]

    def level(self, level: int) -> list[Any]:
        """What the lists say of paragraphs at this level, from 0."""
        found = [each.find(qn(f"a:lvl{min(level, 8) + 1}pPr")) for each in self._lists]
        return [each for each in found if each is not None]


def _kind(element: Any) -> str:
    """The type of a placeholder as its file names it; "" is that of a usual text."""
    found = element.find(f".//{qn('p:nvPr')}/{qn('p:ph')}")
    return found.get("type", "") if found is not None else ""


def _same(one: str, other: str) -> bool:
    usual = {"ctrTitle": "title", "subTitle": "body", "obj": "body"}
    return usual.get(one, one) == usual.get(other, other)


def _mark(looks: list[Any]) -> str:
    for each in looks:
        for element in each:
            if element.tag == qn("a:buNone"):
                return ""
            if element.tag == qn("a:buChar"):
                return "•"  # the sign itself may belong to a font of symbols
            if element.tag == qn("a:buAutoNum"):
                return "1."
    return ""


def _numbered(paragraph: Paragraph, number: int) -> Paragraph:
    if paragraph.mark != "1.":
        return paragraph
    return Paragraph(paragraph.runs, paragraph.align, paragraph.indent, f"{number}.")


def _share(value: str) -> float:
    return float(value.rstrip("%")) / (100 if value.endswith("%") else 100_000)
