"""What a click or a line of text begins: a question, or files for a conversation."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from storage.errors import FootnoteError
from storage.records import Conversation
from ui.turns import Wishes
from ui.web import problem
from ui.web.answer import choices
from ui.web.parts import Parts

_ASKED = "asked"  # in the session's state: the conversation where something was begun last
Files = Sequence[tuple[str, bytes]]  # name and content


def ask(all_: Parts, question: str, place: choices.Place, wishes: Wishes | None = None, beside: str = "") -> None:
    """Begin to answer in a conversation, or in a new one, as is wished there or as `wishes` say; and show it.

    `beside` is the message in whose place the question or the answer stands.
    """
    wishes = wishes or replace(choices.chosen(all_, place), beside=beside or None)
    try:
        name = all_.jobs.ask(question, place.collection, _as_it_is(all_, place), wishes)
    except FootnoteError as exc:
        problem.tell(exc)
        return
    _show(place, name)


def attach(all_: Parts, files: Files, question: str, place: choices.Place) -> None:
    """Attach files to a conversation, or begin one with them; and ask about them, if there is a question."""
    app = all_.app
    try:
        conversation = _as_it_is(all_, place) or app.conversations.start(_named(files), place.collection)
        paths = app.attachments.keep(files, conversation.id)
        if question:
            wishes = replace(choices.chosen(all_, place), files=tuple(paths))
            all_.jobs.ask(question, place.collection, conversation, wishes)
        else:
            all_.jobs.attach(paths, conversation)
    except FootnoteError as exc:
        problem.tell(exc)
        return
    except OSError as exc:
        problem.tell(FootnoteError(f"The files could not be kept: {exc.strerror}. Make room and try again."))
        return
    _show(place, conversation.id)


def _as_it_is(all_: Parts, place: choices.Place) -> Conversation | None:
    """The conversation as it is now: another tab may have gone on with it since this page was drawn."""
    return place.conversation and all_.app.conversations.conversation(place.conversation.id)


def asked_here(conversation: Conversation) -> bool:
    """Whether something was begun last in this conversation, and since then nobody was led to another place of it."""
    if "message" in st.query_params:
        st.session_state.pop(_ASKED, None)
    return st.session_state.get(_ASKED) == conversation.id


def _show(place: choices.Place, name: str) -> None:
    choices.move(place, name)
    st.query_params["conversation"] = name
    st.session_state[_ASKED] = name


def _named(files: Files) -> str:
    """The title of a conversation that begins with files."""
    return ", ".join(name for name, _ in files)[:60]
