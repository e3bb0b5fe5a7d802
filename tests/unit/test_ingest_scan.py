"""Which files count below a folder: no hidden ones, no litter, links as a person would expect, nothing but files."""

import os
import socket
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ingest import scan
from ingest.patterns import Rules
from ingest.places import Changed, Inside, is_empty, is_gone
from storage.errors import NotFound
from storage.folders import Folder


def put(path: Path, text: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def find(*places: Path, folders: Sequence[Folder] = ()) -> scan.Found:
    walk = scan.find(places, Rules(folders, places))
    while True:
        try:
            next(walk)
        except StopIteration as end:
            found: scan.Found = end.value
            return found


def names(found: scan.Found, below: Path) -> list[str]:
    return sorted(Path(path).relative_to(below).as_posix() for path in found.files)


def linked(place: Path, target: Path) -> None:
    try:
        place.symlink_to(target)
    except OSError:
        pytest.skip("this system does not let us make links")


def test_finds_supported_files_below_folders(tmp_path: Path) -> None:
    for name in ("a.md", "deep/er/合同.TXT"):
        put(tmp_path / name)
    for name in (".hidden.md", ".git/config.txt", "~$lock.docx", "__pycache__/a.txt", "node_modules/x/readme.md"):
        put(tmp_path / name)
    for name in ("Thumbs.db", "desktop.ini", "__MACOSX/a.txt", "song.mp3", "noSuffix"):
        put(tmp_path / name)
    found = find(tmp_path)
    assert names(found, tmp_path) == ["a.md", "deep/er/合同.TXT"]
    assert found.failures == [] and len(found.others) == 2


def test_what_is_named_counts_though_it_is_hidden(tmp_path: Path) -> None:
    hidden, folder = put(tmp_path / ".notes.md"), tmp_path / ".more"
    put(folder / "a.md")
    found = find(hidden, folder)
    assert names(found, tmp_path) == [".more/a.md", ".notes.md"]
    assert [seen.named for _, seen in sorted(found.files.items())] == [False, True]


def test_a_file_named_with_another_format_is_a_failure(tmp_path: Path) -> None:
    (failure,) = find(put(tmp_path / "song.mp3")).failures
    assert "Supported: .txt" in failure.reason


def test_each_file_once(tmp_path: Path) -> None:
    path = put(tmp_path / "a.md")
    assert list(find(tmp_path, path, tmp_path).files) == [str(path)]


def test_links_are_followed_and_their_paths_are_shown(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    put(outside / "a.md")
    put(outside / "deep" / "c.md")
    put(inside / "b.md")
    linked(inside / "elsewhere", outside)
    linked(inside / "link.md", outside / "a.md")
    linked(inside / "broken.md", outside / "nothing.md")
    linked(inside / "nowhere", outside / "nothing")
    found = find(inside)
    assert names(found, inside) == ["b.md", "elsewhere/a.md", "elsewhere/deep/c.md", "link.md"]
    assert found.failures == []


def test_links_that_go_in_circles_end(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    put(inside / "sub" / "b.md")
    put(tmp_path / "secret.md")
    linked(inside / "a", inside)
    linked(inside / "sub" / "up", tmp_path)  # above the place: not everything on the disk
    linked(inside / "self", inside / "self")
    assert names(find(inside), inside) == ["sub/b.md"]


def test_a_folder_is_found_without_a_link_where_that_is_possible(tmp_path: Path) -> None:
    put(tmp_path / "z" / "b.md")
    linked(tmp_path / "a", tmp_path / "z")
    assert names(find(tmp_path), tmp_path) == ["z/b.md"]
    linked(tmp_path / "z" / "one", put(tmp_path / ".store" / "c.md").parent)
    linked(tmp_path / "z" / "two", tmp_path / ".store")
    assert names(find(tmp_path), tmp_path) == ["z/b.md", "z/one/c.md"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_nothing_but_files_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.txt"))
        found = find(tmp_path, tmp_path / "pipe.txt")
    assert found.files == {}
    assert [failure.reason.split(":")[0] for failure in found.failures] == ["is no file with content"]


@pytest.fixture
def closed() -> Iterator[Path]:
    """A folder that we may not look into, not even if we are root, with a file in it."""
    if not hasattr(os, "geteuid"):
        pytest.skip("this system has other rights")
    before = os.geteuid()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        put(folder / "closed" / "a.md")
        put(folder / "b.md")
        folder.chmod(0o755)
        (folder / "closed").chmod(0)
        if before == 0:
            os.seteuid(65534)
        try:
            yield folder.resolve()
        finally:
            os.seteuid(before)
            (folder / "closed").chmod(0o700)


def test_a_folder_that_cannot_be_looked_into_is_a_failure(closed: Path) -> None:
    found = find(closed)
    (failure,) = found.failures
    assert failure.path == str(closed / "closed") and "cannot be listed (Permission denied)" in failure.reason
    assert names(found, closed) == ["b.md"]
    assert not is_gone(closed / "closed" / "a.md") and not is_empty(closed / "closed")


def test_a_missing_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="No such file or folder"):
        scan.roots([tmp_path, tmp_path / "gone"])
    assert scan.roots([Changed(tmp_path / "gone")]) == (tmp_path / "gone",)


def test_of_changed_places_only_what_is_there_and_counts(tmp_path: Path) -> None:
    folder = Folder("c", str(tmp_path), exclude=("*.draft.md",))
    places = [put(tmp_path / "a.md"), put(tmp_path / "b.draft.md"), tmp_path / "gone.md", put(tmp_path / "x.mp3")]
    found = find(*map(Changed, places), folders=[folder])
    assert names(found, tmp_path) == ["a.md"] and found.failures == []
    assert names(find(tmp_path / "b.draft.md", folders=[folder]), tmp_path) == ["b.draft.md"]


def test_a_file_that_a_link_hides_is_not_gone(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    put(disk / "docs" / "a.md")
    put(disk / "b.md")
    linked(tmp_path / "docs", disk / "docs")
    linked(tmp_path / "b.md", disk / "b.md")
    (disk / "b.md").unlink()
    assert is_gone(tmp_path / "b.md") and not is_gone(tmp_path / "docs" / "a.md")
    disk.rename(tmp_path / "away")  # the disk is not connected
    assert not is_gone(tmp_path / "docs" / "a.md") and not is_gone(tmp_path / "b.md")
    assert is_gone(tmp_path / "c.md") and is_gone(tmp_path / "away" / "b.md" / "c.md")


def test_inside_is_a_place_or_below_one(tmp_path: Path) -> None:
    inside = Inside([tmp_path / "a"])
    assert str(tmp_path / "a") in inside and str(tmp_path / "a" / "b" / "c") in inside
    assert str(tmp_path / "ab") not in inside and str(tmp_path) not in inside
    assert str(tmp_path) in Inside([Path(tmp_path.anchor)])
