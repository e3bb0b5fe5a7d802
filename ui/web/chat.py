"""The chat page: ask, see the evidence, read the answer as it is written, open its footnotes."""

from collections.abc import Callable
from datetime import date
from functools import partial
from html import escape

import streamlit as st

from qa.suggest import follow_ups, suggestions
from storage.errors import NotFound
from storage.library import Library
from storage.records import Collection, Conversation, Message
from ui.asking import Asking
from ui.job import Job
from ui.web import markup, problem, speech
from ui.web.answer import actions, asking, attached, choices, message, stages
from ui.web.conversations import jump
from ui.web.parts import Parts, parts
from ui.web.speech import say

_TICK = 0.25  # seconds between two looks at an answer that is being written
_TURNS = 24  # questions and answers drawn at once: the latest ones
_SUGGESTED = 4
# Brings a question that was just asked to the top; the page would follow its end. It runs whenever its text is new.
_TO_LAST = """<script>/* {} */
for (const wait of [50, 200, 500])
  setTimeout(() => [...document.querySelectorAll("h2.fn-question")].at(-1)?.scrollIntoView(), wait);
</script>"""
_CHOSEN = "collection"  # of a new conversation, in the session's state; other pages lead here with it


def page() -> None:
    """The whole page."""
    all_ = parts()
    conversation = _current(all_)
    collections = all_.app.library.collections()
    place = choices.Place(conversation.collection if conversation else _collection(all_, collections), conversation)
    job = all_.jobs.asking(conversation.id) if conversation else None
    running = job is not None and not job.done
    held = any(each.documents for each in collections)
    if conversation:
        st.html(f'<div class="fn-about">{escape(say("Collection: {name}", name=conversation.collection))}</div>')
        fresh = asking.asked_here(conversation)
        if job and fresh:
            st.html(_TO_LAST.format(job.state.message), unsafe_allow_javascript=True)
        last = _turns(all_, conversation, job)
        jump.arrive(conversation)
        with st.container(key="fresh-turn" if fresh else "last-turn"):
            for draw in last:
                draw()
            if job and running:
                st.fragment(_live, run_every=_TICK)(all_, job)
            elif job:
                attached.outcome(job)
            _after(all_, place, running=running)
    else:
        _welcome(all_, collections, place)
    problem.show()
    if all_.warming.loading or all_.warming.problem:
        st.fragment(_warming, run_every=1.0)(all_)
    _input(all_, place, held=held, running=running)


def _current(all_: Parts) -> Conversation | None:
    """The conversation that the address names."""
    name = st.query_params.get("conversation")
    if not name:
        return None
    try:
        conversation = all_.app.conversations.conversation(name)
    except NotFound:
        del st.query_params["conversation"]
        st.info(say("That conversation is no longer here. Ask to begin a new one."), icon=":material/info:")
        return None
    if conversation.deleted:
        with st.container(key="binned", horizontal=True, vertical_alignment="center"):
            st.html(f'<div class="fn-note">{escape(say("This conversation is in the bin."))}</div>', width="content")
            st.button(say("Restore"), key="restore", on_click=all_.app.conversations.restore, args=(name,))
    return conversation


def _collection(all_: Parts, collections: tuple[Collection, ...]) -> str:
    """The collection of a new conversation: the one chosen, or the usual one."""
    names = [each.name for each in collections if each.documents]
    for chosen in (st.session_state.get(_CHOSEN), all_.app.settings.ask.collection):
        if chosen in names:
            return str(chosen)
    usual = all_.app.collection(None)
    return usual if usual in names or not names else names[0]


def _welcome(all_: Parts, collections: tuple[Collection, ...], place: choices.Place) -> None:
    st.html(f'<h1 class="fn-title">{escape(say("Ask your documents"))}</h1>')
    held = {each.name: each for each in collections if each.documents}
    if not held:
        st.html(
            '<p class="fn-lead">'
            + escape(say("There are none here yet. Add a folder, or drop files here, and ask away: the answer shows "
                         "which sentence of which document it rests on, and nothing leaves this machine."))
            + "</p>"
        )  # fmt: skip
        st.page_link("library.py", label=say("Add documents"), icon=":material/library_add:")
        return
    collection = held[place.collection]
    one, n = collection.documents == 1, f"{collection.documents:,}"
    values = {"n": n, "collection": collection.name}
    count = say("{n} document in {collection}.", **values) if one else say("{n} documents in {collection}.", **values)
    more = say(
        "Ask in English or Chinese. Every sentence of the answer carries a footnote that opens its source; where the "
        "documents do not say, the answer says so."
    )
    st.html(f'<p class="fn-lead">{escape(count)} {escape(more)}</p>')
    if len(held) > 1:
        _choose(list(held), place.collection)
    questions = _suggested(all_.app.library, collection.name, collection.generation, date.today().toordinal())
    _offer(all_, place, questions, say("You could ask"))


def _choose(names: list[str], chosen: str) -> None:
    key = f"choose-{_CHOSEN}"
    if st.session_state.get(key) not in names:
        st.session_state[key] = chosen

    def choose() -> None:
        st.session_state[_CHOSEN] = st.session_state[key]
        choices.forget_new()

    st.selectbox(say("Collection"), names, key=key, on_change=choose, help=say("What a new conversation is about"))


