"""A folder stays linked: everything a person does in it, brought into a real library, with the fake embedder."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ingest.patterns import IGNORE
from ingest.progress import Report
from ingest.watch import follow
from storage.folders import Folder
from storage.records import DocumentInfo
from tests.fakes import FakeEmbedder, fake_embedders
from tests.flows.place import fake_app
from tests.waiting import until
from ui.app import App
from ui.cli import cli
from ui.cli.parts import Parts


class CountingEmbedder(FakeEmbedder):
    """Counts the texts that it embeds."""

    def __init__(self) -> None:
        self.texts = 0

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.texts += len(texts)
        return super().embed_documents(texts)


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def app(home: Path, embedder: CountingEmbedder) -> Iterator[App]:
    app = fake_app(home, embedders=fake_embedders(embedder))
    yield app
    app.close()


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    docs = (tmp_path / "docs").resolve()
    put(docs / "lease.md", "# Lease\n\nThe rent is 900 euros.")
    put(docs / "sub" / "保修.txt", "保修期为两年。")
    return docs


def put(path: Path, text: str, age: float = 60) -> Path:
    """A file that was written some time ago, so that nobody waits for its end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def ingest(app: App, *places: Path) -> Report:
    *_, report = app.ingest(places, "default")
    assert isinstance(report, Report)
    return report


def counts(report: Report) -> tuple[int, int, int, int]:
    assert not report.failures
    return report.added, report.changed, report.removed, report.unchanged


def listed(app: App) -> dict[str, DocumentInfo]:
    """Each document by the names of its files."""
    return {" ".join(sorted(Path(path).name for path in info.paths)): info for info in app.library.documents("default")}


def found(app: App, words: str) -> set[str]:
    return {Path(hit.path).name for hit in app.search(words, "default", 3)}


def test_a_moved_folder_keeps_everything_and_embeds_nothing(app: App, docs: Path, embedder: CountingEmbedder) -> None:
    for number in range(60):
        put(docs / "old" / f"{number}.txt", f"Text number {number} about whales.")
    put(docs / "old" / "copy.txt", "Text number 7 about whales.")
    ingest(app, docs)
    app.library.tag(listed(app)["3.txt"].id, ["three"])
    before, embedded = {name: info.id for name, info in listed(app).items()}, embedder.texts
    (docs / "old").rename(docs / "sub" / "new")
    assert counts(ingest(app, docs)) == (0, 61, 0, 2)
    assert {name: info.id for name, info in listed(app).items()} == before
    assert embedder.texts == embedded and listed(app)["3.txt"].tags == ("three",)
    assert listed(app)["3.txt"].path == str(docs / "sub" / "new" / "3.txt")
    assert found(app, "number 3 whales") <= {f"{n}.txt" for n in range(60)} | {"copy.txt"}


def test_copies_are_one_document_shown_under_every_path(app: App, docs: Path, embedder: CountingEmbedder) -> None:
    put(docs / "copy.md", "# Lease\n\nThe rent is 900 euros.")
    assert counts(ingest(app, docs)) == (3, 0, 0, 0)
    put(docs / "more.md", "# Lease\n\nThe rent is 900 euros.")
    assert counts(ingest(app, docs)) == (1, 0, 0, 3)
    assert embedder.texts == 2 and list(listed(app)) == ["copy.md lease.md more.md", "保修.txt"]
    first = listed(app)["copy.md lease.md more.md"].id
    put(docs / "copy.md", "# Lease\n\nThe rent is 950 euros.", age=30)
    (docs / "more.md").unlink()
    assert counts(ingest(app, docs)) == (0, 1, 1, 2)
    assert listed(app)["lease.md"].id == first != listed(app)["copy.md"].id
    (docs / "lease.md").unlink()
    assert counts(ingest(app, docs)) == (0, 0, 1, 2)
    assert found(app, "rent euros") == {"copy.md", "保修.txt"}


def test_a_changed_file_that_was_shown_first_leaves_the_document_to_its_copy(app: App, docs: Path) -> None:
    put(docs / "a.md", "# Lease\n\nThe rent is 900 euros.")
    ingest(app, docs)
    info = listed(app)["a.md lease.md"]
    put(Path(info.path), "Something else entirely.", age=30)
    ingest(app, docs)
    (other,) = [path for path in info.paths if path != info.path]
    assert {each.path: each.id == info.id for each in app.library.documents("default")} == {
        info.path: False, other: True, str(docs / "sub" / "保修.txt"): False,
    }  # fmt: skip


