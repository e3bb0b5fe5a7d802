"""Long lists in pages: which part is shown, and the way to the others."""

import streamlit as st


def part(key: str, total: int, size: int) -> slice:
    """The items that are shown of `total`, `size` on a page; `key` is that of the pages."""
    pages = _pages(total, size)
    if st.session_state.get(key, 1) > pages:  # there were more before
        st.session_state[key] = pages
    current = st.session_state.get(key, 1)
    return slice((current - 1) * size, current * size)


def turn(key: str, total: int, size: int) -> None:
    """The way to the other pages, where there are any."""
    if (pages := _pages(total, size)) > 1:
        st.pagination(pages, key=key, max_visible_pages=5)


def _pages(total: int, size: int) -> int:
    return max(-(-total // size), 1)
