"""What a view of a document is given: the document, the quote in it, and what a person has turned to."""

from dataclasses import dataclass, field
from pathlib import Path

from storage.anchors import Box, within
from storage.records import Document

Span = tuple[int, int]


@dataclass(slots=True, eq=False)
class Turned:
    """What a person has turned to in a view: a page, larger pictures, more text or rows before and after."""

    page: int | None = None
    large: bool = False
    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A document, the characters of it that are quoted (an empty span: none), and what is turned to."""

    document: Document
    quote: Span
    turned: Turned = field(default_factory=Turned)

    @property
    def path(self) -> Path:
        """Where its file was when it was read."""
        return Path(self.document.path)


@dataclass(frozen=True, slots=True)
class Part:
    """What a quote has of a page: its text, where that stands in the document's text, at which share of the page's."""

    text: str
    span: Span
    near: float


def bounds(document: Document) -> dict[int, Span]:
    """Where the text of each page begins and ends. A document that tells of no pages is one page."""
    found: dict[int, Span] = {}
    for section in document.sections:
        if section.page is not None:
            start, end = found.get(section.page, (section.start, section.end))
            found[section.page] = min(start, section.start), max(end, section.end)
    return found or {1: (0, len(document.text))}


def parts(document: Document, quote: Span) -> dict[int, Part]:
    """What a quote has of each page that it stands on."""
    found = {}
    for page, (start, end) in bounds(document).items():
        first, last = max(start, quote[0]), min(end, quote[1])
        if first < last and document.text[first:last].strip():
            found[page] = Part(document.text[first:last], (first, last), (first - start) / (end - start))
    return found


def unplaced(document: Document, page: int) -> list[Span]:
    """The stretches of a page's text that the reader has not seen at any place of it, as notes to a slide."""
    start, end = bounds(document).get(page, (0, 0))
    found = []
    for anchor in [*within(document.anchors, start, end), None]:
        gap = start, anchor.start if anchor else end
        if document.text[slice(*gap)].strip():
            found.append(gap)
        start = anchor.end if anchor else end
    return found


def boxes(document: Document, span: Span) -> tuple[Box, ...]:
    """The boxes on its page that these characters come from, where the reader has seen them there."""
    return tuple(each.spot for each in within(document.anchors, *span) if isinstance(each.spot, Box))
