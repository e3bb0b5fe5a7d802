"""What every page shares: one App for each server process, its jobs, and the models loading in the background."""

import gc
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from threading import Thread

import streamlit as st

from storage.errors import FootnoteError
from ui.app import App, build
from ui.following import Following
from ui.jobs import Jobs
from ui.settings import read_settings

BIN = timedelta(days=7)  # that a conversation lies in the bin before it is deleted for good


class Warming:
    """Loads the models once, in the background, so that the pages open before they are ready."""

    def __init__(self, app: App) -> None:
        self._app, self._embedder = app, app.embedder
        self._problem = ""
        self._thread = Thread(target=self._run, daemon=True, name="footnote-warm")
        self._thread.start()

    def _run(self) -> None:
        try:
            self._embedder.warm()
        except FootnoteError as exc:
            self._problem = str(exc)
        with suppress(FootnoteError):  # an answer without it, or with a broken one, says so
            if self._app.evidence.installed:
                self._app.evidence.warm()
        with suppress(FootnoteError):  # the chat model keeps its reason itself
            self._app.chat.warm()
        # Streamlit collects garbage after every run of a page, which is several times a second while an answer is
        # written. What is loaded by now stays: not looking through it again leaves the processor to the model.
        gc.collect()
        gc.freeze()

    @property
    def problem(self) -> str:
        """Why the embedder does not load or the chat model cannot be used, in one line; empty where both can."""
        chat = self._app.chat
        embedder = self._problem if self._app.embedder is self._embedder else ""  # else it was replaced
        return embedder or (chat.reason if chat.state == "failed" else "")

    @property
    def loading(self) -> bool:
        """Whether it is still at work."""
        return self._thread.is_alive()

    def wait(self, seconds: float) -> None:
        """Wait until it has ended, at most `seconds`."""
        self._thread.join(seconds)


@dataclass(frozen=True, slots=True)
class Parts:
    """One process's App, the jobs it runs, how far its models are, and the folders that it keeps in sync."""

    app: App
    jobs: Jobs
    warming: Warming
    following: Following

    def close(self) -> None:
        """Follow nothing any more, and end what is under way."""
        self.following.close()
        self.jobs.ingests.close()


@st.cache_resource(show_spinner=False)
def parts() -> Parts:
    """Make everything once. Raises BadSettings, DatabaseUnavailable, ModelUnavailable."""
    app = build(read_settings())
    for overdue in app.conversations.overdue(BIN):
        app.forget(overdue)
    app.conversations.interrupt()  # no job of this process runs yet: what was being written then will not go on
    jobs = Jobs(app)
    jobs.reembed()  # what an earlier process has not finished
    following = Following(app.library, jobs.ingests)
    following.start()
    return Parts(app, jobs, Warming(app), following)
