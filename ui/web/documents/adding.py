"""Documents brought into a collection: a folder by its path, dropped files, the demo; how far it is and what it did."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from ingest.progress import Progress, Report
from ingest.scan import is_gone
from storage.records import Failure
from ui import uploads
from ui.first_run import DEMO, DEMO_COLLECTION
from ui.jobs import Ingesting, Job
from ui.web import markup, speech
from ui.web.documents import picker
from ui.web.documents.collection import show_next
from ui.web.parts import Parts
from ui.web.speech import say

_TICK = 0.5  # seconds between two looks at an ingest
_SHOWN = 20  # failures of one ingest that are shown at its end; all of them stay listed


def show(all_: Parts, collection: str, empty: bool) -> None:
    """The ways to add documents, and below them what is being added or was added last."""
    job = all_.jobs.ingesting
    running = job is not None and not job.done
    with st.expander(say("Add documents"), expanded=empty, icon=":material/add:", key="adding"):
        folder, dropped = st.tabs([say("A folder on this computer"), say("Drop files")])
        with folder:
            _folder(all_, collection, running)
        with dropped:
            _files(all_, collection, running)
    if job and running:
        st.fragment(_live, run_every=_TICK)(job)
    elif job:
        _outcome(all_, job)


def demo(all_: Parts) -> None:
    """What to do first, where there is nothing at all."""
    st.html(f'<p class="fn-lead">{escape(say("Nothing here yet. Name a folder above, or begin with the demo."))}</p>')
    if DEMO.is_dir() and st.button(say("Add the demo documents"), icon=":material/auto_stories:", key="demo"):
        show_next(DEMO_COLLECTION)
        _start(all_, [DEMO], DEMO_COLLECTION)


def again(all_: Parts, collection: str, paths: Sequence[str]) -> None:
    """Read files once more; what is no longer there is no longer a failure."""
    gone = [path for path in paths if is_gone(path)]
    all_.app.library.forget_failures(collection, gone)
    left = [Path(path) for path in paths if path not in gone]
    if left:
        _start(all_, left, collection)
    else:
        st.toast(say("These files are gone; they are no longer listed."))


def failures_as_html(failures: Sequence[Failure]) -> str:
    """Files that could not be read, one line each with the reason."""
    rows = (
        f'<li><strong title="{escape(f.path)}">{escape(Path(f.path).name)}</strong>: '
        f"{escape(speech.error(f.reason))}</li>"
        for f in failures
    )
    return f'<ul class="fn-failures">{"".join(rows)}</ul>'


def _folder(all_: Parts, collection: str, running: bool) -> None:
    with st.form("folder", border=False), st.container(horizontal=True, vertical_alignment="bottom", key="folder-form"):
        path = st.text_input(say("Folder or file"), key="path", placeholder="~/Documents/contracts", disabled=running)
        add = st.form_submit_button(say("Add to library"), type="primary", disabled=running)
        st.form_submit_button(
            say("Browse…"), key="browse", icon=":material/folder_open:", disabled=running,
            on_click=picker.opener("path"),
        )  # fmt: skip
    if add:
        named = path.strip().strip("\"'")
        _start(all_, [Path(named)] if named else [], collection)


def _files(all_: Parts, collection: str, running: bool) -> None:
    with st.form("files", border=False, clear_on_submit=True):
        files = st.file_uploader(
            say("Files to copy into Footnote"), accept_multiple_files=True, key="files", disabled=running
        )
        if st.form_submit_button(say("Add files"), type="primary", disabled=running):
            content = [(file.name, file.getvalue()) for file in files]
            taken = _held_elsewhere(all_, collection)
            _start(all_, uploads.keep(content, uploads.of(all_.app.settings.home), collection, taken), collection)


def _held_elsewhere(all_: Parts, collection: str) -> frozenset[str]:
    """The files of the other collections: a collection that was renamed keeps its copies where they are."""
    library = all_.app.library
    others = [each.name for each in library.collections() if each.name != collection]
    return frozenset(known.file.path for name in others for known in library.known(name))


def _start(all_: Parts, paths: list[Path], collection: str) -> None:
    if not paths:
        st.info(say("Name a folder, or choose files first."), icon=":material/info:")
    elif not all_.jobs.ingest(paths, collection):
        st.info(say("Another ingest is still running. Wait for it, or cancel it."), icon=":material/info:")
    else:
        st.rerun()


def _live(job: Job[Ingesting]) -> None:
    """How far the ingest is."""
    if job.done:
        st.rerun()
    progress, collection = job.state.progress, job.state.collection
    with st.container(border=True, key="ingesting"):
        if progress is None:
            st.progress(0.0, say("Looking for documents for {collection}…", collection=markup.plain(collection)))
        else:
            of_all = progress.bytes_done / progress.bytes_total if progress.bytes_total else 0.0
            if progress.stage == "scanning":
                of_all = progress.files_done / progress.files_total if progress.files_total else 0.0
            stage = say("Stopping after this batch") if job.cancelled else _stage(progress)
            st.progress(min(max(of_all, 0.0), 1.0), f"{stage} · {markup.plain(collection)}")
            name = escape(Path(progress.path).name) if progress.path else "&nbsp;"
            st.html(
                f'<div class="fn-small" role="status">{escape(" · ".join(_facts(progress)))}</div>'
                f'<div class="fn-path fn-one-line">{name}</div>'
            )
        st.button(say("Cancel"), key="cancel", on_click=job.cancel, disabled=job.cancelled)


def _stage(progress: Progress) -> str:
    stages = {
        "scanning": say("Looking for changes"), "reading": say("Reading"), "embedding": say("Embedding"),
        "writing": say("Saving"),
    }  # fmt: skip
    return stages[progress.stage]


def _facts(progress: Progress) -> list[str]:
    facts = [
        say("{done} of {total} files", done=f"{progress.files_done:,}", total=f"{progress.files_total:,}"),
        _chunks(progress.chunks),
    ]
    if progress.seconds_left is not None:
        facts.append(say("about {time} left", time=speech.duration(progress.seconds_left)))
    if progress.failures:
        facts.append(say("{n} could not be read", n=f"{progress.failures:,}"))
    return facts


def _chunks(number: int) -> str:
    return say("{n} chunk", n=1) if number == 1 else say("{n} chunks", n=f"{number:,}")


def _outcome(all_: Parts, job: Job[Ingesting]) -> None:
    """What an ingest did, until it is dismissed."""
    report = job.state.report
    with st.container(border=True, key="outcome"):
        if job.error:
            st.error(markup.plain(speech.error(job.error)), icon=":material/error:")
        elif report is None:
            note = say("Cancelled. What was saved before stays; add the folder again to go on.")
            st.html(f'<div class="fn-note">{escape(note)}</div>')
        else:
            _summary(job.state.collection, report)
        with st.container(horizontal=True, gap="small"):
            st.button(say("Dismiss"), key="dismiss", on_click=all_.jobs.dismiss)
            if report and report.failures and st.button(say("Try these again"), key="retry", icon=":material/refresh:"):
                again(all_, job.state.collection, [failure.path for failure in report.failures])


def _summary(collection: str, report: Report) -> None:
    counts = (
        (say("{n} added", n=f"{report.added:,}"), report.added),
        (say("{n} changed", n=f"{report.changed:,}"), report.changed),
        (say("{n} removed", n=f"{report.removed:,}"), report.removed),
        (say("{n} unchanged", n=f"{report.unchanged:,}"), report.unchanged),
        (say("{n} could not be read", n=f"{len(report.failures):,}"), len(report.failures)),
    )
    changes = [words for words, number in counts if number] or [say("Nothing to read was found")]
    facts = [_chunks(report.chunks), speech.duration(report.seconds)]
    if report.passed_over:
        facts.append(say("{n} of other formats passed over", n=f"{report.passed_over:,}"))
    more = ""
    if len(report.failures) > _SHOWN:
        rest = say("and {n} more, under “Not read”", n=f"{len(report.failures) - _SHOWN:,}")
        more = f'<div class="fn-small">{escape(rest)}</div>'
    failures = failures_as_html(report.failures[:_SHOWN]) if report.failures else ""
    st.html(
        f'<div role="status"><strong>{escape(collection)}</strong>: {escape(", ".join(changes))}'
        f'<div class="fn-small">{escape(" · ".join(facts))}</div>{failures}{more}</div>'
    )
