"""Pages of PDFs, slides and images as pictures, with the quote marked on them."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from ui.original import pictures
from ui.original.pictures import Kind, Picture, Sought
from ui.web import markup
from ui.web.drawer import exhibits, reading
from ui.web.drawer.shown import Part, Shown, boxes, parts, unplaced
from ui.web.drawer.turning import Leaf, note, turner
from ui.web.speech import say


def pages(shown: Shown) -> None:
    """A page of a PDF; where its text is that of a scan, the lines are marked where they were seen."""
    number, quoted, drawn = _drawn(shown, "page")
    called = say("Page {n} of {pages}", n=number, pages=drawn.pages)
    turner(shown.turned, Leaf(number, drawn.pages, sorted(quoted), called, say("Previous page"), say("Next page")))
    _missed(quoted.get(number), drawn, say("The quote could not be found on the picture of this page."))
    if number in quoted and number + 1 in quoted:
        note(say("The quote goes on on the next page."))
    _picture(shown, drawn, quoted.get(number), say("Page {n} of {title}", n=number, title=shown.document.title), False)


def slides(shown: Shown) -> None:
    """A slide, drawn from its shapes."""
    number, quoted, drawn = _drawn(shown, "slide")
    called = say("Slide {n} of {slides}", n=number, slides=drawn.pages)
    turner(shown.turned, Leaf(number, drawn.pages, sorted(quoted), called, say("Previous slide"), say("Next slide")))
    if number in quoted and number + 1 in quoted:
        note(say("The quote goes on on the next slide."))
    _picture(shown, drawn, quoted.get(number), say("Slide {n} of {title}", n=number, title=shown.document.title))
    note(say("A sketch, drawn from the slide's shapes. The file itself shows it as it is."))
    for span in unplaced(shown.document, number):  # notes, and what stands in no shape
        st.html(reading.text(shown.document, span, shown.quote, lambda section: ""))


def images(shown: Shown) -> None:
    """An image, or a page of one that has several."""
    number, quoted, drawn = _drawn(shown, "image")
    several = drawn.pages > 1
    called = say("Page {n} of {pages}", n=number, pages=drawn.pages) if several else ""
    turner(shown.turned, Leaf(number, drawn.pages, sorted(quoted), called, say("Previous page"), say("Next page")))
    _missed(quoted.get(number), drawn, say("The quote could not be found on this image."))
    title = shown.document.title
    label = say("Page {n} of {title}", n=number, title=title) if several else say("The image {title}", title=title)
    _picture(shown, drawn, quoted.get(number), label)


def _drawn(shown: Shown, kind: Kind) -> tuple[int, dict[int, Part], Picture]:
    """The number of the page, what the quote has of each page, and the picture with the boxes of that."""
    quoted = parts(shown.document, shown.quote)
    number = shown.turned.page or min(quoted, default=1)
    part = quoted.get(number)
    sought = Sought(part.text, part.near) if part else Sought()
    drawn = _draw(shown.document.sha256, number, sought, kind, shown.path)
    if part and not drawn.boxes:
        drawn = replace(drawn, boxes=boxes(shown.document, part.span))
    return number, quoted, drawn


@st.cache_data(show_spinner=False, max_entries=60)
def _draw(sha256: str, page: int, sought: Sought, kind: Kind, _path: Path) -> Picture:
    return pictures.draw(_path, page, sought, kind)


def _missed(part: Part | None, drawn: Picture, why: str) -> None:
    if part and not drawn.boxes:
        note(why)
        st.html(markup.passage("", part.text, ""))


def _picture(shown: Shown, drawn: Picture, part: Part | None, label: str, framed: bool = True) -> None:
    if part and drawn.boxes:
        label = say("{page}. Marked: {quote}", page=label, quote=part.text)
    st.html(exhibits.picture(drawn, label, shown.turned.large, framed=framed))
