"""Find conversations: by their words, collection and tags."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from storage.conversations import Conversations
from storage.errors import NotFound
from storage.records import Conversation, Found
from ui.web import markup, problem
from ui.web.conversations import jump
from ui.web.speech import moment, say

_PAGE = 25  # matches on one page
_MOST = 500  # matches looked for
_COLLECTION, _TAGS = "history-collection", "history-tags"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The words that are searched for, and the conversations that fit the filters."""

    words: str
    conversations: tuple[Conversation, ...]


def wanted(every: Sequence[Conversation]) -> Wanted:
    """The search and its filters; each filter is there where it tells something apart."""
    with st.container(key="history-search", horizontal=True):
        words = st.text_input(
            say("Search"), key="search", placeholder=say("Search questions and answers"), label_visibility="collapsed",
            icon=":material/search:", live=True, type="search",
        )  # fmt: skip
        collection, tags = _filters(every)
    fit = tuple(
        each for each in every if collection in (None, each.collection) and set(tags) <= set(each.tags)
    )  # every tag that was chosen narrows it further
    return Wanted(" ".join((words or "").split()), fit)


def _filters(every: Sequence[Conversation]) -> tuple[str | None, Sequence[str]]:
    collections = sorted({each.collection for each in every})
    tags = sorted({tag for each in every for tag in each.tags})
    _prune(collections, tags)
    collection = None
    if len(collections) > 1:
        collection = st.selectbox(
            say("Collection"), collections, None, key=_COLLECTION, placeholder=say("All collections"),
            label_visibility="collapsed", width=190,
        )  # fmt: skip
    chosen: Sequence[str] = ()
    if tags:
        chosen = st.multiselect(
            say("Tags"), tags, key=_TAGS, placeholder=say("All tags"), label_visibility="collapsed", width=190
        )
    return collection, chosen


def _prune(collections: Sequence[str], tags: Sequence[str]) -> None:
    """A filter by what no conversation has any more would hide them all."""
    state = st.session_state
    if state.get(_COLLECTION) not in collections:
        state.pop(_COLLECTION, None)
    if _TAGS in state:
        state[_TAGS] = [tag for tag in state[_TAGS] if tag in tags]


def matches(conversations: Conversations, wanted: Wanted) -> None:
    """The messages that hold the words, each with the way to it."""
    fit = {each.id for each in wanted.conversations}
    every = conversations.search(wanted.words, _MOST)
    found = [each for each in every if each.conversation_id in fit]
    number = say("1 match") if len(found) == 1 else say("{n} matches", n=f"{len(found):,}")
    if not found:
        number = say("No question or answer holds all of these words.")
    elif len(every) == _MOST:
        number = say("The latest {n} matches; more words find fewer.", n=f"{len(found):,}")
    st.html(f'<div class="fn-note" role="status">{escape(number)}</div>')
    pages = -(-len(found) // _PAGE)
    current = min(st.session_state.get("matches-page", 1), max(pages, 1))
    for each in found[(current - 1) * _PAGE : current * _PAGE]:
        _match(conversations, each, wanted.words)
    if pages > 1:
        st.pagination(pages, key="matches-page")


def _match(conversations: Conversations, each: Found, words: str) -> None:
    with st.container(key=f"found-{each.message_id}", gap=None):
        title = markup.plain(each.conversation_title) or say("Untitled")
        if st.button(title, key=f"open-found-{each.message_id}", type="tertiary"):
            try:
                jump.to(conversations, each.conversation_id, each.message_id)
            except NotFound as exc:  # it was deleted meanwhile
                problem.tell(exc)
                st.rerun()
        excerpt = markup.highlighted(each.excerpt, words)
        if "<mark>" not in excerpt:
            excerpt = f"{escape(say('In the title:'))} {markup.highlighted(each.conversation_title, words)}"
        who = say("You") if each.role == "user" else "Footnote"
        st.html(
            f'<div class="fn-excerpt">{excerpt}</div><div class="fn-small">{escape(who)} · {moment(each.created)}</div>'
        )
