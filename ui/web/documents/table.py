"""The table of a collection's documents: find, narrow, sort, pick some, and what can be done with those."""

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from ingest.places import is_gone
from storage.listing import Listing, Order, Wanted
from storage.records import DocumentInfo
from ui import links, uploads
from ui.web import dialogs, markup, paging, speech
from ui.web.documents import document, narrow, tags
from ui.web.parts import Parts
from ui.web.speech import say

_MARKS = re.compile(r"[^\w\s]|_")
_PAGE = 25  # documents on one page of the table
_TAGS = 5  # of a document that are shown; what files bring along as keywords can be dozens
_NEW_FIRST: tuple[Order, ...] = ("ingested", "size", "pages")  # what is sorted from the greatest down at first


def show(all_: Parts, collection: str) -> None:
    """The documents of a collection."""
    listing = Listing(all_.app.library.database)
    with st.container(key="documents", gap="small"):
        narrowed = narrow.bar(listing.choices(collection))
        order: Order = st.session_state.get("documents-order", "title")
        falling = st.session_state.get("documents-falling", False)
        ids = listing.ids(collection, Wanted(narrowed.words, narrowed.filter, order, falling))
        if not ids:
            st.html(f'<div class="fn-note">{escape(say("No document fits."))}</div>')
            st.button(say("Show all"), key="show-all", on_click=narrow.clear)
            return
        _bar(all_, collection, ids)
        _head(order, falling)
        for each in listing.documents(collection, ids[paging.part("documents-page", len(ids), _PAGE)]):
            _row(all_, each)
        paging.turn("documents-page", len(ids), _PAGE)


def _picked(collection: str) -> set[str]:
    """The ids of the documents that are picked; they stay picked on other pages of the table."""
    picked: set[str] = st.session_state.setdefault(f"picked-{collection}", set())
    return picked


def _bar(all_: Parts, collection: str, ids: Sequence[str]) -> None:
    """Pick all that are listed, and what can be done with those that are picked."""
    chosen = tuple(each for each in ids if each in _picked(collection))
    st.session_state["pick-all"] = len(chosen) == len(ids)

    def all_or_none() -> None:
        picked = _picked(collection)
        picked.update(ids) if st.session_state["pick-all"] else picked.difference_update(ids)

    none = not chosen
    with st.container(horizontal=True, vertical_alignment="center", key="picked", gap="small"):
        st.checkbox(say("Select all"), key="pick-all", on_change=all_or_none)
        st.html(f'<div class="fn-small" role="status">{escape(_counted(len(chosen), len(ids)))}</div>', width="stretch")
        st.button(
            say("Tags…"), key="tag-picked", icon=":material/label:", disabled=none,
            on_click=dialogs.opener(dialogs.Dialog(say("Tags"), lambda: tags.edit(all_.app, collection, chosen))),
        )  # fmt: skip
        if st.button(say("Ask about these"), key="ask-picked", icon=":material/forum:", disabled=none):
            document.ask(collection, chosen)
        st.button(
            say("Remove…"), key="drop-picked", icon=":material/delete:", disabled=none,
            on_click=dialogs.opener(_removal(all_, collection, chosen)),
        )  # fmt: skip


def _counted(chosen: int, listed: int) -> str:
    if chosen:
        return say("{n} of {total} selected", n=f"{chosen:,}", total=f"{listed:,}")
    return say("{n} document", n=1) if listed == 1 else say("{n} documents", n=f"{listed:,}")


def _head(order: Order, falling: bool) -> None:
    """What the table is sorted by; the same once more turns it round."""
    names: dict[Order, str] = {
        "title": say("Title"), "format": say("Type"), "pages": say("Pages"), "size": say("Size"),
        "language": say("Language"), "ingested": say("Added"),
    }  # fmt: skip
    with st.container(horizontal=True, key="documents-head", gap="xsmall"):
        for each, name in names.items():
            icon = (":material/arrow_downward:" if falling else ":material/arrow_upward:") if each == order else None
            st.button(
                name, key=f"sort-{each}", type="tertiary", icon=icon, icon_position="right", on_click=_sort,
                args=(each,), help=_said(falling) if each == order else say("Sort by this"),
            )  # fmt: skip


def _said(falling: bool) -> str:
    return say("Sorted, the greatest first") if falling else say("Sorted, the least first")


def _sort(order: Order) -> None:
    same = st.session_state.get("documents-order", "title") == order
    before = st.session_state.get("documents-falling", False)
    st.session_state["documents-falling"] = not before if same else order in _NEW_FIRST
    st.session_state["documents-order"] = order
    narrow.to_first_page()


