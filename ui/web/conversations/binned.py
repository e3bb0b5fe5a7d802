"""The conversations that were deleted of late: take them out again, or delete them for good."""

from collections.abc import Sequence
from contextlib import suppress
from html import escape

import streamlit as st

from storage.errors import NotFound
from storage.records import Conversation
from ui.app import App
from ui.web import dialogs, markup, problem
from ui.web.parts import BIN
from ui.web.speech import moment, say

_ON = "bin_shown"
_PAGE = 25  # conversations on one page


def shown() -> bool:
    """Whether the bin is looked at."""
    return bool(st.session_state.get(_ON))


def enter() -> None:
    """Look at the bin."""
    st.session_state[_ON] = True


def leave() -> None:
    """Look at the history again."""
    st.session_state.pop(_ON, None)


def page(app: App, deleted: Sequence[Conversation]) -> None:
    """The conversations in the bin, the last deleted first."""
    held = sorted(deleted, key=lambda each: each.deleted or each.updated, reverse=True)
    st.html(f'<h2 class="fn-period">{escape(say("Recently deleted"))}</h2>')
    with st.container(key="bin-head", horizontal=True, vertical_alignment="center"):
        note = say("Kept for {n} days after they were deleted, then removed for good.", n=BIN.days)
        st.html(f'<div class="fn-note">{escape(note)}</div>', width="stretch")
        empty = dialogs.Dialog(say("Delete all for good"), lambda: _forget(app, held))
        st.button(say("Delete all"), key="empty-bin", type="tertiary", on_click=dialogs.opener(empty))
    pages = -(-len(held) // _PAGE)
    current = min(st.session_state.get("bin-page", 1), pages)
    with st.container(key="bin-rows", gap=None):
        for each in held[(current - 1) * _PAGE : current * _PAGE]:
            _row(app, each)
    if pages > 1:
        st.pagination(pages, key="bin-page")


def _row(app: App, each: Conversation) -> None:
    title = markup.plain(each.title) or say("Untitled")
    forget = dialogs.Dialog(say("Delete for good"), lambda: _forget(app, [each]))
    with st.container(key=f"row-{each.id}", horizontal=True, vertical_alignment="center", wrap=False):
        with st.container(gap=None, key=f"cell-{each.id}"):
            st.page_link("chat.py", label=title, query_params={"conversation": each.id})
            when = say("deleted {time}", time=moment(each.deleted or each.updated))
            st.html(f'<div class="fn-small">{escape(when)} · {escape(each.collection)}</div>')
        with st.container(horizontal=True, width="content", gap="xsmall", wrap=False, key=f"actions-{each.id}"):
            st.button(
                say("Restore {title}", title=title), key=f"restore-{each.id}", type="tertiary",
                icon=":material/restore_from_trash:", help=say("Restore"), on_click=_restore, args=(app, each),
            )  # fmt: skip
            st.button(
                say("Delete {title} for good", title=title), key=f"forget-{each.id}", type="tertiary",
                icon=":material/delete_forever:", help=say("Delete for good"), on_click=dialogs.opener(forget),
            )  # fmt: skip


def _restore(app: App, each: Conversation) -> None:
    try:
        app.conversations.restore(each.id)
    except NotFound as exc:  # another window has deleted it for good
        problem.tell(exc)


def _forget(app: App, chosen: Sequence[Conversation]) -> None:
    one = len(chosen) == 1
    what = markup.plain(chosen[0].title) if one else say("{n} conversations", n=f"{len(chosen):,}")
    asked = say("Delete **{what}** with answers, quotes and attached files? This cannot be undone.", what=what)
    st.write(asked)

    def forget() -> None:
        for each in chosen:
            with suppress(NotFound):  # another window was quicker
                app.forget(each.id)

    dialogs.confirm(say("Delete for good"), forget)
