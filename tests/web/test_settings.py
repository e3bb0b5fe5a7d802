"""The settings page: every change is saved at once, and the data can be backed up and brought back."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import ui.web.parts
from storage.errors import BadSettings
from tests.web.conftest import APP, asked
from ui.app import App
from ui.settings import read_settings, values


def opened() -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=60).switch_page("settings.py").run()
    assert not at.exception, at.exception
    return at


def choice(at: AppTest, setting: str) -> Any:
    return at.get("button_group")[[b.key for b in at.get("button_group")].index(f"setting-{setting}")]  # type: ignore[attr-defined]


def text(at: AppTest) -> str:
    return "".join(each.proto.body for each in at.get("html"))


@pytest.mark.parametrize(
    ("setting", "value"),
    [("theme", "dark"), ("ask.length", "detailed"), ("ask.language", "zh"), ("interface_language", "en")],
)
def test_a_choice_is_saved_at_once(app: App, setting: str, value: str) -> None:
    at = opened()
    choice(at, setting).set_value(value).run()
    assert not at.exception and not at.error
    assert values(app.settings)[setting] == value == values(read_settings())[setting]


def test_the_language_changes_with_the_click(app: App) -> None:
    at = opened()
    assert at.title[0].value == "Settings"
    choice(at, "interface_language").set_value("zh").run()
    assert at.title[0].value == "设置" and choice(at, "theme").label == "主题"


def test_the_collection_of_new_conversations_is_chosen(filled: App) -> None:
    at = opened()
    at.selectbox(key="setting-ask.collection").select("default").run()
    assert read_settings().ask.collection == "default"
    filled.library.remove_collection("default")
    assert opened().selectbox(key="setting-ask.collection").value == "default"  # gone, but still what is set


def test_numbers_hold_from_now_on_and_go_back(app: App) -> None:
    at = opened()
    at.number_input(key="setting-answer.passages").set_value(7).run()
    at.number_input(key="setting-answer.least").set_value(0.35).run()
    at.number_input(key="setting-idle_minutes").set_value(3.5).run()
    assert (app.settings.answer.passages, app.settings.answer.least) == (7, 0.35) and app.settings.idle_minutes == 3.5
    assert app.answerer.options.passages == 7 and isinstance(read_settings().answer.passages, int)
    at.button(key="defaults").click().run()
    assert app.settings == read_settings() and app.settings.answer.passages == 4 and app.settings.answer.least == 0


def test_a_change_elsewhere_is_shown(app: App) -> None:
    at = opened()
    app.configure("answer.passages", 9)
    assert at.run().number_input(key="setting-answer.passages").value == 9


def test_what_cannot_be_saved_is_told_and_shown_as_it_is(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise BadSettings("/home/settings.toml cannot be written: No space left. Get the right to write there.")

    at = opened()
    monkeypatch.setattr("ui.app.change", full)
    at.number_input(key="setting-answer.passages").set_value(7).run()
    assert "cannot be written" in at.error[0].value
    assert at.number_input(key="setting-answer.passages").value == 4
    assert not at.run().error


def test_the_data_folder_and_its_parts_are_shown(filled: App) -> None:
    at = opened()
    assert at.code[0].value == str(filled.settings.home)
    assert all(f"<dt>{part}</dt>" in text(at) for part in ("Database", "Dropped files", "Indexes", "Models", "Backups"))


def test_a_backup_is_made_and_brought_back(filled: App) -> None:
    asked(filled, "How long is the warranty?")
    at = opened()
    at.button(key="back-up").click().run()
    job = ui.web.parts.parts().jobs.backing
    assert job and job.wait(60) and not job.error
    at.run()
    assert "is made" in at.success[0].value
    at.button(key="dismiss-backing").click().run()
    (file,) = (filled.settings.home / "backups").glob("*.zip")
    filled.library.remove([d.id for d in filled.library.documents()])
    filled.conversations.delete(filled.conversations.conversations()[0].id)
    filled.configure("answer.passages", 9)
    at.run().button(key=f"actions-restore-{file.name}").click().run()
    assert any("documents 0, conversations 0" in each.value.replace("\\", "") for each in at.markdown)
    at.button(key="confirm").click().run()
    job = ui.web.parts.parts().jobs.backing
    assert job and job.state.what == "restore" and job.wait(60) and not job.error
    assert "Everything is as it was" in at.run().success[0].value
    assert len(filled.library.documents()) == 3 and len(filled.conversations.conversations()) == 1
    assert filled.settings.answer.passages == 4
    assert {hit.title for hit in filled.search("warranty", "default")} >= {"Warranty"}
    assert len(list((filled.settings.home / "backups").glob("*.zip"))) == 2  # and what was there before


def test_a_backup_is_removed_after_a_question(filled: App) -> None:
    folder = filled.settings.home / "backups"
    folder.mkdir()
    (folder / "old.zip").write_bytes(b"x")
    at = opened()
    at.button(key="remove-old.zip").click().run()
    assert (folder / "old.zip").exists()
    at.button(key="confirm").click().run()
    assert not (folder / "old.zip").exists() and not at.exception


def test_what_is_no_backup_is_refused_in_one_line(filled: App) -> None:
    folder = filled.settings.home / "backups"
    folder.mkdir()
    (folder / "old.zip").write_bytes(b"x")
    at = opened()
    at.button(key="actions-restore-old.zip").click().run()
    assert "no backup" in at.error[0].value and len(at.error) == 1


def test_a_dropped_backup_asks_before_it_replaces(filled: App, tmp_path: Path) -> None:
    from ui.backups import back_up

    back_up(filled, tmp_path / "mine.zip")
    at = opened()
    at.file_uploader[0].upload("mine.zip", (tmp_path / "mine.zip").read_bytes(), "application/zip").run()
    assert not at.exception and at.button(key="confirm").label == "Replace everything"
    assert (filled.settings.home / "backups" / "mine.zip").exists()
    at.button(key="keep").click().run()
    at.file_uploader[0].upload("bad.zip", b"no archive", "application/zip").run()
    assert "no backup" in at.error[0].value and not (filled.settings.home / "backups" / "bad.zip").exists()


def test_nothing_is_backed_up_while_documents_are_added(filled: App, documents: Path, monkeypatch: Any) -> None:
    jobs = ui.web.parts.parts().jobs
    monkeypatch.setattr(jobs, "back_up", lambda: False)
    at = opened()
    at.button(key="back-up").click().run()
    assert "being added" in at.warning[0].value