def test_a_new_suffix_is_read_anew_as_the_same_document(app: App, docs: Path) -> None:
    ingest(app, docs)
    before = listed(app)["lease.md"].id
    (docs / "lease.md").rename(docs / "lease.txt")
    assert counts(ingest(app, docs)) == (0, 1, 0, 1)
    info = listed(app)["lease.txt"]
    assert (info.id, info.format) == (before, "txt")


def test_a_failure_of_a_copy_is_told_of_every_file(app: App, docs: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        (docs / name).write_bytes(b"%PDF-1.4 broken")
    report = ingest(app, docs)
    assert sorted(Path(each.path).name for each in report.failures) == ["a.pdf", "b.pdf"]
    assert len(app.library.failures("default")) == 2


Run = Callable[..., Result]


@pytest.fixture
def run(app: App) -> Run:
    def run(*args: object) -> Result:
        return CliRunner().invoke(cli, [str(arg) for arg in args], obj=Parts(app), prog_name="footnote")

    return run


def printed(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def reported(result: Result) -> tuple[int, int, int, int]:
    told = printed(result)
    assert told["failures"] == []
    return told["added"], told["changed"], told["removed"], told["unchanged"]


def test_patterns_are_remembered(run: Run, docs: Path) -> None:
    put(docs / "drafts" / "a.md", "draft")
    put(docs / "notes.txt", "notes")
    assert reported(run("ingest", docs, "--exclude", "drafts/", "--exclude", "notes.*", "--json")) == (2, 0, 0, 0)
    assert reported(run("ingest", docs, "--json")) == (0, 0, 0, 2)
    assert reported(run("ingest", docs, "--exclude", "drafts/", "--json")) == (1, 0, 0, 2)
    assert reported(run("ingest", docs, "--include", "*.md", "--json")) == (0, 0, 2, 1)
    assert reported(run("ingest", docs, "--include", "", "--exclude", "", "--json")) == (3, 0, 0, 1)
    bad = run("ingest", docs, "--exclude", "!")
    assert bad.exit_code == 1 and "gitignore" in bad.stderr
    assert run("ingest", "--exclude", "x").exit_code == 2


def test_an_ignore_file_takes_documents_out_again(run: Run, docs: Path) -> None:
    put(docs / "sub" / "b.md", "second")
    assert reported(run("ingest", docs, "--json")) == (3, 0, 0, 0)
    put(docs / "sub" / IGNORE, "*.md\n!kept.md\n")
    assert reported(run("ingest", docs, "--json")) == (0, 0, 1, 2)
    assert reported(run("ingest", docs / "sub" / "b.md", "--json")) == (1, 0, 0, 0)  # named
    assert reported(run("ingest", docs, "--json")) == (0, 0, 0, 3)


def test_without_a_path_what_is_linked_is_brought_up_to_date(run: Run, docs: Path, tmp_path: Path) -> None:
    other = put(tmp_path / "other" / "c.txt", "gamma").parent
    assert "footnote ingest PATH" in run("ingest").stderr
    assert reported(run("ingest", docs, "--json")) == (2, 0, 0, 0)
    assert reported(run("ingest", docs / "sub", "--json")) == (0, 0, 0, 1)  # in a linked folder: no link of its own
    assert reported(run("ingest", other, "--collection", "second", "--json")) == (1, 0, 0, 0)
    put(docs / "new.md", "new")
    put(other / "new.txt", "new")
    assert reported(run("ingest", "--json")) == (2, 0, 0, 3)
    assert reported(run("ingest", "--collection", "second", "--json")) == (0, 0, 0, 2)
    folders = printed(run("documents", "folders", "--json"))["folders"]
    assert [(each["collection"], each["path"], each["watched"]) for each in folders] == [
        ("default", str(docs), False), ("second", str(other.resolve()), False),
    ]  # fmt: skip
    assert all(each["synced"] for each in folders)
    assert str(docs) in run("documents", "folders").stdout


def test_a_folder_that_is_not_there_keeps_its_documents(run: Run, docs: Path, tmp_path: Path) -> None:
    run("ingest", docs)
    away = docs.rename(tmp_path / "away")
    told = printed(run("ingest", "--json"))
    assert (told["removed"], [each["path"] for each in told["failures"]]) == (0, [str(docs)])
    assert "not connected" in told["failures"][0]["reason"]
    docs.mkdir()
    assert printed(run("ingest", docs, "--json"))["removed"] == 0
    assert [each["path"] for each in printed(run("documents", "failures", "--json"))["failures"]] == [str(docs)]
    docs.rmdir()
    away.rename(docs)
    assert reported(run("ingest", "--json")) == (0, 0, 0, 2)
    assert printed(run("documents", "failures", "--json")) == {"failures": []}
    shutil.rmtree(docs)
    removed = run("documents", "remove", docs)
    assert removed.exit_code == 0 and "Removed 2 documents" in removed.stderr and "no longer linked" in removed.stderr
    assert printed(run("documents", "list", "--json"))["documents"] == []
    assert printed(run("documents", "folders", "--json")) == {"folders": []}


def test_a_link_can_be_let_go(run: Run, docs: Path) -> None:
    run("ingest", docs)
    assert "no longer linked" in run("documents", "folders", "--unlink", docs).stderr
    assert printed(run("documents", "folders", "--json")) == {"folders": []}
    assert len(printed(run("documents", "list", "--json"))["documents"]) == 2
    assert run("documents", "folders", "--unlink", docs).exit_code == 1


def test_a_document_tells_of_all_its_files(run: Run, docs: Path) -> None:
    put(docs / "sub" / "copy.md", "# Lease\n\nThe rent is 900 euros.")
    run("ingest", docs)
    paths = [str(docs / "lease.md"), str(docs / "sub" / "copy.md")]
    (info,) = [each for each in printed(run("documents", "list", "--json"))["documents"] if each["title"] == "Lease"]
    assert info["paths"] == paths and info["path"] in paths
    keys = {"title", "authors", "created", "language", "pages", "size", "tags", "paths", "part"}
    assert keys <= info.keys()
    shown = printed(run("documents", "show", docs / "sub" / "copy.md", "--json"))
    assert shown["id"] == info["id"] and shown["paths"] == paths and keys <= shown.keys()
    assert f"also {paths[1]}" in run("documents", "show", info["id"]).stdout
    assert paths[1] in run("documents", "list").stdout


def test_removing_one_path_of_several_keeps_the_document(run: Run, docs: Path) -> None:
    put(docs / "sub" / "copy.md", "# Lease\n\nThe rent is 900 euros.")
    run("ingest", docs)
    removed = run("documents", "remove", docs / "sub")
    assert "stays" in removed.stderr and "Removed 1 document." in removed.stderr
    (info,) = printed(run("documents", "list", "--json"))["documents"]
    assert info["paths"] == [str(docs / "lease.md")]
    assert "Removed 1 document." in run("documents", "remove", info["id"]).stderr


@pytest.fixture
def followed(app: App, docs: Path, tmp_path: Path) -> Iterator[Path]:
    """Another folder beside the first one; both are followed."""
    other = (tmp_path / "other").resolve()
    other.mkdir()
    stop = Event()
    folders = [Folder("default", str(docs)), Folder("default", str(other))]
    for each in folders:
        app.library.folders.link(each.collection, each.path)

    def bring(collection: str, places: Any) -> None:
        assert list(app.ingest(places, collection))

    thread = Thread(target=follow, args=(folders, bring, stop, lambda _: None), daemon=True)
    thread.start()
    until(lambda: len(app.library.documents()) == 2)
    yield other
    stop.set()
    thread.join(60)
    assert not thread.is_alive()


def test_what_happens_in_folders_that_are_followed_is_brought_in(
    app: App, docs: Path, followed: Path, embedder: CountingEmbedder
) -> None:
    before = {name: info.id for name, info in listed(app).items()}
    (docs / "new" / "deep").mkdir(parents=True)
    (docs / "new" / "deep" / "c.md").write_text("The canteen opens at noon.", encoding="utf-8")
    until(lambda: "c.md" in listed(app))
    embedded = embedder.texts
    (docs / "lease.md").rename(followed / "moved.md")
    until(lambda: "moved.md" in listed(app))
    assert listed(app)["moved.md"].id == before["lease.md"] and "lease.md" not in listed(app)
    (docs / "new").rename(followed / "elsewhere")
    until(lambda: listed(app)["c.md"].path == str(followed / "elsewhere" / "deep" / "c.md"))
    assert embedder.texts == embedded
    (followed / "moved.md").write_text("# Lease\n\nThe rent is 950 euros.", encoding="utf-8")
    until(lambda: "950" in app.library.document(before["lease.md"]).text)
    (followed / "moved.md").unlink()
    until(lambda: "moved.md" not in listed(app))
    (followed / IGNORE).write_text("deep/\n", encoding="utf-8")
    until(lambda: list(listed(app)) == ["保修.txt"])


def test_a_broken_file_is_not_read_at_every_change(app: App, docs: Path, followed: Path) -> None:
    (docs / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    until(lambda: len(app.library.failures("default")) == 1)
    first = app.library.failures("default")
    (docs / IGNORE).write_text("none\n", encoding="utf-8")  # all of the folder is looked through
    (docs / "after.md").write_text("After that.", encoding="utf-8")
    until(lambda: "after.md" in listed(app))
    assert app.library.failures("default") == first
    put(docs / "broken.pdf", "", age=0)
    until(lambda: app.library.failures("default") != first)
