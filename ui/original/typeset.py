"""Text set on a picture: broken into lines that fit a box, in fonts that have its characters; where each one stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from storage.anchors import Box

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Colour = tuple[int, int, int]

# By file name, and by the font's place in its file. The first that is there is taken.
_LATIN = (
    (("DejaVuSans.ttf", 0), ("Arial.ttf", 0), ("LiberationSans-Regular.ttf", 0), ("NotoSans-Regular.ttf", 0)),
    (("DejaVuSans-Bold.ttf", 0), ("Arial Bold.ttf", 0), ("arialbd.ttf", 0), ("LiberationSans-Bold.ttf", 0)),
)
_CHINESE = (
    (
        ("NotoSansCJK-Regular.ttc", 2), ("NotoSansSC-Regular.otf", 0), ("msyh.ttc", 0), ("PingFang.ttc", 0),
        ("Hiragino Sans GB.ttc", 0), ("STHeiti Light.ttc", 0), ("simhei.ttf", 0), ("wqy-microhei.ttc", 0),
        ("wqy-zenhei.ttc", 0), ("DroidSansFallbackFull.ttf", 0), ("DroidSansFallback.ttf", 0),
    ),
    (("NotoSansCJK-Bold.ttc", 2), ("NotoSansSC-Bold.otf", 0), ("msyhbd.ttc", 0)),
)  # fmt: skip
_LEADING = 1.2  # of the size of the largest letters of a line
_SMALLEST = 0.5  # of its own size, that a text is made to fit
_STEP = 0.9
_MOST = 20_000  # characters on one picture


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that looks the same throughout; `size` is in pixels."""

    text: str
    size: float
    colour: Colour
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of runs: "\\n" in them breaks a line. `indent` is in pixels, `mark` what stands before an item."""

    runs: tuple[Run, ...]
    align: Literal["left", "center", "right"] = "left"
    indent: float = 0.0
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a text goes: its box in pixels, which end of that it keeps to, and whether its lines break at the edge."""

    box: Box
    keeps: Literal["top", "middle", "bottom"] = "top"
    wraps: bool = True


@dataclass(frozen=True, slots=True)
class _Glyph:
    text: str
    font: Font
    width: float
    size: float
    colour: Colour


_Line = tuple[Paragraph, list[_Glyph], bool]  # whether it is the first of its paragraph


class Sheet:
    """A picture with text on it. `letters` are the characters that were set, `boxes` where, in the same order."""

    def __init__(self, image: Image.Image) -> None:
        self.image = image
        self.pen = ImageDraw.Draw(image)
        self.letters: list[str] = []
        self.boxes: list[Box] = []

    def set(self, paragraphs: Sequence[Paragraph], frame: Frame) -> None:
        """Set a text. One that is too long for its box is made smaller, to a limit, and then runs out of it below."""
        width, height = frame.box.right - frame.box.left, frame.box.bottom - frame.box.top
        scale = 1.0
        lines = list(_lines(paragraphs, width if frame.wraps else None))
        while _height(lines) > height and scale * _STEP > _SMALLEST:
            scale *= _STEP
            lines = list(_lines([_scaled(each, scale) for each in paragraphs], width if frame.wraps else None))
        free = max(height - _height(lines), 0.0)
        top = frame.box.top + {"top": 0.0, "middle": free / 2, "bottom": free}[frame.keeps]
        for line in lines:
            self._line(line, frame.box, top)
            top += _tall(line)

    def _line(self, line: _Line, box: Box, top: float) -> None:
        paragraph, glyphs, first = line
        left = box.left + paragraph.indent
        free = box.right - left - sum(glyph.width for glyph in glyphs)
        at = left + {"left": 0.0, "center": free / 2, "right": free}[paragraph.align]
        tallest = _tall(line) / _LEADING
        if first and paragraph.mark and glyphs:
            mark, look = paragraph.mark + " ", glyphs[0]
            font = _face(round(look.size), False, _is_chinese(mark[0]))
            self.pen.text((at - font.getlength(mark), top + tallest), mark, look.colour, font, anchor="ls")
        for glyph in glyphs:
            base = top + tallest
            if glyph.text.strip():
                self.pen.text((at, base), glyph.text, glyph.colour, glyph.font, anchor="ls")
            self._keep(glyph, at, base)
            at += glyph.width
        self.letters.append("\n")
        self.boxes.append(Box(at, top, at, top))

    def _keep(self, glyph: _Glyph, left: float, base: float) -> None:
        for character in glyph.text:
            width = glyph.font.getlength(character)
            self.letters.append(character)
            self.boxes.append(Box(left, base - glyph.size, left + width, base + glyph.size * 0.25))
            left += width


