"""The chat page: ask, see the evidence, read the answer as it is written, open its footnotes."""

import time
from html import escape

import streamlit as st

from storage.errors import FootnoteError, NotFound
from storage.records import Conversation
from ui.jobs import Asking, Job
from ui.web import markup, message
from ui.web.parts import Parts, parts
from ui.words import count, duration

_TICK = 0.25  # seconds between two looks at an answer that is being written


def page() -> None:
    """The whole page."""
    all_ = parts()
    conversation = _current(all_)
    if conversation:
        collection = conversation.collection
        st.html(f'<div class="fn-about">Collection: {escape(collection)}</div>')
    else:
        collection = _choose(all_)
        _welcome(all_, collection)
    job = all_.jobs.asking(conversation.id) if conversation else None
    running = job is not None and not job.done
    if conversation:
        _turns(all_, conversation, job)
        if job and running:
            st.fragment(_live, run_every=_TICK)(all_, job)
        _again(all_, conversation, running)
    if all_.warming.loading or all_.warming.problem:
        st.fragment(_warming, run_every=1.0)(all_)
    ready = conversation or any(each.documents for each in all_.app.library.collections())
    hint = "Ask your documents" if ready else "Add documents first"
    asked = st.chat_input(
        "Writing… stop it to ask something else" if running else hint, key="ask", disabled=running or not ready
    )
    if asked and asked.strip():
        _ask(all_, asked.strip(), collection, conversation)


def _current(all_: Parts) -> Conversation | None:
    """The conversation that the address names."""
    name = st.query_params.get("conversation")
    if not name:
        return None
    try:
        return all_.app.conversations.conversation(name)
    except NotFound:
        del st.query_params["conversation"]
        st.info("That conversation is no longer here. Ask to begin a new one.", icon=":material/info:")
        return None


def _choose(all_: Parts) -> str:
    """The collection for a new conversation."""
    names = [each.name for each in all_.app.library.collections() if each.documents]
    usual = all_.app.collection(None)
    if len(names) < 2:
        return names[0] if names else usual
    with st.sidebar:
        index = names.index(usual) if usual in names else 0
        return st.selectbox("Collection", names, index, key="collection", help="What a new conversation is about")


def _welcome(all_: Parts, collection: str) -> None:
    held = {each.name: each.documents for each in all_.app.library.collections()}
    st.html('<h1 class="fn-title">Ask your documents</h1>')
    if not any(held.values()):
        st.html(
            '<p class="fn-lead">There are none here yet. Add a folder and ask away: the answer shows which sentence '
            "of which document it rests on, and nothing leaves this machine.</p>"
        )
        st.page_link("library.py", label="Add documents", icon=":material/library_add:")
        return
    st.html(
        f'<p class="fn-lead">{count(held.get(collection, 0), "document")} in {escape(collection)}. Ask in English '
        "or Chinese. Every sentence of the answer carries a footnote that opens its source; where the documents "
        "do not say, the answer says so.</p>"
    )


def _turns(all_: Parts, conversation: Conversation, job: Job[Asking] | None) -> None:
    """What was said so far; the answer that is being written is left to its own part of the page."""
    writing = job.state.message if job and not job.done else ""
    for turn in conversation.messages:
        if turn.role == "user":
            message.question(turn.text)
        elif turn.id != writing:
            known = job.state.evidence if job and job.state.message == turn.id else None
            message.answer(all_.app, turn, known.marked if known else None)


def _live(all_: Parts, job: Job[Asking]) -> None:
    """The answer while it is written."""
    if job.done:
        st.rerun()
    state = job.state
    if state.evidence:
        message.evidence(all_.app, state.evidence.hits, state.evidence.marked, state.message)
    if state.text:
        st.html(markup.answer(state.text + "\u2009▍"))
    with st.container(horizontal=True, vertical_alignment="center", key="writing"):
        st.button("Stop", key="stop", icon=":material/stop:", on_click=job.cancel, disabled=job.cancelled)
        st.html(f'<div class="fn-small" role="status">{_doing(all_, job)}</div>')


def _doing(all_: Parts, job: Job[Asking]) -> str:
    state, spent = job.state, duration(time.monotonic() - job.state.started)
    if job.cancelled:
        return "Stopping…"
    if state.evidence is None:
        return "Searching your documents…"
    if state.text:
        return f"Writing… {spent}"
    waiting = "The model is still loading; it answers as soon as it can." if all_.app.chat.state != "ready" else (
        "The model reads the passages."
    )  # fmt: skip
    return f"{waiting} {spent}"


def _again(all_: Parts, conversation: Conversation, running: bool) -> None:
    """A way on after an answer that did not come whole."""
    turns = conversation.messages
    if running or len(turns) < 2 or turns[-1].status not in ("failed", "interrupted", "stopped"):
        return
    if st.button("Ask again", key="again", icon=":material/refresh:"):
        _ask(all_, turns[-2].text, conversation.collection, conversation)


def _warming(all_: Parts) -> None:
    """How far the model is, as long as that matters."""
    if problem := all_.warming.problem:
        st.warning(markup.plain(problem), icon=":material/warning:")
    elif all_.warming.loading:
        st.html('<div class="fn-note" role="status">The model is loading; you can read and ask already.</div>')


def _ask(all_: Parts, question: str, collection: str, conversation: Conversation | None) -> None:
    try:
        with st.spinner("Opening the collection…"):
            name = all_.jobs.ask(question, collection, conversation)
    except FootnoteError as exc:
        st.error(markup.plain(str(exc)), icon=":material/error:")
        return
    st.query_params["conversation"] = name
    st.rerun()


page()
