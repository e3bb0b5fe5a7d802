"""Files attached to a conversation: read by it alone, through whole questions, ingests and deletions."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Event as Flag

import pytest

from ingest.progress import Progress, Report
from qa.answer import Answer
from storage.errors import NotFound, UnreadableFile
from storage.records import Conversation, Message
from tests.flows.place import fake_app, fill
from ui.app import App
from ui.turns import NONE, Wishes

CODE = "The balcony door code is 4711 and changes in May."
ASKED = "What is the balcony door code?"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    made = fake_app(tmp_path / "home", CODE, CODE, CODE)
    yield made
    made.close()


def begun(app: App) -> Conversation:
    return app.conversations.start("Files", "default")


def keep(app: App, conversation: Conversation, name: str = "balcony.md", text: str = CODE) -> list[Path]:
    return app.attachments.keep([(name, text.encode())], conversation.id)


def attached(app: App, conversation: Conversation) -> Conversation:
    list(app.attach(keep(app, conversation), conversation))
    return app.conversations.conversation(conversation.id)


def asked(app: App, conversation: Conversation, wishes: Wishes = NONE) -> Message:
    list(app.ask(ASKED, "default", conversation, wishes=wishes))
    return app.conversations.conversation(conversation.id).messages[-1]


def test_a_file_in_an_empty_home_is_attached_and_asked_about(app: App) -> None:
    here = begun(app)
    events = list(app.ask(ASKED, "default", here, wishes=Wishes(files=tuple(keep(app, here)))))
    kinds = [type(event) for event in events]
    assert kinds.index(Progress) < kinds.index(Report) < kinds.index(Answer)
    kept = app.conversations.conversation(here.id)
    answer = kept.messages[-1]
    assert answer.found and answer.citations[0].quote == CODE
    assert answer.trace and answer.trace.filter.conversation == here.id
    assert kept.title == "Balcony door code"  # and no longer by its files
    assert [each.documents for each in app.library.collections()] == [0]


def test_two_conversations_are_apart(app: App, tmp_path: Path) -> None:
    fill(app, tmp_path / "docs")
    one, two = attached(app, begun(app)), begun(app)
    assert CODE in {hit.chunk.text for hit in asked(app, one).hits}
    assert CODE not in {hit.chunk.text for hit in asked(app, two).hits}
    assert CODE not in {hit.chunk.text for hit in app.search(ASKED, "default")}


def test_a_folder_is_ingested_past_what_is_attached(app: App, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    fill(app, folder)
    here = attached(app, begun(app))
    (copy,) = app.attachments.of(here.id)
    (folder / "same.md").write_text(CODE, encoding="utf-8")  # no rename of the copy, and no duplicate of it
    *_, report = app.ingest([folder], "default")
    assert isinstance(report, Report) and (report.added, report.changed, report.removed) == (1, 0, 0)
    *_, report = app.ingest([tmp_path], "default")  # the copies themselves are not read as a folder's files
    assert isinstance(report, Report) and report.added == 0
    Path(copy.path).unlink()
    *_, report = app.ingest([tmp_path], "default")
    assert isinstance(report, Report) and report.removed == 0
    assert [each.id for each in app.attachments.of(here.id)] == [copy.id]


def test_one_file_replaces_another_of_its_name(app: App) -> None:
    here = attached(app, begun(app))
    list(app.attach(keep(app, here, text="The balcony door has no code."), here))
    (held,) = app.attachments.of(here.id)
    assert app.library.document(held.id).text.startswith("The balcony door has no code.")


def test_what_cannot_be_read_is_reported_and_its_copy_deleted(app: App) -> None:
    here = begun(app)
    paths = [*keep(app, here), *keep(app, here, "bad.xyz"), *keep(app, here, "empty.md", "  ")]
    *_, report = app.attach(paths, here)
    assert isinstance(report, Report) and {Path(f.path).name for f in report.failures} == {"bad.xyz", "empty.md"}
    assert [path.exists() for path in paths] == [True, False, False]
    assert app.library.failures("default") == ()


def test_a_question_whose_files_all_fail_says_so(app: App) -> None:
    here = begun(app)
    with pytest.raises(UnreadableFile, match=r"empty\.md holds no text"):
        asked(app, here, Wishes(files=tuple(keep(app, here, "empty.md", "  "))))
    question, answer = app.conversations.conversation(here.id).messages
    assert question.text == ASKED and answer.status == "failed"


def test_a_question_stopped_while_its_files_are_read_is_kept(app: App) -> None:
    here, cancel = begun(app), Flag()
    cancel.set()
    list(app.ask(ASKED, "default", here, cancel, Wishes(files=tuple(keep(app, here)))))
    question, answer = app.conversations.conversation(here.id).messages
    assert question.text == ASKED and answer.status == "stopped"


def test_a_conversation_is_forgotten_with_its_files_and_no_others(app: App, tmp_path: Path) -> None:
    fill(app, tmp_path / "docs")
    one, two = attached(app, begun(app)), attached(app, begun(app))
    (mine,), (other,) = app.attachments.of(one.id), app.attachments.of(two.id)
    app.forget(one.id)
    assert not Path(mine.path).exists() and Path(other.path).exists()
    assert app.attachments.of(one.id) == () and len(app.attachments.of(two.id)) == 1
    assert len(app.library.documents("default")) == 2
    with pytest.raises(NotFound):
        app.conversations.conversation(one.id)


def test_one_can_be_forgotten_whose_copies_are_gone_already(app: App) -> None:
    here = attached(app, begun(app))
    shutil.rmtree(app.attachments.uploads)
    app.forget(here.id)
    assert app.attachments.of(here.id) == ()
