"""What can be done with a question or an answer: ask anew, edit, copy, rate, and turn from one variant to another."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape

import streamlit as st

from qa.style import Style
from storage.errors import FootnoteError
from storage.records import Conversation, Message
from ui import render
from ui.turns import Wishes
from ui.web import problem, speech
from ui.web.answer import asking, choices, message, room
from ui.web.parts import Parts
from ui.web.speech import say

_EDITING = "editing"  # the id of the question that is being edited


@dataclass(frozen=True, slots=True)
class Turn:
    """A question or an answer of a conversation, and the question that was answered."""

    conversation: Conversation
    message: Message
    question: str
    running: bool  # an answer is being written: nothing can be asked

    @property
    def place(self) -> choices.Place:
        """Where it stands."""
        return choices.Place(self.conversation.collection, self.conversation)


def question(all_: Parts, turn: Turn) -> None:
    """A question, with the way to edit it."""
    each = turn.message
    if st.session_state.get(_EDITING) == each.id and not turn.running:
        _edit(all_, turn)
        return
    with st.container(key=f"question-{each.id}", horizontal=True, vertical_alignment="bottom", wrap=False):
        message.question(each.text)
        with st.container(key=f"beside-{each.id}", horizontal=True, width="content", gap="xsmall", wrap=False):
            _variants(all_, turn)
            st.button(
                say("Edit the question"), key=f"edit-{each.id}", type="tertiary", icon=":material/edit:",
                help=say("Edit"), on_click=_begin, args=(each.id,), disabled=turn.running,
            )  # fmt: skip


def _begin(message_id: str) -> None:
    st.session_state[_EDITING] = message_id


def _end() -> None:
    st.session_state.pop(_EDITING, None)


def _edit(all_: Parts, turn: Turn) -> None:
    with st.container(key="editing"):
        key = f"edited-{turn.message.id}"
        st.text_area(say("Your question"), turn.message.text, key=key, label_visibility="collapsed")
        with st.container(horizontal=True):
            st.button(say("Save & ask"), key="save-edit", type="primary", on_click=_save, args=(all_, turn, key))
            st.button(say("Cancel"), key="cancel-edit", on_click=_end)
        st.html(f'<div class="fn-small">{escape(say("The old question and what followed it are kept."))}</div>')


def _save(all_: Parts, turn: Turn, key: str) -> None:
    text = st.session_state[key].strip()
    if text:
        _end()
        wishes = choices.chosen(all_, turn.place)
        asking.ask(all_, text, turn.place, replace(wishes, beside=turn.message.id))


def answer(all_: Parts, turn: Turn) -> None:
    """The quiet row under an answer."""
    each = turn.message
    whole = each.status in ("done", "stopped") and bool(each.text)
    with st.container(key=f"under-{each.id}", horizontal=True, vertical_alignment="center", gap="xsmall"):
        with st.popover(
            say("Answer again"), icon=":material/refresh:", type="tertiary", key=f"anew-{each.id}", on_change="rerun",
            disabled=turn.running,
        ) as opened:  # fmt: skip
            room.fill(opened.open, f"anew-{each.id}", lambda: _anew(all_, turn))
        if whole:
            st.html(_copies(each), width="content")
            _rate(all_, each)
        _variants(all_, turn)


def _anew(all_: Parts, turn: Turn) -> None:
    """The ways to ask for another answer, which is kept beside this one."""
    wishes = choices.chosen(all_, turn.place)
    style = wishes.style
    offers = {
        say("Read more passages"): replace(style, wide=True),
        say("Shorter"): replace(style, length="short"),
        say("More detailed"): replace(style, length="detailed"),
        say("In English"): replace(style, language="en"),
        say("In Chinese"): replace(style, language="zh"),
    }
    with st.container(key=f"ways-{turn.message.id}", gap=None):
        if turn.message.status != "done":
            _way(say("Again"), "again", lambda: _ask_anew(all_, turn, style))
        for number, (name, wished) in enumerate(offers.items()):
            _way(name, f"anew-{number}", lambda wished=wished: _ask_anew(all_, turn, wished))  # type: ignore[misc]
        others = [each for each in choices.chat_models(all_) if each != all_.app.settings.chat_model]
        if others:
            st.html(f'<div class="fn-label">{escape(say("With another model, from now on and for everyone"))}</div>')
        for name in others:
            _way(name, f"with-{name}", lambda name=name: _with(all_, turn, name))  # type: ignore[misc]


def _way(name: str, key: str, action: Callable[[], None]) -> None:
    st.button(name, key=f"way-{key}", type="tertiary", on_click=action, width="stretch")


def _ask_anew(all_: Parts, turn: Turn, style: Style) -> None:
    wishes = choices.chosen(all_, turn.place)
    st.session_state[f"anew-{turn.message.id}"] = False
    asking.ask(all_, turn.question, turn.place, Wishes(wishes.filter, style, turn.message.id))


def _with(all_: Parts, turn: Turn, model: str) -> None:
    if choices.use(all_, model):
        _ask_anew(all_, turn, choices.chosen(all_, turn.place).style)


def _copies(each: Message) -> str:
    """Two buttons that copy an answer; static/page.js does it."""
    return (
        f'<div class="fn-acts">{_copy("content_copy", say("Copy"), each.text)}'
        f"{_copy('library_books', say('Copy with citations'), _cited(each)) if each.citations else ''}</div>"
    )


def _copy(icon: str, label: str, text: str) -> str:
    told = {"copy": text, "copied": say("Copied"), "failed": say("The browser does not let this page copy.")}
    data = " ".join(f'data-{name}="{escape(value)}"' for name, value in told.items())
    name = escape(label)
    return (
        f'<button type="button" class="fn-act" title="{name}" aria-label="{name}" {data}>'
        f'<span class="fn-icon" aria-hidden="true">{icon}</span></button>'
    )


def _cited(each: Message) -> str:
    """An answer with its footnotes as plain text."""
    notes = [
        f"[{citation.marker}] {speech.place(citation, each.hits)}: “{' '.join(citation.quote.split())}”"
        for citation in render.footnotes(each.citations)
    ]
    return "\n\n".join([render.with_markers(each.text, each.citations), "\n".join(notes)])


def _rate(all_: Parts, each: Message) -> None:
    key = f"rate-{each.id}"
    shown = {1: 1, -1: 0}.get(each.feedback or 0)

    def rate() -> None:
        score = {1: 1, 0: -1}.get(st.session_state[key], 0)
        all_.app.conversations.rate(each.id, score, each.comment if score else "")

    st.feedback("thumbs", key=key, default=shown, on_change=rate)
    if each.feedback:
        label = say("Your comment") if each.comment else say("Add a comment")
        with st.popover(label, icon=":material/comment:", type="tertiary", key=f"comment-{each.id}", on_change="rerun",
                        help=each.comment or label) as opened:  # fmt: skip
            room.fill(opened.open, f"comment-{each.id}", lambda: _comment(all_, each))


def _comment(all_: Parts, each: Message) -> None:
    key = f"comment-text-{each.id}"

    def save() -> None:
        all_.app.conversations.rate(each.id, each.feedback or 0, st.session_state[key].strip())
        st.session_state[f"comment-{each.id}"] = False

    st.text_area(say("What was good or bad about it?"), each.comment, key=key, max_chars=2000)
    st.button(say("Save"), key=f"comment-save-{each.id}", type="primary", on_click=save)


def _variants(all_: Parts, turn: Turn) -> None:
    """The way from one variant to the next, where there are any."""
    each, variants = turn.message, turn.message.variants
    if len(variants) < 2:
        return
    at = variants.index(each.id)
    with st.container(
        key=f"variants-{each.id}", horizontal=True, width="content", gap=None, vertical_alignment="center"
    ):
        for step, name, icon in (
            (-1, say("Previous variant"), "chevron_left"),
            (1, say("Next variant"), "chevron_right"),
        ):
            if step == 1:
                st.html(f'<div class="fn-small">{at + 1} / {len(variants)}</div>', width="content")
            to = at + step
            there = 0 <= to < len(variants) and not turn.running
            st.button(
                name, key=f"variant{step}-{each.id}", type="tertiary", icon=f":material/{icon}:", disabled=not there,
                on_click=_choose, args=(all_, turn.conversation, variants[to] if there else each.id),
            )  # fmt: skip


def _choose(all_: Parts, conversation: Conversation, message_id: str) -> None:
    try:
        all_.app.conversations.choose(conversation.id, message_id)
    except FootnoteError as exc:
        problem.tell(exc)
