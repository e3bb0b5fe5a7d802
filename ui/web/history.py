"""The history page: find, open, rename, export and delete conversations."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from storage.conversations import Conversations
from storage.records import Conversation, Found
from ui.export import as_markdown, file_name
from ui.web import dialogs, markup
from ui.web.parts import parts
from ui.words import count, moment

_PAGE = 25  # conversations on one page of the list


def page() -> None:
    """The whole page."""
    conversations = parts().app.conversations
    st.title("History", anchor=False)
    every = conversations.conversations()
    if not every:
        st.html('<p class="fn-lead">What you ask is kept here, with its answers and their sources.</p>')
        st.page_link("chat.py", label="Ask the first question", icon=":material/forum:")
        return
    word = st.text_input(
        "Search", key="search", placeholder="Search questions and answers", label_visibility="collapsed",
        icon=":material/search:", live=True,
    )  # fmt: skip
    if word and word.strip():
        _found(conversations.search(word.strip()), word.strip())
    else:
        _list(conversations, every)


def _found(found: Sequence[Found], word: str) -> None:
    st.html(f'<div class="fn-note">{count(len(found), "match") if len(found) == 1 else f"{len(found)} matches"}</div>')
    for each in found:
        with st.container(key=f"found-{each.message_id}", gap=None):
            _link(each.conversation_id, each.conversation_title)
            who = "You" if each.role == "user" else "Footnote"
            st.html(
                f'<div class="fn-excerpt">{markup.highlighted(each.excerpt, word)}</div>'
                f'<div class="fn-small">{who} · {moment(each.created)}</div>'
            )


def _list(conversations: Conversations, every: Sequence[Conversation]) -> None:
    pages = -(-len(every) // _PAGE)
    current = st.pagination(pages, key="history-page") if pages > 1 else 1
    for each in every[(current - 1) * _PAGE : current * _PAGE]:
        with st.container(key=f"row-{each.id}", horizontal=True, vertical_alignment="center", wrap=False):
            with st.container(gap=None, key=f"cell-{each.id}"):
                _link(each.id, each.title)
                st.html(f'<div class="fn-small">{moment(each.updated)} · in {escape(each.collection)}</div>')
            _actions(conversations, each)


def _link(conversation_id: str, title: str) -> None:
    label = markup.plain(title) or "Untitled"
    st.page_link("chat.py", label=label, query_params={"conversation": conversation_id})


def _actions(conversations: Conversations, each: Conversation) -> None:
    title = markup.plain(each.title)
    rename = dialogs.Dialog("Rename conversation", lambda: _rename(conversations, each))
    delete = dialogs.Dialog("Delete conversation", lambda: _delete(conversations, each))
    with st.container(horizontal=True, width="content", gap="xsmall", wrap=False, key=f"actions-{each.id}"):
        st.button(
            f"Rename {title}", key=f"rename-{each.id}", type="tertiary", icon=":material/edit:", help="Rename",
            on_click=dialogs.opener(rename),
        )  # fmt: skip
        st.download_button(
            f"Export {title}", lambda: as_markdown(conversations.conversation(each.id)), file_name(each.title),
            "text/markdown", key=f"export-{each.id}", type="tertiary", icon=":material/download:", help="Export",
            on_click="ignore",
        )  # fmt: skip
        st.button(
            f"Delete {title}", key=f"delete-{each.id}", type="tertiary", icon=":material/delete:", help="Delete",
            on_click=dialogs.opener(delete),
        )  # fmt: skip


def _rename(conversations: Conversations, each: Conversation) -> None:
    with st.form("rename", border=False):
        title = st.text_input("Title", each.title, max_chars=200)
        if st.form_submit_button("Rename", type="primary") and title and title.strip():
            conversations.rename(each.id, " ".join(title.split()))
            dialogs.done()


def _delete(conversations: Conversations, each: Conversation) -> None:
    st.markdown(f"Delete **{markup.plain(each.title)}** with its answers and their quotes? This cannot be undone.")
    dialogs.confirm("Delete", lambda: conversations.delete(each.id))


page()
