"""The library page: bring documents in, watch it happen, look at them, take them out."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from storage.folders import Folder
from storage.records import Collection, Failure
from ui.web import problem
from ui.web.documents import adding, collection, failures, folders, ingesting, map
from ui.web.documents import table as documents
from ui.web.parts import Parts, parts
from ui.web.speech import say


def page() -> None:
    """The whole page."""
    all_ = parts()
    st.title(say("Library"), anchor=False)
    problem.show()
    held = all_.app.library.collections()
    name = collection.choose(all_, held)
    shown = next((each for each in held if each.name == name), None)
    empty = shown is None or not shown.documents
    adding.show(all_, name, empty)
    ingesting.show(all_)
    linked, failed = all_.app.library.folders.folders(name), all_.app.library.failures(name)
    folders.problems(all_, linked)
    if linked or (shown and (shown.documents or failed)):
        _views(all_, shown or Collection(0, name, "", 0, 0, 0), linked, failed)
    elif all_.jobs.ingests.running:
        return
    elif any(each.documents for each in held):
        _nothing()
    else:
        adding.demo(all_)


def _views(all_: Parts, shown: Collection, linked: Sequence[Folder], failed: tuple[Failure, ...]) -> None:
    """The documents of the collection, its linked folders, what could not be read, or the map."""
    labels = {"documents": say("Documents")}
    if shown.documents:
        labels["map"] = say("Map")
    if linked:
        labels["folders"] = say("Folders · {n}", n=f"{len(linked):,}")
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
    elif view == "folders":
        folders.show(all_, linked)
    elif view == "map":
        map.show(all_, shown)
    elif shown.documents:
        documents.show(all_, shown.name)
    elif not all_.jobs.ingests.busy(shown.name):
        _nothing()


def _nothing() -> None:
    st.html(f'<div class="fn-note">{escape(say("This collection holds nothing yet."))}</div>')


page()
