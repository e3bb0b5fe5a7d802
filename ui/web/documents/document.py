"""One document beside the page: its text, its pages, its chunks, the facts about it, and what can be done with it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import streamlit as st

from ingest.places import is_gone
from storage.listing import Listing
from storage.parts import parts
from storage.records import Chunk, Document, DocumentInfo
from ui import words
from ui.web import dialogs, markup, paging, speech
from ui.web.documents import adding, tags
from ui.web.drawer import reading, views
from ui.web.drawer.shown import Shown, Turned
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
        st.session_state["document-turned"] = Turned()
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
    of = parts(all_.app.library.database, info.id)
    _actions(all_, info)
    if len(of) > 1:
        _parts(all_, info, of)
    labels = {"text": say("Text"), "chunks": say("Chunks"), "facts": say("Facts")}
    if looks := views.looks(document):
        labels = {"file": looks, **labels}
    chosen = st.segmented_control(
        say("View"), list(labels), default="text", required=True, key="document-view", format_func=labels.__getitem__,
        label_visibility="collapsed",
    )  # fmt: skip
    if chosen == "file":
        turned: Turned = st.session_state.setdefault("document-turned", Turned())
        views.show(Shown(document, _NOWHERE, turned), views.state_of(document))
    elif chosen == "chunks":
        _chunks(document, all_.app.library.chunks(info.id))
    elif chosen == "facts":
        st.html(_facts(all_, info, document, len(of)))
    else:
        _text(document)


def _parts(all_: Parts, info: DocumentInfo, of: Sequence[str]) -> None:
    """Which part of a long file this is, and the way to those beside it."""
    at = info.part - 1
    with st.container(key="document-parts", horizontal=True, vertical_alignment="center", gap="xsmall"):
        for step, name, icon in ((-1, say("Previous part"), "chevron_left"), (1, say("Next part"), "chevron_right")):
            if step == 1:
                said = say("Part {n} of {parts}", n=info.part, parts=len(of))
                st.html(f'<div class="fn-small">{escape(said)}</div>', width="content")
            there = of[at + step : at + step + 1] if at + step >= 0 else ()
            key = f"document-part{step}"
            if st.button(name, key=key, type="tertiary", icon=f":material/{icon}:", help=name, disabled=not there):
                for other in Listing(all_.app.library.database).documents(info.collection, there):
                    opener(all_, other)()
                st.rerun()


def _actions(all_: Parts, info: DocumentInfo) -> None:
    with st.container(horizontal=True, gap="small", key="document-actions"):
        if st.button(say("Ask about this document"), key="document-ask", type="primary", icon=":material/forum:"):
            ask(info.collection, (info.id,))
        if st.button(say("Tags…"), key="document-tags", icon=":material/label:"):
            dialogs.open_(dialogs.Dialog(say("Tags"), lambda: tags.edit(all_.app, info.collection, (info.id,))))
            st.rerun()
        if st.button(
            say("Read again"), key="document-again", icon=":material/refresh:", disabled=is_gone(Path(info.path))
        ):  # fmt: skip
            dialogs.close()
            adding.again(all_, info.collection, [info.path])


def _text(document: Document) -> None:
    """A document as Footnote reads it."""
    shown = st.session_state.get("document-text", _READ)
    window = reading.window(document.text, _NOWHERE, 0, shown)
    st.html(views.text(document, window, _NOWHERE))
    left = len(document.text) - window[1]
    if left > 0 and st.button(say("Show more ({n} characters left)", n=f"{left:,}"), key="document-more"):
        st.session_state["document-text"] = shown + _READ * 5
        st.rerun(scope="fragment")


def _chunks(document: Document, chunks: Sequence[Chunk]) -> None:
    """The stretches that are found and read: where each stands, and what it stands under."""
    shown = chunks[paging.part("document-chunks", len(chunks), _CHUNKS)]
    st.html("".join(_chunk(document, each) for each in shown))
    paging.turn("document-chunks", len(chunks), _CHUNKS)


def _chunk(document: Document, chunk: Chunk) -> str:
    facts = [say("characters {start} to {end}", start=f"{chunk.start:,}", end=f"{chunk.end:,}")]
    if stands := views.place(document, (chunk.start, chunk.end)):
        facts.insert(0, stands)
    return (
        f'<div class="fn-hit"><div class="fn-small"><strong>{chunk.position + 1}</strong> · '
        f"{escape(' · '.join(facts))}</div>"
        f"{markup.heading(chunk.heading, chunk.text) if chunk.heading else ''}"
        f'<div class="fn-passage">{escape(chunk.text)}</div></div>'
    )


def _facts(all_: Parts, info: DocumentInfo, document: Document, of: int) -> str:
    paths = info.paths or (document.path,)
    facts: dict[str, str | Sequence[str]] = {
        say("Title"): document.title,
        say("Part"): say("{n} of {parts}", n=info.part, parts=of) if of > 1 else "",
        say("Authors"): "; ".join(document.authors),
        say("Written"): speech.moment(document.created) if document.created else "",
        say("Path") if len(paths) == 1 else say("Paths, with the same content"): paths,
        say("Collection"): info.collection,
        say("Type"): info.format,
        say("Language"): language(info.language),
        say("Size"): speech.size(info.size),
        _paging(info.format): f"{info.pages:,}" if info.pages else "",
        say("Characters"): f"{info.characters:,}",
        say("Chunks"): f"{info.chunks:,}",
        say("Tags"): ", ".join(document.tags),
        say("Added"): speech.moment(info.ingested),
        say("File changed"): _changed(document),
        say("SHA-256"): f"{document.sha256[:16]}…",
        say("Embedder"): next((c.embedder for c in all_.app.library.collections() if c.name == info.collection), ""),
    }
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{_lines(value)}</dd>" for name, value in facts.items() if value)
    return f'<dl class="fn-facts">{rows}</dl>'


def _lines(value: str | Sequence[str]) -> str:
    return "<br>".join(map(escape, [value] if isinstance(value, str) else value))


def _paging(format: str) -> str:
    names = {"slides": say("Slides"), "sheets": say("Sheets"), "messages": say("Messages"), "cells": say("Cells")}
    return names.get(words.paging(format), say("Pages"))


def _changed(document: Document) -> str:
    return speech.moment(datetime.fromtimestamp(document.modified, UTC))
