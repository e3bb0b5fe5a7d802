"""The lines of a text file by their numbers, with the cited ones marked."""

from pathlib import Path

import streamlit as st

from storage.records import Document
from ui.original import numbered
from ui.web.drawer import exhibits
from ui.web.drawer.shown import Shown, Span
from ui.web.speech import say

_LINES = 20  # on each side of the cited ones
_MORE = 100
_PROSE = ("csv", "tsv", "txt", "text", "log", "srt", "vtt", "rst")


def lines(shown: Shown) -> None:
    """The lines of the file around the quote."""
    found = _of_file(shown.document.sha256, shown.quote, _around(shown), shown.document, shown.path)
    _show(shown, found)


def kept(shown: Shown) -> None:
    """The same from the document's text, where the file is not what it was."""
    _show(shown, numbered.of_text(shown.document, shown.quote, _around(shown)))


def _around(shown: Shown) -> Span:
    return _LINES + shown.turned.before, _LINES + shown.turned.after


@st.cache_data(show_spinner=False, max_entries=60)
def _of_file(sha256: str, quote: Span, more: Span, _document: Document, _path: Path) -> numbered.Shown:
    return numbered.of_file(_path, _document, quote, more)


def _show(shown: Shown, found: numbered.Shown) -> None:
    turned, document = shown.turned, shown.document

    def earlier() -> None:
        turned.before += _MORE

    def later() -> None:
        turned.after += _MORE

    first, last = found.lines[0].number, found.lines[-1].number
    label = say("Lines {first} to {last} of {title}", first=first, last=last, title=document.title)
    if found.before:
        st.button(say("Show what comes before"), key="panel-earlier", type="tertiary", on_click=earlier)
    st.html(exhibits.lines(found.lines, label, code=document.format not in _PROSE))
    if found.after:
        st.button(say("Show what comes after"), key="panel-later", type="tertiary", on_click=later)
