"""The collection that the library page shows: choose one, make, rename and remove them."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from storage.records import Collection
from storage.renaming import LONGEST, rename_collection
from ui import uploads
from ui.web import dialogs, markup
from ui.web.parts import Parts
from ui.web.speech import say

_SHOWN = "shown"  # in the session's state: the collection that is chosen
_NEW = "new-collections"  # those that were made in this session and hold nothing yet
_NEXT = "next-collection"  # that is to be shown from the next run on


def show_next(collection: str) -> None:
    """Show this collection from the next run on, even if it holds nothing yet."""
    st.session_state[_NEXT] = collection
    st.session_state[_NEW] = {*st.session_state.get(_NEW, ()), collection}


def choose(all_: Parts, held: Sequence[Collection]) -> str:
    """The collection shown, with what can be done to it."""
    names = [each.name for each in held]
    linked = {each.collection for each in all_.app.library.folders.folders()}
    names += sorted(each for each in {*linked, *st.session_state.get(_NEW, ())} if each not in names)
    wanted = st.session_state.pop(_NEXT, None) or st.session_state.get(_SHOWN)
    if wanted not in names:
        wanted = all_.app.collection(None)
        names += [wanted] if wanted not in names else []
    st.session_state[_SHOWN] = wanted
    with st.container(horizontal=True, vertical_alignment="bottom", wrap=False, key="choose-collection"):
        chosen: str = st.selectbox(say("Collection"), names, key=_SHOWN)
        _menu(all_, chosen, chosen in {each.name for each in held})
    return chosen


def _menu(all_: Parts, collection: str, exists: bool) -> None:
    labels = {"new": say("New collection…"), "rename": say("Rename…"), "remove": say("Remove…")}
    bodies = {
        "new": dialogs.Dialog(say("New collection"), _new),
        "rename": dialogs.Dialog(say("Rename collection"), lambda: _rename(all_, collection)),
        "remove": dialogs.Dialog(say("Remove collection"), lambda: _remove(all_, collection)),
    }
    options = ["new", "rename", "remove"] if exists else ["new"]
    picked = st.menu_button(
        say("Collections"), options, key="collection-menu", icon=":material/more_horiz:", format_func=labels.__getitem__
    )
    if picked:
        dialogs.open_(bodies[picked])


def _new() -> None:
    with st.form("new-collection", border=False):
        name = st.text_input(say("Name"), key="new-name", max_chars=LONGEST).strip()
        st.html(f'<div class="fn-small">{escape(say("It is kept as soon as documents are added."))}</div>')
        if st.form_submit_button(say("Begin"), type="primary") and name:
            show_next(name)
            dialogs.done()


def _rename(all_: Parts, collection: str) -> None:
    if _busy(all_, collection):
        st.info(say("Documents of this collection are being worked on. Try again when that has ended."))
        return
    with st.form("rename-collection", border=False):
        name = st.text_input(say("Name"), collection, key="rename-name", max_chars=LONGEST).strip()
        st.html(f'<div class="fn-small">{escape(say("Conversations about it follow."))}</div>')
        if st.form_submit_button(say("Rename"), type="primary") and name:
            rename_collection(all_.app.library.database, collection, name)
            st.session_state.get(_NEW, set()).discard(collection)
            all_.following.settle()
            show_next(name)
            dialogs.done()


def _busy(all_: Parts, collection: str) -> bool:
    reembedding = all_.jobs.reembedding
    return all_.jobs.ingests.busy(collection) or bool(reembedding and not reembedding.done)


def _remove(all_: Parts, collection: str) -> None:
    if _busy(all_, collection):
        st.info(say("Documents of this collection are being worked on. Try again when that has ended."))
        return
    library = all_.app.library
    held = library.known(collection)
    name, number = markup.plain(collection), len({each.id for each in held})
    what = (
        say("Remove **{name}** with its {n} document?", name=name, n=1)
        if number == 1
        else say("Remove **{name}** with its {n} documents?", name=name, n=f"{number:,}")
    )
    st.markdown(what)
    st.markdown(
        say("Files in your own folders stay where they are; copies that were dropped here are deleted. "
            "Conversations keep their quotes.")
    )  # fmt: skip

    def remove() -> None:
        library.remove_collection(collection)
        all_.following.settle()
        st.session_state.get(_NEW, set()).discard(collection)
        for each in held:
            uploads.forget(each.file.path, uploads.of(all_.app.settings.home))

    dialogs.confirm(say("Remove"), remove)
