"""The list of a collection's documents, one document's text, and removing."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from storage.records import DocumentInfo, Failure
from ui.app import App
from ui.web import dialogs, markup, uploads
from ui.words import count, moment, size

_PAGE = 25  # documents on one page of the list
_READ = 20_000  # characters of a document shown at once


def uploads_of(app: App) -> Path:
    """Where copies of dropped files lie."""
    return app.settings.home / "uploads"


def show(app: App, collection: str) -> None:
    """The documents of a collection, and the files that could not be read."""
    held = app.library.documents(collection)
    if held:
        word = ""
        with st.container(key="documents"):
            st.subheader(count(len(held), "document"), anchor=False)
            if len(held) > 5:
                word = st.text_input(
                    "Filter", key="filter", placeholder="Filter by title or path", label_visibility="collapsed",
                    icon=":material/search:",
                )  # fmt: skip
            _list(app, [each for each in held if word.lower() in f"{each.title}\n{each.path}".lower()], word)
    failures = app.library.failures(collection)
    if failures:
        with st.expander(f"{count(len(failures), 'file')} could not be read", icon=":material/error:"):
            st.html(failure_lines(failures))
    if collection in {each.name for each in app.library.collections()}:
        remove = dialogs.Dialog("Remove collection", lambda: _remove_collection(app, collection))
        st.button(
            "Remove this collection", key="drop-collection", type="tertiary", icon=":material/delete:",
            on_click=dialogs.opener(remove),
        )  # fmt: skip


def failure_lines(failures: Sequence[Failure]) -> str:
    """Files that could not be read, one line each with the reason."""
    rows = (f"<li><strong>{escape(Path(f.path).name)}</strong>: {escape(f.reason)}</li>" for f in failures)
    return f'<ul class="fn-failures">{"".join(rows)}</ul>'


def _list(app: App, held: Sequence[DocumentInfo], word: str) -> None:
    if not held:
        st.html(f'<div class="fn-note">No title or path holds “{escape(word)}”.</div>')
        return
    pages = -(-len(held) // _PAGE)
    current = st.pagination(pages, key="documents-page") if pages > 1 else 1
    for each in held[(current - 1) * _PAGE : current * _PAGE]:
        _row(app, each)


def _row(app: App, each: DocumentInfo) -> None:
    title = markup.plain(each.title)
    read = dialogs.Dialog(each.title, lambda: _text(app, each), side=True)
    remove = dialogs.Dialog("Remove document", lambda: _remove(app, each))
    with st.container(key=f"row-{each.id}", horizontal=True, vertical_alignment="center", wrap=False):
        with st.container(gap=None, key=f"cell-{each.id}"):
            st.button(title, key=f"open-{each.id}", type="tertiary", on_click=dialogs.opener(read))
            st.html(f'<div class="fn-small">{escape(_facts(each))}</div>')
        st.button(
            f"Remove {title}", key=f"remove-{each.id}", type="tertiary", icon=":material/delete:", help="Remove",
            on_click=dialogs.opener(remove),
        )  # fmt: skip


def _facts(each: DocumentInfo) -> str:
    pages = [count(each.pages, "page")] if each.pages else []
    return " · ".join(
        [each.format, *pages, count(each.chunks, "chunk"), size(each.size), moment(each.ingested), *each.tags]
    )


def _text(app: App, info: DocumentInfo) -> None:
    """A document as Footnote reads it, section by section."""
    document = app.library.document(info.id)
    st.html(f'<div class="fn-path">{escape(document.path)}</div>')
    shown = st.session_state.get(f"read-{info.id}", _READ)
    parts: list[str] = []
    page: int | None = None
    heading = ""
    for section in document.sections:
        if section.start >= shown:
            break
        if section.page is not None and section.page != page:
            page = section.page
            parts.append(f'<div class="fn-page">Page {page}</div>')
        text = document.text[section.start : min(section.end, shown)]
        if section.heading and section.heading != heading:
            heading = section.heading
            parts.append(markup.heading(heading, text))
        parts.append(f'<div class="fn-passage">{escape(text)}</div>')
    st.html("".join(parts) or "<p>This document has no text.</p>")
    if len(document.text) > shown:
        left = len(document.text) - shown
        if st.button(f"Show more ({left:,} characters left)", key=f"more-{info.id}"):
            st.session_state[f"read-{info.id}"] = shown + _READ * 5
            st.rerun(scope="fragment")


def _remove(app: App, info: DocumentInfo) -> None:
    own = uploads.is_copy(info.path, uploads_of(app))
    what = "The copy that was dropped here is deleted with it." if own else "The file itself stays where it is."
    title = markup.plain(info.title)
    st.markdown(f"Remove **{title}** from the library? {what} Answers that quote it keep their quotes.")

    def remove() -> None:
        app.library.remove([info.id])
        uploads.forget(info.path, uploads_of(app))

    dialogs.confirm("Remove", remove)


def _remove_collection(app: App, collection: str) -> None:
    held = app.library.documents(collection)
    st.markdown(
        f"Remove **{markup.plain(collection)}** with its {count(len(held), 'document')}? Files in your own folders "
        "stay where they are; copies that were dropped here are deleted. Conversations keep their quotes."
    )

    def remove() -> None:
        app.library.remove_collection(collection)
        for each in held:
            uploads.forget(each.path, uploads_of(app))
        st.session_state.pop("shown", None)

    dialogs.confirm("Remove", remove)
