"""The models page: what is in use, what is here, servers with one click, fetching with progress, embedding anew."""

import json
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import ui.web.parts
from qa.chat.absent import AbsentChat
from qa.chat.discover import FoundServer
from qa.chat.speed import Rates
from storage.errors import DownloadFailed, ModelUnavailable
from storage.models.store import PullProgress
from tests import tiny_ranker
from tests.chats import ChatServer, chat_server
from tests.fakes import AbsentEmbedder, FakeChat, OtherEmbedder
from tests.waiting import until
from tests.web.conftest import APP
from tests.web.test_chat import html, texts
from ui.app import App
from ui.job import Job


@pytest.fixture(autouse=True)
def no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What answers on this machine is none of a test's business."""
    st.cache_data.clear()
    monkeypatch.setattr("qa.chat.discover.discover", lambda: ())


def opened() -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=60)
    at.run()
    return at.switch_page("models.py").run()


def put(app: App, name: str, role: str) -> Path:
    """A folder that the store takes for an installed model."""
    folder = app.store.folder / name.replace("/", "--")
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"id": name, "role": role}), encoding="utf-8")
    (folder / "config.json").write_text("{}", encoding="utf-8")
    return folder


def test_it_says_what_is_in_use_and_that_nothing_is_here_yet(app: App) -> None:
    at = opened()
    assert "qwen2.5-coder-1.5b-instruct" in html(at) and "multilingual-e5-small" in html(at)
    assert "No model is here yet" in texts(at)
    assert "None answers" in texts(at)


def test_an_installed_model_is_used_with_one_click_and_at_once(app: App) -> None:
    put(app, "org/other", "chat")
    at = opened()
    at.button(key="use-org/other").click().run()
    assert app.chat.id == app.settings.chat_model == "org/other"
    assert 'chat_model = "org/other"' in app.settings.file.read_text(encoding="utf-8")
    assert at.button(key="remove-org/other").disabled, "what is in use is not removed by a slip"


def test_a_reranker_is_used_with_one_click_and_the_evidence_model_comes_back(app: App) -> None:
    tiny_ranker.write(put(app, "org/ranker", "reranker"))
    at = opened()
    assert "part of Footnote" in html(at)
    at.button(key="use-org/ranker").click().run()
    assert app.settings.reranker == "org/ranker" and app.reranker
    assert at.button(key="remove-org/ranker").disabled
    at.button(key="use-evidence").click().run()
    assert app.settings.reranker == "evidence" and app.reranker is app.evidence
    at.button(key="use-none").click().run()
    assert app.settings.reranker == "none" and "no reranker is in use" in html(at)


def test_a_reranker_that_does_not_load_is_said_and_nothing_changes(app: App) -> None:
    put(app, "org/ranker", "reranker")
    at = opened()
    at.button(key="use-org/ranker").click().run()
    assert "There is no reranker in" in at.error[0].value
    assert app.settings.reranker == "evidence"


def test_removing_asks_first(app: App) -> None:
    folder = put(app, "org/other", "chat")
    at = opened()
    at.button(key="remove-org/other").click().run()
    assert folder.exists()
    at.button(key="confirm").click().run()
    assert not folder.exists()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    with chat_server() as script:
        found = (FoundServer(script.url, "Ollama", ("second-model",)),)
        monkeypatch.setattr("qa.chat.discover.discover", lambda: found)
        yield script


def test_a_server_on_this_machine_is_found_and_used_with_one_click(filled: App, server: ChatServer) -> None:
    at = opened()
    assert "Ollama" in html(at)
    at.button(key=f"use-{server.url}#second-model").click().run()
    list(filled.ask("How long does the warranty last?", "default"))
    assert server.asked[0]["model"] == "second-model"


def test_what_does_not_answer_is_said_and_nothing_changes(app: App) -> None:
    at = opened()
    before = app.chat
    at.text_input(key="other-name").set_value("no-such-model")
    at.button(key=form(at, "Use it")).click().run()
    assert "There is no model" in at.error[0].value and "such" in at.error[0].value
    assert app.chat is before


def test_a_model_that_went_missing_is_said_and_the_old_one_stays(app: App) -> None:
    folder = put(app, "org/other", "chat")
    at = opened()
    (folder / "config.json").unlink()
    at.button(key="use-org/other").click().run()
    assert "There is no chat model in" in at.error[0].value
    assert app.settings.chat_model != "org/other"


def form(at: AppTest, label: str) -> str:
    return str(next(each.key for each in at.button if each.label == label))


def pulling(app: App, monkeypatch: pytest.MonkeyPatch, work: Callable[[Callable[[PullProgress], None]], None]) -> None:
    monkeypatch.setattr(type(app.store), "pull", lambda self, name, report: work(report))


