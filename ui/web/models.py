"""The models page: which are in use, which are here or answer on this machine, which could be fetched, and advice."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path

import streamlit as st

from qa.chat.discover import FoundServer, discover
from qa.chat.model import State
from qa.rerank import EVIDENCE, NONE
from storage.errors import FootnoteError
from storage.models.catalogue import entries
from storage.models.store import Installed
from ui import machine
from ui.advice import PATIENCE, Advice, advise
from ui.roles import role_of
from ui.web import dialogs, markup, underway
from ui.web.parts import Parts, parts
from ui.web.speech import error, say, size

_TICK = 0.5  # seconds between two looks at what is under way
_SHOWN = 6  # models on offer before the others are folded away
_PROBLEM = "models-problem"  # why the last click came to nothing
_LOOK_AGAIN = 20  # seconds after which servers are looked for anew


def page() -> None:
    """The whole page."""
    all_ = parts()
    st.title(say("Models"), anchor=False)
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(markup.plain(error(problem)), icon=":material/error:")
    _in_use(all_)
    reembedding = all_.jobs.reembedding
    if reembedding and not reembedding.done:
        st.fragment(underway.reembedding, run_every=_TICK)(reembedding)
    if (waiting := all_.app.outdated()) and (reembedding is None or reembedding.done or reembedding.cancelled):
        underway.waiting(all_, len(waiting), reembedding.error if reembedding else "")
    if (pulling := all_.jobs.pulling) and pulling.done:
        underway.pulled(all_, pulling, _use)
    elif pulling:
        st.fragment(underway.pulling, run_every=_TICK)(pulling)
    installed = all_.app.store.installed()
    _installed(all_, installed)
    _servers(all_)
    _to_fetch(all_, {each.id for each in installed})
    _other(all_)


def _in_use(all_: Parts) -> None:
    chat, settings = all_.app.chat, all_.app.settings
    state = error(chat.reason) if chat.reason else _state(chat.state)
    lines = (
        (say("{model} writes the answers"), settings.chat_model, f"· {chat.backend} · {state}"),
        (say("{model} finds the passages"), settings.embedder, ""),
        (_ranking(settings.reranker), settings.reranker, ""),
    )
    rows = (_strong(line, model) + f' <span class="fn-small">{escape(more)}</span>' for line, model, more in lines)
    st.html(f'<div class="fn-label">{say("In use")}</div>' + "".join(f"<div>{row}</div>" for row in rows))
    trying = all_.jobs.trying
    if trying and not trying.done:
        st.fragment(underway.trying, run_every=_TICK)(trying)
        return
    st.button(
        say("Try the chat model"), key="try", icon=":material/play_arrow:", on_click=all_.jobs.try_chat,
        help=say("It reads one passage and answers a question about it"),
    )  # fmt: skip
    if trying and trying.state.model == chat.id:
        underway.tried(trying)


def _strong(line: str, model: str) -> str:
    """A line, with the model's name in bold where it says {model}."""
    return escape(line).replace("{model}", f"<strong>{escape(model)}</strong>")


def _state(state: State) -> str:
    return {
        "cold": say("loads with the next question"),
        "loading": say("is loading"),
        "ready": say("ready"),
        "failed": say("cannot be used"),
    }[state]


def _ranking(reranker: str) -> str:
    if reranker == EVIDENCE:
        return say("{model} ranks them · part of Footnote")
    return say("{model}: no reranker is in use") if reranker == NONE else say("{model} ranks them")


def _role(role: str) -> str:
    return {"chat": say("Chat model"), "embedder": say("Embedder"), "reranker": say("Reranker")}[role]


def _installed(all_: Parts, installed: Sequence[Installed]) -> None:
    st.header(say("On this machine"), anchor=False)
    if not installed:
        underway.note(say("No model is here yet. Fetch one below, or use a server."))
    settings = all_.app.settings
    needed = {collection.embedder for collection in all_.app.library.collections()}
    for each in installed:
        chosen = each.id in (settings.chat_model, settings.embedder, settings.reranker)
        in_use = chosen or each.id in needed
        facts = [_role(each.role), say("{size} on disk", size=size(each.bytes)), _used(in_use)]
        remove = dialogs.Dialog(say("Remove model"), lambda each=each: _remove(all_, each))  # type: ignore[misc]
        with _row(each.id, each.id, *facts):
            if not chosen:
                st.button(say("Use"), key=f"use-{each.id}", on_click=_use, args=(all_, each.id))
            st.button(
                say("Remove {model}", model=each.id), key=f"remove-{each.id}", type="tertiary",
                icon=":material/delete:", help=say("Remove"), on_click=dialogs.opener(remove), disabled=in_use,
            )  # fmt: skip
    _evidence(all_)


def _evidence(all_: Parts) -> None:
    """The reranker that is always here."""
    in_use = all_.app.settings.reranker == EVIDENCE
    with _row(EVIDENCE, say("Evidence model"), _role("reranker"), say("part of Footnote"), _used(in_use)):
        label, other = (say("Do not rerank"), NONE) if in_use else (say("Use"), EVIDENCE)
        st.button(label, key=f"use-{other}", on_click=_use, args=(all_, other))


