"""Light or dark: Streamlit keeps the choice in the browser for each page, the settings decide it for all of them."""

import json
from collections.abc import Sequence

import streamlit as st

# Streamlit reads these keys when a page is loaded, so a change shows by loading it once more.
_SCRIPT = """<script>
(() => {
  const wanted = JSON.stringify(WANTED);
  const base = location.pathname.replace(/[^/]*$/, "");
  let changed = false;
  for (const page of PAGES) {
    const key = `stActiveTheme-${base}${page}-v2`;
    if ((localStorage.getItem(key) ?? '"System"') === wanted) continue;
    localStorage.setItem(key, wanted);
    changed ||= localStorage.getItem(key) === wanted;
  }
  if (changed) location.reload();
})();
</script>"""
_NAMES = {"system": "System", "light": "Light", "dark": "Dark"}


def apply(theme: str, pages: Sequence[str]) -> None:
    """Show this theme, "system", "light" or "dark", on the pages with these addresses ("" for the first)."""
    script = _SCRIPT.replace("WANTED", json.dumps(_NAMES[theme])).replace("PAGES", json.dumps(list(pages)))
    st.html(script, unsafe_allow_javascript=True)
