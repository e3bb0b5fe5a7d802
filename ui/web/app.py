"""The web app's entry, run by Streamlit at every interaction: the frame around the pages."""

from pathlib import Path

import streamlit as st

from storage.errors import FootnoteError
from ui.web import dialogs, markup
from ui.web.parts import parts

_HERE = Path(__file__).parent
_SHOWN = 12  # conversations in the sidebar
_MARK = (_HERE / "static" / "mark.svg").read_text(encoding="utf-8")
_LOGO = (_HERE / "static" / "logo.svg").read_text(encoding="utf-8")
# A marker in the text does what its footnote's button does. Set once for each page load.
_SCRIPT = """<script>
if (!window.footnoteMarkers) {
  window.footnoteMarkers = true;
  document.addEventListener("click", (event) => {
    const marker = event.target.closest?.("a.fn-marker");
    if (!marker) return;
    event.preventDefault();
    document.querySelector(`.st-key-note-${CSS.escape(marker.dataset.opens)} button`)?.click();
  });
}
</script>"""


def frame() -> None:
    """Navigation, the latest conversations, and the page that was chosen."""
    st.set_page_config(page_title="Footnote", page_icon=_MARK, layout="centered")
    st.logo(_LOGO, icon_image=_MARK, size="large")
    st.html(_HERE / "style.css")
    st.html(_SCRIPT, unsafe_allow_javascript=True)
    pages = [
        st.Page("chat.py", title="Chat", icon=":material/forum:", default=True),
        st.Page("library.py", title="Library", icon=":material/folder_open:", url_path="library"),
        st.Page("history.py", title="History", icon=":material/history:", url_path="history"),
        st.Page("models.py", title="Models", icon=":material/memory:", url_path="models"),
    ]
    page = st.navigation(pages)
    try:
        _latest()
        page.run()
        dialogs.show(page.url_path)
    except FootnoteError as exc:
        st.error(markup.plain(str(exc)), icon=":material/error:")


def _latest() -> None:
    """New conversation, and the way back to the latest ones."""
    with st.sidebar:
        st.page_link("chat.py", label="New conversation", icon=":material/edit_square:")
        latest = parts().app.conversations.conversations(limit=_SHOWN)
        if latest:
            st.html('<div class="fn-label">Latest</div>')
        current = st.query_params.get("conversation")
        with st.container(key="latest", gap=None):
            for each in latest:
                label = markup.plain(each.title) or "Untitled"
                with st.container(key=f"{'current' if each.id == current else 'link'}-{each.id}"):
                    st.page_link("chat.py", label=label, query_params={"conversation": each.id})


frame()
