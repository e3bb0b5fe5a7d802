"""The tags of one document or of several at once."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from storage.listing import Listing
from ui.app import App
from ui.web import dialogs
from ui.web.speech import say


def edit(app: App, collection: str, ids: Sequence[str]) -> None:
    """Add tags to documents and take tags away; of a single document all of them are shown."""
    listing = Listing(app.library.database)
    held = listing.documents(collection, ids)
    known = sorted(tag for tag, _ in listing.choices(collection).tags)
    there = sorted({tag for each in held for tag in each.tags})
    with st.form("tags", border=False):
        if len(held) == 1:
            wanted = st.multiselect(
                say("Tags"), known, there, key="tags-of-one", accept_new_options=True,
                placeholder=say("Choose, or type a new one"),
            )  # fmt: skip
            added, removed = set(wanted), set(there) - set(wanted)
        else:
            note = say("{n} documents selected", n=f"{len(held):,}")
            st.html(f'<div class="fn-small">{escape(note)}</div>')
            added = set(
                st.multiselect(
                    say("Add to all"), known, key="tags-add", accept_new_options=True,
                    placeholder=say("Choose, or type a new one"),
                )
            )  # fmt: skip
            removed = set(
                st.multiselect(say("Take away from all"), there, key="tags-remove", placeholder=say("none of them"))
            )
        if st.form_submit_button(say("Save"), type="primary"):
            new = {tag.strip() for tag in added if tag.strip()}
            for each in held:
                if (tags := (set(each.tags) | new) - removed) != set(each.tags):
                    app.library.tag(each.id, sorted(tags))
            dialogs.done()
