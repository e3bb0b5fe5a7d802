"""The one dialog or drawer that is open: it stays open when the page behind it changes, until it is closed."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from storage.errors import FootnoteError
from ui.web import markup, speech
from ui.web.speech import say

_OPEN = "open_dialog"


@dataclass(frozen=True, slots=True)
class Dialog:
    """What to show: `side` is a drawer to read in, else a small dialog that asks something."""

    title: str
    body: Callable[[], None]
    side: bool = False


def open_(dialog: Dialog) -> None:
    """Show a dialog in the place of any other, from the next time that `show` is called."""
    st.session_state[_OPEN] = dialog


def opener(dialog: Dialog) -> Callable[[], None]:
    """What a button does to open a dialog."""
    return lambda: open_(dialog)


def close() -> None:
    """Show no dialog any more."""
    st.session_state.pop(_OPEN, None)


def done() -> None:
    """Close, and show the page as it is now."""
    close()
    st.rerun()


def show(page: str) -> None:
    """Draw the dialog that is open; one that was opened on another page is closed."""
    # A click may come before the first run has ended: no page was shown before then that could be another.
    if st.session_state.setdefault("page", page) != page:
        st.session_state["page"] = page
        close()
    dialog: Dialog | None = st.session_state.get(_OPEN)
    if dialog is not None:
        title = markup.plain(dialog.title) or say("Untitled")
        if dialog.side:
            frame = st.dialog(title, width="medium", position="right", on_dismiss=close)
        else:
            frame = st.dialog(title, width="small", on_dismiss=close)
        frame(_body)(dialog.body)


def confirm(what: str, action: Callable[[], None]) -> None:
    """The two buttons of a dialog that asks before something is lost."""
    with st.container(horizontal=True):
        if st.button(what, type="primary", key="confirm"):
            action()
            done()
        if st.button(say("Keep"), key="keep"):
            done()


def _body(body: Callable[[], None]) -> None:
    try:
        body()
    except FootnoteError as exc:
        st.error(markup.plain(speech.error(exc)), icon=":material/error:")
