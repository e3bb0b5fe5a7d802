"""What an ingest has to do, over real folders, told to a library in memory."""

import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from ingest.patterns import IGNORE
from ingest.places import Changed
from ingest.progress import Tally
from ingest.survey import Survey, Task
from storage.entries import Entry
from storage.folders import Folder
from storage.library import Library
from storage.records import Document, Failure
from tests.fakes import FakeLibrary


class Run:
    """A survey that has found its tasks; unless told otherwise, what is to be read was stored."""

    def __init__(self, library: FakeLibrary, *places: Path, store: bool = True) -> None:
        self.tally = Tally()
        survey = Survey("c", cast(Library, library), self.tally)
        walk = survey.tasks(places, 1_000_000)
        while True:
            try:
                next(walk)
            except StopIteration as end:
                self.tasks: Sequence[Task] = end.value
                break
        if store:
            library.replace("c", [entry(task) for task in self.tasks])
            self.tally.added += sum(task.added for task in self.tasks)
            self.tally.changed += sum(not task.added for task in self.tasks)
        survey.finish(places)

    @property
    def names(self) -> list[str]:
        """The files of each task, first the one that it is shown under."""
        return [" ".join(Path(file.path).name for file in task.files) for task in self.tasks]

    @property
    def reasons(self) -> list[tuple[str, str]]:
        return [(Path(each.path).name, each.reason) for each in self.tally.failures]


def entry(task: Task) -> Entry:
    path = task.file.path
    text = Path(path).read_text(encoding="utf-8")
    document = Document(task.document_id, path, "", task.file.sha256, text, (), "txt", "en", task.file.size, 0.0)
    return Entry(document, (), np.zeros((0, 1), np.float32), "fake-embedder", files=task.files)


