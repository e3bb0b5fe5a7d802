"""Where a quote stands among the characters of a page, and the boxes that its lines fill there (pure)."""

import unicodedata
from collections.abc import Iterable, Iterator

from storage.anchors import Box


def find(page: str, quote: str, near: float = 0.0) -> tuple[int, int] | None:
    """The characters `start:end` of a page's text that are the quote; None where it does not stand there.

    Only letters and digits are compared, each in its plain form: what reading makes uniform (spaces, line ends, hyphens
    at them, soft hyphens, ligatures, full-width forms) makes no difference. Of several places it is the one nearest to
    the share `near` (0 to 1) of the page.
    """
    letters, places = _plain(page)
    wanted, _ = _plain(quote)
    if not wanted:
        return None
    found = min(_occurrences(letters, wanted), key=lambda at: abs(at - near * len(letters)), default=None)
    if found is None:
        return None
    start, end = places[found], places[found + len(wanted) - 1] + 1
    return start - _shared(page[:start][::-1], quote[::-1]), end + _shared(page[end:], quote)


def _shared(beside: str, quote: str) -> int:
    """How many of a page's characters beside the letters of a quote are the signs that the quote ends with."""
    stop = len(quote.rstrip())
    while stop and not quote[stop - 1].isalnum():
        stop -= 1
    signs = quote[stop:].rstrip()
    count = 0
    for one, other in zip(beside, signs, strict=False):
        if one != other:
            break
        count += 1
    return count


def _plain(text: str) -> tuple[str, list[int]]:
    """The letters and digits of a text in their plain form, and where in the text each comes from."""
    letters: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        if character > "\uffff":  # some versions of PDFium leave these out
            continue
        for letter in unicodedata.normalize("NFKD", character).casefold():
            if letter.isalnum():
                letters.append(letter)
                places.append(at)
    return "".join(letters), places


def _occurrences(text: str, wanted: str) -> Iterator[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def lines(boxes: Iterable[Box]) -> tuple[Box, ...]:
    """The boxes of characters that follow each other, joined where they stand beside each other on a line."""
    joined: list[Box] = []
    for box in boxes:
        if box.right <= box.left or box.bottom <= box.top:  # a space or a line end that the page does not draw
            continue
        if joined and _goes_on(joined[-1], box):
            joined[-1] = _both(joined[-1], box)
        else:
            joined.append(box)
    return tuple(joined)


def _both(one: Box, other: Box) -> Box:
    return Box(
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )


def _goes_on(line: Box, box: Box) -> bool:
    height = min(line.bottom - line.top, box.bottom - box.top)
    shared = min(line.bottom, box.bottom) - max(line.top, box.top)
    return shared >= 0.5 * height and line.left - height <= box.left <= line.right + _GAP * height


_GAP = 3.0  # heights of a line: a wider gap parts columns and cells
