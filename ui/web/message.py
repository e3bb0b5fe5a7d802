"""One turn of a conversation on the page: question, evidence, answer, footnotes, small print."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from qa.evidence.mark import Marked
from storage.records import Hit, Message
from ui import render
from ui.app import App
from ui.trace import looked_through
from ui.web import dialogs, markup, passage
from ui.words import count, place, small_print

_SHOWN = 160  # characters of a passage on each side of its marked sentence
_QUOTED = 150  # characters of a quote in the list of footnotes
_NOTES = {
    "stopped": "You stopped this answer.",
    "interrupted": "This answer was cut off when Footnote ended.",
    "writing": "This answer is being written in another window or terminal.",
}


def question(text: str) -> None:
    """What was asked."""
    st.html(f'<h2 class="fn-question">{escape(text)}</h2>')


def evidence(app: App, hits: Sequence[Hit], marked: Marked | None, key: str, label: str = "Evidence") -> None:
    """The passages: the sentence that most likely answers in its surroundings, the rest on demand."""
    if not hits:
        return
    with st.container(key=f"evidence-{key}", gap="xsmall"):
        if marked is not None:
            _card(app, marked, key, label)
        with st.expander(f"{count(len(hits), 'passage')} found", key=f"passages-{key}", type="compact"):
            st.html("".join(_passage(hit) for hit in hits))


def _card(app: App, marked: Marked, key: str, label: str) -> None:
    chunk, hit = marked.hit.chunk, marked.hit
    quoted = markup.around(chunk.text, marked.start - chunk.start, marked.end - chunk.start, _SHOWN)
    st.html(
        f'<div class="fn-evidence"><div class="fn-label">{label}</div>{markup.passage(*quoted)}'
        f'<div class="fn-source">{escape(place(hit.title, chunk.page))}</div></div>'
    )
    read = passage.dialog(app.library, passage.within(hit, marked.start, marked.end, marked.text))
    if st.button("Read in context", key=f"context-{key}", type="tertiary", on_click=dialogs.opener(read)):
        st.rerun()  # from the answer's fragment the whole page has to follow: the drawer belongs to it


def _passage(hit: Hit) -> str:
    under = f" · {escape(hit.chunk.heading)}" if hit.chunk.heading else ""
    return (
        f'<div class="fn-hit"><div class="fn-source">{escape(place(hit.title, hit.chunk.page))}{under}</div>'
        f'<div class="fn-passage">{escape(hit.chunk.text)}</div></div>'
    )


def answer(app: App, message: Message, marked: Marked | None = None) -> None:
    """An answer as history keeps it."""
    marked = marked or _supported(message)
    if message.status == "failed":
        st.error(markup.plain(message.text), icon=":material/error:")
        return
    refused = message.found is False and message.status == "done"
    evidence(app, message.hits, marked, message.id, "Nearest passage" if refused else "Evidence")
    if refused:
        _refusal(message)
    elif message.text:
        st.html(markup.answer(message.text, message.id, message.citations, message.unsupported))
        if message.unsupported:
            st.html(
                '<div class="fn-legend"><span class="fn-unsupported">Dotted</span>: no passage supports this.</div>'
            )
        _footnotes(app, message)
    if note := _NOTES.get(message.status):
        st.html(f'<div class="fn-note">{note}</div>')
    _trace(message)
    _foot(app, message)


def _supported(message: Message) -> Marked | None:
    """The first cited sentence inside one of the passages: what to mark in an answer of an earlier day."""
    for citation in message.citations:
        for hit in message.hits:
            chunk = hit.chunk
            if chunk.document_id == citation.document_id and chunk.start <= citation.start < citation.end <= chunk.end:
                return Marked(hit, citation.start, citation.end, citation.quote, hit.score)
    return None


def _refusal(message: Message) -> None:
    nearest = "Above is what came nearest." if message.hits else "Nothing in this collection comes near."
    searched = f"{escape(looked_through(message.trace))}<br>" if message.trace else ""
    st.html(
        f'<div class="fn-refusal"><strong>{escape(message.text)}</strong><br>{searched}'
        f"No passage supports an answer, so none was given. {nearest}</div>"
    )


def _footnotes(app: App, message: Message) -> None:
    """The numbered footnotes; each opens its passage."""
    if not message.citations:
        return
    with st.container(key=f"footnotes-{message.id}", gap="xsmall"):
        for citation in render.footnotes(message.citations):
            marker = citation.marker
            st.button(
                f"**{marker}** {markup.plain(place(citation.title, citation.page))} — {_quoted(citation.quote)}",
                key=f"note-{message.id}-{marker}",
                type="tertiary",
                on_click=dialogs.opener(passage.dialog(app.library, passage.cited(citation))),
            )


def _quoted(quote: str) -> str:
    line = " ".join(quote.split())
    return f"“{markup.plain(line if len(line) <= _QUOTED else line[: _QUOTED - 1].rstrip() + '…')}”"


def _trace(message: Message) -> None:
    """How the answer came about, drawn once somebody opens it."""
    if message.trace is None:
        return
    label = "How this answer came about"
    with st.expander(label, key=f"trace-{message.id}", type="compact", on_change="rerun") as opened:
        if opened.open:
            st.html(markup.trace(message.trace))


def _foot(app: App, message: Message) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"foot-{message.id}"):
        st.html(f'<div class="fn-small">{escape(small_print(message))}</div>')
        if message.status in ("done", "stopped"):
            key = f"rate-{message.id}"
            shown = {1: 1, -1: 0}.get(message.feedback or 0)

            def rate() -> None:
                app.conversations.rate(message.id, {1: 1, 0: -1}.get(st.session_state[key], 0))

            st.feedback("thumbs", key=key, default=shown, on_change=rate)
