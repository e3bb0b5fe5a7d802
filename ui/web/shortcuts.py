"""The keys that the pages know, and the dialog that tells them; static/page.js listens for them."""

from html import escape

import streamlit as st

from ui.web import dialogs
from ui.web.speech import say


def button() -> None:
    """The way to the list of keys."""
    st.button(
        say("Keyboard shortcuts"), key="shortcuts", type="tertiary", icon=":material/keyboard:",
        on_click=dialogs.opener(dialogs.Dialog(say("Keyboard shortcuts"), _list)),
    )  # fmt: skip


def _list() -> None:
    keys = {
        "/": say("Write a question"),
        "Enter": say("Ask it"),
        "Shift + Enter": say("Begin a new line"),
        "Esc": say("Stop the answer, leave the editing of a question, close what is open"),
        "]": say("Open the next footnote"),
        "[": say("Open the previous footnote"),
        "Ctrl / ⌘ + Shift + O": say("Begin a new conversation"),
        "?": say("Show these keys"),
    }
    rows = (f"<dt>{_keys(combination)}</dt><dd>{escape(what)}</dd>" for combination, what in keys.items())
    st.html(f'<dl class="fn-keys">{"".join(rows)}</dl>')


def _keys(combination: str) -> str:
    return " + ".join(f"<kbd>{escape(key)}</kbd>" for key in combination.split(" + "))
