"""Why a click came to nothing: a click is dealt with before the page is drawn, which then tells it, once."""

import streamlit as st

from storage.errors import FootnoteError
from ui.web import markup, speech

_KEPT = "problem"


def tell(problem: FootnoteError) -> None:
    """Let the page say it."""
    st.session_state[_KEPT] = problem


def show() -> None:
    """Say it, if there is one."""
    problem: FootnoteError | None = st.session_state.pop(_KEPT, None)
    if problem:
        st.error(markup.plain(speech.error(problem)), icon=":material/error:")
