"""The drawer that a footnote opens: the document itself with the quote marked, from one footnote to the next."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import streamlit as st

from storage.errors import NotFound
from storage.library import Library
from storage.records import Citation, Document, Hit, Message
from ui import render
from ui.original import file
from ui.web import dialogs, markup
from ui.web.drawer import views
from ui.web.drawer.shown import Shown, Span, Turned
from ui.web.speech import say


@dataclass(slots=True, eq=False)
class _Open:
    """Which of the citations is open, and what is turned to in its document; lives as long as the drawer."""

    at: int
    turned: Turned = field(default_factory=Turned)

    def turn(self, by: int) -> None:
        """Open the next citation (1) or the one before (-1)."""
        self.at += by
        self.turned = Turned(large=self.turned.large)


def within(hit: Hit, start: int, end: int, text: str) -> Citation:
    """A sentence of a hit, as if it were cited."""
    return Citation(0, hit.chunk.document_id, hit.title, hit.path, hit.chunk.page, start, end, text, 0, 0)


def dialog(library: Library, citation: Citation) -> dialogs.Dialog:
    """The drawer that shows one passage."""
    return _dialog(library, [citation], "", 0)


def of_answer(library: Library, message: Message, marker: int) -> dialogs.Dialog:
    """The drawer of an answer's footnotes, open at the one with this marker, the others within reach."""
    citations = render.footnotes(message.citations)
    at = next((at for at, each in enumerate(citations) if each.marker == marker), 0)
    return _dialog(library, citations, message.text, at)


def of_document(library: Library, document_id: str, title: str) -> dialogs.Dialog:
    """The drawer that shows a document from its beginning."""
    return _dialog(library, [Citation(0, document_id, title, "", None, 0, 0, "", 0, 0)], "", 0)


def _dialog(library: Library, citations: Sequence[Citation], answer: str, at: int) -> dialogs.Dialog:
    opened = _Open(at)
    return dialogs.Dialog(say("Source"), lambda: _show(library, citations, answer, opened), side=True)


def _show(library: Library, citations: Sequence[Citation], answer: str, opened: _Open) -> None:
    citation = citations[opened.at]
    try:
        document = library.document(citation.document_id)
    except NotFound:
        document = None
    with st.container(key="panel-head", horizontal=True, vertical_alignment="center", gap="xsmall"):
        if len(citations) > 1:
            _turner(opened, len(citations))
        if document:
            _download(Path(document.path))
    quote = standing(document.text, citation) if document else None
    _heading(citation, document, quote, answer)
    if document is None:
        _kept(citation, say("This document is no longer in the library. The quote was kept with the answer."))
        return
    if quote is None:
        _kept(citation, say("The document has changed since this answer. The quote was kept with the answer."))
        return
    views.show(Shown(document, quote, opened.turned), views.state_of(document))
    turned = opened.turned
    script = _SCROLL.format(at=opened.at, start=quote[0], page=turned.page, large=turned.large)
    st.html(script, unsafe_allow_javascript=True)


def standing(text: str, citation: Citation) -> tuple[int, int] | None:
    """Where a quote stands in its document's text now; None where the document no longer holds it."""
    start, quote = citation.start, citation.quote
    if text[start : citation.end] != quote:
        start = text.find(quote)
    return (start, start + len(quote)) if start >= 0 else None


def _turner(opened: _Open, number: int) -> None:
    st.button(
        say("Previous footnote"), key="panel-before", type="tertiary", icon=":material/arrow_back:", shortcut="Left",
        on_click=lambda: opened.turn(-1), disabled=opened.at == 0,
    )  # fmt: skip
    st.html(
        f'<div class="fn-small" role="status">{escape(say("{n} of {total}", n=opened.at + 1, total=number))}</div>',
        width="content",
    )
    st.button(
        say("Next footnote"), key="panel-after", type="tertiary", icon=":material/arrow_forward:", shortcut="Right",
        on_click=lambda: opened.turn(1), disabled=opened.at == number - 1,
    )  # fmt: skip


def _download(path: Path) -> None:
    if path.is_file():
        st.download_button(
            say("Open the file"), path.read_bytes, path.name, file.media_type(path), key="panel-file", type="tertiary",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _heading(citation: Citation, document: Document | None, quote: Span | None, answer: str) -> None:
    """The sentence of the answer that the footnote belongs to, what document this is, and where the quote stands."""
    sentence = answer[citation.answer_start : citation.answer_end].strip()
    said = f'<div class="fn-said">{markup.answer(sentence)}</div>' if sentence else ""
    title, path = (document.title, document.path) if document else (citation.title, citation.path)
    stands = views.place(document, quote) if document and quote and quote[0] < quote[1] else ""
    where = f'<div class="fn-source">{escape(stands)}</div>' if stands else ""
    st.html(f'{said}<h3 class="fn-document">{escape(title)}</h3>{where}<div class="fn-path">{escape(path)}</div>')


def _kept(citation: Citation, why: str) -> None:
    st.html(f'<div class="fn-note">{escape(why)}</div>')
    st.html(markup.passage("", citation.quote, ""))


# Brings the quote into sight, and moves no more than that takes. It runs whenever its text is new.
_SCROLL = """<script>/* {at} {start} {page} {large} */
setTimeout(() => {{
  const find = (what) => document.querySelector(`[role="dialog"] .stHtml ${{what}}`);
  const mark = find("mark");
  (mark ?? find(".fn-cited"))?.scrollIntoView({{block: "nearest", inline: mark ? "center" : "start"}});
}}, 50);
</script>"""
