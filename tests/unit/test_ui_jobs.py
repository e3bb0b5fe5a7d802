"""Work goes on without a page, can be found again, stopped, and tells how it ended."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import pytest

from ingest.progress import Report
from qa.answer import Answer, Delta
from storage.errors import ModelUnavailable
from storage.models.store import PullProgress
from tests import waiting
from ui.backups import Backing
from ui.job import BROKEN
from ui.jobs import Jobs
from ui.keeping import Saved

until = partial(waiting.until, seconds=5)


class FakeApp(SimpleNamespace):
    """Yields what it was given; `cancel` ends an answer as App does."""

    def ask(
        self, question: str, collection: str, conversation: Any, cancel: Any, wishes: object = None
    ) -> Iterator[Any]:
        yield Saved(conversation.id if conversation else "c", "m")
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            if piece == "wait":
                assert cancel.wait(10)
            else:
                yield Delta(piece)
        yield Answer("".join(p for p in self.pieces if p != "wait"), found=True, stopped=cancel.is_set())

    def ingest(self, paths: Any, collection: str) -> Iterator[Any]:
        try:
            while True:
                yield self.progress
        finally:
            self.closed = True


def test_text_comes_together_and_the_answer_ends_it() -> None:
    jobs = Jobs(FakeApp(pieces=["One ", "two."]))  # type: ignore[arg-type]
    job = jobs.asking(jobs.ask("q", "default"))
    assert job and job.wait(5)
    assert job.state.text == "One two." and job.state.answer and job.state.message == "m"
    assert job.error == ""


def test_stopping_lets_the_answer_end_itself() -> None:
    jobs = Jobs(FakeApp(pieces=["One ", "wait"]))  # type: ignore[arg-type]
    job = jobs.asking(jobs.ask("q", "default"))
    assert job and not job.wait(0.1)
    job.cancel()
    assert job.wait(5)
    assert job.state.answer and job.state.answer.stopped


def test_a_second_question_waits_its_turn_in_the_same_conversation() -> None:
    jobs = Jobs(FakeApp(pieces=["wait"]))  # type: ignore[arg-type]
    jobs.ask("q", "default")
    first = jobs.asking("c")
    assert jobs.ask("again", "default", SimpleNamespace(id="c")) == "c"  # type: ignore[arg-type]
    assert jobs.asking("c") is first
    assert first is not None
    first.cancel()
    assert first.wait(5)


def test_what_a_person_can_mend_becomes_one_line() -> None:
    jobs = Jobs(FakeApp(pieces=[ModelUnavailable("Run: footnote models pull")]))  # type: ignore[arg-type]
    job = jobs.asking(jobs.ask("q", "default"))
    assert job and job.wait(5)
    assert job.error == "Run: footnote models pull"


def test_a_bug_ends_the_job_says_so_and_shows_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: SimpleQueue[Any] = SimpleQueue()
    monkeypatch.setattr(threading, "excepthook", shown.put)
    jobs = Jobs(FakeApp(pieces=[ZeroDivisionError()]))  # type: ignore[arg-type]
    job = jobs.asking(jobs.ask("q", "default"))
    assert job and job.wait(5)
    assert job.error == BROKEN
    assert shown.get(timeout=5).exc_type is ZeroDivisionError


def test_cancelling_an_ingest_closes_it_and_the_next_has_its_turn() -> None:
    app = FakeApp(progress=SimpleNamespace(), closed=False)
    jobs = Jobs(app)  # type: ignore[arg-type]
    first, second = jobs.ingest([Path("a")], "default"), jobs.ingest([Path("b")], "default")
    until(lambda: jobs.ingests.running is first)
    assert jobs.ingests.waiting == (second,) and second.state.waiting
    jobs.ingests.dismiss(first)
    assert jobs.ingests.running is first  # one that runs cannot be dismissed
    first.cancel()
    assert first.wait(5)
    assert app.closed and first.state.report is None and first.error == ""
    assert jobs.ingests.ended == (first,)
    jobs.ingests.dismiss(first)
    assert jobs.ingests.ended == ()
    until(lambda: jobs.ingests.running is second)
    jobs.ingests.close()
    assert second.done


def test_what_waits_already_is_not_begun_twice_and_can_be_cancelled() -> None:
    jobs = Jobs(FakeApp(progress=SimpleNamespace()))  # type: ignore[arg-type]
    jobs.ingest([Path("a")], "default")
    waits = jobs.ingest([Path("b")], "default")
    assert jobs.ingest([Path("b")], "default") is waits and jobs.ingest([Path("b")], "other") is not waits
    waits.cancel()
    assert waits.wait(2) and waits.state.progress is None
    jobs.ingests.close()


def test_few_reports_are_kept_and_one_of_each_place() -> None:
    jobs = Jobs(FakeApp(ingest=lambda paths, collection: (Report(1, 0, 0, 0, (), 1, 0.1) for _ in range(1))))  # type: ignore[arg-type]
    for name in "abacd":
        assert jobs.ingest([Path(name)], "default").wait(5)
    assert [job.state.paths[0].name for job in jobs.ingests.ended] == ["d", "c", "a"]


def test_what_the_server_does_by_itself_gives_way_to_a_person_and_then_goes_on() -> None:
    app = FakeApp(begun=[], go=threading.Event())

    def ingest(paths: Any, collection: str) -> Iterator[Any]:
        app.begun.append(collection)
        while not app.go.is_set():
            yield SimpleNamespace()
        yield Report(1, 0, 0, 0, (), 1, 0.1)

    app.ingest = ingest
    jobs = Jobs(app)  # type: ignore[arg-type]
    server = jobs.ingests.begin([Path("big")], "followed", own=False)
    other = jobs.ingests.begin([Path("next")], "followed too", own=False)
    until(lambda: jobs.ingests.running is server)
    person = jobs.ingest([Path("mine")], "default")
    until(lambda: jobs.ingests.running is person)
    assert server.state.waiting and not server.done and not server.cancelled
    app.go.set()
    assert all(job.wait(5) and job.state.report for job in (person, server, other))
    assert app.begun == ["followed", "default", "followed too", "followed"]  # who gave way goes to the end
    assert jobs.ingests.ended == (person,)  # nobody waits for the report of the others


def test_a_backup_waits_for_what_the_server_does_by_itself_but_is_refused_while_a_person_adds_documents(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = FakeApp(progress=SimpleNamespace(), closed=False)
    jobs = Jobs(app)  # type: ignore[arg-type]
    monkeypatch.setattr("ui.jobs.backing_up", lambda app, cancel: iter([Backing("backup", Path("b"), finished=True)]))
    server = jobs.ingests.begin([Path("a")], "default", own=False)
    until(lambda: jobs.ingests.running is server)
    assert jobs.back_up() and jobs.backing and jobs.backing.wait(5)
    assert jobs.backing.state.finished and app.closed
    until(lambda: jobs.ingests.running is server)
    jobs.ingest([Path("b")], "default")
    assert not jobs.back_up()
    jobs.ingests.close()


def store(pull: Callable[[Callable[[PullProgress], None]], None]) -> FakeApp:
    return FakeApp(store=SimpleNamespace(pull=lambda model_id, report: pull(report)))


def test_a_bug_in_a_download_ends_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: SimpleQueue[Any] = SimpleQueue()
    monkeypatch.setattr(threading, "excepthook", shown.put)

    def broken(report: Callable[[PullProgress], None]) -> None:
        report(PullProgress("downloading", 1, 2, "hub"))
        raise ZeroDivisionError

    jobs = Jobs(store(broken))  # type: ignore[arg-type]
    assert jobs.pull("a") and jobs.pulling and jobs.pulling.wait(5)
    assert jobs.pulling.error == BROKEN and not jobs.pulling.state.finished
    assert ZeroDivisionError in {shown.get(timeout=5).exc_type for _ in range(2)}


def test_a_cancelled_reembedding_does_not_keep_the_next_from_going_on() -> None:
    go, running = threading.Event(), []

    def reembed(name: str) -> Iterator[tuple[int, int]]:
        running.append(1)
        assert len(running) == 1, "one at a time"
        try:
            yield 0, 1
            assert go.wait(10)
            yield 1, 1
            app.waiting = ()
        finally:
            running.pop()

    app = FakeApp(waiting=("c",), outdated=lambda: app.waiting, reembed=reembed)
    jobs = Jobs(app)  # type: ignore[arg-type]
    assert jobs.reembed() and not jobs.reembed()
    first = jobs.reembedding
    assert first
    while first.state.total == 0:
        first.wait(0.01)
    first.cancel()
    assert jobs.reembed() and not jobs.reembed()
    go.set()
    assert first.wait(5) and jobs.reembedding and jobs.reembedding.wait(5)
    assert jobs.reembedding is not first and jobs.reembedding.error == "" and app.waiting == ()


def test_attaching_is_found_like_an_answer_and_nothing_is_asked_meanwhile() -> None:
    go = threading.Event()

    def attach(paths: Any, conversation: Any) -> Iterator[Any]:
        yield SimpleNamespace()
        assert go.wait(10)

    jobs = Jobs(FakeApp(pieces=[], attach=attach))  # type: ignore[arg-type]
    here = SimpleNamespace(id="c")
    jobs.attach([Path("a")], here)  # type: ignore[arg-type]
    job = jobs.asking("c")
    assert job and not job.done and job.state.message == ""
    assert jobs.ask("q", "default", here) == "c" and jobs.asking("c") is job  # type: ignore[arg-type]
    go.set()
    assert job.wait(5) and jobs.ask("q", "default", here) == "c" and jobs.asking("c") is not job  # type: ignore[arg-type]