def _row(all_: Parts, each: DocumentInfo) -> None:
    title = markup.plain(_titled(each))
    picked = _picked(each.collection)
    st.session_state[f"pick-{each.id}"] = each.id in picked

    def pick() -> None:
        picked.add(each.id) if st.session_state[f"pick-{each.id}"] else picked.discard(each.id)

    with st.container(key=f"row-{each.id}", horizontal=True, vertical_alignment="center", wrap=False, gap="small"):
        st.checkbox(
            say("Select {title}", title=_spoken(_titled(each))),
            key=f"pick-{each.id}",
            label_visibility="collapsed",
            on_change=pick,
        )
        with st.container(key=f"cell-{each.id}", gap=None):
            st.button(title, key=f"open-{each.id}", type="tertiary", on_click=document.opener(all_, each))
            st.html(_below(each))
        st.html(_columns(each), width="content")
        st.button(
            say("Remove {title}", title=title), key=f"remove-{each.id}", type="tertiary", icon=":material/delete:",
            help=say("Remove"), on_click=dialogs.opener(_removal(all_, each.collection, (each.id,))),
        )  # fmt: skip


def _titled(each: DocumentInfo) -> str:
    """A title, with the part of a long file that it is in the reader's language."""
    title = each.title.removesuffix(f" (part {each.part})")
    return say("{title} (part {n})", title=title, n=each.part) if each.part > 1 else each.title


def _spoken(title: str) -> str:
    """The words of a title, for those who hear the page: a box is called by its label as it stands, escapes and all."""
    return " ".join(_MARKS.sub(" ", title).split())


def _below(each: DocumentInfo) -> str:
    """What stands below a title: where the file lies, its tags, and what is wrong with it."""
    few = each.tags if len(each.tags) <= _TAGS else (*each.tags[:_TAGS], f"+{len(each.tags) - _TAGS}")
    marks = "".join(f'<span class="fn-tag">{escape(tag)}</span>' for tag in few)
    if wrong := _state(each):
        marks = f'<span class="fn-tag fn-wrong">{escape(wrong)}</span>{marks}'
    folder = escape(str(Path(each.path).parent))
    path = f'<span class="fn-path" title="{escape(each.path)}">{folder}</span>{_elsewhere(each)}'
    return f'<div class="fn-below">{path}{marks}</div>'


def _elsewhere(each: DocumentInfo) -> str:
    """Where else the same content lies; it is in the library once."""
    others = [path for path in each.paths if path != each.path]
    if not others:
        return ""
    words = say("also at {path}", path=others[0])
    if len(others) > 1:
        words = say("also at {n} other places", n=f"{len(others):,}")
    return f'<span class="fn-path" title="{escape(chr(10).join(others))}">{escape(words)}</span>'


def _state(each: DocumentInfo) -> str:
    """What is wrong with a document's file; nothing for most."""
    if is_gone(Path(each.path)):
        return say("file is gone")
    try:
        changed = Path(each.path).stat().st_size != each.size
    except OSError:
        return say("file cannot be reached")
    return say("file has changed") if changed else ""


def _columns(each: DocumentInfo) -> str:
    pages = f"{each.pages:,}" if each.pages else ""
    cells = (
        ("format", each.format), ("pages", pages), ("size", speech.size(each.size)),
        ("language", document.language(each.language)), ("ingested", f"{each.ingested.astimezone():%Y-%m-%d}"),
    )  # fmt: skip
    unit = f" {escape(say('page') if each.pages == 1 else say('pages'))}"
    return '<div class="fn-columns">{}</div>'.format(
        "".join(
            f'<span class="fn-{name}">{escape(text)}{f"<i>{unit}</i>" if name == "pages" and text else ""}</span>'
            for name, text in cells
        )
    )


def _removal(all_: Parts, collection: str, ids: Sequence[str]) -> dialogs.Dialog:
    return dialogs.Dialog(say("Remove documents"), lambda: _remove(all_, collection, ids))


def _remove(all_: Parts, collection: str, ids: Sequence[str]) -> None:
    app = all_.app
    folder = uploads.of(app.settings.home)
    held = Listing(app.library.database).documents(collection, ids)
    paths = [path for each in held for path in each.paths]
    copies = sum(uploads.is_copy(path, folder) for path in paths)
    if len(held) == 1:
        st.markdown(say("Remove **{title}** from the library?", title=markup.plain(held[0].title)))
    else:
        st.markdown(say("Remove {n} documents from the library?", n=f"{len(held):,}"))
    if copies < len(paths):
        st.markdown(say("Files in your own folders stay where they are."))
    if copies:
        st.markdown(say("Copies that were dropped here are deleted."))
    st.markdown(say("Answers that quote them keep their quotes."))
    left_out = links.inside(app.library, collection, paths) and st.checkbox(
        say("Leave them out when their folder is synced"), value=True, key="leave-out"
    )

    def remove() -> None:
        if left_out:
            links.leave_out(app.library, collection, paths)
        app.library.remove([each.id for each in held])
        for path in paths:
            uploads.forget(path, folder)
        _picked(collection).difference_update(ids)

    dialogs.confirm(say("Remove"), remove)
