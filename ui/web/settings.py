"""The settings page: how the pages look, how conversations begin, how answers are made, and the data."""

from collections.abc import Mapping
from html import escape

import streamlit as st

from storage.errors import FootnoteError
from ui.settings import LIMITS, Settings, values
from ui.web import data, markup, speech
from ui.web.parts import Parts, parts
from ui.web.speech import say

_PROBLEM = "settings-problem"  # why the last change came to nothing


def page() -> None:
    """The whole page."""
    all_ = parts()
    st.title(say("Settings"), anchor=False)
    st.html(f'<div class="fn-note">{escape(say("Each change is saved at once and holds from now on."))}</div>')
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(markup.plain(speech.error(problem)), icon=":material/error:")
    _appearance(all_)
    _conversations(all_)
    _advanced(all_)
    data.show(all_)


def _appearance(all_: Parts) -> None:
    st.header(say("Appearance"), anchor=False)
    languages = {"auto": say("As the browser"), "en": "English", "zh": "简体中文"}
    _choice(all_, "interface_language", say("Language of the pages"), languages)
    themes = {"system": say("As the system"), "light": say("Light"), "dark": say("Dark")}
    _choice(all_, "theme", say("Theme"), themes)


def _conversations(all_: Parts) -> None:
    st.header(say("New conversations"), anchor=False)
    names = [each.name for each in all_.app.library.collections()]
    chosen = all_.app.settings.ask.collection
    if chosen and chosen not in names:
        names.append(chosen)
    _put(all_, "ask.collection")
    label, first = say("Collection to search"), say("The usual one: default, or the one used last")
    st.selectbox(
        label, ["", *names], key=_key("ask.collection"), format_func=lambda name: name or first,
        on_change=_save, args=(all_, "ask.collection"),
    )  # fmt: skip
    lengths = {"short": say("Short"), "normal": say("Normal"), "detailed": say("Detailed")}
    _choice(all_, "ask.length", say("Length of the answers"), lengths)
    languages = {"": say("As the question"), "en": "English", "zh": "简体中文"}
    _choice(all_, "ask.language", say("Language of the answers"), languages)


def _advanced(all_: Parts) -> None:
    numbers = {
        "answer.passages": (say("Passages"), say("How many passages the chat model reads at most.")),
        "answer.budget": (
            say("Tokens of passages"),
            say("How many tokens the passages may have together. More takes longer to read."),
        ),
        "answer.candidates": (say("Candidates"), say("Hits asked of each index before they are ranked.")),
        "answer.max_tokens": (
            say("Tokens of an answer"),
            say("The longest that an answer of normal length may grow."),
        ),
        "answer.seconds": (say("Seconds for an answer"), say("Seconds after which an answer is cut off.")),
        "answer.least": (
            say("Least certainty"),
            say("How likely an answer must be right to be shown, from 0 to 1. With 0 it is as fitted to the model."),
        ),
        "idle_minutes": (
            say("Idle minutes"),
            say("Minutes without a question after which the chat model gives its memory back. With 0 it never does."),
        ),
    }
    translated = {"auto": say("Where needed"), "never": say("Never")}
    with st.expander(say("Advanced"), icon=":material/tune:"):
        columns = st.columns(2)
        for number, (key, (label, help)) in enumerate(numbers.items()):
            with columns[number * 2 // (len(numbers) + 1)]:
                _number(all_, key, label, help)
        _choice(all_, "answer.translate", say("Search the other language by translation"), translated)
        st.button(say("Back to the defaults"), key="defaults", type="tertiary", on_click=_defaults, args=(all_,))


def _choice(all_: Parts, key: str, label: str, options: Mapping[str, str]) -> None:
    _put(all_, key)
    st.segmented_control(
        label, list(options), key=_key(key), format_func=options.__getitem__, required=True,
        on_change=_save, args=(all_, key),
    )  # fmt: skip


def _number(all_: Parts, key: str, label: str, help: str) -> None:
    kind = int if isinstance(values(all_.app.settings)[key], int) else float
    least, most = (kind(limit) for limit in LIMITS[key])
    share = most == 1
    step = 0.05 if share else kind(1)
    _put(all_, key)
    st.number_input(
        label, least, most, key=_key(key), step=step, help=help, on_change=_save, args=(all_, key),
        format="%.2f" if share else "%d" if kind is int else "%g",
    )  # fmt: skip


def _key(setting: str) -> str:
    return f"setting-{setting}"


def _put(all_: Parts, setting: str) -> None:
    """Have a widget show what is set, whoever set it."""
    st.session_state[_key(setting)] = values(all_.app.settings)[setting]


def _save(all_: Parts, setting: str) -> None:
    _configure(all_, setting, st.session_state[_key(setting)])


def _configure(all_: Parts, setting: str, value: str | float) -> None:
    try:
        all_.app.configure(setting, value)
    except FootnoteError as exc:  # a change is dealt with before the page is drawn, which tells it then
        st.session_state[_PROBLEM] = str(exc)


def _defaults(all_: Parts) -> None:
    now = all_.app.settings
    usual = values(Settings(now.home, now.models, now.database_url))
    for setting in LIMITS:
        if values(now)[setting] != usual[setting]:
            _configure(all_, setting, usual[setting])


page()
