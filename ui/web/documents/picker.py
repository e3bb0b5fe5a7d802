"""A dialog to choose a folder of this computer in: up, home, drives, and the folders of each folder."""

from collections.abc import Callable
from html import escape
from pathlib import Path

import streamlit as st

from ui.folders import Folder, beginnings, look, nearest
from ui.web import dialogs, markup
from ui.web.speech import say

_AT = "picker-at"  # the folder that is looked into
_MOST = 100  # folders shown at once; more are found by their names


def opener(into: str) -> Callable[[], None]:
    """What a button does to let a person choose a folder; its path is put into the text box with the key `into`."""

    def open_() -> None:
        st.session_state[_AT] = nearest(st.session_state.get(into, ""))
        dialogs.open_(dialogs.Dialog(say("Choose a folder"), lambda: _body(into)))

    return open_


def _body(into: str) -> None:
    at: Path = st.session_state[_AT]
    with st.container(key="picker", gap="small"):
        st.html(f'<div class="fn-path" role="status">{escape(str(at))}</div>')
        _ways(at)
        hidden = st.toggle(say("Show hidden folders"), key="picker-hidden")
        seen = look(at, hidden)
        if seen.problem:
            st.warning(say("This folder cannot be read: {reason}", reason=seen.problem), icon=":material/lock:")
        _folders(seen.folders, seen.problem == "")
        if seen.files:
            files = say("{n} file here", n=1) if seen.files == 1 else say("{n} files here", n=f"{seen.files:,}")
            st.html(f'<div class="fn-small">{escape(files)}</div>')
        if st.button(
            say("Choose this folder"), type="primary", key="picker-choose", disabled=bool(seen.problem),
            on_click=lambda: st.session_state.update({into: str(at)}),
        ):  # fmt: skip
            dialogs.done()


def _ways(at: Path) -> None:
    """The ways out of a folder."""
    with st.container(horizontal=True, gap="xsmall", key="picker-ways"):
        _way(say("Up"), at.parent, ":material/arrow_upward:", "picker-up", at.parent == at)
        _way(say("Home"), Path.home(), ":material/home:", "picker-home")
        for place in beginnings():
            _way(markup.plain(str(place)), place, ":material/hard_drive:", f"picker-drive-{place}")


def _way(label: str, to: Path, icon: str, key: str, disabled: bool = False) -> None:
    st.button(label, key=key, icon=icon, disabled=disabled, on_click=_go, args=(to,))


def _go(to: Path) -> None:
    st.session_state[_AT] = to
    st.session_state.pop("picker-find", None)


def _folders(folders: tuple[Folder, ...], readable: bool) -> None:
    word = ""
    if len(folders) > 12:
        word = st.text_input(
            say("Find a folder here"), key="picker-find", placeholder=say("Find a folder here"), live=True,
            label_visibility="collapsed", icon=":material/search:",
        )  # fmt: skip
    fitting = [each for each in folders if word.casefold() in each.path.name.casefold()]
    with st.container(height=280, key="picker-folders", gap=None):
        for number, each in enumerate(fitting[:_MOST]):
            name = markup.plain(each.path.name)
            st.button(
                name if each.open else say("{name} (cannot be read)", name=name), key=f"picker-{number}-{each.path}",
                type="tertiary", icon=":material/folder:" if each.open else ":material/lock:", disabled=not each.open,
                on_click=_go, args=(each.path,), width="stretch",
            )  # fmt: skip
        if not fitting and readable:
            empty = say("No folder here is called so.") if word else say("There are no folders in here.")
            st.html(f'<div class="fn-note">{escape(empty)}</div>')
        if len(fitting) > _MOST:
            more = say("{n} more: type a part of the name.", n=f"{len(fitting) - _MOST:,}")
            st.html(f'<div class="fn-note">{escape(more)}</div>')
