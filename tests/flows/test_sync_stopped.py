"""What a stopped run has left stands in nobody's way, and many files that move at once take no time."""

import os
from collections.abc import Generator
from pathlib import Path
from threading import Event
from typing import cast

import pytest

from ingest import changes as changing
from ingest.places import Inside
from ingest.progress import Progress, Report
from ingest.stages import Stages
from storage.records import File, Known
from tests.fakes import FakeEmbedder, fake_embedders
from tests.flows.place import fake_app
from ui.app import App

LONG = "A sentence about the boiler and its valves.\n\n" * 60_000  # more than one part


class HeldEmbedder(FakeEmbedder):
    """Embeds the second part of a file only when it is let go on, so that the first part stands there alone."""

    def __init__(self) -> None:
        self.go_on = Event()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if any("(part 2)" in text for text in texts):
            assert self.go_on.wait(60)
        return super().embed_documents(texts)


def ingested(app: App, folder: Path) -> Report:
    *_, report = app.ingest([folder], "default")
    assert isinstance(report, Report)
    return report


def test_a_file_may_move_to_where_a_long_one_was_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = HeldEmbedder()
    stop = Stages.stop

    def stop_and_let_go(stages: Stages) -> None:
        stop(stages)
        embedder.go_on.set()

    monkeypatch.setattr(Stages, "stop", stop_and_let_go)
    app, folder = fake_app(tmp_path / "home", embedders=fake_embedders(embedder)), tmp_path / "folder"
    folder.mkdir()
    (folder / "small.md").write_text("# Quiet hours\n\nFrom 22:00 to 6:00.", encoding="utf-8")
    ingested(app, folder)
    embedder.go_on.clear()
    (folder / "long.md").write_text(LONG, encoding="utf-8")
    events = cast(Generator[Progress | Report, None, None], app.ingest([folder], "default"))
    for _ in events:
        if app.library.unfinished("default"):
            break
    events.close()
    assert app.library.unfinished("default")
    (folder / "long.md").unlink()
    (folder / "small.md").rename(folder / "long.md")
    assert ingested(app, folder).changed == 1
    assert [each.file.path for each in app.library.known("default")] == [str(folder / "long.md")]
    assert not app.library.unfinished("default")


def test_reading_runs_no_code_of_the_folder_one_is_in(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "ingest").mkdir(parents=True)
    (folder / "ingest" / "__init__.py").write_text("open('ran', 'w').close()", encoding="utf-8")
    (folder / "note.txt").write_text("Quiet hours are from 22:00 to 6:00.", encoding="utf-8")
    before = Path.cwd()
    os.chdir(folder)
    try:
        assert ingested(fake_app(tmp_path / "home"), folder).added == 2
    finally:
        os.chdir(before)
    assert not (folder / "ran").exists()


def file(number: int, content: int) -> File:
    return File(f"/d/{number}.txt", str(content), 1, 0)


def test_a_ring_of_files_that_took_each_others_places_moves_as_a_whole() -> None:
    many = 20_000
    known = [Known(str(n), file(n, n)) for n in range(many)]
    found = [file(n, (n + 1) % many) for n in range(many)]
    result = changing.compare(found, known, frozenset(), frozenset())
    assert len(result.filing.moved) == many and not result.to_read


def test_a_path_as_deep_as_can_be_is_inside_its_place() -> None:
    deep = "/d" + "/x" * 3000
    assert deep in Inside(["/d"]) and deep not in Inside(["/e"])
