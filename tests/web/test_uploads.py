"""Dropped files stay inside the home folder, whatever they are called."""

from pathlib import Path

import pytest

from ui.uploads import forget, keep, safe


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "a/../../b.txt", "..", "", "con", "NUL.txt", "a\x00b\n.md",
     "x" * 300 + ".pdf", 'q?<>|":*.txt', ".hidden."],
)  # fmt: skip
def test_names_never_lead_outside(name: str, tmp_path: Path) -> None:
    (path,) = keep([(name, b"x")], tmp_path / "uploads", "default")
    assert path.read_bytes() == b"x"
    assert path.resolve().parent == (tmp_path / "uploads" / "default").resolve()
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "uploads", tmp_path / "uploads" / "default", path]


def test_the_suffix_survives() -> None:
    assert safe("合同 2024.pdf") == "合同 2024.pdf"
    assert safe("x" * 300 + ".pdf").endswith(".pdf")
    assert safe("NUL.txt") == "_NUL.txt"


def test_the_same_name_replaces(tmp_path: Path) -> None:
    keep([("a.txt", b"old")], tmp_path, "default")
    (path,) = keep([("a.txt", b"new")], tmp_path, "default")
    assert path.read_bytes() == b"new"


def test_collections_with_like_names_do_not_share_a_folder(tmp_path: Path) -> None:
    (one,) = keep([("a.txt", b"1")], tmp_path, "a/b")
    (two,) = keep([("a.txt", b"2")], tmp_path, "b")
    (three,) = keep([("a.txt", b"3")], tmp_path, "../b")
    assert {one.read_bytes(), two.read_bytes(), three.read_bytes()} == {b"1", b"2", b"3"}


def test_only_copies_are_deleted(tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    (copy,) = keep([("a.txt", b"1")], uploads, "default")
    own = tmp_path / "own.txt"
    own.write_bytes(b"mine")
    forget(str(own), uploads)
    forget(str(uploads / "default" / ".." / ".." / "own.txt"), uploads)
    assert own.exists()
    forget(str(copy), uploads)
    assert not copy.exists()


def test_a_file_that_belongs_to_another_collection_is_not_replaced(tmp_path: Path) -> None:
    (first,) = keep([("a.txt", b"1")], tmp_path, "default")
    (second,) = keep([("a.txt", b"2")], tmp_path, "default", {str(first)})
    assert first.read_bytes() == b"1" and second.read_bytes() == b"2" and second.name == "a (2).txt"
