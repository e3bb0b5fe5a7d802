"""`footnote backup` and `footnote restore`: everything comes back, on this machine or on another."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from storage.errors import BadSettings, UnreadableFile
from tests.web.fake_server import SCRIPT, fake_app
from ui.app import App
from ui.backups import back_up, backing_up, bring_back, free, kept
from ui.cli import cli
from ui.cli.parts import Parts
from ui.jobs import Jobs
from ui.settings import read_settings


@pytest.fixture
def app(home: Path, tmp_path: Path) -> App:
    """A home with one document in history."""
    made = fake_app(read_settings(), SCRIPT)
    (tmp_path / "warranty.md").write_text("# Warranty\n\nThe warranty lasts 24 months.\n", encoding="utf-8")
    list(made.ingest([tmp_path / "warranty.md"], "default"))
    list(made.ask("How long is the warranty?", "default"))
    made.configure("answer.passages", 3)
    made.configure("theme", "dark")
    return made


def run(app: App, *args: object, answer: str = "") -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args], obj=Parts(app), prog_name="footnote", input=answer)


def test_a_backup_comes_back_in_another_home(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = run(app, "backup", tmp_path / "b.zip")
    assert made.exit_code == 0 and made.stdout == "" and "holds everything" in made.stderr
    monkeypatch.setenv("FOOTNOTE_HOME", str(tmp_path / "elsewhere"))
    other = fake_app(read_settings(), SCRIPT)
    other.use("reranker", "none")  # which model is in use is the machine's own affair
    asked = run(other, "restore", tmp_path / "b.zip", answer="n\n")
    assert asked.exit_code != 0 and "Replace everything" in asked.stderr and not other.library.documents()
    done = run(other, "restore", tmp_path / "b.zip", "--yes")
    assert done.exit_code == 0, done.stderr
    assert [d.title for d in other.library.documents()] == ["Warranty"]
    assert [c.title for c in other.conversations.conversations()] == ["How long is the warranty"]
    assert other.search("warranty", "default")[0].title == "Warranty"
    assert (other.settings.answer.passages, other.settings.theme, other.settings.reranker) == (3, "dark", "none")
    assert other.settings == read_settings()
    assert [each.file.name.startswith("before-") for each in kept(other.settings.home)] == [True]
    other.close()
    app.close()


def test_what_cannot_be_restored_is_one_line(app: App, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"nothing")
    for file in ("x.zip", "nowhere.zip"):
        failed = run(app, "restore", tmp_path / file, "--yes")
        assert failed.exit_code == 1 and failed.stderr.startswith("error: ") and failed.stderr.count("\n") == 1
    assert run(app, "backup", tmp_path / "x.zip" / "b.zip").exit_code == 1
    app.close()


def test_settings_that_this_version_does_not_know_stop_a_restore(app: App, tmp_path: Path) -> None:
    file = app.settings.file
    before = file.read_text(encoding="utf-8")
    file.write_text(before + "\n[later]\nx = 1\n", encoding="utf-8")
    back_up(app, tmp_path / "later.zip")
    file.write_text(before, encoding="utf-8")
    app.library.remove([d.id for d in app.library.documents()])
    with pytest.raises(UnreadableFile, match=r"settings in later\.zip cannot be used"):
        bring_back(app, tmp_path / "later.zip")
    assert not app.library.documents() and not (app.settings.home / "backups").exists()
    app.close()


def test_an_answer_that_was_being_written_does_not_go_on(app: App, tmp_path: Path) -> None:
    stream = app.ask("How many months does the warranty last?", "default")
    next(stream)
    back_up(app, tmp_path / "b.zip")
    list(stream)
    bring_back(app, tmp_path / "b.zip")
    kept = [app.conversations.conversation(each.id) for each in app.conversations.conversations()]
    assert sorted(each.messages[-1].status for each in kept) == ["done", "interrupted"]
    app.close()


def test_a_backup_never_takes_the_place_of_another(home: Path) -> None:
    assert free(home, "a.zip") == home / "backups" / "a.zip"
    (home / "backups").mkdir(parents=True)
    (home / "backups" / "a.zip").write_bytes(b"")
    assert free(home, "a.zip") == home / "backups" / "a (2).zip"


def test_a_setting_that_cannot_be_written_is_told(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    back_up(app, tmp_path / "b.zip")
    app.configure("theme", "light")
    app.settings.file.unlink()
    app.settings.file.mkdir()
    with pytest.raises(BadSettings, match="cannot be"):
        bring_back(app, tmp_path / "b.zip")
    app.close()


def test_the_manifest_is_read_by_others(app: App, tmp_path: Path) -> None:
    import zipfile

    back_up(app, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        told = json.loads(archive.read("manifest.json"))
    assert told["format"] == 1 and {"footnote", "revision", "created", "uploads", "parts"} <= told.keys()
    app.close()


def test_one_at_a_time_and_not_while_documents_come_in(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, ingest = Event(), App.ingest

    def held(work: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        def events(*args: Any) -> Iterator[Any]:
            assert go_on.wait(60)
            yield from work(*args)

        return events

    monkeypatch.setattr("ui.jobs.backing_up", held(backing_up))
    monkeypatch.setattr(App, "ingest", held(ingest))
    more = tmp_path / "more"
    more.mkdir()
    (more / "minutes.txt").write_text("The board agreed to move to Leeds.", encoding="utf-8")
    jobs = Jobs(app)
    assert jobs.back_up() and not jobs.bring_back(tmp_path / "b.zip")
    backing = jobs.backing
    go_on.set()
    assert backing and backing.wait(60) and backing.state.finished and not backing.error
    go_on.clear()
    ingesting = jobs.ingest([more], "default")
    assert not jobs.back_up()
    go_on.set()
    assert ingesting.wait(60)
    assert jobs.bring_back(backing.state.file)
    restoring = jobs.backing
    assert restoring and restoring.wait(60) and not restoring.error
    assert [d.title for d in app.library.documents()] == ["Warranty"]
    jobs.dismiss_backing()
    assert jobs.backing is None
    app.close()
