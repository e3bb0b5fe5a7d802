"""What one page of a PDF holds: its lines of text, where they stand, and what is drawn beside them.

It calls PDFium's C functions: for a page with a thousand things on it, the Python ones cost more than all the reading.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from ctypes import addressof
from dataclasses import dataclass
from math import isfinite, pi

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.readers.page.grid import Grid
from ingest.readers.page.lines import Line
from ingest.readers.page.table import tabled
from ingest.readers.pdf.drawn import Drawn, invisible, look
from ingest.readers.pdf.frame import Frame
from ingest.readers.pdf.rulings import tables
from storage.anchors import Box

_RUN = re.compile("[^\r\n\ufffe]+\ufffe?")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
# How TeX's ligatures arrive from fonts without names for them: "ff" as an arrow, "ffi" as nothing at all.
_FF = re.compile("(?<=[a-z])\u21b5(?=[a-z-])|(?<=\\b[oO])\u21b5")
_FFI = re.compile("(?<=[a-zA-Z])\x0e(?=[a-z])")
_PROBED = 8  # characters of a page that are asked which way they stand
_TALL = 2.0  # times as tall as wide: a line that runs up or down
_UNSEEN = 1.5  # points: text less high is not there to be read
_ASKED = 24  # characters of a page that are asked whether they stand for something


_loose = pdfium_c.FPDFText_GetLooseCharBox  # looked up once: it is called for every line


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page the way up that it is read: its height in points, its lines in the order of the file, those that run
    another way than most, and notes that people left."""

    height: float
    lines: list[Line]
    aside: list[Line]
    drawn: Drawn
    notes: list[Line]

    @property
    def text(self) -> str:
        """All of it, in the order of the file."""
        return "\n".join(part.text for line in (*self.lines, *self.aside) for part in line.rows or (line,))


def blank() -> Sheet:
    """A page that cannot be opened."""
    return Sheet(1.0, [], [], Drawn(), [])


def sheet(page: pdfium.PdfPage, notes: Iterable[Line] = ()) -> Sheet:
    """The page without text that nobody sees on it: invisible, beside the page, or too small."""
    frame = Frame(page)
    drawn, paths = look(page, frame.width * frame.height)
    textpage = page.get_textpage()
    try:
        text = _ASTRAL.sub(lambda match: match[0] + "\u2060", textpage.get_text_range())
        signs = _Signs(textpage, text)
        turned = signs.turned()
        frame.turn(turned)
        ruled = tables(paths, frame) if paths and not turned else []
        found = list(_lines(signs, frame, _hidden(textpage, drawn), ruled))
        found = tabled(found, ruled, frame.width, frame.height) if ruled else found
        lines = [line for line in found if not _runs_down(line)]
        aside = [line for line in found if _runs_down(line)] if len(lines) < len(found) else []
        drawn.strange = _strange(textpage)
    finally:
        textpage.close()
    return Sheet(frame.height, lines, aside, drawn, list(notes))


def _runs_down(line: Line) -> bool:
    box = line.box
    return box.bottom - box.top > _TALL * (box.right - box.left) and len(line.text) > 2 and not line.rows


