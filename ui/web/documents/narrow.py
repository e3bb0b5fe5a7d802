"""Which documents the table shows: words to find in title or path, and type, language, tag and folder."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from storage.listing import Choices
from storage.records import Filter
from ui.web.documents import document
from ui.web.speech import say

_WORDS, _FORMATS, _LANGUAGES, _TAGS, _FOLDER = (
    "filter", "narrow-formats", "narrow-languages", "narrow-tags", "narrow-folder",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What was asked for."""

    words: str
    filter: Filter


def bar(choices: Choices) -> Narrowed:
    """The box to find documents by words, and a menu to narrow the table."""
    _drop_gone(choices)
    with st.container(horizontal=True, vertical_alignment="center", key="narrow", wrap=False):
        words = st.text_input(
            say("Find in title or path"), key=_WORDS, placeholder=say("Find in title or path"), live=True,
            label_visibility="collapsed", icon=":material/search:", on_change=to_first_page,
        )  # fmt: skip
        used = sum(bool(st.session_state.get(key)) for key in (_FORMATS, _LANGUAGES, _TAGS, _FOLDER))
        label = say("Filter · {n}", n=used) if used else say("Filter")
        with st.popover(label, icon=":material/filter_list:", key="narrow-by"):
            formats = _several(say("Type"), _FORMATS, choices.formats)
            languages = _several(say("Language"), _LANGUAGES, choices.languages)
            tags = _several(say("Tag"), _TAGS, choices.tags)
            folder = _one_folder([name for name, _ in choices.folders])
            st.button(say("Show all"), key="narrow-clear", on_click=clear, disabled=not used)
    filter = Filter(folder=folder, formats=tuple(formats), languages=tuple(languages), tags=tuple(tags))
    return Narrowed(words or "", filter)


def clear() -> None:
    """Show all documents again."""
    st.session_state.update({_WORDS: "", _FORMATS: [], _LANGUAGES: [], _TAGS: [], _FOLDER: None})
    to_first_page()


def to_first_page() -> None:
    """Other documents are listed now: begin at the first page."""
    st.session_state["documents-page"] = 1


def _drop_gone(choices: Choices) -> None:
    """Forget what no document has any more, or none of this collection."""
    for key, values in ((_FORMATS, choices.formats), (_LANGUAGES, choices.languages), (_TAGS, choices.tags)):
        held = {value for value, _ in values}
        if any(each not in held for each in st.session_state.get(key, ())):
            st.session_state[key] = [each for each in st.session_state[key] if each in held]
    if st.session_state.get(_FOLDER) not in within([name for name, _ in choices.folders]):
        st.session_state[_FOLDER] = None


def _several(label: str, key: str, values: Sequence[tuple[str, int]]) -> list[str]:
    counts = dict(values)
    return st.multiselect(
        label, list(counts), key=key, placeholder=say("any"), disabled=not counts, on_change=to_first_page,
        format_func=lambda value: f"{document.language(value) if key == _LANGUAGES else value} · {counts[value]:,}",
    )  # fmt: skip


def _one_folder(folders: Sequence[str]) -> str:
    names = within(folders)
    chosen = st.selectbox(
        say("Folder"), list(names), index=None, key=_FOLDER, placeholder=say("any"), on_change=to_first_page,
        format_func=names.__getitem__,
    )  # fmt: skip
    return chosen or ""


def within(folders: Sequence[str]) -> dict[str, str]:
    """Folders and those that they share, each with a name that leaves out what all have in common (pure)."""
    try:
        common = os.path.commonpath(folders) if len(folders) > 1 else ""
    except ValueError:  # on several drives
        common = ""
    whole = set(folders)
    for folder in folders:
        parent = os.path.dirname(folder)  # noqa: PTH120 (a path of another system than this one stays as it is)
        while common and len(parent) > len(common):
            whole.add(parent)
            parent = os.path.dirname(parent)  # noqa: PTH120
    names = {}
    for folder in sorted(whole):
        short = folder[len(common) :].lstrip("/\\") if common and folder != common else ""
        names[folder] = short or folder
    return names
