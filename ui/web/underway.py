"""What is under way on the models page: a download, embedding anew, a measurement, and what became of them."""

from collections.abc import Callable
from html import escape

import streamlit as st

from ui.job import Job
from ui.jobs import Reembedding
from ui.pulling import Pulling
from ui.trial import Measuring, Trial
from ui.web import markup
from ui.web.parts import Parts
from ui.web.speech import duration, error, say, size


def pulling(job: Job[Pulling]) -> None:
    """How far a download is."""
    if job.done:  # the whole page, as there is one more model now
        st.rerun()
    state = job.state
    with st.container(border=True, key="pulling"):
        done = state.progress.done / state.progress.total if state.progress and state.progress.total else 0.0
        st.progress(min(done, 1.0), _stage(state))
        st.button(say("Cancel"), key="cancel-pull", on_click=job.cancel, disabled=job.cancelled)


def _stage(state: Pulling) -> str:
    step, model = state.progress, markup.plain(state.model)
    if step is None:
        return say("Looking for {model}", model=model)
    values = {"model": model, "done": size(step.done), "total": size(step.total)}
    return {
        "downloading": say("Downloading {model} · {done} of {total}", **values),
        "checking": say("Checking {model} · {done} of {total}", **values),
        "converting": say("Converting {model} · {done} of {total}", **values),
    }[step.stage]


def pulled(all_: Parts, job: Job[Pulling], use: Callable[[Parts, str], None]) -> None:
    """What became of a download, until it is dismissed."""
    state = job.state

    def use_it() -> None:
        use(all_, state.model)
        all_.jobs.dismiss_pull()

    with st.container(border=True, key="pulled"):
        if state.finished:
            st.success(markup.plain(say("{model} is here.", model=state.model)), icon=":material/check:")
        elif job.cancelled:
            note(say("Cancelled. What has come stays; fetch it again to go on."))
        else:
            st.error(markup.plain(error(job.error)), icon=":material/error:")
        with st.container(horizontal=True):
            if state.finished:
                st.button(say("Use it"), key="use-pulled", type="primary", on_click=use_it)
            st.button(say("Dismiss"), key="dismiss-pull", type="tertiary", on_click=all_.jobs.dismiss_pull)


def reembedding(job: Job[Reembedding]) -> None:
    """How far the collections are on their way to another embedder."""
    if job.done:
        st.rerun()
    state = job.state
    with st.container(border=True, key="reembedding"):
        share = state.done / state.total if state.total else 0.0
        name, done, total = markup.plain(state.collection), f"{state.done:,}", f"{state.total:,}"
        what = say("Embedding {name} anew · {done} of {total} chunks", name=name, done=done, total=total)
        st.progress(share, what)
        until = say("Until it is done, questions are answered with the old embedder.")
        st.html(f'<div class="fn-small">{until}</div>')
        st.button(say("Pause"), key="pause", on_click=job.cancel, disabled=job.cancelled)


def waiting(all_: Parts, number: int, problem: str) -> None:
    """The way on after a pause or an error."""
    if problem:
        st.error(markup.plain(error(problem)), icon=":material/error:")
    with st.container(border=True, key="waiting", horizontal=True, vertical_alignment="center"):
        one = say("{n} collection waits to be embedded anew.", n=number)
        note(one if number == 1 else say("{n} collections wait to be embedded anew.", n=number))
        st.button(say("Go on"), key="go-on", on_click=_go_on, args=(all_,))


def _go_on(all_: Parts) -> None:
    all_.jobs.reembed()


def measuring(job: Job[Measuring]) -> None:
    """That this machine is being measured."""
    if job.done:
        st.rerun()
    measuring = say("Measuring how fast a language model runs here…")
    st.html(f'<div class="fn-note" role="status">{measuring}</div>')


def trying(job: Job[Trial]) -> None:
    """A chat model that is being tried."""
    if job.done:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="trying"):
        note(say("Trying {model} on a passage…", model=job.state.model))
        st.button(say("Cancel"), key="cancel-trial", on_click=job.cancel, disabled=job.cancelled)


def tried(job: Job[Trial]) -> None:
    """What became of a trial."""
    trial = job.state
    if job.error:
        st.error(markup.plain(error(job.error)), icon=":material/error:")
    elif trial.right is not None:
        times = {"model": trial.model, "first": duration(trial.first), "total": duration(trial.total)}
        what = (
            say("{model} answers from a passage: first word after {first}, all of it after {total}.", **times)
            if trial.right
            else say("{model} answered after {total}, but not what the passage says. Choose another model.", **times)
        )
        show = st.success if trial.right else st.warning
        show(f"{markup.plain(what)} “{markup.plain(trial.text.strip())}”")


def note(text: str) -> None:
    """A quiet line."""
    st.html(f'<div class="fn-note">{escape(text)}</div>')
