"""The files of a collection that could not be read: why, and what can be done."""

from hashlib import blake2b
from html import escape
from pathlib import Path

import streamlit as st

from storage.records import Failure
from ui.web import markup, paging, speech
from ui.web.documents import adding
from ui.web.parts import Parts
from ui.web.speech import say

_PAGE = 25  # files shown at once


def show(all_: Parts, collection: str, failures: tuple[Failure, ...]) -> None:
    """Each with its reason; one or all of them can be tried again, or no longer be listed."""
    with st.container(key="failures", gap="small"):
        note = say("Mend a file and try it again; questions are answered without it until then.")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(f'<div class="fn-small">{escape(note)}</div>', width="stretch")
            if st.button(say("Try all again"), key="retry-all", icon=":material/refresh:"):
                adding.again(all_, collection, [each.path for each in failures])
        for each in failures[paging.part("failures-page", len(failures), _PAGE)]:
            _row(all_, collection, each)
        paging.turn("failures-page", len(failures), _PAGE)


def _row(all_: Parts, collection: str, failure: Failure) -> None:
    name = markup.plain(Path(failure.path).name)
    key = blake2b(failure.path.encode(), digest_size=6).hexdigest()
    with st.container(key=f"row-failed-{key}", horizontal=True, vertical_alignment="center", wrap=False, gap="xsmall"):
        st.html(
            f'<div class="fn-failed"><strong>{escape(Path(failure.path).name)}</strong> '
            f"{escape(speech.error(failure.reason))}"
            f'<div class="fn-path" title="{escape(failure.path)}">{escape(str(Path(failure.path).parent))}</div></div>',
            width="stretch",
        )
        if st.button(
            say("Try {name} again", name=name), key=f"again-{key}", type="tertiary", icon=":material/refresh:",
            help=say("Try again"),
        ):  # fmt: skip
            adding.again(all_, collection, [failure.path])
        st.button(
            say("No longer list {name}", name=name), key=f"unlist-{key}", type="tertiary", icon=":material/close:",
            help=say("No longer list it"), on_click=all_.app.library.forget_failures,
            args=(collection, [failure.path]),
        )  # fmt: skip
