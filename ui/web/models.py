"""The models page: which are in use, which are here or answer on this machine, which could be fetched, and advice."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path

import streamlit as st

from qa.chat.discover import FoundServer, discover
from qa.rerank import EVIDENCE, NONE
from storage.errors import FootnoteError
from storage.models.catalogue import Entry, entries
from storage.models.store import Installed
from ui import machine
from ui.advice import PATIENCE, Advice, advise
from ui.jobs import Job, Measuring, Reembedding
from ui.pulling import Pulling
from ui.roles import role_of
from ui.web import dialogs, markup
from ui.web.parts import Parts, parts
from ui.words import count, size

_TICK = 0.5  # seconds between two looks at what is under way
_SHOWN = 6  # models on offer before the others are folded away
_PROBLEM = "models-problem"  # why the last click came to nothing
_LOOK_AGAIN = 20  # seconds after which servers are looked for anew
_STATES = {
    "cold": "loads with the next question",
    "loading": "is loading",
    "ready": "ready",
    "failed": "cannot be used",
}
_RANKS = {EVIDENCE: "ranks them · part of Footnote", NONE: "of the rerankers is in use"}
_ROLES = {"chat": "Chat model", "embedder": "Embedder", "reranker": "Reranker"}


def page() -> None:
    """The whole page."""
    all_ = parts()
    st.title("Models", anchor=False)
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(markup.plain(problem), icon=":material/error:")
    _in_use(all_)
    reembedding = all_.jobs.reembedding
    if reembedding and not reembedding.done:
        st.fragment(_reembedding, run_every=_TICK)(reembedding)
    if (waiting := all_.app.outdated()) and (reembedding is None or reembedding.done or reembedding.cancelled):
        _waiting(all_, len(waiting), reembedding.error if reembedding else "")
    if (pulling := all_.jobs.pulling) and pulling.done:
        _pulled(all_, pulling)
    elif pulling:
        st.fragment(_pulling, run_every=_TICK)(pulling)
    installed = all_.app.store.installed()
    _installed(all_, installed)
    _servers(all_)
    _to_fetch(all_, {each.id for each in installed})
    _other(all_)


def _in_use(all_: Parts) -> None:
    chat, settings = all_.app.chat, all_.app.settings
    state = chat.reason or _STATES[chat.state]
    st.html(
        f'<div class="fn-label">In use</div><div><strong>{escape(settings.chat_model)}</strong> writes the answers '
        f'<span class="fn-small">· {escape(chat.backend)} · {escape(state)}</span></div>'
        f"<div><strong>{escape(settings.embedder)}</strong> finds the passages</div>"
        f"<div><strong>{escape(settings.reranker)}</strong> {_RANKS.get(settings.reranker, 'ranks them')}</div>"
    )


def _installed(all_: Parts, installed: Sequence[Installed]) -> None:
    st.subheader("On this machine", anchor=False)
    if not installed:
        st.html('<div class="fn-note">No model is here yet. Fetch one below, or use a server.</div>')
    settings = all_.app.settings
    needed = {collection.embedder for collection in all_.app.library.collections()}
    for each in installed:
        chosen = each.id in (settings.chat_model, settings.embedder, settings.reranker)
        in_use = chosen or each.id in needed
        facts = f"{_ROLES[each.role]} · {size(each.bytes)} on disk" + (" · in use" if in_use else "")
        remove = dialogs.Dialog("Remove model", lambda each=each: _remove(all_, each))  # type: ignore[misc]
        with _row(each.id, each.id, facts):
            if not chosen:
                st.button("Use", key=f"use-{each.id}", on_click=_use, args=(all_, each.id))
            st.button(
                f"Remove {each.id}", key=f"remove-{each.id}", type="tertiary", icon=":material/delete:",
                help="Remove", on_click=dialogs.opener(remove), disabled=in_use,
            )  # fmt: skip
    _evidence(all_)


def _evidence(all_: Parts) -> None:
    """The reranker that is always here."""
    in_use = all_.app.settings.reranker == EVIDENCE
    with _row(EVIDENCE, "Evidence model", "Reranker · part of Footnote" + (" · in use" if in_use else "")):
        label, other = ("Do not rerank", NONE) if in_use else ("Use", EVIDENCE)
        st.button(label, key=f"use-{other}", on_click=_use, args=(all_, other))


def _servers(all_: Parts) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Servers on this machine", anchor=False)
        if st.button("Look again", key="look", type="tertiary", icon=":material/refresh:"):
            _found.clear()
    found = _found()
    if not found:
        st.html(
            '<div class="fn-note">None answers: neither Ollama, vLLM, llama.cpp, LM Studio nor transformers serve. '
            "Start one and look again, or name any address below.</div>"
        )
    for server in found:
        for name in server.models:
            address = f"{server.url}#{name}"
            in_use = address == all_.app.settings.chat_model
            with _row(address, name, f"{server.kind} · {server.url}" + (" · in use" if in_use else "")):
                st.button("Use", key=f"use-{address}", on_click=_use, args=(all_, address), disabled=in_use)


@st.cache_data(ttl=_LOOK_AGAIN, show_spinner="Looking for chat servers on this machine…")
def _found() -> tuple[FoundServer, ...]:
    return discover()


def _to_fetch(all_: Parts, installed: set[str]) -> None:
    """The catalogue with advice for this machine, the best first."""
    st.subheader("To be had", anchor=False)
    measuring = all_.jobs.measuring
    if measuring is None or (measuring.done and measuring.error):
        st.button(
            "How fast would they be here?", key="measure", icon=":material/speed:", on_click=all_.jobs.measure,
            help="Measures this processor for about five seconds",
        )  # fmt: skip
    elif not measuring.done:
        st.fragment(_measuring, run_every=_TICK)(measuring)
    there, rates = _machine(str(all_.app.store.folder)), measuring.state.rates if measuring else None
    advice = [each for each in advise(there, rates, entries(), installed) if not each.installed]
    quick = [each for each in advice if each.fits and (each.seconds or 0.0) <= PATIENCE]
    for each in quick[:_SHOWN]:
        _offer(all_, each)
    more = [*quick[_SHOWN:], *(each for each in advice if each.fits and each not in quick)]
    if more:
        with st.expander(f"{count(len(more), 'more model')}, larger or slower"):
            for each in more:
                _offer(all_, each)
    if large := [each for each in advice if not each.fits]:
        with st.expander(f"{count(len(large), 'model')} too large for this machine"):
            rows = (f"<li><strong>{escape(e.entry.name)}</strong>: {escape(e.reason)}</li>" for e in large)
            st.html(f'<ul class="fn-failures">{"".join(rows)}</ul>')


@st.cache_data(ttl=60, show_spinner=False)
def _machine(folder: str) -> machine.Machine:
    return machine.read(Path(folder))


def _offer(all_: Parts, advice: Advice) -> None:
    entry, busy = advice.entry, bool(all_.jobs.pulling and not all_.jobs.pulling.done)
    best = " · best here" if advice.best else ""
    with _row(entry.id, entry.name, f"{_ROLES[entry.role]}{best} · {_fetches(entry)} · {advice.reason}"):
        st.button("Fetch", key=f"fetch-{entry.id}", on_click=_fetch, args=(all_, entry.id), disabled=busy)


def _fetch(all_: Parts, model_id: str) -> None:
    all_.jobs.pull(model_id)


def _fetches(entry: Entry) -> str:
    return f"{size(entry.download)} to fetch"


def _other(all_: Parts) -> None:
    st.subheader("Another one", anchor=False)
    with st.form("other", border=False):
        name = st.text_input(
            "A folder, a server or a model of the Hugging Face hub", key="other-name",
            placeholder="http://127.0.0.1:8000/v1#name, ~/models/mine, or organisation/name",
        ).strip()  # fmt: skip
        with st.container(horizontal=True):
            use = st.form_submit_button("Use it", type="primary")
            fetch = st.form_submit_button("Fetch it from the hub")
    if use and name:
        _use(all_, name)
        st.rerun()
    if fetch and name:
        all_.jobs.pull(name)
        st.rerun()


def _use(all_: Parts, name: str) -> None:
    """Take a model into use at once; what is being answered is finished by the old one."""
    try:
        role, name = role_of(name, all_.app.store)
        all_.app.use(role, name)
    except FootnoteError as exc:  # a click is dealt with before the page is drawn, which tells it then
        st.session_state[_PROBLEM] = str(exc)
        return
    if role == "embedder":
        all_.jobs.reembed()
    elif role == "chat":
        all_.app.chat.start()


def _remove(all_: Parts, model: Installed) -> None:
    st.write(f"{markup.plain(model.id)} takes {size(model.bytes)}. It can be fetched again.")

    def remove() -> None:
        all_.app.store.remove(model.id)

    dialogs.confirm("Remove", remove)


def _pulling(job: Job[Pulling]) -> None:
    """How far a download is."""
    if job.done:  # the whole page, as there is one more model now
        st.rerun()
    state = job.state
    with st.container(border=True, key="pulling"):
        done = state.progress.done / state.progress.total if state.progress and state.progress.total else 0.0
        stage = state.progress.stage.capitalize() if state.progress else "Looking for it"
        of_all = f" · {size(state.progress.done)} of {size(state.progress.total)}" if state.progress else ""
        st.progress(min(done, 1.0), f"{stage} {markup.plain(state.model)}{of_all}")
        st.button("Cancel", key="cancel-pull", on_click=job.cancel, disabled=job.cancelled)


def _pulled(all_: Parts, job: Job[Pulling]) -> None:
    """What became of a download, until it is dismissed."""
    state = job.state
    with st.container(border=True, key="pulled"):
        if state.finished:
            st.success(f"{markup.plain(state.model)} is here.", icon=":material/check:")
        elif job.cancelled:
            st.html('<div class="fn-note">Cancelled. What has come stays; fetch it again to go on.</div>')
        else:
            st.error(markup.plain(job.error), icon=":material/error:")
        with st.container(horizontal=True):
            if state.finished:
                st.button("Use it", key="use-pulled", type="primary", on_click=_use_pulled, args=(all_, state.model))
            st.button("Dismiss", key="dismiss-pull", type="tertiary", on_click=all_.jobs.dismiss_pull)


def _use_pulled(all_: Parts, model: str) -> None:
    _use(all_, model)
    all_.jobs.dismiss_pull()


def _reembedding(job: Job[Reembedding]) -> None:
    if job.done:
        st.rerun()
    state = job.state
    with st.container(border=True, key="reembedding"):
        share = state.done / state.total if state.total else 0.0
        st.progress(
            share, f"Embedding {markup.plain(state.collection)} anew · {state.done:,} of {state.total:,} chunks"
        )
        st.html('<div class="fn-small">Until it is done, questions are answered with the old embedder.</div>')
        st.button("Pause", key="pause", on_click=job.cancel, disabled=job.cancelled)


def _waiting(all_: Parts, number: int, error: str) -> None:
    """The way on after a pause or an error."""
    if error:
        st.error(markup.plain(error), icon=":material/error:")
    with st.container(border=True, key="waiting", horizontal=True, vertical_alignment="center"):
        wait = "collection waits" if number == 1 else "collections wait"
        st.html(f'<div class="fn-note">{number:,} {wait} to be embedded anew.</div>')
        st.button("Go on", key="go-on", on_click=_go_on, args=(all_,))


def _go_on(all_: Parts) -> None:
    all_.jobs.reembed()


def _measuring(job: Job[Measuring]) -> None:
    if job.done:
        st.rerun()
    st.html('<div class="fn-note" role="status">Measuring how fast a language model runs here…</div>')


@contextmanager
def _row(key: str, name: str, facts: str) -> Iterator[None]:
    """A line of a list: a name and facts at the left, at the right the buttons that are made meanwhile."""
    with st.container(key=f"row-{key}", horizontal=True, vertical_alignment="center", wrap=False):
        with st.container(gap=None, key=f"cell-{key}"):
            st.html(f'<div><strong>{escape(name)}</strong></div><div class="fn-small">{escape(facts)}</div>')
        yield


page()
