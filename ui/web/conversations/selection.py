"""Several conversations at once: choose them, then tag, export or delete them."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from storage.conversations import Conversations
from storage.records import Conversation
from ui.web import dialogs, markup
from ui.web.conversations import carrying, labels, notice
from ui.web.speech import say

_ON = "selected"  # the ids of those that are chosen; not there while nothing is to be chosen


def on() -> bool:
    """Whether conversations are being chosen."""
    return _ON in st.session_state


def begin() -> None:
    """Let conversations be chosen."""
    st.session_state[_ON] = set()


def end() -> None:
    """Choose no more."""
    st.session_state.pop(_ON, None)


def box(each: Conversation) -> None:
    """The box before a conversation."""
    key = f"select-{each.id}"
    st.session_state[key] = each.id in st.session_state[_ON]
    label = say("Select {title}", title=markup.plain(each.title))
    st.checkbox(label, key=key, label_visibility="collapsed", on_change=_turn, args=(each.id,))


def bar(conversations: Conversations, every: Sequence[Conversation]) -> None:
    """How many are chosen, and what can be done with them; `every` are those that can be."""
    chosen = [each for each in every if each.id in st.session_state[_ON]]
    number, none = f"{len(chosen):,}", not chosen
    tag = dialogs.Dialog(say("Tags"), lambda: labels.edit_all(conversations, chosen))
    ids = [each.id for each in chosen]
    export = dialogs.Dialog(say("Export"), lambda: carrying.export(conversations, ids, say("Conversations")))
    with st.container(key="selection", horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.html(f'<div role="status">{escape(say("{n} selected", n=number))}</div>', width="content")
        st.button(
            say("All {n}", n=f"{len(every):,}"), key="select-all", type="tertiary", icon=":material/select_all:",
            on_click=_all, args=(every,), disabled=len(chosen) == len(every),
        )  # fmt: skip
        st.button(
            say("Tags"), key="tag-selected", type="tertiary", icon=":material/sell:", on_click=dialogs.opener(tag),
            disabled=none,
        )  # fmt: skip
        st.button(
            say("Export"), key="export-selected", type="tertiary", icon=":material/download:",
            on_click=dialogs.opener(export), disabled=none,
        )  # fmt: skip
        st.button(
            say("Delete"), key="delete-selected", type="tertiary", icon=":material/delete:", on_click=_delete,
            args=(conversations, chosen), disabled=none,
        )  # fmt: skip
        st.button(say("Done"), key="select-done", on_click=end)


def _delete(conversations: Conversations, chosen: Sequence[Conversation]) -> None:
    notice.bin_(conversations, chosen)
    end()


def _all(every: Sequence[Conversation]) -> None:
    st.session_state[_ON] = {each.id for each in every}


def _turn(conversation_id: str) -> None:
    if st.session_state[f"select-{conversation_id}"]:
        st.session_state[_ON].add(conversation_id)
    else:
        st.session_state[_ON].discard(conversation_id)
