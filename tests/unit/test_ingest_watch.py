"""Folders are followed: a burst is one call, what cannot matter is none, and what is being written is waited for."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from watchfiles import watch as real_changes

from ingest import watch
from ingest.patterns import IGNORE
from ingest.places import Changed
from storage.errors import BadSettings
from storage.folders import Folder

PATIENCE = 15.0  # seconds


class Following:
    """Folders that are followed in a thread; keeps what it was called with and told."""

    def __init__(self, *folders: Folder) -> None:
        self.calls: list[tuple[str, list[Path]]] = []
        self.told: list[str] = []
        self.error: BaseException | None = None
        self.stop = Event()
        self.thread = Thread(target=self._run, args=(folders,), daemon=True)
        self.thread.start()

    def _run(self, folders: Sequence[Folder]) -> None:
        try:
            watch.follow(folders, self._bring, self.stop, self.told.append)
        except BadSettings as error:
            self.error = error

    def _bring(self, collection: str, places: Sequence[Path]) -> None:
        assert all(isinstance(place, Changed) for place in places)
        self.calls.append((collection, [Path(place) for place in places]))

    def until(self, ready: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not ready():
            assert time.monotonic() < end, (self.calls, self.told, self.error)
            time.sleep(0.05)

    def after(self, count: int) -> list[Path]:
        """What the calls after the first `count` were about; waits for one."""
        self.until(lambda: len(self.calls) > count)
        return [place for _, places in self.calls[count:] for place in places]

    def end(self) -> None:
        self.stop.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "QUIET", 0.3)


@pytest.fixture
def follow() -> Iterator[Callable[..., Following]]:
    begun: list[Following] = []

    def begin(*folders: Folder) -> Following:
        begun.append(Following(*folders))
        return begun[-1]

    yield begin
    for each in begun:
        each.end()


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "old.md").write_text("old", encoding="utf-8")
    return (tmp_path / "docs").resolve()


def test_it_catches_up_and_then_tells_what_has_changed(follow: Callable[..., Following], docs: Path) -> None:
    following = follow(Folder("c", str(docs)))
    following.until(lambda: following.calls == [("c", [docs])])
    began = time.monotonic()
    (docs / "新文件.md").write_text("text", encoding="utf-8")
    assert following.after(1) == [docs / "新文件.md"]
    assert time.monotonic() - began < 4
    (docs / "old.md").rename(docs / "renamed.md")
    assert following.after(2) == [docs / "old.md", docs / "renamed.md"]
    (docs / "renamed.md").unlink()
    assert following.after(3) == [docs / "renamed.md"]


def test_new_folders_are_followed_too(follow: Callable[..., Following], docs: Path) -> None:
    following = follow(Folder("c", str(docs)))
    following.after(0)
    (docs / "a" / "b").mkdir(parents=True)
    assert docs / "a" in following.after(1)
    count = len(following.calls)
    (docs / "a" / "b" / "deep.md").write_text("text", encoding="utf-8")
    assert docs / "a" / "b" / "deep.md" in following.after(count)


def test_a_burst_is_one_call(follow: Callable[..., Following], docs: Path) -> None:
    following = follow(Folder("c", str(docs)))
    following.after(0)
    for number in range(60):
        (docs / f"{number}.md").write_text("text", encoding="utf-8")
        time.sleep(0.02)
    assert len(following.after(1)) == 60
    assert len(following.calls) == 2


def test_too_many_changes_are_the_whole_folder(
    follow: Callable[..., Following], docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_MANY", 10)
    following = follow(Folder("c", str(docs)))
    following.after(0)
    for number in range(20):
        (docs / f"{number}.md").write_text("text", encoding="utf-8")
    assert following.after(1) == [docs]


def test_what_cannot_matter_is_no_call(follow: Callable[..., Following], docs: Path) -> None:
    following = follow(Folder("c", str(docs)))
    following.after(0)
    for name in (".hidden.md", "~$lock.docx", "song.mp3", "notes.md.tmp"):
        (docs / name).write_text("text", encoding="utf-8")
    (docs / ".git").mkdir()
    (docs / ".git" / "a.md").write_text("text", encoding="utf-8")
    time.sleep(1)
    assert len(following.calls) == 1
    (docs / "sub").mkdir()
    (docs / "sub" / IGNORE).write_text("*.md", encoding="utf-8")
    assert docs / "sub" in following.after(1)


def test_each_collection_is_called_for_its_own(follow: Callable[..., Following], docs: Path, tmp_path: Path) -> None:
    other = (tmp_path / "other").resolve()
    other.mkdir()
    following = follow(Folder("c", str(docs)), Folder("d", str(other)), Folder("d", str(docs / "sub")))
    following.until(lambda: following.calls == [("c", [docs]), ("d", [other])])
    (other / "a.md").write_text("text", encoding="utf-8")
    following.until(lambda: following.calls[2:] == [("d", [other / "a.md"])])
    (docs / "sub").mkdir()
    (docs / "sub" / "b.md").write_text("text", encoding="utf-8")
    following.until(lambda: {name for name, _ in following.calls[3:]} == {"c", "d"})


def test_a_file_that_is_being_written_is_waited_for_and_told_of(
    follow: Callable[..., Following], docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_LONGEST", 1.5)
    following = follow(Folder("c", str(docs)))
    following.after(0)
    done = Event()

    def write() -> None:
        with (docs / "long.md").open("a", encoding="utf-8") as file:
            while not done.wait(0.1):
                file.write("more ")
                file.flush()

    thread = Thread(target=write)
    thread.start()
    (docs / "short.md").write_text("text", encoding="utf-8")
    assert following.after(1) == [docs / "short.md"]  # does not wait for the other one for ever
    following.until(lambda: bool(following.told))
    assert following.told == [f"{docs / 'long.md'} is being written: it will be ingested when that has ended."]
    assert len(following.calls) == 2
    done.set()
    thread.join()
    assert following.after(2) == [docs / "long.md"]


def test_a_file_that_is_replaced_as_editors_do_has_changed(follow: Callable[..., Following], docs: Path) -> None:
    following = follow(Folder("c", str(docs)))
    following.after(0)
    (docs / "old.md.tmp").write_text("new", encoding="utf-8")
    (docs / "old.md.tmp").replace(docs / "old.md")
    assert docs / "old.md" in following.after(1)


def test_a_folder_that_comes_and_goes_is_followed_whenever_it_is_there(
    follow: Callable[..., Following], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_POLL", 300)
    disk = (tmp_path / "disk").resolve()
    following = follow(Folder("c", str(disk)))
    time.sleep(0.5)
    assert following.calls == []
    disk.mkdir()
    (disk / "a.md").write_text("text", encoding="utf-8")
    assert disk in following.after(0)
    following.until(lambda: len(following.calls) >= 1)
    time.sleep(0.8)
    count = len(following.calls)
    disk.rename(disk.with_name("away"))
    assert disk in following.after(count)
    count = len(following.calls)
    disk.with_name("away").rename(disk)
    assert disk in following.after(count)
    time.sleep(0.8)
    count = len(following.calls)
    (disk / "b.md").write_text("text", encoding="utf-8")
    assert disk / "b.md" in following.after(count)


def test_a_single_file_is_followed_though_it_is_replaced(follow: Callable[..., Following], docs: Path) -> None:
    following = follow(Folder("c", str(docs / "old.md")))
    assert following.after(0) == [docs / "old.md"]
    for count in (1, 2):
        (docs / "x.tmp").write_text(f"new {count}", encoding="utf-8")
        (docs / "x.tmp").replace(docs / "old.md")
        assert set(following.after(count)) == {docs / "old.md"}
        time.sleep(0.8)


def test_where_the_system_does_not_tell_it_is_looked_at_regularly(
    follow: Callable[..., Following], docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*paths: Path, force_polling: bool | None = None, **options: Any) -> Iterator[Any]:
        if not force_polling:
            raise OSError("OS file watch limit reached")
        return real_changes(*paths, force_polling=True, **options)

    monkeypatch.setattr(watch, "changes", refusing)
    monkeypatch.setattr(watch, "_POLL", 200)
    following = follow(Folder("c", str(docs)))
    following.after(0)
    following.until(lambda: bool(following.told))
    assert "looked for every" in following.told[0] and "limit reached" in following.told[0]
    (docs / "new.md").write_text("text", encoding="utf-8")
    assert docs / "new.md" in following.after(1)


def test_where_nothing_works_it_says_so(
    follow: Callable[..., Following], docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*paths: Path, **options: Any) -> Iterator[Any]:
        raise OSError("no")

    monkeypatch.setattr(watch, "changes", refusing)
    following = follow(Folder("c", str(docs)))
    following.until(lambda: isinstance(following.error, BadSettings))
    assert "cannot be followed" in str(following.error)


def test_now_and_then_everything_is_looked_through(
    follow: Callable[..., Following], docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_WHOLE", 0.5)
    following = follow(Folder("c", str(docs)))
    assert set(following.after(1)) == {docs}


def test_links_to_folders_are_followed(follow: Callable[..., Following], docs: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    try:
        (docs / "link").symlink_to(target)
    except OSError:
        pytest.skip("this system does not let us make links")
    following = follow(Folder("c", str(docs)))
    following.after(0)
    (target / "a.md").write_text("text", encoding="utf-8")
    assert docs / "link" / "a.md" in following.after(1)
