"""One turn of a conversation on the page: question, evidence, answer, footnotes, small print."""

from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from qa.evidence.mark import Marked
from storage.records import Hit, Message
from ui import render, words
from ui.app import App
from ui.trace import looked_through
from ui.web import dialogs, markup, speech
from ui.web.answer import stages
from ui.web.drawer import passage
from ui.web.speech import say

_SHOWN = 160  # characters of a passage on each side of its marked sentence
_QUOTED = 150  # characters of a quote in the list of footnotes


def question(text: str) -> None:
    """What was asked."""
    st.html(f'<h2 class="fn-question">{escape(text)}</h2>')


def evidence(app: App, hits: Sequence[Hit], marked: Marked | None, key: str, label: str = "") -> None:
    """The passages: the sentence that most likely answers in its surroundings, the rest on demand."""
    if not hits:
        return
    with st.container(key=f"evidence-{key}", gap="xsmall"):
        if marked is not None:
            _card(app, marked, key, label or say("Evidence"))
        found = say("{n} passage found", n=1) if len(hits) == 1 else say("{n} passages found", n=len(hits))
        with st.expander(found, key=f"passages-{key}", type="compact"):
            st.html("".join(_passage(hit) for hit in hits))


def _card(app: App, marked: Marked, key: str, label: str) -> None:
    chunk, hit = marked.hit.chunk, marked.hit
    quoted = markup.around(chunk.text, marked.start - chunk.start, marked.end - chunk.start, _SHOWN)
    st.html(
        f'<div class="fn-evidence"><div class="fn-label">{escape(label)}</div>{markup.passage(*quoted)}'
        f'<div class="fn-source">{escape(speech.place(hit))}</div></div>'
    )
    read = passage.dialog(app.library, passage.within(hit, marked.start, marked.end, marked.text))
    label = say("Read in context")
    if st.button(label, key=f"context-{key}", type="tertiary", on_click=dialogs.opener(read)):
        st.rerun()  # from the answer's fragment the whole page has to follow: the drawer belongs to it


def _passage(hit: Hit) -> str:
    source = " · ".join(part for part in (speech.place(hit), words.under(hit)) if part)
    return (
        f'<div class="fn-hit"><div class="fn-source">{escape(source)}</div>'
        f'<div class="fn-passage">{escape(hit.chunk.text)}</div></div>'
    )


def answer(app: App, message: Message, marked: Marked | None, below: Callable[[], None]) -> None:
    """An answer as history keeps it; `below` draws what can be done with it."""
    marked = marked or _supported(message)
    stages.past(message)
    refused = message.found is False and message.status == "done"
    if message.status == "failed":
        st.error(markup.plain(speech.error(message.text)), icon=":material/error:")
    else:
        evidence(app, message.hits, marked, message.id, say("Nearest passage") if refused else "")
        _said(app, message, refused=refused)
    if note := _note(message.status):
        st.html(f'<div class="fn-note">{escape(note)}</div>')
    below()
    if message.status != "failed":
        _trace(message)
        written = [speech.moment(message.created), message.model, message.backend]
        st.html(f'<div class="fn-small fn-print">{escape(" · ".join(part for part in written if part))}</div>')


def _said(app: App, message: Message, *, refused: bool) -> None:
    if refused:
        _refusal(message)
    elif message.text:
        st.html(markup.answer(message.text, message.id, message.citations, message.unsupported))
        if message.unsupported:
            dotted = f'<span class="fn-unsupported">{escape(say("Dotted"))}</span>'
            st.html(f'<div class="fn-legend">{dotted}: {escape(say("no passage supports this."))}</div>')
        _footnotes(app, message)


def _note(status: str) -> str:
    if status == "stopped":
        return say("You stopped this answer.")
    if status == "interrupted":
        return say("This answer was cut off when Footnote ended.")
    return say("This answer is being written in another window or terminal.") if status == "writing" else ""


def _supported(message: Message) -> Marked | None:
    """The first cited sentence inside one of the passages: what to mark in an answer of an earlier day."""
    for citation in message.citations:
        for hit in message.hits:
            chunk = hit.chunk
            if chunk.document_id == citation.document_id and chunk.start <= citation.start < citation.end <= chunk.end:
                return Marked(hit, citation.start, citation.end, citation.quote, hit.score)
    return None


def _refusal(message: Message) -> None:
    nearest = say("Above is what came nearest.") if message.hits else say("Nothing in this collection comes near.")
    searched = f"{escape(looked_through(message.trace, say))}<br>" if message.trace else ""
    st.html(
        f'<div class="fn-refusal"><strong>{escape(message.text)}</strong><br>{searched}'
        f"{escape(say('No passage supports an answer, so none was given.'))} {escape(nearest)}</div>"
    )


def _footnotes(app: App, message: Message) -> None:
    """The numbered footnotes; each opens its passage."""
    if not message.citations:
        return
    with st.container(key=f"footnotes-{message.id}", gap="xsmall"):
        for citation in render.footnotes(message.citations):
            marker = citation.marker
            st.button(
                f"**{marker}** {markup.plain(speech.place(citation, message.hits))} — {_quoted(citation.quote)}",
                key=f"note-{message.id}-{marker}",
                type="tertiary",
                on_click=dialogs.opener(passage.of_answer(app.library, message, marker)),
            )


def _quoted(quote: str) -> str:
    line = " ".join(quote.split())
    return f"“{markup.plain(line if len(line) <= _QUOTED else line[: _QUOTED - 1].rstrip() + '…')}”"


def _trace(message: Message) -> None:
    """How the answer came about, drawn once somebody opens it."""
    if message.trace is None:
        return
    label = say("How this answer came about")
    with st.expander(label, key=f"trace-{message.id}", type="compact", on_change="rerun") as opened:
        if opened.open:
            st.html(markup.trace(message.trace))
