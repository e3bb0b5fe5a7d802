"""One document beside the page: its text, its pages, its chunks, the facts about it, and what can be done with it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html import escape

import streamlit as st

from ingest.scan import is_gone
from storage.records import Chunk, Document, DocumentInfo
from ui.web import dialogs, markup, paging, speech
from ui.web.documents import adding, tags
from ui.web.drawer import reading, views
from ui.web.parts import Parts
from ui.web.speech import say

_READ = 20_000  # characters of a document shown at once
_CHUNKS = 20  # on one page of their list
_NOWHERE = (0, 0)  # no characters are quoted


def opener(all_: Parts, info: DocumentInfo) -> Callable[[], None]:
    """What a button does to open a document."""

    def open_() -> None:
        for key in ("document-view", "document-text", "document-chunks"):
            st.session_state.pop(key, None)
        st.session_state["document-turned"] = views.Turned()
        dialogs.open_(dialogs.Dialog(info.title, lambda: _show(all_, info), side=True))

    return open_


def ask(collection: str, ids: Sequence[str]) -> None:
    """Go to the chat, to ask about these documents alone."""
    st.session_state["collection"] = collection
    st.session_state["ask_documents"] = tuple(ids)
    dialogs.close()
    st.switch_page("chat.py")


def language(name: str) -> str:
    """A language by its name."""
    return {"en": say("English"), "zh": say("Chinese")}.get(name, name)


def _show(all_: Parts, info: DocumentInfo) -> None:
    document = all_.app.library.document(info.id)
    _actions(all_, info)
    labels = {"text": say("Text"), "chunks": say("Chunks"), "facts": say("Facts")}
    if f".{info.format}" in views.VIEWS:
        labels = {"file": say("Pages") if info.pages else say("Rows"), **labels}
    chosen = st.segmented_control(
        say("View"), list(labels), default="text", required=True, key="document-view", format_func=labels.__getitem__,
        label_visibility="collapsed",
    )  # fmt: skip
    if chosen == "file":
        turned: views.Turned = st.session_state.setdefault("document-turned", views.Turned())
        views.show(views.Shown(document, _NOWHERE, turned), views.state_of(document))
    elif chosen == "chunks":
        _chunks(all_.app.library.chunks(info.id))
    elif chosen == "facts":
        st.html(_facts(all_, info, document))
    else:
        _text(document)


def _actions(all_: Parts, info: DocumentInfo) -> None:
    with st.container(horizontal=True, gap="small", key="document-actions"):
        if st.button(say("Ask about this document"), key="document-ask", type="primary", icon=":material/forum:"):
            ask(info.collection, (info.id,))
        if st.button(say("Tags…"), key="document-tags", icon=":material/label:"):
            dialogs.open_(dialogs.Dialog(say("Tags"), lambda: tags.edit(all_.app, info.collection, (info.id,))))
            st.rerun()
        if st.button(
            say("Read again"), key="document-again", icon=":material/refresh:", disabled=is_gone(info.path)
        ):  # fmt: skip
            dialogs.close()
            adding.again(all_, info.collection, [info.path])


def _text(document: Document) -> None:
    """A document as Footnote reads it."""
    shown = st.session_state.get("document-text", _READ)
    window = reading.window(document.text, _NOWHERE, 0, shown)
    st.html(reading.text(document, window, _NOWHERE, say("Page {n}")))
    left = len(document.text) - window[1]
    if left > 0 and st.button(say("Show more ({n} characters left)", n=f"{left:,}"), key="document-more"):
        st.session_state["document-text"] = shown + _READ * 5
        st.rerun(scope="fragment")


def _chunks(chunks: Sequence[Chunk]) -> None:
    """The stretches that are found and read: where each begins and ends, and what it stands under."""
    st.html("".join(map(_chunk, chunks[paging.part("document-chunks", len(chunks), _CHUNKS)])))
    paging.turn("document-chunks", len(chunks), _CHUNKS)


def _chunk(chunk: Chunk) -> str:
    facts = [say("characters {start} to {end}", start=f"{chunk.start:,}", end=f"{chunk.end:,}")]
    if chunk.page is not None:
        facts.append(say("page {n}", n=chunk.page))
    return (
        f'<div class="fn-hit"><div class="fn-small"><strong>{chunk.position + 1}</strong> · '
        f"{escape(' · '.join(facts))}</div>"
        f"{markup.heading(chunk.heading, chunk.text) if chunk.heading else ''}"
        f'<div class="fn-passage">{escape(chunk.text)}</div></div>'
    )


def _facts(all_: Parts, info: DocumentInfo, document: Document) -> str:
    facts = {
        say("Title"): document.title,
        say("Path"): document.path,
        say("Collection"): info.collection,
        say("Type"): info.format,
        say("Language"): language(info.language),
        say("Size"): speech.size(info.size),
        say("Pages"): f"{info.pages:,}" if info.pages else "",
        say("Characters"): f"{info.characters:,}",
        say("Chunks"): f"{info.chunks:,}",
        say("Tags"): ", ".join(document.tags),
        say("Added"): speech.moment(info.ingested),
        say("File changed"): _changed(document),
        say("SHA-256"): f"{document.sha256[:16]}…",
        say("Embedder"): next((c.embedder for c in all_.app.library.collections() if c.name == info.collection), ""),
    }
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value)
    return f'<dl class="fn-facts">{rows}</dl>'


def _changed(document: Document) -> str:
    return speech.moment(datetime.fromtimestamp(document.modified, UTC))
