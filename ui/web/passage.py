"""A passage in its surroundings, in a drawer beside the page."""

from dataclasses import dataclass
from html import escape

import streamlit as st

from storage.errors import NotFound
from storage.library import Library
from storage.records import Citation, Hit
from ui.web import dialogs, markup
from ui.words import place

AROUND = 600  # characters of the document shown on each side of a quote


@dataclass(frozen=True, slots=True)
class Spot:
    """What to open: a quote, and where it stands in its document."""

    document_id: str
    title: str
    path: str
    page: int | None
    start: int
    end: int
    quote: str


def cited(citation: Citation) -> Spot:
    """Where a citation points."""
    return Spot(
        citation.document_id, citation.title, citation.path, citation.page, citation.start, citation.end, citation.quote
    )


def within(hit: Hit, start: int, end: int, text: str) -> Spot:
    """Where a sentence of a hit stands."""
    return Spot(hit.chunk.document_id, hit.title, hit.path, hit.chunk.page, start, end, text)


def surroundings(text: str, spot: Spot, around: int = AROUND) -> tuple[str, str, str] | None:
    """The text before a quote, the quote, and the text after it; None where the document no longer holds it."""
    start = spot.start if text[spot.start : spot.end] == spot.quote else text.find(spot.quote)
    if start < 0 or not spot.quote:
        return None
    return markup.around(text, start, start + len(spot.quote), around)


def dialog(library: Library, spot: Spot) -> dialogs.Dialog:
    """The drawer that shows a passage."""
    return dialogs.Dialog(place(spot.title, spot.page), lambda: _show(library, spot), side=True)


def _show(library: Library, spot: Spot) -> None:
    st.html(f'<div class="fn-path">{escape(spot.path)}</div>')
    try:
        document = library.document(spot.document_id)
    except NotFound:
        st.html(markup.passage("", spot.quote, ""))
        st.caption("This document is no longer in the library. The quote was kept with the answer.")
        return
    around = surroundings(document.text, spot)
    if around is None:
        st.html(markup.passage("", spot.quote, ""))
        st.caption("The document has changed since this answer. The quote was kept with the answer.")
        return
    headings = [s.heading for s in document.sections if s.start <= spot.start < s.end and s.heading]
    above = markup.heading(headings[-1], "".join(around[:2])) if headings else ""
    st.html(above + markup.passage(*around))
