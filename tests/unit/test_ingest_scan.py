"""Which files count, and how content decides what changed."""

from pathlib import Path

import pytest

from ingest import scan
from storage.errors import NotFound, UnreadableFile
from storage.records import File, Known


def put(path: Path, text: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_finds_supported_files_below_folders(tmp_path: Path) -> None:
    wanted = {put(tmp_path / "a.md"), put(tmp_path / "deep" / "er" / "合同.TXT")}
    for name in (".hidden.md", ".git/config.txt", "~$lock.docx", "song.mp3", "noSuffix"):
        put(tmp_path / name)
    found = scan.find([tmp_path])
    assert set(found.files) == wanted
    assert found.failures == ()


def test_a_file_named_with_another_format_is_a_failure(tmp_path: Path) -> None:
    (failure,) = scan.find([put(tmp_path / "song.mp3")]).failures
    assert "Supported: .txt" in failure.reason


def test_each_file_once(tmp_path: Path) -> None:
    path = put(tmp_path / "a.md")
    assert scan.find([tmp_path, path, tmp_path]).files == (path,)


def test_links_to_folders_are_not_followed_and_links_to_files_are(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    target = put(outside / "a.md")
    put(inside / "b.md")
    try:
        (inside / "loop").symlink_to(inside)
        (inside / "elsewhere").symlink_to(outside)
        (inside / "link.md").symlink_to(target)
        (inside / "broken.md").symlink_to(outside / "nothing.md")
    except OSError:
        pytest.skip("this system does not let us make links")
    assert scan.find([inside]).files == (inside / "b.md", target)


def test_a_missing_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="No such file or folder"):
        scan.roots([tmp_path, tmp_path / "gone"])


def test_fingerprint_refuses_what_is_too_large(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", "123456")
    assert scan.fingerprint(path, 6).size == 6
    with pytest.raises(UnreadableFile, match="too large"):
        scan.fingerprint(path, 5)
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        scan.fingerprint(tmp_path / "gone.txt", 5)


ROOT = Path("/docs").resolve()


def file(name: str, content: str, place: Path = ROOT) -> File:
    return File(str(place / name), content, 1, 0)


def known(name: str, content: str, place: Path = ROOT) -> Known:
    return Known(f"id-{name}", file(name, content, place))


def names(pairs: tuple[tuple[File, Known], ...]) -> list[tuple[str, str]]:
    return [(Path(file.path).name, before.id) for file, before in pairs]


def test_content_decides() -> None:
    files = [file("same", "1"), file("changed", "2b"), file("new", "3"), file("moved", "4")]
    before = [known("same", "1"), known("changed", "2"), known("old", "4"), known("gone", "5")]
    changes = scan.compare(files, before, [ROOT], frozenset({before[2].file.path, before[3].file.path}))
    assert [Path(each.path).name for each in changes.added] == ["new"]
    assert names(changes.changed) == [("changed", "id-changed")]
    assert names(changes.renamed) == [("moved", "id-old")]
    assert [each.id for each in changes.removed] == ["id-gone"]
    assert changes.unchanged == 1


def test_a_copy_is_new_while_the_original_is_there() -> None:
    changes = scan.compare([file("a", "1"), file("copy", "1")], [known("a", "1")], [ROOT], frozenset())
    assert [Path(each.path).name for each in changes.added] == ["copy"]
    assert changes.renamed == ()


def test_one_lost_file_is_renamed_once() -> None:
    before = known("old", "1")
    changes = scan.compare([file("a", "1"), file("b", "1")], [before], [ROOT], frozenset({before.file.path}))
    assert names(changes.renamed) == [("a", "id-old")]
    assert [Path(each.path).name for each in changes.added] == ["b"]


def test_what_is_gone_elsewhere_stays_known() -> None:
    elsewhere = known("x", "1", Path("/other").resolve())
    sibling = Known("id-s", file("x", "2", Path(f"{ROOT}-more")))
    gone = frozenset({elsewhere.file.path, sibling.file.path})
    assert scan.compare([], [elsewhere, sibling], [ROOT], gone).removed == ()


def test_a_name_that_is_no_unicode_is_a_reason_not_a_crash(tmp_path: Path) -> None:
    path = Path(str(tmp_path / "bad-\udcff.txt"))
    scan.printable(path).encode()
    with pytest.raises(UnreadableFile, match="rename it"):
        scan.fingerprint(path, 10)


def test_files_of_other_formats_are_counted_and_hidden_ones_are_not(tmp_path: Path) -> None:
    for name in ("a.txt", "song.mp3", "sheet.xyz", ".hidden.mp3", "~$lock.docx"):
        (tmp_path / name).write_bytes(b"x")
    found = scan.find(scan.roots([tmp_path]))
    assert [path.name for path in found.files] == ["a.txt"]
    assert found.passed_over == 2
