"""Room for what a popover holds."""

from collections.abc import Callable

import streamlit as st


def fill(opened: bool | None, key: str, draw: Callable[[], object]) -> None:
    """Draw what a popover holds once it is open; before, and until all of it has come, keep the room it will take.

    A popover opens to the side that has room for it as high as it is then. Streamlit bounds its height by that side and
    looks again whenever it grows: one that was nearly empty for a moment fits under its button, is bounded by the
    little that is free there, and so fits for ever. `key` begins with "tall" for more than a few lines; style.css has
    the heights.
    """
    with st.container(key=f"room-{key}"):
        if opened:
            draw()
            st.html('<div class="fn-whole"></div>')
        else:
            st.html('<div class="fn-room"></div>')