def put(path: Path, text: str = "text", age: float = 60) -> Path:
    """A file that was written some time ago, so that nobody waits for its end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def paths(library: FakeLibrary, root: Path) -> dict[str, str]:
    """The document of each file."""
    found = {each.file.path: each.id for each in library.known("c")}
    return {Path(path).relative_to(root).as_posix(): id for path, id in sorted(found.items())}


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path / "docs" / "a.txt", "alpha")
    put(tmp_path / "docs" / "b.txt", "beta")
    return (tmp_path / "docs").resolve()


def test_what_looks_as_it_did_is_not_opened(library: FakeLibrary, folder: Path) -> None:
    assert Run(library, folder).names == ["a.txt", "b.txt"]
    before = (folder / "a.txt").stat().st_mtime_ns
    (folder / "a.txt").write_text("other", encoding="utf-8")  # as long as before
    os.utime(folder / "a.txt", ns=(before, before))
    again = Run(library, folder)
    assert again.names == [] and again.tally.unchanged == 2
    os.utime(folder / "a.txt", ns=(before, before + 1))
    assert Run(library, folder).names == ["a.txt"]


def test_a_file_that_had_just_been_changed_is_looked_at_again(library: FakeLibrary, folder: Path) -> None:
    before = put(folder / "a.txt", "alpha", age=0).stat().st_mtime_ns
    Run(library, folder)
    (folder / "a.txt").write_text("other", encoding="utf-8")  # in the same tick of the clock, and as long
    os.utime(folder / "a.txt", ns=(before, before))
    assert Run(library, folder).names == ["a.txt"]


def test_a_file_that_was_only_touched_is_opened_once(library: FakeLibrary, folder: Path) -> None:
    Run(library, folder)
    os.utime(folder / "a.txt", (1_600_000_000, 1_600_000_000))
    assert Run(library, folder).tally.unchanged == 2
    assert {each.file.modified for each in library.known("c") if each.file.path.endswith("a.txt")} == {
        1_600_000_000_000_000_000
    }


def test_copies_are_read_once_and_later_ones_not_at_all(library: FakeLibrary, folder: Path) -> None:
    put(folder / "sub" / "c.txt", "alpha")
    run = Run(library, folder)
    assert run.names == ["a.txt c.txt", "b.txt"]
    put(folder / "d.txt", "alpha")
    later = Run(library, folder)
    assert later.names == [] and (later.tally.added, later.tally.unchanged) == (1, 3)
    found = paths(library, folder)
    assert found["a.txt"] == found["d.txt"] == found["sub/c.txt"] != found["b.txt"]


def test_a_moved_folder_is_not_read(library: FakeLibrary, folder: Path) -> None:
    for number in range(300):
        put(folder / "old" / f"{number}.txt", f"text {number}")
    Run(library, folder)
    before = paths(library, folder)
    (folder / "old").rename(folder / "new")
    run = Run(library, folder)
    assert run.names == [] and (run.tally.changed, run.tally.removed) == (300, 0)
    assert paths(library, folder) == {name.replace("old/", "new/"): id for name, id in before.items()}


def test_a_file_moves_from_one_folder_to_another(library: FakeLibrary, folder: Path, tmp_path: Path) -> None:
    other = put(tmp_path / "other" / "c.txt", "gamma").parent
    Run(library, folder, other)
    before = paths(library, tmp_path)
    (folder / "a.txt").rename(other / "a.txt")
    assert Run(library, other).tally.changed == 1
    assert paths(library, tmp_path)["other/a.txt"] == before["docs/a.txt"]


def test_excluded_files_go_as_if_they_were_gone(library: FakeLibrary, folder: Path) -> None:
    put(folder / "drafts" / "c.txt", "gamma")
    Run(library, folder)
    library.folders.linked = [Folder("c", str(folder), exclude=("drafts/",))]
    assert Run(library, folder).tally.removed == 1
    (folder / IGNORE).write_text("b.*\n", encoding="utf-8")
    assert Run(library, folder).tally.removed == 1
    assert list(paths(library, folder)) == ["a.txt"]
    (folder / IGNORE).unlink()
    assert Run(library, folder).names == ["b.txt"]


def test_only_what_is_included_counts(library: FakeLibrary, folder: Path) -> None:
    library.folders.linked = [Folder("c", str(folder), include=("a.*",))]
    assert Run(library, folder).names == ["a.txt"]


def test_what_is_named_counts_though_it_is_excluded_and_stays(library: FakeLibrary, folder: Path) -> None:
    library.folders.linked = [Folder("c", str(folder), exclude=("a.txt",))]
    assert Run(library, folder / "a.txt", folder).names == ["a.txt", "b.txt"]
    assert Run(library, folder).tally.removed == 0
    put(folder / "a.txt", "alpha, changed")
    assert Run(library, Changed(folder / "a.txt")).names == ["a.txt"]
    put(folder / "a.txt", "alpha, changed again")
    assert Run(library, folder).names == ["a.txt"]
    Run(library, folder / "b.txt")
    library.folders.linked = [Folder("c", str(folder), exclude=("*",))]
    assert Run(library, folder).tally.removed == 0  # both were named


def test_a_disk_that_is_not_connected_deletes_nothing(library: FakeLibrary, folder: Path) -> None:
    Run(library, folder)
    library.folders.linked = [Folder("c", str(folder))]
    away = folder.rename(folder.with_name("away"))
    folder.mkdir()
    for place in (folder, Changed(folder)):
        run = Run(library, place)
        assert run.tally.removed == 0 and len(paths(library, folder)) == 2
        assert [(name, reason.split(":")[0]) for name, reason in run.reasons] == [
            ("docs", "is empty or not there, as when a disk is not connected")
        ]
    folder.rmdir()
    assert Run(library, Changed(folder)).tally.removed == 0
    assert [each.path for each in library.failures("c")] == [str(folder)]
    away.rename(folder)
    run = Run(library, folder)
    assert run.tally.unchanged == 2 and library.failures("c") == ()


def test_nor_does_one_below_a_place(library: FakeLibrary, folder: Path, tmp_path: Path) -> None:
    disk = put(folder / "disk" / "c.txt", "gamma").parent
    library.folders.linked = [Folder("c", str(folder)), Folder("c", str(disk))]
    Run(library, folder)
    shutil.rmtree(disk)
    run = Run(library, folder)
    assert run.tally.removed == 0 and [name for name, _ in run.reasons] == ["disk"]
    library.folders.linked.pop()
    assert Run(library, folder).tally.removed == 1


def test_the_last_file_that_is_seen_to_go_goes(library: FakeLibrary, folder: Path) -> None:
    library.folders.linked = [Folder("c", str(folder))]
    Run(library, folder)
    for name in ("a.txt", "b.txt"):
        (folder / name).unlink()
        assert Run(library, Changed(folder / name)).tally.removed == 1
    assert paths(library, folder) == {}


def test_a_folder_that_was_emptied_into_another_leaves_nothing_to_say(library: FakeLibrary, folder: Path) -> None:
    Run(library, folder)
    new = folder.with_name("new")
    new.mkdir()
    for name in ("a.txt", "b.txt"):
        (folder / name).rename(new / name)
    run = Run(library, folder, new)
    assert (run.tally.changed, run.tally.removed, run.reasons) == (2, 0, [])


def test_a_folder_below_that_goes_takes_its_documents(library: FakeLibrary, folder: Path) -> None:
    put(folder / "sub" / "c.txt", "gamma")
    put(folder / "sub" / "deep" / "d.txt", "delta")
    Run(library, folder)
    shutil.rmtree(folder / "sub")
    assert Run(library, Changed(folder / "sub")).tally.removed == 2


def test_what_failed_is_read_again_when_asked_or_changed(library: FakeLibrary, folder: Path) -> None:
    survey_path = str(folder / "a.txt")
    first = Run(library, folder, store=False)
    assert first.names == ["a.txt", "b.txt"]
    status = (folder / "a.txt").stat()
    library.fail("c", [Failure(survey_path, "is damaged")], {survey_path: (status.st_size, status.st_mtime_ns)})
    assert Run(library, Changed(folder), store=False).names == ["b.txt"]
    assert [each.path for each in library.failures("c")] == [survey_path]
    put(folder / "a.txt", "alpha, mended")
    assert Run(library, Changed(folder), store=False).names == ["a.txt", "b.txt"]
    library.fail("c", [Failure(survey_path, "is damaged")], {survey_path: (13, 0)})
    assert Run(library, folder).names == ["a.txt", "b.txt"]
    assert library.failures("c") == ()


def test_a_file_in_another_folder_is_left_alone(library: FakeLibrary, folder: Path, tmp_path: Path) -> None:
    other = put(tmp_path / "other" / "c.txt", "gamma")
    Run(library, folder, other.parent)
    other.unlink()
    assert Run(library, folder).tally.removed == 0 and "other/c.txt" in paths(library, tmp_path)


def test_folders_know_when_they_were_brought_up_to_date(library: FakeLibrary, folder: Path) -> None:
    library.folders.linked = [Folder("c", str(folder)), Folder("c", str(folder / "sub"))]
    Run(library, folder / "a.txt")
    assert [each.synced for each in library.folders.linked] == [None, None]
    Run(library, folder)
    first = [each.synced for each in library.folders.linked]
    assert None not in first
    Run(library, Changed(folder / "a.txt"))
    assert [each.synced for each in library.folders.linked] == first  # there was nothing new
    put(folder / "a.txt", "alpha, changed")
    Run(library, Changed(folder / "a.txt"))
    now = [each.synced for each in library.folders.linked]
    assert now[0] != first[0] and now[1] == first[1]
