"""Which pages of a PDF have to be read as pictures, and what is seen on them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import pypdfium2 as pdfium

from ingest.clean import chinese_characters
from ingest.readers.pdf.drawn import SCANNED
from ingest.readers.pdf.page import Sheet
from ingest.readers.picture.ocr import Progress, Seen, look

_DOTS = 200 / 72  # pixels a point: more does not read better
_MOST_PIXELS = 2600  # of a page's longer side
_STAMP = 0.08  # of a page's height, at its top and bottom, where others put their marks on a scan
_FEW = 40  # letters on a scanned page: no text layer
_FEWER = 20  # letters on a page with a picture
_PICTURE = 0.02  # of a page
_OUTLINES = 50  # paths on a page without any text: it may be drawn
_STRANGE = 0.3  # of the signs of a page, that stand for nothing
_SAMPLED = 10  # pages, of which the oddest is looked at
_AGREES = 0.94  # of what is seen that the text layer has too
_SURE = 0.9
# What other readers of pictures make of figures and strokes: letters within numbers, figures and bars within words.
_ODD = re.compile(
    r"(?<![\w.])(?:[A-Za-z]{0,2}\d+[IlOoZqSB|]+[\d,.]+\w*|[A-Za-z]+[01]+[a-z]+|\d+-[lIOo]{1,2}-\d+"
    r"|\w*[~^|\\{}§¢¬]\w+|\w+[~^|\\{}§¢¬]\w*)(?!\w)"
)
_WORD = re.compile(r"[!-~]+")
_ODD_SHARE = 0.005  # of the words: a page is looked at, to compare


def seen(document: pdfium.PdfDocument, sheets: Sequence[Sheet], progress: Progress | None) -> dict[int, Seen]:
    """What stands on the pages that have no text, or a bad one, by page index."""
    pages = [number for number, sheet in enumerate(sheets) if _without_text(sheet)]
    layered = [number for number, sheet in enumerate(sheets) if sheet.drawn.scanned and number not in pages]
    found: dict[int, Seen] = {}
    if layered and _doubtful(" ".join(sheets[number].text for number in layered)):
        sample = max(layered[:_SAMPLED], key=lambda number: _oddness(sheets[number]))
        found[sample] = _look(document, sample)
        if _agree(found[sample], sheets[sample]):
            del found[sample]
        else:
            pages = sorted({*pages, *layered})
    others = len(sheets) - len(pages)
    for done, number in enumerate(pages, 1):
        if number not in found:
            found[number] = _look(document, number)
        if progress:
            progress(others + done, len(sheets))
    return {number: look for number, look in found.items() if _better(look, sheets[number])}


def _look(document: pdfium.PdfDocument, number: int) -> Seen:
    try:
        page = document[number]
    except pdfium.PdfiumError:
        return Seen([], 1.0, 0.0)
    try:
        scale = min(_DOTS, _MOST_PIXELS / max(*page.get_size(), 1.0))
        bitmap = page.render(scale=scale)
        picture = bitmap.to_pil().convert("RGB")
        bitmap.close()
    finally:
        page.close()
    return look(picture)


def _without_text(sheet: Sheet) -> bool:
    drawn = sheet.drawn
    if drawn.strange > _STRANGE:
        return True
    if drawn.pictures >= SCANNED:
        rim = _STAMP * sheet.height
        body = [line for line in sheet.lines if rim <= line.box.top and line.box.bottom <= sheet.height - rim]
        return sum(_letters(line.text) for line in body) < _FEW
    letters = _letters(sheet.text)
    return letters < _FEWER if drawn.pictures >= _PICTURE else not letters and drawn.paths >= _OUTLINES


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _doubtful(text: str) -> bool:
    """Whether what others once read on a scan may be bad. Chinese often is."""
    if chinese_characters(text) > 0.3 * _letters(text):
        return True
    words = len(_WORD.findall(text))
    return sum(1 for _ in _ODD.finditer(text)) > max(2.0, _ODD_SHARE * words)


def _oddness(sheet: Sheet) -> tuple[int, int]:
    return sum(1 for _ in _ODD.finditer(sheet.text)), len(sheet.text)


def _agree(look: Seen, sheet: Sheet) -> bool:
    """Whether a text layer has what is seen on its page."""
    ours = _pairs("".join(line.text for line in look.lines))
    theirs = _pairs(sheet.text)
    shared = sum((ours & theirs).values())
    return look.sure < _SURE or shared >= _AGREES * sum(ours.values())


def _pairs(text: str) -> Counter[str]:
    """Each two letters that follow each other."""
    plain = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
    return Counter(plain[at : at + 2] for at in range(len(plain) - 1))


def _better(look: Seen, sheet: Sheet) -> bool:
    """Whether more was seen than the page's text says."""
    ours = sum(_letters(line.text) for line in look.lines)
    theirs = _letters(sheet.text)
    return ours >= theirs or (ours > 0 and (sheet.drawn.strange > _STRANGE or sheet.drawn.scanned))
