"""What every page shares: one App for each server process, its jobs, and the models loading in the background."""

from dataclasses import dataclass
from threading import Thread

import streamlit as st

from storage.errors import FootnoteError
from ui.app import App, build
from ui.jobs import Jobs
from ui.settings import read_settings


class Warming:
    """Loads both models once, in the background, so that the pages open before they are ready."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.problem = ""
        self._thread = Thread(target=self._run, daemon=True, name="footnote-warm")
        self._thread.start()

    def _run(self) -> None:
        try:
            self._app.embedder.warm()
            self._app.chat.warm()
        except FootnoteError as exc:
            self.problem = str(exc)

    @property
    def loading(self) -> bool:
        """Whether it is still at work."""
        return self._thread.is_alive()

    def wait(self, seconds: float) -> None:
        """Wait until it has ended, at most `seconds`."""
        self._thread.join(seconds)


@dataclass(frozen=True, slots=True)
class Parts:
    """One process's App, the jobs it runs, and how far its models are."""

    app: App
    jobs: Jobs
    warming: Warming


@st.cache_resource(show_spinner=False)
def parts() -> Parts:
    """Make everything once. Raises BadSettings, DatabaseUnavailable, ModelUnavailable."""
    app = build(read_settings())
    app.conversations.interrupt()  # no job of this process runs yet: what was being written then will not go on
    jobs = Jobs(app)
    jobs.reembed()  # what an earlier process has not finished
    return Parts(app, jobs, Warming(app))
