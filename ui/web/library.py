"""The library page: bring documents in, watch it happen, look at them, take them out."""

from html import escape
from pathlib import Path

import streamlit as st

from ui.app import DEFAULT_COLLECTION
from ui.first_run import DEMO, DEMO_COLLECTION
from ui.jobs import Ingesting, Job
from ui.web import documents, markup, uploads
from ui.web.parts import Parts, parts
from ui.words import count, duration

_TICK = 0.5  # seconds between two looks at an ingest
_STAGES = {"scanning": "Looking for changes", "reading": "Reading", "embedding": "Embedding", "writing": "Saving"}


def page() -> None:
    """The whole page."""
    all_ = parts()
    st.title("Library", anchor=False)
    collection = _choose(all_)
    job = all_.jobs.ingesting
    running = job is not None and not job.done
    _add(all_, collection, running)
    if job and running:
        st.fragment(_live, run_every=_TICK)(job)
    elif job:
        _outcome(all_, job)
    documents.show(all_.app, collection)


def _choose(all_: Parts) -> str:
    """The collection shown; a new name begins a new one."""
    names = [each.name for each in all_.app.library.collections()]
    usual = all_.app.collection(None)
    options = names if usual in names else [usual, *names]
    chosen = st.selectbox(
        "Collection", options, options.index(usual), key="shown", accept_new_options=True,
        help="Choose a collection, or type a new name to begin one",
    )  # fmt: skip
    return (chosen or "").strip() or DEFAULT_COLLECTION


def _add(all_: Parts, collection: str, running: bool) -> None:
    folder, dropped = st.tabs(["A folder on this computer", "Drop files"])
    with folder, st.form("folder", border=False, enter_to_submit=True):
        path = st.text_input("Folder or file", key="path", placeholder="~/Documents/contracts", disabled=running)
        if st.form_submit_button("Add to library", type="primary", disabled=running):
            _start(all_, [Path(path.strip().strip("\"'")).expanduser()] if path.strip() else [], collection)
    with dropped, st.form("files", border=False, clear_on_submit=True):
        files = st.file_uploader(
            "Files to copy into Footnote", accept_multiple_files=True, key="files", disabled=running
        )
        if st.form_submit_button("Add files", type="primary", disabled=running):
            content = [(file.name, file.getvalue()) for file in files]
            _start(all_, uploads.keep(content, documents.uploads_of(all_.app), collection), collection)
    held = any(each.documents for each in all_.app.library.collections())
    if not held and not running and DEMO.is_dir():
        st.html('<p class="fn-lead">Nothing here yet. Name a folder above, or begin with the demo documents.</p>')
        if st.button("Add the demo documents", icon=":material/auto_stories:", key="demo"):
            _start(all_, [DEMO], DEMO_COLLECTION)


def _start(all_: Parts, paths: list[Path], collection: str) -> None:
    if not paths:
        st.info("Name a folder, or choose files first.", icon=":material/info:")
    elif not all_.jobs.ingest(paths, collection):
        st.info("Another ingest is still running. Wait for it, or cancel it.", icon=":material/info:")
    else:
        st.rerun()


def _live(job: Job[Ingesting]) -> None:
    """How far the ingest is."""
    if job.done:
        st.rerun()
    progress, collection = job.state.progress, job.state.collection
    with st.container(border=True, key="ingesting"):
        if progress is None:
            st.progress(0.0, f"Looking for documents for {markup.plain(collection)}…")
        else:
            of_all = progress.bytes_done / progress.bytes_total if progress.bytes_total else 0.0
            if progress.stage == "scanning":
                of_all = 0.0
            stage = "Stopping after this batch" if job.cancelled else _STAGES[progress.stage]
            st.progress(min(max(of_all, 0.0), 1.0), f"{stage} · {count(progress.files_total, 'file')}")
            facts = [f"{progress.files_done:,} of {progress.files_total:,} done", count(progress.chunks, "chunk")]
            if progress.seconds_left is not None:
                facts.append(f"about {duration(progress.seconds_left)} left")
            if progress.failures:
                facts.append(f"{progress.failures:,} could not be read")
            name = f'<div class="fn-path">{escape(Path(progress.path).name)}</div>' if progress.path else ""
            st.html(f'<div class="fn-small" role="status">{" · ".join(facts)}</div>{name}')
        st.button("Cancel", key="cancel", on_click=job.cancel, disabled=job.cancelled)


def _outcome(all_: Parts, job: Job[Ingesting]) -> None:
    """What an ingest did, until it is dismissed."""
    report = job.state.report
    with st.container(border=True, key="outcome", horizontal=True, vertical_alignment="top"):
        if job.error:
            st.error(markup.plain(job.error), icon=":material/error:")
        elif report is None:
            st.html('<div class="fn-note">Cancelled. What was saved before stays; add the folder again to go on.</div>')
        else:
            done = {"added": report.added, "changed": report.changed, "removed": report.removed}
            changes = [f"{number:,} {word}" for word, number in done.items() if number]
            changes += [f"{report.unchanged:,} unchanged"] if report.unchanged or not changes else []
            facts = f"{count(report.chunks, 'chunk')} in {duration(report.seconds)}"
            failures = documents.failure_lines(report.failures) if report.failures else ""
            st.html(
                f"<div><strong>{escape(job.state.collection)}</strong>: {', '.join(changes)}"
                f'<div class="fn-small">{facts}</div>{failures}</div>'
            )
        st.button("Dismiss", key="dismiss", type="tertiary", on_click=all_.jobs.dismiss)


page()
