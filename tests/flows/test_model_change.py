"""Another chat model or embedder is chosen while Footnote runs: nothing stops, nothing is mixed, nothing is lost."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.answer import Answer, Delta, Evidence
from storage.errors import ModelUnavailable, NotFound
from storage.records import Filter
from tests.fakes import AbsentEmbedder, FakeChat, FakeEmbedder, OtherEmbedder, fake_embedders
from tests.flows.place import answer, fake_app, fill
from ui.app import App
from ui.jobs import Jobs
from ui.keeping import Saved
from ui.settings import read_settings

ASKED = "How many days of leave do staff get?"
TRUE = "Staff get 25 days of leave a year."


class Held(OtherEmbedder):
    """Another embedder that waits before each batch until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.go, self.asked = threading.Event(), threading.Event()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.asked.set()
        assert self.go.wait(60)
        return super().embed_documents(texts)


class Closing(FakeChat):
    """Tells when it was closed."""

    closed: bool = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def other() -> OtherEmbedder:
    return OtherEmbedder()


@pytest.fixture
def app(home: Path, tmp_path: Path, other: OtherEmbedder) -> Iterator[App]:
    """Two collections by the old embedder, then another one is chosen."""
    app = fake_app(home, TRUE, TRUE, embedders=fake_embedders(FakeEmbedder(), other))
    fill(app, tmp_path / "docs")
    fill(app, tmp_path / "docs", "second")
    app.use("embedder", other.id)
    yield app
    app.close()


def test_choosing_an_embedder_is_for_new_collections_at_once(app: App, tmp_path: Path) -> None:
    assert (app.embedder.id, read_settings().embedder, app.settings.embedder) == ("other-embedder",) * 3
    assert app.outdated() == ("default", "second")
    fill(app, tmp_path / "docs", "third")
    assert {c.name: c.embedder for c in app.library.collections()} == {
        "default": "fake-embedder", "second": "fake-embedder", "third": "other-embedder",
    }  # fmt: skip


def test_a_question_in_mid_way_is_answered_by_the_old_vectors_and_after_it_by_the_new(
    app: App, other: OtherEmbedder
) -> None:
    steps = app.library.reembed("default", batch=1)
    next(steps), next(steps)
    before = len(other.texts)
    got = answer(app.answerer, ASKED)
    assert got.found and got.citations[0].quote == TRUE and len(other.texts) == before
    steps.close()
    list(app.reembed("default"))
    before = len(other.texts)
    got = answer(app.answerer, ASKED)
    assert got.found and got.citations[0].quote == TRUE and len(other.texts) > before
    assert app.outdated() == ("second",)


def test_an_answer_that_began_before_the_last_step_ends_well(app: App) -> None:
    events = app.ask(ASKED, "default")
    while not isinstance(next(events), Evidence):
        pass
    list(app.reembed("default"))
    *_, last = events
    assert isinstance(last, Answer) and last.found and last.citations[0].quote == TRUE


def test_ingesting_goes_on_while_a_collection_is_embedded_anew(app: App, tmp_path: Path) -> None:
    steps = app.library.reembed("default", batch=1)
    next(steps)
    (tmp_path / "docs" / "leave.md").unlink()
    (tmp_path / "docs" / "pets.md").write_text("# Pets\n\nDogs may stay in the office on Fridays.\n", encoding="utf-8")
    list(app.ingest([tmp_path / "docs"], "default"))
    list(steps)
    assert app.outdated() == ("second",)
    assert "Dogs" in app.search("dogs in the office", "default", 1)[0].chunk.text
    assert {info.title for info in app.library.documents("default")} == {"Pets", "差旅"}


def test_another_choice_in_mid_way_ends_it_early(app: App) -> None:
    steps = app.reembed("default")
    next(steps)
    app.use("embedder", "fake-embedder")
    assert list(steps) == []
    assert app.outdated() == ()


def test_an_embedder_that_is_not_there_changes_nothing(home: Path) -> None:
    app = fake_app(home, embedders=fake_embedders(FakeEmbedder(), AbsentEmbedder("nowhere")))
    with pytest.raises(ModelUnavailable, match="models pull nowhere"):
        app.use("embedder", "nowhere")
    assert app.embedder.id == "fake-embedder" and not app.settings.file.exists()


def test_a_chat_model_that_is_not_there_changes_nothing(app: App) -> None:
    before = app.chat
    with pytest.raises(ModelUnavailable, match="models pull org/name"):
        app.use("chat", "org/name")
    assert app.chat is before and read_settings().chat_model == app.settings.chat_model != "org/name"


