"""The web app's entry, run by Streamlit at every interaction: the frame around the pages."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from storage.errors import FootnoteError
from storage.records import Conversation
from ui.web import appearance, dialogs, markup, shortcuts, speech
from ui.web.parts import parts
from ui.web.speech import say

_HERE = Path(__file__).parent
_SHOWN = 12  # conversations in the sidebar, beside those that are pinned
_READ = 60  # conversations, the pinned ones first
_MARK = (_HERE / "static" / "mark.svg").read_text(encoding="utf-8")
_LOGO = (_HERE / "static" / "logo.svg").read_text(encoding="utf-8")
_SCRIPT = f"<script>{(_HERE / 'static' / 'page.js').read_text(encoding='utf-8')}</script>"


def frame() -> None:
    """Navigation, the latest conversations, and the page that was chosen."""
    st.set_page_config(page_title="Footnote", page_icon=_MARK, layout="centered")
    speech.settle()
    st.logo(_LOGO, icon_image=_MARK, size="large")
    st.html(_HERE / "style.css")
    st.html(_SCRIPT, unsafe_allow_javascript=True)
    pages = [
        st.Page("chat.py", title=say("Chat"), icon=":material/forum:", default=True),
        st.Page("library.py", title=say("Library"), icon=":material/folder_open:", url_path="library"),
        st.Page("history.py", title=say("History"), icon=":material/history:", url_path="history"),
        st.Page("models.py", title=say("Models"), icon=":material/memory:", url_path="models"),
        st.Page("insights.py", title=say("Insights"), icon=":material/insights:", url_path="insights"),
        st.Page("settings.py", title=say("Settings"), icon=":material/settings:", url_path="settings"),
    ]
    page = st.navigation(pages)
    try:
        appearance.apply(parts().app.settings.theme, [each.url_path for each in pages])
        _sidebar()
        page.run()
        dialogs.show(page.url_path)
    except FootnoteError as exc:
        st.error(markup.plain(speech.error(exc)), icon=":material/error:")


def _sidebar() -> None:
    """New conversation, the way back to the pinned and the latest ones, and the keys."""
    with st.sidebar:
        with st.container(key="new"):
            st.page_link("chat.py", label=say("New conversation"), icon=":material/edit_square:")
        every = parts().app.conversations.conversations(limit=_READ)
        _links(say("Pinned"), "pinned", [each for each in every if each.pinned])
        _links(say("Latest"), "latest", [each for each in every if not each.pinned][:_SHOWN])
        shortcuts.button()


def _links(label: str, key: str, conversations: Sequence[Conversation]) -> None:
    if not conversations:
        return
    st.html(f'<div class="fn-label">{escape(label)}</div>')
    current = st.query_params.get("conversation")
    with st.container(key=key, gap=None):
        for each in conversations:
            with st.container(key=f"{'current' if each.id == current else 'link'}-{each.id}"):
                st.page_link(
                    "chat.py", label=markup.plain(each.title) or say("Untitled"), query_params={"conversation": each.id}
                )


frame()
