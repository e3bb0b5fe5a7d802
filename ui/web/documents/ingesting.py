"""What is being brought into the library, how far it is, what waits, and what became of what a person began."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from ingest.progress import Progress, Report
from storage.records import Failure
from ui.ingests import Ingesting
from ui.job import Job
from ui.web import markup, speech
from ui.web.documents import adding
from ui.web.parts import Parts
from ui.web.speech import say

_TICK = 0.5  # seconds between two looks at an ingest
_IDLE = 2.0  # seconds between two looks at whether something was brought in
_SHORT = 1.0  # seconds that a folder's sync may take without a word of it: most bring in one file
_SHOWN = 20  # failures of one ingest that are shown at its end; all of them stay listed

State = tuple[object, ...]


def show(all_: Parts) -> None:
    """What runs and waits now, whoever began it, and what has ended. The page follows it by itself."""
    ingests = all_.jobs.ingests
    at_work = ingests.running or ingests.waiting
    st.fragment(_live, run_every=_TICK if at_work else _IDLE)(all_, _state(all_))
    for number, job in enumerate(ingests.ended):
        _outcome(all_, job, number)


def _state(all_: Parts) -> State:
    """What the page has to be drawn anew for."""
    ingests = all_.jobs.ingests
    return (ingests.running, ingests.waiting, ingests.ended, all_.following.seen)


def _live(all_: Parts, drawn: State) -> None:
    """How far it is."""
    if _state(all_) != drawn:
        st.rerun()
    ingests = all_.jobs.ingests
    for number, job in enumerate(filter(None, (ingests.running, *ingests.waiting))):
        if job.state.own or (number == 0 and job.age > _SHORT):
            _under_way(job, number)


def _under_way(job: Job[Ingesting], number: int) -> None:
    progress, collection = job.state.progress, markup.plain(job.state.collection)
    with st.container(border=True, key=f"ingesting-{number}"):
        if job.state.waiting:
            waits = say("Next, for {collection}: {what}", collection=job.state.collection, what=_named(job.state))
            st.html(f'<div class="fn-small" role="status">{escape(waits)}</div>')
        elif progress is None:
            st.progress(0.0, say("Looking for documents for {collection}…", collection=collection))
        else:
            stage = say("Stopping after this batch") if job.cancelled else _stage(progress)
            st.progress(_share(progress), f"{stage} · {collection}")
            st.html(
                f'<div class="fn-small" role="status">{escape(" · ".join(_facts(progress)))}</div>'
                f'<div class="fn-path fn-one-line">{_current(progress)}</div>{_failed(progress)}'
            )
        st.button(say("Cancel"), key=f"cancel-{number}", on_click=job.cancel, disabled=job.cancelled)


def _named(state: Ingesting) -> str:
    if len(state.paths) == 1:
        return state.paths[0].name or str(state.paths[0])
    return say("{n} files", n=f"{len(state.paths):,}")


def _stage(progress: Progress) -> str:
    stages = {
        "scanning": say("Looking for changes"), "reading": say("Reading"), "embedding": say("Embedding"),
        "writing": say("Saving"),
    }  # fmt: skip
    return stages[progress.stage]


def _share(progress: Progress) -> float:
    done, total = progress.bytes_done, progress.bytes_total
    if progress.stage == "scanning":
        done, total = progress.files_done, progress.files_total
    return min(max(done / total, 0.0), 1.0) if total else 0.0


def _facts(progress: Progress) -> list[str]:
    facts = [
        say("{done} of {total} files", done=f"{progress.files_done:,}", total=f"{progress.files_total:,}"),
        _chunks(progress.chunks),
    ]
    if progress.bytes_total:
        done, total = speech.size(progress.bytes_done), speech.size(progress.bytes_total)
        facts.append(say("{done} of {total}", done=done, total=total))
    if progress.bytes_per_second:
        facts.append(say("{size} a second", size=speech.size(round(progress.bytes_per_second))))
    if progress.seconds_left is not None:
        facts.append(say("about {time} left", time=speech.duration(progress.seconds_left)))
    if progress.failures:
        facts.append(say("{n} could not be read", n=f"{progress.failures:,}"))
    return facts


def _current(progress: Progress) -> str:
    """The file at hand, how far it is, and how many others are under way."""
    if not progress.path:
        return "&nbsp;"
    words = [Path(progress.path).name]
    if progress.pages and progress.pages[1] > 1:
        words.append(say("{done} of {total} pages", done=f"{progress.pages[0]:,}", total=f"{progress.pages[1]:,}"))
    if (others := len(progress.current) - 1) > 0:
        words.append(say("and {n} more at the same time", n=f"{others:,}"))
    return escape(" · ".join(words))


def _failed(progress: Progress) -> str:
    """What could not be read last, and why."""
    if progress.failed is None:
        return ""
    name, reason = Path(progress.failed.path).name, speech.error(progress.failed.reason)
    return (
        f'<div class="fn-small fn-late" role="status">{escape(say("Not read:"))} {escape(name)}: {escape(reason)}</div>'
    )


def _chunks(number: int) -> str:
    return say("{n} chunk", n=1) if number == 1 else say("{n} chunks", n=f"{number:,}")


def _outcome(all_: Parts, job: Job[Ingesting], number: int) -> None:
    """What an ingest did, until it is dismissed."""
    report = job.state.report
    with st.container(border=True, key=f"outcome-{number}"):
        if job.error:
            st.error(markup.plain(speech.error(job.error)), icon=":material/error:")
        elif report is None:
            note = say("Cancelled. What was saved before stays; add the folder again to go on.")
            st.html(f'<div class="fn-note">{escape(note)}</div>')
        else:
            _summary(job.state.collection, report)
        with st.container(horizontal=True, gap="small"):
            st.button(say("Dismiss"), key=f"dismiss-{number}", on_click=all_.jobs.ingests.dismiss, args=(job,))
            if report and report.failures:
                label = say("Try these again")
                if st.button(label, key=f"retry-{number}", icon=":material/refresh:"):
                    all_.jobs.ingests.dismiss(job)
                    adding.again(all_, job.state.collection, [failure.path for failure in report.failures])


def _summary(collection: str, report: Report) -> None:
    facts = [_chunks(report.chunks), speech.duration(report.seconds)]
    if report.passed_over:
        facts.append(say("{n} of other formats passed over", n=f"{report.passed_over:,}"))
    more = ""
    if len(report.failures) > _SHOWN:
        rest = say("and {n} more, under “Not read”", n=f"{len(report.failures) - _SHOWN:,}")
        more = f'<div class="fn-small">{escape(rest)}</div>'
    failures = _as_html(report.failures[:_SHOWN]) if report.failures else ""
    st.html(
        f'<div role="status"><strong>{escape(collection)}</strong>: {escape(done(report))}'
        f'<div class="fn-small">{escape(" · ".join(facts))}</div>{failures}{more}</div>'
    )


def done(report: Report, *, unchanged: bool = True) -> str:
    """What an ingest did, in counts of files."""
    counts = (
        (say("{n} added", n=f"{report.added:,}"), report.added),
        (say("{n} changed", n=f"{report.changed:,}"), report.changed),
        (say("{n} removed", n=f"{report.removed:,}"), report.removed),
        (say("{n} unchanged", n=f"{report.unchanged:,}"), report.unchanged if unchanged else 0),
        (say("{n} could not be read", n=f"{len(report.failures):,}"), len(report.failures)),
    )
    changes = [words for words, number in counts if number]
    return ", ".join(changes) or (say("Nothing to read was found") if unchanged else "")


def _as_html(failures: Sequence[Failure]) -> str:
    """Files that could not be read, one line each with the reason."""
    rows = (
        f'<li><strong title="{escape(f.path)}">{escape(Path(f.path).name)}</strong>: '
        f"{escape(speech.error(f.reason))}</li>"
        for f in failures
    )
    return f'<ul class="fn-failures">{"".join(rows)}</ul>'
