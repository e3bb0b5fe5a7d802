"""How a document is shown beside the page: its own pages, its rows, or its text. A new format is one function."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import streamlit as st

from ingest.readers import kind
from storage.errors import UnreadableFile
from storage.records import Document
from ui.original import file, pictures
from ui.original.rows import around
from ui.web import markup
from ui.web.drawer import reading
from ui.web.drawer.reading import Span
from ui.web.speech import say

_AROUND = 3000  # characters of the text on each side of a quote
_MORE = 10_000  # that are added at a time
_ROWS = 12  # of a table on each side of the cited ones
_MORE_ROWS = 50


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


def show(shown: Shown, state: file.State) -> None:
    """Show a document as its file looks, or where that cannot be had its text, and say why."""
    note = ""
    if state == "gone":
        note = say("The file is no longer where it was read. This is its text as Footnote keeps it.")
    elif state == "changed":
        note = say("The file has changed since it was read. This is its text as it was then.")
    elif view := _view_of(shown.path):
        try:
            view(shown)
            return
        except UnreadableFile:
            note = say("The file cannot be shown as it looks. This is its text.")
        except OSError:
            note = say("The file cannot be opened. This is its text as Footnote keeps it.")
    if note:
        _note(note)
    _text(shown)


def _note(text: str) -> None:
    st.html(f'<div class="fn-note">{escape(text)}</div>')


def _view_of(path: Path) -> "Callable[[Shown], None] | None":
    try:
        return VIEWS.get(kind(path))
    except (UnreadableFile, OSError):
        return None


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


def _pages(shown: Shown) -> None:
    """The page of a PDF with the quote marked, and its neighbours."""
    spans = pages_of(shown.document, shown.quote)
    number = shown.turned.page or min(spans, default=1)
    quote, near = spans.get(number, ("", 0.0))
    drawn = _draw(shown.document.sha256, number, quote, near, shown.path)
    _turner(shown, number, drawn.pages, sorted(spans))
    if quote and not drawn.boxes:
        st.html(
            f'<div class="fn-note">{escape(say("The quote could not be found on the picture of this page."))}</div>'
        )
        st.html(markup.passage("", quote, ""))
    if number in spans and number + 1 in spans:
        _note(say("The quote goes on on the next page."))
    label = say("Page {n} of {title}", n=number, title=shown.document.title)
    if drawn.boxes:
        label = say("{page}. Marked: {quote}", page=label, quote=quote)
    st.html(reading.picture(drawn, label, shown.turned.large))


@st.cache_data(show_spinner=False, max_entries=60)
def _draw(sha256: str, page: int, quote: str, near: float, _path: Path) -> pictures.Picture:
    return pictures.draw(_path, page, quote, near)


def pages_of(document: Document, quote: Span) -> dict[int, tuple[str, float]]:
    """The pages that a quote stands on: what it has of each, and at which share of the page's text that begins."""
    bounds: dict[int, Span] = {}
    for section in document.sections:
        if section.page is not None:
            start, end = bounds.get(section.page, (section.start, section.end))
            bounds[section.page] = min(start, section.start), max(end, section.end)
    spans = {}
    for page, (start, end) in bounds.items():
        first, last = max(start, quote[0]), min(end, quote[1])
        if first < last and document.text[first:last].strip():
            spans[page] = document.text[first:last], (first - start) / (end - start)
    return spans


def _turner(shown: Shown, number: int, pages: int, quoted: Sequence[int]) -> None:
    """Which page this is, and the way to its neighbours, back to the quote, and nearer to the picture."""
    turned = shown.turned

    def to(page: int | None) -> None:
        turned.page = page

    def zoom() -> None:
        turned.large = not turned.large

    with st.container(key="panel-pages", horizontal=True, vertical_alignment="center", gap="xsmall"):
        _icon(say("Previous page"), "panel-page-before", "chevron_left", lambda: to(number - 1), number <= 1)
        st.html(
            f'<div class="fn-small">{escape(say("Page {n} of {pages}", n=number, pages=pages))}</div>', width="content"
        )
        _icon(say("Next page"), "panel-page-after", "chevron_right", lambda: to(number + 1), number >= pages)
        _icon(
            say("Fit to width") if turned.large else say("Enlarge"), "panel-zoom",
            "zoom_out" if turned.large else "zoom_in", zoom, False,
        )  # fmt: skip
        if quoted and number not in quoted:
            st.button(say("Back to the quote"), key="panel-back", type="tertiary", on_click=lambda: to(None))


def _icon(label: str, key: str, icon: str, action: Callable[[], None], disabled: bool) -> None:
    st.button(
        label, key=key, type="tertiary", icon=f":material/{icon}:", help=label, on_click=action, disabled=disabled
    )


def _rows(shown: Shown) -> None:
    """The rows of a table, those that are cited marked."""
    turned = shown.turned
    found = around(shown.path, shown.document.text, shown.quote, _ROWS + turned.before)
    st.html(reading.rows(found, say("Rows of {title}", title=shown.document.title)))
    if found.before or found.after:

        def more() -> None:
            turned.before += _MORE_ROWS

        st.button(say("Show more rows"), key="panel-rows", type="tertiary", on_click=more)


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
    st.html(_above(document, start) + reading.text(document, (start, end), shown.quote, say("Page {n}")))
    if end < len(document.text):
        st.button(say("Show what comes after"), key="panel-later", type="tertiary", on_click=later)


def _above(document: Document, start: int) -> str:
    """The headings above a text that begins below them."""
    headings = [s.heading for s in document.sections if s.start < start < s.end and s.heading]
    return f'<div class="fn-heading">{escape(headings[-1])}</div>' if headings else ""


VIEWS: dict[str, Callable[[Shown], None]] = {".pdf": _pages, ".csv": _rows, ".tsv": _rows}
