"""What a person calls conversations: a title, and tags."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from storage.conversations import Conversations
from storage.records import Conversation
from ui.web import dialogs
from ui.web.speech import say


def edit(conversations: Conversations, each: Conversation) -> None:
    """Title and tags of one conversation."""
    with st.form("labels", border=False):
        title = st.text_input(say("Title"), each.title, key="title", max_chars=200)
        tags = st.multiselect(
            say("Tags"), _known(conversations), each.tags, key="conversation-tags", accept_new_options=True,
            placeholder=say("Choose, or type a new one"),
        )  # fmt: skip
        if st.form_submit_button(say("Save"), type="primary"):
            named = " ".join((title or "").split())
            if not named:
                st.error(say("A title cannot be empty."), icon=":material/error:")
                return
            if named != each.title:
                conversations.rename(each.id, named)
            conversations.tag(each.id, _clean(tags))
            dialogs.done()


def edit_all(conversations: Conversations, chosen: Sequence[Conversation]) -> None:
    """Add tags to several conversations, and take tags away."""
    with st.form("labels", border=False):
        note = say("{n} selected", n=f"{len(chosen):,}")
        st.html(f'<div class="fn-small">{escape(note)}</div>')
        added = st.multiselect(
            say("Add to all"), _known(conversations), key="conversations-tags-add", accept_new_options=True,
            placeholder=say("Choose, or type a new one"),
        )  # fmt: skip
        there = sorted({tag for each in chosen for tag in each.tags})
        removed = st.multiselect(
            say("Take away from all"), there, key="conversations-tags-remove", placeholder=say("none of them")
        )
        if st.form_submit_button(say("Save"), type="primary"):
            for each in chosen:
                conversations.tag(each.id, sorted((set(each.tags) | set(_clean(added))) - set(removed)))
            dialogs.done()


def _known(conversations: Conversations) -> list[str]:
    return sorted({tag for each in conversations.conversations() for tag in each.tags})


def _clean(tags: Sequence[str]) -> list[str]:
    """Tags as they are kept: on one line, without space around, no longer than a column."""
    return sorted({" ".join(tag.split())[:200] for tag in tags} - {""})
