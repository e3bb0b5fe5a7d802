"""The server follows linked folders: it catches up, hears of changes, bears what goes wrong, and ends when asked to."""

import shutil
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from ingest.progress import Progress, Report
from storage.database import Database
from storage.errors import FootnoteError, ModelUnavailable
from storage.folders import Folder
from storage.library import Library
from storage.records import File, Known
from tests import waiting
from ui import following
from ui.following import EMPTY, GONE, STOPPED, Following, Rhythm
from ui.ingests import Ingests, Line
from ui.job import BROKEN

until = partial(waiting.until, seconds=10)

FAST = Rhythm(look=0.05, again=0.2)


class Work:
    """Stands in for the ingest: keeps what it was asked to bring in, and does it, waits, or fails."""

    def __init__(self) -> None:
        self.brought: list[tuple[str, tuple[Path, ...]]] = []
        self.errors: list[FootnoteError] = []
        self.go = Event()
        self.go.set()

    def __call__(self, paths: Sequence[Path], collection: str) -> Iterator[Any]:
        self.brought.append((collection, tuple(paths)))
        while not self.go.wait(0.01):
            yield Progress("reading", "", 0, 1, 0, 0, 1, None, 0)
        if self.errors:
            raise self.errors.pop(0)
        yield Report(1, 0, 0, 0, (), 1, 0.1)


class Place:
    """A library with a collection "notes" that is linked with a folder, and what follows it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder, self.work = folder, Work()
        self.library = Library(Database(f"sqlite:///{folder.parent / 'footnote.sqlite'}"))
        self.folders = self.library.folders
        self.ingests = Ingests(self.work, Line())
        self.following = Following(self.library, self.ingests, FAST)

    def link(self, watched: bool = True) -> None:
        self.folders.link("notes", str(self.folder))
        self.folders.watch("notes", str(self.folder), watched)

    @property
    def state(self) -> Any:
        return self.following.of(Folder("notes", str(self.folder)))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "documents")
    yield made
    made.work.go.set()
    made.following.close()
    made.ingests.close()
    made.library.close()


def test_it_catches_up_at_the_start_and_then_hears_of_changes(place: Place) -> None:
    place.link()
    place.following.start()
    until(lambda: place.state and place.state.report)
    assert place.work.brought == [("notes", (place.folder,))] and not place.state.problem
    file = place.folder / "new.txt"
    file.write_text("Something new.", encoding="utf-8")
    until(lambda: len(place.work.brought) > 1)
    assert place.work.brought[1] == ("notes", (file,))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_folder_is_followed_anew_after_a_bug(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = following.follow
    bugs = [ValueError("a bug")]

    def follow(*told: Any) -> None:
        if bugs:
            raise bugs.pop()
        whole(*told)

    monkeypatch.setattr(following, "follow", follow)
    place.link()
    place.following.start()
    until(lambda: place.state and place.state.problem == BROKEN)
    until(lambda: place.state and place.state.report)
    assert place.work.brought == [("notes", (place.folder,))] and not place.state.problem


def test_folders_that_are_linked_or_let_go_meanwhile_are_noticed(place: Place) -> None:
    place.following.start()
    place.link(watched=False)
    time.sleep(0.2)
    assert place.state is None and place.work.brought == []
    place.folders.watch("notes", str(place.folder), True)
    until(lambda: place.work.brought)
    place.folders.watch("notes", str(place.folder), False)
    until(lambda: place.state is None)
    (place.folder / "late.txt").write_text("Too late.", encoding="utf-8")
    time.sleep(1.5)
    assert len(place.work.brought) == 1


def test_a_folder_that_goes_says_so_keeps_its_documents_and_is_read_when_it_is_back(place: Place) -> None:
    place.link()
    place.following.start()
    until(lambda: place.state and place.state.report)
    away = place.folder.rename(place.folder.with_name("away"))
    until(lambda: place.state.problem == GONE)
    before = len(place.work.brought)
    away.rename(place.folder)
    until(lambda: not place.state.problem and len(place.work.brought) > before)
    assert all(place.folder in paths for _, paths in place.work.brought)


def test_an_empty_folder_whose_documents_are_known_may_be_a_disk_that_is_not_connected(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Known("d", File(str(place.folder / "a.txt"), "0" * 64, 1, 1))
    monkeypatch.setattr(Library, "known", lambda self, collection: (known,))
    place.link()
    place.following.settle()
    until(lambda: place.state.problem == EMPTY)
    assert place.work.brought == []
    (place.folder / "b.txt").write_text("Back.", encoding="utf-8")
    until(lambda: place.state.problem == "" and place.work.brought)


def test_what_fails_is_told_and_tried_again(place: Place) -> None:
    place.work.errors = [ModelUnavailable("The embedder is not there.")]
    place.link()
    place.following.settle()
    until(lambda: place.state.problem == "The embedder is not there.")
    until(lambda: place.state.report)
    assert place.state.problem == "" and len(place.work.brought) == 2


def test_what_a_person_stops_stays_stopped(place: Place) -> None:
    place.work.go.clear()
    place.link()
    place.following.settle()
    until(lambda: place.ingests.running)
    place.ingests.running.cancel()  # type: ignore[union-attr]
    until(lambda: place.state.problem == STOPPED)
    time.sleep(0.5)
    assert len(place.work.brought) == 1 and place.ingests.ended == ()


def test_a_folder_that_a_person_adds_is_that_persons_own_ingest_once(place: Place) -> None:
    place.following.add("notes", place.folder)
    assert place.folders.folders("notes")[0].watched
    until(lambda: place.ingests.ended)
    place.following.settle()
    time.sleep(0.3)
    assert place.work.brought == [("notes", (place.folder,))]
    place.following.add("notes", place.folder)  # once more: it is followed already
    until(lambda: len(place.work.brought) == 2 and place.ingests.ended)


def test_the_end_of_the_server_ends_the_watching_and_what_it_was_doing(place: Place) -> None:
    place.work.go.clear()
    place.link()
    place.following.start()
    until(lambda: place.ingests.running)
    begun = time.monotonic()
    place.following.close()
    assert time.monotonic() - begun < 2 and place.ingests.running is None
    place.following.settle()  # as a page that is still open might
    assert place.state is None


def test_one_folders_trouble_is_not_anothers(place: Place, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    place.link()
    place.folders.link("notes", str(other))
    place.folders.watch("notes", str(other), True)
    shutil.rmtree(place.folder)
    place.following.start()
    until(lambda: place.state and place.state.problem == GONE)
    until(lambda: ("notes", (other,)) in place.work.brought)