def test_a_model_is_fetched_with_progress_and_can_be_used_then(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = Event()

    def work(report: Callable[[PullProgress], None]) -> None:
        report(PullProgress("downloading", 3_000_000, 12_000_000, "hub"))
        assert go_on.wait(60)
        put(app, "qwen3-0.6b", "chat")

    pulling(app, monkeypatch, work)
    at = opened()
    at.button(key="fetch-qwen3-0.6b").click().run()
    job = ui.web.parts.parts().jobs.pulling
    assert job
    until(lambda: job.state.progress)
    at.run()
    assert any("3.0 MB of 12 MB" in str(each.proto) for each in at.get("progress"))
    assert at.button(key="fetch-qwen3-1.7b").disabled, "one at a time"
    go_on.set()
    assert job.wait(60)
    at.run()
    at.button(key="use-pulled").click().run()
    assert app.settings.chat_model == "qwen3-0.6b"
    assert ui.web.parts.parts().jobs.pulling is None


def test_the_page_shows_by_itself_that_a_download_has_ended(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, looks = Event(), []

    def work(report: Callable[[PullProgress], None]) -> None:
        assert go_on.wait(60)
        put(app, "qwen3-0.6b", "chat")

    def done(job: Job[Any]) -> bool:
        """The download ends between the look of the page and that of its progress."""
        looks.append(job)
        if len(looks) == 2:
            go_on.set()
            assert job.wait(60)
        return job._done.is_set()

    pulling(app, monkeypatch, work)
    at = opened()
    assert ui.web.parts.parts().jobs.pull("qwen3-0.6b")
    monkeypatch.setattr(Job, "done", property(done))
    at.run()
    assert len(looks) > 2 and "qwen3-0.6b is here" in at.success[0].value.replace("\\", "")
    assert at.button(key="remove-qwen3-0.6b"), "among the models on this machine"


def test_a_download_is_cancelled(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(report: Callable[[PullProgress], None]) -> None:
        while True:
            report(PullProgress("downloading", 1, 2, "hub"))

    pulling(app, monkeypatch, work)
    at = opened()
    at.button(key="fetch-qwen3-0.6b").click().run()
    at.button(key="cancel-pull").click().run()
    job = ui.web.parts.parts().jobs.pulling
    assert job and job.wait(60)
    at.run()
    assert "Cancelled. What has come stays" in texts(at)
    at.button(key="dismiss-pull").click().run()
    assert "Cancelled" not in texts(at)


def test_a_download_that_fails_says_why(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(report: Callable[[PullProgress], None]) -> None:
        raise DownloadFailed("The hub cannot be reached. Try again.")

    pulling(app, monkeypatch, work)
    at = opened()
    at.button(key="fetch-qwen3-0.6b").click().run()
    job = ui.web.parts.parts().jobs.pulling
    assert job and job.wait(60)
    at.run()
    assert "The hub cannot be reached" in at.error[0].value


def test_the_speed_is_measured_when_asked_for(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.jobs.measure", lambda: Rates(8e11, 2e10))
    at = opened()
    assert "an answer in about" not in html(at)
    at.button(key="measure").click().run()
    measuring = ui.web.parts.parts().jobs.measuring
    assert measuring and measuring.wait(60)
    at.run()
    assert "an answer in about" in html(at)


def test_what_was_paused_can_go_on(filled: App) -> None:
    jobs = ui.web.parts.parts().jobs
    at = opened()
    assert "to be embedded anew" not in html(at)
    filled.embedders.use(OtherEmbedder())  # type: ignore[arg-type]
    at.run()
    assert "1 collection waits to be embedded anew" in texts(at)
    at.button(key="go-on").click().run()
    assert jobs.reembedding and jobs.reembedding.wait(60)
    assert filled.outdated() == ()
    assert "to be embedded anew" not in texts(at.run())


def test_an_embedder_that_collections_need_is_not_removed_by_a_slip(filled: App) -> None:
    put(filled, "fake-embedder", "embedder")
    at = opened()
    assert at.button(key="remove-fake-embedder").disabled
    assert not at.button(key="use-fake-embedder").disabled


def test_a_chat_model_that_was_replaced_leaves_no_warning(app: App) -> None:
    app.chat = AbsentChat(id="gone", why="The model gone is not there.")
    chat = AppTest.from_file(str(APP), default_timeout=60).run()
    ui.web.parts.parts().warming.wait(60)
    assert "The model gone is not there" in chat.run().warning[0].value
    put(app, "org/other", "chat")
    opened().button(key="use-org/other").click().run()
    app.chat = FakeChat()
    assert not chat.run().warning


def test_an_embedder_that_fails_does_not_keep_the_chat_model_from_loading(app: App) -> None:
    app.embedders.use(AbsentEmbedder("gone"))  # type: ignore[arg-type]
    warming = ui.web.parts.Warming(app)
    warming.wait(60)
    assert "The model gone is not there" in warming.problem and app.chat.state == "ready"
    app.embedders.use(OtherEmbedder())  # type: ignore[arg-type]
    assert warming.problem == ""


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("The warranty lasts 24 months.", "answers from a passage"),
        ("It lasts for ever.", "not what the passage says"),
        (ModelUnavailable("The model does not load. Pull it again."), "The model does not load"),
    ],
)
def test_the_chat_model_can_be_tried(app: App, reply: str | ModelUnavailable, told: str) -> None:
    assert isinstance(app.chat, FakeChat)
    app.chat.replies.append(reply)
    at = opened()
    at.button(key="try").click().run()
    job = ui.web.parts.parts().jobs.trying
    assert job and job.wait(60)
    at.run()
    assert told in " ".join(each.value for each in (*at.success, *at.warning, *at.error))
    assert "warranty of 24 months" in app.chat.asked[-1][-1][1]
