"""Documents brought into a collection: a folder by its path, dropped files, the demo."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from ingest.places import is_gone
from ingest.readers import READERS
from ui import uploads
from ui.first_run import DEMO, DEMO_COLLECTION
from ui.links import link
from ui.web.documents import picker
from ui.web.documents.collection import show_next
from ui.web.parts import Parts
from ui.web.speech import say


def show(all_: Parts, collection: str, empty: bool) -> None:
    """The ways to add documents."""
    with st.expander(say("Add documents"), expanded=empty, icon=":material/add:", key="adding"):
        folder, dropped = st.tabs([say("A folder on this computer"), say("Drop files")])
        with folder:
            _folder(all_, collection)
        with dropped:
            _files(all_, collection)


def demo(all_: Parts) -> None:
    """What to do first, where there is nothing at all."""
    st.html(f'<p class="fn-lead">{escape(say("Nothing here yet. Name a folder above, or begin with the demo."))}</p>')
    if DEMO.is_dir() and st.button(say("Add the demo documents"), icon=":material/auto_stories:", key="demo"):
        show_next(DEMO_COLLECTION)
        _start(all_, [DEMO], DEMO_COLLECTION)


def again(all_: Parts, collection: str, paths: Sequence[str]) -> None:
    """Read files once more; what is no longer there is no longer a failure."""
    gone = [path for path in paths if is_gone(Path(path))]
    all_.app.library.forget_failures(collection, gone)
    if left := [Path(path) for path in paths if path not in gone]:
        all_.jobs.ingest(left, collection)
        st.rerun()
    st.toast(say("These files are gone; they are no longer listed."))


def _folder(all_: Parts, collection: str) -> None:
    with st.form("folder", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom", key="folder-form"):
            path = st.text_input(say("Folder or file"), key="path", placeholder="~/Documents/contracts")
            add = st.form_submit_button(say("Add to library"), type="primary")
            st.form_submit_button(
                say("Browse…"), key="browse", icon=":material/folder_open:", on_click=picker.opener("path")
            )
        watched = st.checkbox(
            say("Keep in sync"), value=True, key="keep-in-sync",
            help=say("What is added, changed or deleted in the folder is followed while Footnote is open."),
        )  # fmt: skip
    if add:
        named = path.strip().strip("\"'")
        folder = _as_folder(Path(named)) if named else None
        if folder and watched:
            all_.following.add(collection, folder)
            st.rerun()
        if folder:
            link(all_.app.library.folders, collection, folder)
        _start(all_, [Path(named)] if named else [], collection)


def _as_folder(path: Path) -> Path | None:
    """The whole path of a folder; None where it is none."""
    try:
        whole = path.expanduser().resolve(strict=True)
    except (OSError, RuntimeError):  # the ingest says so
        return None
    return whole if whole.is_dir() else None


def _files(all_: Parts, collection: str) -> None:
    with st.form("files", border=False, clear_on_submit=True):
        files = st.file_uploader(
            say("Files to copy into Footnote"), sorted(READERS), accept_multiple_files=True, key="files"
        )
        st.html(f'<div class="fn-small">{escape(_readable(all_))}</div>')
        if st.form_submit_button(say("Add files"), type="primary"):
            content = [(file.name, file.getvalue()) for file in files]
            taken = _held_elsewhere(all_, collection)
            _start(all_, uploads.keep(content, uploads.of(all_.app.settings.home), collection, taken), collection)


def _readable(all_: Parts) -> str:
    """What can be read, by kinds of files: their suffixes are too many to be told one by one."""
    kinds = {
        ".pdf": "PDF", ".docx": "Word", ".pptx": "PowerPoint", ".xlsx": "Excel", ".odt": "OpenDocument",
        ".html": say("web pages"), ".epub": say("e-books"), ".eml": say("e-mail"), ".md": "Markdown",
        ".txt": say("text"), ".csv": say("tables"), ".ipynb": say("notebooks"), ".py": say("source code"),
        ".png": say("pictures"), ".zip": say("zip archives"),
    }  # fmt: skip
    named = say(", ").join(name for suffix, name in kinds.items() if suffix in READERS)
    most = min(all_.app.settings.ingest.most_megabytes, st.get_option("server.maxUploadSize"))
    return say("{kinds}; up to {n} MB each", kinds=named, n=most)


def _held_elsewhere(all_: Parts, collection: str) -> frozenset[str]:
    """The files of the other collections: a collection that was renamed keeps its copies where they are."""
    library = all_.app.library
    others = [each.name for each in library.collections() if each.name != collection]
    return frozenset(known.file.path for name in others for known in library.known(name))


def _start(all_: Parts, paths: list[Path], collection: str) -> None:
    if paths:
        all_.jobs.ingest(paths, collection)
        st.rerun()
    st.info(say("Name a folder, or choose files first."), icon=":material/info:")