@st.cache_data(show_spinner=False, max_entries=64)
def _suggested(_library: Library, collection: str, generation: int, day: int) -> tuple[str, ...]:
    return suggestions(_library, collection, _SUGGESTED, day + generation)


def _offer(all_: Parts, place: choices.Place, questions: tuple[str, ...], label: str) -> None:
    """Questions that are asked by a click."""
    if not questions:
        return
    with st.container(key="suggested", gap="xsmall"):
        st.html(f'<div class="fn-label">{escape(label)}</div>')
        for number, question in enumerate(questions):
            st.button(
                markup.plain(question), key=f"suggested-{number}", on_click=asking.ask, args=(all_, question, place)
            )


def _turns(all_: Parts, conversation: Conversation, job: Job[Asking] | None) -> list[Callable[[], None]]:
    """Draw what was said so far; what draws the last question and its answer is given back.

    The answer that is being written is left to its own part of the page.
    """
    running = job is not None and not job.done
    writing = job.state.message if job and running else ""
    messages = conversation.messages
    every = f"every-{conversation.id}"
    first = 0 if st.session_state.get(every) else max(len(messages) - _TURNS, 0)
    if first and st.button(
        say("Show what was said before"), key="before", type="tertiary", icon=":material/expand_less:"
    ):
        st.session_state[every] = True
        st.rerun()
    last = max((at for at, each in enumerate(messages) if each.role == "user"), default=0)
    asked = ""
    kept: list[Callable[[], None]] = []
    for at, each in enumerate(messages):
        asked = each.text if each.role == "user" else asked
        if at < first or each.id == writing:
            continue
        draw = partial(_turn, all_, actions.Turn(conversation, each, asked, running), job)
        if at < last:
            draw()
        else:
            kept.append(draw)
    return kept


def _turn(all_: Parts, turn: actions.Turn, job: Job[Asking] | None) -> None:
    if turn.message.role == "user":
        actions.question(all_, turn)
        return
    known = job.state.evidence if job and job.state.message == turn.message.id else None
    message.answer(all_.app, turn.message, known.marked if known else None, partial(actions.answer, all_, turn))


def _live(all_: Parts, job: Job[Asking]) -> None:
    """The answer while it is written."""
    if job.done:
        st.rerun()
    state = job.state
    with st.container(key="stages-now", horizontal=True, vertical_alignment="center", wrap=False):
        stages.now(all_.app, state, stopping=job.cancelled)
        st.button(
            say("Stop"), key="stop", icon=":material/stop:", type="tertiary", on_click=job.cancel,
            disabled=job.cancelled,
        )  # fmt: skip
    attached.progress(state)
    attached.outcome(job)
    if state.evidence:
        message.evidence(all_.app, state.evidence.hits, state.evidence.marked, state.message)
    if state.text:
        st.html(markup.answer(state.text + "\u2009▍"))


def _after(all_: Parts, place: choices.Place, *, running: bool) -> None:
    """The way on after the last answer: again, where it did not come whole; else questions that go on from it."""
    turns = place.conversation.messages if place.conversation else ()
    if running or len(turns) < 2:
        return
    last, question = turns[-1], turns[-2]
    if last.status in ("failed", "interrupted", "stopped"):
        st.button(
            say("Ask again"), key="again", icon=":material/refresh:", on_click=asking.ask,
            args=(all_, question.text, place, None, last.id),
        )  # fmt: skip
    elif last.status == "done":
        _offer(all_, place, _going_on(all_.app.library, last.id, turns), say("Go on with"))


@st.cache_data(show_spinner=False, max_entries=256)
def _going_on(_library: Library, last: str, _turns: tuple[Message, ...]) -> tuple[str, ...]:
    return follow_ups(_library, _turns)


def _warming(all_: Parts) -> None:
    """How far the model is, as long as that matters."""
    if why := all_.warming.problem:
        st.warning(markup.plain(speech.error(why)), icon=":material/warning:")
    elif all_.warming.loading:
        loading = say("The model is loading; you can read and ask already.")
        st.html(f'<div class="fn-note" role="status">{escape(loading)}</div>')


def _input(all_: Parts, place: choices.Place, *, held: bool, running: bool) -> None:
    """The line to ask in, which takes files too, and beside it what is searched and how it is answered."""
    with st.bottom, st.container(key="beside-input", horizontal=True, vertical_alignment="center", gap="xsmall"):
        if held or place.conversation:
            choices.show(all_, place)
        attached.show(all_, place, running=running)
    hint = say("Ask your documents") if held or place.conversation else say("Drop files here to ask about them")
    given = st.chat_input(
        say("Writing… stop it to ask something else") if running else hint, key="ask", disabled=running,
        accept_file="multiple",
    )  # fmt: skip
    if given is None:
        return
    question, files = given.text.strip(), [(file.name, file.getvalue()) for file in given.files]
    if files:
        asking.attach(all_, files, question, place)
    elif question:
        asking.ask(all_, question, place)
    st.rerun()


page()
