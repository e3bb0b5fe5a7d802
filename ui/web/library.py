"""The library page: bring documents in, watch it happen, look at them, take them out."""

from html import escape

import streamlit as st

from storage.records import Collection, Failure
from ui.web.documents import adding, collection, failures, map
from ui.web.documents import table as documents
from ui.web.parts import Parts, parts
from ui.web.speech import say


def page() -> None:
    """The whole page."""
    all_ = parts()
    st.title(say("Library"), anchor=False)
    held = all_.app.library.collections()
    name = collection.choose(all_, held)
    shown = next((each for each in held if each.name == name), None)
    running = all_.jobs.ingesting is not None and not all_.jobs.ingesting.done
    empty = shown is None or not shown.documents
    adding.show(all_, name, empty)
    failed = all_.app.library.failures(name)
    if shown and (shown.documents or failed):
        _views(all_, shown, failed)
    elif not running and any(each.documents for each in held):
        st.html(f'<div class="fn-note">{escape(say("This collection holds nothing yet."))}</div>')
    elif not running:
        adding.demo(all_)


def _views(all_: Parts, shown: Collection, failed: tuple[Failure, ...]) -> None:
    """The documents of the collection, or what could not be read, or the map."""
    labels = {"documents": say("Documents"), "map": say("Map")}
    if failed:
        labels["failures"] = say("Not read · {n}", n=f"{len(failed):,}")
    if st.session_state.get("library-view") not in labels:
        st.session_state["library-view"] = "documents"
    view = st.segmented_control(
        say("View"), list(labels), required=True, key="library-view", format_func=labels.__getitem__,
        label_visibility="collapsed",
    )  # fmt: skip
    if view == "failures":
        failures.show(all_, shown.name, failed)
    elif view == "map":
        map.show(all_, shown)
    else:
        documents.show(all_, shown.name)


page()
