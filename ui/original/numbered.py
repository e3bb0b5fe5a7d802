"""The lines of a text file around those that a quote comes from, by their numbers in the file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.readers import source
from storage.anchors import Anchor, Lines, spot_of, within
from storage.errors import UnreadableFile
from storage.records import Document
from ui.original.quote import find

Span = tuple[int, int]

_MOST = 400  # lines of a quote that are shown


@dataclass(frozen=True, slots=True)
class Line:
    """A line by its number in the file (from 1): whether the quote has any of it, and which of its characters if that
    is known."""

    number: int
    text: str
    cited: bool = False
    mark: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Shown:
    """Lines that follow each other, and whether there are more before and after them."""

    lines: tuple[Line, ...]
    before: bool
    after: bool


def of_file(path: Path, document: Document, quote: Span, more: Span) -> Shown:
    """The lines of the file that the characters `quote` of its document come from, with up to `more` on each side.

    An empty span cites none. Raises UnreadableFile where the document's text has no such lines, OSError.
    """
    found = spot_of(document.text, document.anchors, *quote)
    if not isinstance(found, Lines):
        raise UnreadableFile("has no lines.")
    start, end = max(found.first - more[0], 1), found.last + more[1]
    texts, ahead = _between(path, start, end)
    if not ahead and len(texts) > found.last - start + 1 and not texts[-1]:
        texts.pop()  # what stands behind the last line end of a file is no line
    inside = texts[found.first - start : found.last - start + 1]
    if len(inside) != found.last - found.first + 1:
        raise UnreadableFile("has other lines than those that were read.")
    cited = _cited(inside, found.first, *_sought(document, quote, found))[:_MOST]
    first, last = max(cited[0].number - more[0], start), cited[-1].number + more[1]
    every = {number: Line(number, text) for number, text in enumerate(texts, start)} | {c.number: c for c in cited}
    lines = tuple(line for number, line in every.items() if first <= number <= last)
    return Shown(lines, first > 1, any(ahead) or len(ahead) > 1 or last < max(every))


def _between(path: Path, first: int, last: int) -> tuple[list[str], list[str]]:
    """The lines of a file by their numbers, and one or two of those that follow. Of one that comes in parts, the first
    part."""
    texts: list[str] = []
    ahead: list[str] = []
    before = 0
    for number, text in source.opened(path).lines:
        if number > last:
            ahead.append(text)
        elif number >= first and number != before:
            texts.append(text)
        if len(ahead) > 1:
            break
        before = number
    return texts, ahead


def _sought(document: Document, quote: Span, lines: Lines) -> tuple[str, float]:
    """The quote, and at which share of these lines it begins."""
    anchor = next(each for each in within(document.anchors, *quote) if isinstance(each.spot, Lines))
    whole = anchor.spot == lines
    return document.text[slice(*quote)], (quote[0] - anchor.start) / (anchor.end - anchor.start) if whole else 0.0


def _cited(held: Sequence[str], number: int, quote: str, near: float) -> list[Line]:
    """The lines that hold a quote, with what it has of each; all of them where its letters do not stand there so."""
    if not quote:
        return [Line(number, held[0])]
    span = find("\n".join(held), quote, near)
    if span is None:
        return [Line(at, text, True) for at, text in enumerate(held, number)]
    lines = list(_marked(held, number, 0, span))
    cited = [at for at, line in enumerate(lines) if line.cited]
    return lines[cited[0] : cited[-1] + 1]


def _marked(texts: Sequence[str], number: int, start: int, quote: Span) -> Iterator[Line]:
    """Lines of a text, the first of which begins at `start`, with what a quote in that text has of each."""
    for at, text in enumerate(texts, number):
        first, last = max(quote[0] - start, 0), min(quote[1] - start, len(text))
        yield Line(at, text, True, (first, last)) if first < last else Line(at, text)
        start += len(text) + 1


def of_text(document: Document, quote: Span, more: Span) -> Shown:
    """The same from the document's text, where the file is not what it was.

    Raises UnreadableFile where the text does not keep the lines of the file.
    """
    anchors = document.anchors
    if not isinstance(spot_of(document.text, anchors, *quote), Lines):
        raise UnreadableFile("has no lines.")
    held = within(anchors, *quote)
    begin, end = anchors.index(held[0]), anchors.index(held[-1]) + 1
    lines = [
        line
        for anchor in anchors[max(begin - more[0], 0) : end + more[1]]
        for line in _of_anchor(document.text, anchor, quote)
    ]
    cited = [at for at, line in enumerate(lines) if line.cited] or [0]
    first, last = max(cited[0] - more[0], 0), min(cited[-1] + 1 + more[1], len(lines))
    shown = tuple(lines[first:last])
    return Shown(shown, first > 0 or begin > more[0], last < len(lines) or end + more[1] < len(anchors))


def _of_anchor(text: str, anchor: Anchor, quote: Span) -> Iterator[Line]:
    lines = text[anchor.start : anchor.end].split("\n")
    spot = anchor.spot
    if not isinstance(spot, Lines) or len(lines) != spot.last - spot.first + 1:
        raise UnreadableFile("has other lines than those that were read.")
    yield from _marked(lines, spot.first, anchor.start, quote)
