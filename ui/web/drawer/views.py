"""How a document is shown beside the page: as its file looks, or its text. A new format is one row of the table."""

from collections.abc import Callable
from contextlib import suppress
from html import escape
from pathlib import Path

import streamlit as st

from ingest.readers import kind
from storage.anchors import Lines, spot_of
from storage.errors import UnreadableFile
from storage.records import Document, Section
from ui import words
from ui.original import file
from ui.web.drawer import leaves, numbered, reading, tables
from ui.web.drawer.shown import Shown, Span
from ui.web.drawer.turning import note
from ui.web.speech import say

_AROUND = 3000  # characters of the text on each side of a quote
_MORE = 10_000  # that are added at a time

View = Callable[[Shown], None]


def show(shown: Shown, state: file.State) -> None:
    """Show a document as its file looks, or where that cannot be had its text, and say why."""
    if state == "gone":
        _kept(shown, say("The file is no longer where it was read. This is its text as Footnote keeps it."))
    elif state == "changed":
        _kept(shown, say("The file has changed since it was read. This is its text as it was then."))
    elif view := _view_of(shown):
        try:
            view(shown)
        except UnreadableFile:
            _kept(shown, say("The file cannot be shown as it looks. This is its text."))
        except OSError:
            _kept(shown, say("The file cannot be opened. This is its text as Footnote keeps it."))
    else:
        _text(shown)


def looks(document: Document) -> str:
    """What the pages, rows or lines of a document's file are called; empty where only its text can be shown."""
    names: dict[View | None, str] = {
        leaves.pages: say("Pages"),
        leaves.slides: say("Slides"),
        leaves.images: say("Image"),
        tables.rows: say("Rows"),
        tables.sheet: say("Sheets"),
        numbered.lines: say("Lines"),
    }
    return names.get(_by_suffix(f".{document.format}", document), "")


def place(document: Document, span: Span) -> str:
    """Where these characters of a document stand in its file: "Page 3", "Sheet “2024”, A5:D5"."""
    section = next((each for each in document.sections if each.start <= span[0] < each.end), None)
    spot = spot_of(document.text, document.anchors, *span)
    page, heading = (section.page, section.heading) if section else (None, "")
    return _capital(words.standing(document.format, page, heading, spot, say))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _view_of(shown: Shown) -> View | None:
    """By what the file holds, whatever it is called."""
    suffix = f".{shown.document.format}"
    if suffix not in _AS_TEXT:
        with suppress(UnreadableFile, OSError):
            suffix = kind(shown.path)
    return _by_suffix(suffix, shown.document)


def _by_suffix(suffix: str, document: Document) -> View | None:
    if suffix in VIEWS or suffix in _AS_TEXT:
        return VIEWS.get(suffix)
    return numbered.lines if any(isinstance(each.spot, Lines) for each in document.anchors[:1]) else None


def state_of(document: Document) -> file.State:
    """Whether a document's file is still there and the same as when it was read."""
    path = Path(document.path)
    try:
        status = path.stat()
        same = _digest(str(path), status.st_size, status.st_mtime_ns) == document.sha256
    except (OSError, ValueError):  # a path that no file can have
        return "gone"
    return "there" if same else "changed"


@st.cache_data(show_spinner=False, max_entries=256)
def _digest(path: str, size: int, modified: int) -> str:
    return file.digest(Path(path))


def _kept(shown: Shown, why: str) -> None:
    """What Footnote keeps of the document: its lines by their numbers if it keeps them so, else its text."""
    note(why)
    if _by_suffix(f".{shown.document.format}", shown.document) is numbered.lines:
        try:
            numbered.kept(shown)
            return
        except UnreadableFile:  # its lines are not those of the file
            pass
    _text(shown)


def _text(shown: Shown) -> None:
    """The text around the quote, and more of it on demand."""
    turned, document = shown.turned, shown.document
    start, end = reading.window(document.text, shown.quote, _AROUND + turned.before, _AROUND + turned.after)

    def earlier() -> None:
        turned.before += _MORE

    def later() -> None:
        turned.after += _MORE

    if start:
        st.button(say("Show what comes before"), key="panel-earlier", type="tertiary", on_click=earlier)
    st.html(_above(document, start) + text(document, (start, end), shown.quote))
    if end < len(document.text):
        st.button(say("Show what comes after"), key="panel-later", type="tertiary", on_click=later)


def text(document: Document, shown: Span, quote: Span) -> str:
    """The characters `shown` of a document as HTML, its pages, and the files inside it, under their names."""

    def name(section: Section) -> str:
        return _capital(words.standing(document.format, section.page, section.heading, None, say))

    return reading.text(document, shown, quote, name)


def _above(document: Document, start: int) -> str:
    """The headings above a text that begins below them."""
    headings = [s.heading for s in document.sections if s.start < start < s.end and s.heading]
    return f'<div class="fn-heading">{escape(headings[-1])}</div>' if headings else ""


VIEWS: dict[str, View] = {
    ".pdf": leaves.pages,
    **dict.fromkeys((".pptx", ".pptm", ".ppsx"), leaves.slides),
    **dict.fromkeys((".csv", ".tsv"), tables.rows),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"), tables.sheet),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"), leaves.images),
}
# Formats with lines that are better read in their form.
_AS_TEXT = (".md", ".markdown", ".html", ".htm", ".ipynb", ".eml", ".mbox", ".zip")