class _Signs:
    """A page's text, and the boxes of its characters."""

    def __init__(self, textpage: pdfium.PdfTextPage, text: str) -> None:
        self._page = textpage.raw
        self._found = pdfium_c.FS_RECTF()
        self._even = len(text) == textpage.count_chars()  # else PDFium has characters that are not in the text
        self.text = self._named(text) if "\ufffe" in text else text

    def place(self, at: int) -> int:
        """The number of a character, as PDFium counts them."""
        return at if self._even else int(pdfium_c.FPDFText_GetCharIndexFromTextIndex(self._page, at))

    def turned(self) -> int:
        """By how many quarters most of the text has to be turned to the right to be read."""
        size = len(self.text)
        angles = [
            pdfium_c.FPDFText_GetCharAngle(self._page, self.place(at))
            for at in range(0, size, max(1, size // _PROBED))
            if self.text[at].isalnum()
        ]
        quarters = Counter(round(-angle / (pi / 2)) % 4 for angle in angles if isfinite(angle))
        most, count = quarters.most_common(1)[0] if quarters else (0, 0)
        return most if count > len(angles) / 2 else 0

    def around(self, first: int, last: int) -> tuple[float, float, float, float] | None:
        """The box around two characters, in the page's own units."""
        found = self._found
        if not self._even:
            first, last = self.place(first), self.place(last)
        if not _loose(self._page, first, found):
            return None
        left, bottom, right, top = found.left, found.bottom, found.right, found.top
        if last > first and _loose(self._page, last, found):
            left = min(left, found.left)
            bottom = min(bottom, found.bottom)
            right = max(right, found.right)
            top = max(top, found.top)
        return (left, bottom, right, top) if isfinite(left + bottom + right + top) else None

    def _named(self, text: str) -> str:
        """U+FFFE stays where a hyphen breaks a word; elsewhere it is a sign without a name."""
        signs = list(text)
        for at, sign in enumerate(signs):
            if sign == "\ufffe" and pdfium_c.FPDFText_GetUnicode(self._page, self.place(at)) == 0:
                signs[at] = "\x0e"
        return "".join(signs)


def _lines(signs: _Signs, frame: Frame, hidden: set[int], ruled: Sequence[Grid]) -> Iterator[Line]:
    """The lines of the text, cut where they go from one cell of a table into the next."""
    spelt = _spelt if "\x0e" in signs.text or "\u21b5" in signs.text else str
    for match in _RUN.finditer(signs.text):
        run: str = match[0]
        start = match.start()
        places: Sequence[int] = range(start, match.end())
        if hidden:
            places = [at for at in places if signs.place(at) not in hidden]
            run = "".join(signs.text[at] for at in places)
        for first, last, box in _parts(signs, frame, run, places, ruled):
            small = last > first + 1 and (box.bottom - box.top < _UNSEEN or box.right - box.left < _UNSEEN)
            if not small and frame.shows(box):
                words = run[first : last + 1]
                broken = words[-1] == "\ufffe"
                yield Line(spelt(words[:-1] if broken else words), box, broken)


def _parts(
    signs: _Signs, frame: Frame, run: str, places: Sequence[int], ruled: Sequence[Grid]
) -> Iterator[tuple[int, int, Box]]:
    """The first and last sign of what stands in a line, or in each cell of a row, and the box around."""
    words = run.strip()
    if not words:
        return
    first = len(run) - len(run.lstrip()) if run[0].isspace() else 0
    last = first + len(words) - 1
    sides = signs.around(places[first], places[last])
    box = frame.box(sides) if sides else Box(0.0, 0.0, frame.width, frame.height)
    table = next((each for each in ruled if each.crossed(box)), None)
    if table is None:
        yield first, last, box
        return
    middle = (box.top + box.bottom) / 2
    start, end, cell = first, first, None
    for at in range(first, last + 1):
        sides = signs.around(places[at], places[at]) if run[at] != " " else None
        if sides is None:
            continue
        here = table.cell(frame.across(sides), middle)
        if here != cell and at > first:
            yield start, end, frame.box(signs.around(places[start], places[end]) or sides)
            start = at
        end, cell = at, here
    yield start, end, frame.box(signs.around(places[start], places[end]) or (0.0, 0.0, 0.0, 0.0))


def _spelt(line: str) -> str:
    return _FFI.sub("ffi", _FF.sub("ff", line))


def _hidden(textpage: pdfium.PdfTextPage, drawn: Drawn) -> set[int]:
    """The characters that are not drawn; none on a scanned page, where OCR left them for what is drawn."""
    if not drawn.invisible or drawn.scanned:
        return set()
    hidden = set()
    seen: dict[int, bool] = {}
    for at in range(textpage.count_chars()):
        thing = pdfium_c.FPDFText_GetTextObject(textpage.raw, at)
        if thing:
            address = addressof(thing.contents)
            if address not in seen:
                seen[address] = invisible(thing)
            if seen[address]:
                hidden.add(at)
    return hidden


def _strange(textpage: pdfium.PdfTextPage) -> float:
    """The share of characters whose font does not say what they are, or says a private thing."""
    count = textpage.count_chars()
    strange = asked = 0
    for at in range(0, count, max(1, count // _ASKED)):
        code = pdfium_c.FPDFText_GetUnicode(textpage.raw, at)
        private = 0xE000 <= code <= 0xF8FF or code == 0xFFFD
        strange += private or pdfium_c.FPDFText_HasUnicodeMapError(textpage.raw, at) == 1
        asked += 1
        if asked == _ASKED // 3 and not strange:
            break
    return strange / asked if count >= _ASKED else 0.0
