"""The line above a page, a slide or a sheet: which one it is, and the way to its neighbours and back to the quote."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from ui.web.drawer.shown import Turned
from ui.web.speech import say


@dataclass(frozen=True, slots=True)
class Leaf:
    """The one that is shown: its number, how many there are, which of them the quote stands on, and what it is called.

    `flat` tells that it is no picture: nothing to come nearer to.
    """

    number: int
    of: int
    quoted: Sequence[int]
    called: str
    before: str
    after: str
    flat: bool = False


def turner(turned: Turned, leaf: Leaf) -> None:
    """Draw the line; what its buttons do is kept in `turned`."""

    def to(page: int | None) -> None:
        turned.page = page
        turned.before = turned.after = 0

    def zoom() -> None:
        turned.large = not turned.large

    number = leaf.number
    with st.container(key="panel-pages", horizontal=True, vertical_alignment="center", gap="xsmall"):
        if leaf.of > 1:
            _icon(leaf.before, "panel-page-before", "chevron_left", lambda: to(number - 1), number <= 1)
        if leaf.called:
            st.html(f'<div class="fn-small">{escape(leaf.called)}</div>', width="content")
        if leaf.of > 1:
            _icon(leaf.after, "panel-page-after", "chevron_right", lambda: to(number + 1), number >= leaf.of)
        if not leaf.flat:
            _icon(
                say("Fit to width") if turned.large else say("Enlarge"), "panel-zoom",
                "zoom_out" if turned.large else "zoom_in", zoom, False,
            )  # fmt: skip
        if leaf.quoted and number not in leaf.quoted:
            st.button(say("Back to the quote"), key="panel-back", type="tertiary", on_click=lambda: to(None))


def _icon(label: str, key: str, icon: str, action: Callable[[], None], disabled: bool) -> None:
    st.button(
        label, key=key, type="tertiary", icon=f":material/{icon}:", help=label, on_click=action, disabled=disabled
    )


def note(text: str) -> None:
    """A line of explanation."""
    st.html(f'<div class="fn-note">{escape(text)}</div>')