def test_a_running_answer_is_finished_by_the_chat_model_that_began_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = fake_app(home)
    fill(app, tmp_path / "docs")
    first, second = Closing(id="first", replies=[TRUE] * 2), Closing(id="second", replies=[TRUE])
    third = Closing(id="third")
    app.chat = first
    chats = {"second": second, "third": third}
    monkeypatch.setattr("ui.app.open_chat", lambda name, store, idle: chats[name])
    one, two = app.ask(ASKED, "default"), app.ask(ASKED, "default")
    for events in (one, two):
        while not isinstance(next(events), Delta):
            pass
    app.use("chat", "second")
    assert read_settings().chat_model == "second" and app.chat is second and not first.closed
    *_, newer = app.ask(ASKED, "default")
    *_, last = one
    assert isinstance(last, Answer) and (last.text, last.model) == (TRUE, "first")
    assert isinstance(newer, Answer) and newer.model == "second" and not first.closed
    two.close()  # type: ignore[attr-defined]
    assert first.closed and not second.closed
    app.use("chat", "third")
    assert second.closed and not third.closed


def test_all_outdated_collections_are_embedded_anew_by_one_job(app: App) -> None:
    jobs = Jobs(app)
    assert jobs.reembedding is None and jobs.reembed()
    job = jobs.reembedding
    assert job and job.wait(60) and job.error == ""
    assert (job.state.collection, job.state.done, job.state.total) == ("second", 2, 2)
    assert app.outdated() == () and not jobs.reembed()


def test_the_job_is_one_can_be_cancelled_and_runs_beside_an_ingest(home: Path, tmp_path: Path) -> None:
    held = Held()
    app = fake_app(home, TRUE, embedders=fake_embedders(FakeEmbedder(), held))
    fill(app, tmp_path / "docs")
    app.use("embedder", held.id)
    jobs = Jobs(app)
    assert jobs.reembed() and held.asked.wait(60) and not jobs.reembed()
    (tmp_path / "docs" / "pets.md").write_text("# Pets\n\nDogs may stay on Fridays.\n", encoding="utf-8")
    ingesting, job = jobs.ingest([tmp_path / "docs"], "default"), jobs.reembedding
    assert ingesting.wait(60) and ingesting.state.report and ingesting.state.report.added == 1
    assert answer(app.answerer, ASKED).found
    assert job and not job.done
    job.cancel()
    held.go.set()
    assert job.wait(60) and job.cancelled and job.error == ""
    assert app.outdated() == ("default",)
    assert jobs.reembed() and jobs.reembedding and jobs.reembedding.wait(60)
    assert app.outdated() == () and len(held.texts) == len(set(held.texts)) == 3


def test_a_conversation_waits_for_no_other(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """One question's index is far behind; another conversation begins meanwhile."""
    go, refresh = threading.Event(), app.indexes.refresh

    def slow(collection: str) -> None:
        assert collection == "second" or go.wait(60)
        refresh(collection)

    monkeypatch.setattr(app.indexes, "refresh", slow)
    jobs = Jobs(app)
    first = jobs.asking(jobs.ask(ASKED, "default"))  # at once, with the question in history
    other = jobs.asking(jobs.ask(ASKED, "second"))
    assert first and other and other.wait(60) and not first.done
    go.set()
    assert first.wait(60)


def test_a_second_question_while_the_first_begins_is_not_asked(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    saved, *_ = app.ask(ASKED, "default")
    assert isinstance(saved, Saved)
    conversation = app.conversations.conversation(saved.conversation)
    go, asked = threading.Event(), threading.Event()
    fit = app.indexes.fit

    def slow(collection: str, filter: Filter) -> None:
        asked.set()
        assert go.wait(60)
        fit(collection, filter)

    monkeypatch.setattr(app.indexes, "fit", slow)
    jobs = Jobs(app)
    waiting = threading.Thread(target=lambda: jobs.ask(ASKED, "default", conversation))
    waiting.start()
    assert asked.wait(60)
    assert jobs.ask(ASKED, "default", conversation) == conversation.id
    go.set()
    waiting.join(60)
    job = jobs.asking(conversation.id)
    assert job and job.wait(60)
    assert len(app.conversations.conversation(conversation.id).messages) == 4


def test_a_question_that_cannot_begin_leaves_the_conversation_free(app: App) -> None:
    saved, *_ = app.ask(ASKED, "second")
    assert isinstance(saved, Saved)
    conversation = app.conversations.conversation(saved.conversation)
    app.library.remove_collection("second")
    jobs = Jobs(app)
    for _ in range(2):
        with pytest.raises(NotFound, match="ingest"):
            jobs.ask(ASKED, "second", conversation)
