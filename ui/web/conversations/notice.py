"""What has just been done to conversations, with the way to undo it, until it is dismissed or the page is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from storage.conversations import Conversations
from storage.errors import NotFound
from storage.records import Conversation
from ui.web import problem
from ui.web.speech import say

_KEPT = "history_notice"


@dataclass(frozen=True, slots=True)
class _Notice:
    """`undo` are the conversations that can be taken out of the bin again, `opens` the one that can be opened."""

    text: str
    undo: tuple[str, ...] = ()
    opens: str = ""


def bin_(conversations: Conversations, chosen: Sequence[Conversation]) -> None:
    """Put conversations into the bin, and offer to undo it."""
    binned = []
    for each in chosen:
        try:
            conversations.bin(each.id)
            binned.append(each.id)
        except NotFound:  # another window has deleted it for good
            continue
    text = say("{n} conversations deleted.", n=f"{len(binned):,}")
    if len(chosen) == 1:
        text = say("“{title}” is deleted.", title=chosen[0].title)
    st.session_state[_KEPT] = _Notice(text, tuple(binned))


def imported(brought: Sequence[Conversation]) -> None:
    """Tell what came in, and where it is."""
    text = say("{n} conversations imported.", n=f"{len(brought):,}")
    if len(brought) == 1:
        text = say("“{title}” is imported.", title=brought[0].title)
    st.session_state[_KEPT] = _Notice(text, opens=brought[0].id if len(brought) == 1 else "")


def show(conversations: Conversations) -> None:
    """The bar above the list."""
    problem.show()
    kept: _Notice | None = st.session_state.get(_KEPT)
    if kept is None:
        return
    with st.container(key="notice", horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.html(f'<div role="status">{escape(kept.text)}</div>', width="stretch")
        if kept.undo:
            st.button(say("Undo"), key="undo", icon=":material/undo:", on_click=_undo, args=(conversations, kept.undo))
        if kept.opens:
            st.page_link("chat.py", label=say("Open"), query_params={"conversation": kept.opens})
        st.button(
            say("Dismiss"), key="dismiss-notice", type="tertiary", icon=":material/close:", help=say("Dismiss"),
            on_click=_dismiss,
        )  # fmt: skip


def _undo(conversations: Conversations, ids: Sequence[str]) -> None:
    _dismiss()
    for each in ids:
        try:
            conversations.restore(each)
        except NotFound as exc:  # the bin was emptied meanwhile
            problem.tell(exc)


def _dismiss() -> None:
    st.session_state.pop(_KEPT, None)
