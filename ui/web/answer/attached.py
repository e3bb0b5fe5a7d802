"""What is attached to a conversation: the files that came with it, those that could not be read, and taking one out."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from storage.errors import FootnoteError
from storage.records import DocumentInfo
from ui.asking import Asking
from ui.job import Job
from ui.web import dialogs, markup, problem, speech
from ui.web.answer import choices, room
from ui.web.drawer import passage
from ui.web.parts import Parts
from ui.web.speech import say


def show(all_: Parts, place: choices.Place, *, running: bool) -> None:
    """The attached files of a conversation, behind a button that counts them."""
    held = all_.app.attachments.of(place.conversation.id) if place.conversation else ()
    if not held:
        return
    label = say("{n} attached file", n=1) if len(held) == 1 else say("{n} attached files", n=len(held))
    with st.popover(label, icon=":material/attach_file:", type="tertiary", key="attached", on_change="rerun") as opened:
        room.fill(opened.open, "attached", lambda: _rows(all_, held, running=running))


def _rows(all_: Parts, held: Sequence[DocumentInfo], *, running: bool) -> None:
    st.html(f'<div class="fn-small">{escape(say("Only this conversation reads them."))}</div>')
    for each in held:
        _row(all_, each, running=running)


def _row(all_: Parts, each: DocumentInfo, *, running: bool) -> None:
    name = markup.plain(Path(each.path).name)
    with st.container(key=f"row-{each.id}", horizontal=True, vertical_alignment="center", wrap=False):
        with st.container(gap=None, key=f"cell-{each.id}"):
            read = passage.of_document(all_.app.library, each.id, each.title)
            st.button(name, key=f"open-{each.id}", type="tertiary", on_click=dialogs.opener(read))
            st.html(f'<div class="fn-small">{escape(speech.size(each.size))}</div>')
        st.button(
            say("Remove {name}", name=name), key=f"remove-{each.id}", type="tertiary", icon=":material/delete:",
            help=say("Remove"), on_click=_remove, args=(all_, each), disabled=running,
        )  # fmt: skip


def _remove(all_: Parts, each: DocumentInfo) -> None:
    try:
        all_.app.attachments.remove(each)
    except FootnoteError as exc:
        problem.tell(exc)


def progress(state: Asking) -> None:
    """How far the files are that came along."""
    far = state.progress
    if far is None or state.report:
        return
    share = far.bytes_done / far.bytes_total if far.bytes_total else 0.0
    name = markup.plain(Path(far.path).name) if far.path else ""
    st.progress(min(max(share, 0.0), 1.0), name or say("Looking at your files"))


def outcome(job: Job[Asking]) -> None:
    """What became of the files that came along, as far as a person has to know."""
    report = job.state.report
    if report and report.failures:
        rows = (
            f"<li><strong>{escape(Path(f.path).name)}</strong>: {escape(speech.error(f.reason))}</li>"
            for f in report.failures
        )
        said = escape(say("Could not be read:"))
        st.html(f'<div class="fn-note" role="status">{said}<ul class="fn-failures">{"".join(rows)}</ul></div>')
    if job.done and not job.state.message:
        if job.error:
            st.error(markup.plain(speech.error(job.error)), icon=":material/error:")
        elif report and report.added + report.changed + report.unchanged:
            st.html(f'<div class="fn-note" role="status">{escape(say("Your files are read. Ask about them."))}</div>')
