"""The stages of an answer, searching, reading and writing, with the time that each takes: on one line that stays."""

import time
from html import escape

import streamlit as st

from storage.records import Message
from ui.app import App
from ui.asking import Asking
from ui.web import speech
from ui.web.speech import say


def past(message: Message) -> None:
    """The line of an answer that has been written."""
    with st.container(key=f"stages-{message.id}", horizontal=True, vertical_alignment="center"):
        st.html(_line(_taken(message)))


def _taken(message: Message) -> list[str]:
    t = message.timings
    if not t.total:
        return []
    line = [say("Searched {time}", time=_said(t.evidence))]
    if t.first_token:
        line.append(say("Read {time}", time=_said(t.first_token - t.evidence)))
        line.append(say("Wrote {time}", time=_said(t.total - t.first_token)))
    return line


def now(app: App, state: Asking, *, stopping: bool) -> None:
    """The line of an answer that is being written."""
    done, (doing, since) = ([], (say("Stopping…"), None)) if stopping else _running(app, state)
    seconds = "" if since is None else f" {_said(time.monotonic() - since)}"
    st.html(_line(done, f"{doing}{seconds}"))
    # Those who hear the page hear each stage once, not its seconds.
    st.html(f'<div class="fn-hidden" role="status">{escape(doing)}</div>', width="content")


def _running(app: App, state: Asking) -> tuple[list[str], tuple[str, float | None]]:
    """What is done, with its time, and what is being done, since when."""
    files = state.progress or state.report
    begun = state.searching or state.started
    done: list[str] = []
    if files and not state.searching:
        return done, (say("Reading your files"), state.started)
    if files:
        done.append(say("Read your files {time}", time=_said(begun - state.started)))
    if not state.reading:
        return done, (say("Searching"), begun)
    done.append(say("Searched {time}", time=_said(state.reading - begun)))
    if not state.writing:
        loading = app.chat.state != "ready"
        return done, (say("The model is loading") if loading else say("Reading the passages"), state.reading)
    done.append(say("Read {time}", time=_said(state.writing - state.reading)))
    return done, (say("Writing"), state.writing)


def _said(seconds: float) -> str:
    return speech.duration(max(seconds, 0.0))


def _line(done: list[str], doing: str = "") -> str:
    """Stages in HTML."""
    items = [f"<li>{escape(stage)}</li>" for stage in done]
    items += [f'<li aria-current="step">{escape(doing)}</li>'] if doing else []
    return f'<ol class="fn-stages">{"".join(items)}</ol>'