def _scaled(paragraph: Paragraph, scale: float) -> Paragraph:
    runs = tuple(replace(run, size=run.size * scale) for run in paragraph.runs)
    return replace(paragraph, runs=runs, indent=paragraph.indent * scale)


def _tall(line: _Line) -> float:
    paragraph, glyphs, _ = line
    sizes = [glyph.size for glyph in glyphs] or [run.size for run in paragraph.runs[:1]] or [0.0]
    return max(sizes) * _LEADING


def _height(lines: Sequence[_Line]) -> float:
    return sum(map(_tall, lines))


def _lines(paragraphs: Sequence[Paragraph], width: float | None) -> Iterator[_Line]:
    left = _MOST
    for paragraph in paragraphs:
        line: list[_Glyph] = []
        used, first = 0.0, True
        room = None if width is None else max(width - paragraph.indent, 1.0)
        for word in _words(paragraph):
            left -= len(word.text)
            if left < 0:
                raise ValueError("too much text for one picture")
            full = room is not None and line and used + word.width > room and word.text.strip()
            if word.text == "\n" or full:
                yield paragraph, line, first
                line, used, first = [], 0.0, False
            if word.text != "\n":
                for part in _parted(word, room):
                    if line and room is not None and used + part.width > room and part.text.strip():
                        yield paragraph, line, first
                        line, used, first = [], 0.0, False
                    line.append(part)
                    used += part.width
        yield paragraph, line, first


def _words(paragraph: Paragraph) -> Iterator[_Glyph]:
    """What is never parted at the end of a line: words, single Chinese characters, spaces; and line ends."""
    for run in paragraph.runs:
        word = ""
        for character in run.text:
            alone = character.isspace() or _is_chinese(character)
            if alone and word:
                yield _glyph(word, run)
                word = ""
            if alone:
                yield _glyph("\n" if character in "\n\v" else character, run)
            else:
                word += character
        if word:
            yield _glyph(word, run)


def _parted(word: _Glyph, room: float | None) -> Iterator[_Glyph]:
    """A word that is wider than its box, letter by letter."""
    if room is None or word.width <= room or len(word.text) == 1:
        yield word
        return
    for character in word.text:
        yield replace(word, text=character, width=word.font.getlength(character))


def _glyph(text: str, run: Run) -> _Glyph:
    size = max(round(run.size), 1)
    font = _face(size, run.bold, _is_chinese(text[0]))
    return _Glyph(text, font, 0.0 if text == "\n" else font.getlength(text), size, run.colour)


def _is_chinese(character: str) -> bool:
    """Whether it is one that the fonts for Chinese have, and lines may be broken beside."""
    return any(first <= character <= last for first, last in _WIDE)


_WIDE = (("\u2e80", "\ua4cf"), ("\uac00", "\ufaff"), ("\ufe30", "\uffef"), ("\U00020000", "\U0003ffff"))


@cache
def _face(size: int, bold: bool, chinese: bool) -> Font:
    """A font of this size that is installed here; without one for Chinese, Chinese is not drawn at all."""
    names = (*(_CHINESE if chinese else _LATIN)[bold], *(_CHINESE if chinese else _LATIN)[0])
    for name, index in names:
        try:
            return ImageFont.truetype(name, size, index)
        except OSError:
            continue
    if chinese:
        raise ValueError("no font for Chinese is installed")
    return ImageFont.load_default(size)