def _servers(all_: Parts) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(say("Servers on this machine"), anchor=False)
        if st.button(say("Look again"), key="look", type="tertiary", icon=":material/refresh:"):
            _found.clear()
    with st.spinner(say("Looking for chat servers on this machine…")):
        found = _found()
    if not found:
        underway.note(
            say(
                "None answers: neither Ollama, vLLM, llama.cpp, LM Studio nor transformers serve. "
                "Start one and look again, or name any address below."
            )
        )
    for server in found:
        for name in server.models:
            address = f"{server.url}#{name}"
            in_use = address == all_.app.settings.chat_model
            with _row(address, name, server.kind, server.url, _used(in_use)):
                st.button(say("Use"), key=f"use-{address}", on_click=_use, args=(all_, address), disabled=in_use)


@st.cache_data(ttl=_LOOK_AGAIN, show_spinner=False)
def _found() -> tuple[FoundServer, ...]:
    return discover()


def _to_fetch(all_: Parts, installed: set[str]) -> None:
    """The catalogue with advice for this machine, the best first."""
    st.header(say("Available to fetch"), anchor=False)
    measuring = all_.jobs.measuring
    if measuring is None or (measuring.done and measuring.error):
        st.button(
            say("How fast would they be here?"), key="measure", icon=":material/speed:",
            on_click=all_.jobs.measure, help=say("Measures this processor for about five seconds"),
        )  # fmt: skip
    elif not measuring.done:
        st.fragment(underway.measuring, run_every=_TICK)(measuring)
    there, rates = _machine(str(all_.app.store.folder)), measuring.state.rates if measuring else None
    advice = [each for each in advise(there, rates, entries(), installed, say) if not each.installed]
    quick = [each for each in advice if each.fits and (each.seconds or 0.0) <= PATIENCE]
    for each in quick[:_SHOWN]:
        _offer(all_, each)
    more = [*quick[_SHOWN:], *(each for each in advice if each.fits and each not in quick)]
    if more:
        n = len(more)
        one, many = say("{n} more model, larger or slower", n=n), say("{n} more models, larger or slower", n=n)
        with st.expander(one if n == 1 else many):
            for each in more:
                _offer(all_, each)
    if large := [each for each in advice if not each.fits]:
        n = len(large)
        one, many = say("{n} model too large for this machine", n=n), say("{n} models too large for this machine", n=n)
        with st.expander(one if n == 1 else many):
            rows = (f"<li><strong>{escape(e.entry.name)}</strong>: {escape(e.reason)}</li>" for e in large)
            st.html(f'<ul class="fn-failures">{"".join(rows)}</ul>')


@st.cache_data(ttl=60, show_spinner=False)
def _machine(folder: str) -> machine.Machine:
    return machine.read(Path(folder))


def _offer(all_: Parts, advice: Advice) -> None:
    entry, busy = advice.entry, bool(all_.jobs.pulling and not all_.jobs.pulling.done)
    best = say("best here") if advice.best else ""
    fetch = say("{size} to fetch", size=size(entry.download))
    with _row(entry.id, entry.name, _role(entry.role), best, fetch, advice.reason):
        st.button(say("Fetch"), key=f"fetch-{entry.id}", on_click=_fetch, args=(all_, entry.id), disabled=busy)


def _fetch(all_: Parts, model_id: str) -> None:
    all_.jobs.pull(model_id)


def _other(all_: Parts) -> None:
    st.header(say("Another one"), anchor=False)
    with st.form("other", border=False):
        name = st.text_input(
            say("A folder, a server or a model of the Hugging Face hub"), key="other-name",
            placeholder=say("http://127.0.0.1:8000/v1#name, ~/models/mine, or organisation/name"),
        ).strip()  # fmt: skip
        with st.container(horizontal=True):
            use = st.form_submit_button(say("Use it"), type="primary")
            fetch = st.form_submit_button(say("Fetch it from the hub"))
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
    takes = say("{model} takes {size}. It can be fetched again.", model=model.id, size=size(model.bytes))
    st.write(markup.plain(takes))

    def remove() -> None:
        all_.app.store.remove(model.id)

    dialogs.confirm(say("Remove"), remove)


def _used(in_use: bool) -> str:
    return say("in use") if in_use else ""


@contextmanager
def _row(key: str, name: str, *facts: str) -> Iterator[None]:
    """A line of a list: a name and facts at the left, at the right the buttons that are made meanwhile."""
    line = " · ".join(filter(None, facts))
    with st.container(key=f"row-{key}", horizontal=True, vertical_alignment="center", wrap=False):
        with st.container(gap=None, key=f"cell-{key}"):
            st.html(f'<div><strong>{escape(name)}</strong></div><div class="fn-small">{escape(line)}</div>')
        yield


page()
