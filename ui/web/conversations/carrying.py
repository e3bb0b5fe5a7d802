"""Conversations as files: take them along, and bring them in."""

from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from storage.conversations import Conversations
from storage.errors import UnreadableFile
from ui.export import FORMATS, bundle, file_name
from ui.export import export as exported
from ui.export.reading import LARGEST, read
from ui.web import dialogs, markup, speech
from ui.web.conversations import notice
from ui.web.speech import say

_ICONS = {"html": "html", "pdf": "picture_as_pdf", "md": "markdown", "json": "data_object"}


def export(conversations: Conversations, ids: Sequence[str], title: str) -> None:
    """A button for each format; several conversations come in one archive called `title`."""
    purposes = {
        "html": say("One page to share: it opens in any browser and needs nothing else."),
        "pdf": say("To print or to send."),
        "md": say("For notes and editors."),
        "json": say("Everything, also the passages that were found. It can be imported again."),
    }
    names = {"html": "HTML", "pdf": "PDF", "md": "Markdown", "json": "JSON"}
    for format, purpose in purposes.items():
        with st.container(key=f"export-as-{format}", gap=None):
            st.download_button(
                names[format], _content(conversations, ids, format),
                file_name(title, format) if len(ids) == 1 else f"{file_name(title, format)}.zip",
                FORMATS[format].media if len(ids) == 1 else "application/zip",
                key=f"save-{format}", icon=f":material/{_ICONS[format]}:", on_click="ignore", width="stretch",
            )  # fmt: skip
            st.html(f'<div class="fn-small">{escape(purpose)}</div>')


def _content(conversations: Conversations, ids: Sequence[str], format: str) -> Callable[[], bytes]:
    """What makes the file once it is asked for."""
    spoken = speech.bound()

    def content() -> bytes:
        if len(ids) == 1:
            return exported(conversations.conversation(ids[0]), format, spoken)
        return bundle([conversations.conversation(each) for each in ids], format, spoken)

    return content


def bring(conversations: Conversations) -> None:
    """Choose JSON exports, and keep each as a new conversation."""
    note = say("JSON exports of conversations. Their quotes can be read also where their documents are not here.")
    st.html(f'<div class="fn-small">{escape(note)}</div>')
    with st.form("bring", border=False, clear_on_submit=True):
        files = st.file_uploader(
            say("Files"), "json", accept_multiple_files=True, key="bring-files", label_visibility="collapsed",
            max_upload_size=LARGEST // 1_000_000,
        )  # fmt: skip
        if not st.form_submit_button(say("Import"), type="primary"):
            return
    brought, problems = [], []
    for file in files:
        try:
            brought.append(conversations.adopt(read(file.getvalue(), file.name, say("imported"))))
        except UnreadableFile as exc:
            problems.append(exc)
    for problem in problems:
        st.error(markup.plain(speech.error(problem)), icon=":material/error:")
    if brought:
        notice.imported(brought)
    if brought and not problems:
        dialogs.done()
    elif not files:
        st.info(say("Choose a file first."), icon=":material/info:")
