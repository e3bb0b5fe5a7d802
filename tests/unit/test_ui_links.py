"""Naming a folder links it, but for one that is brought in anyway."""

from pathlib import Path

import pytest

from ingest.patterns import IGNORE
from storage.database import Database
from storage.errors import BadSettings
from storage.folders import Folder, Folders
from ui.links import link


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(Database(f"sqlite:///{tmp_path / 'a.sqlite'}"))


def paths(folders: Folders) -> list[str]:
    return [each.path for each in folders.folders("c")]


def test_what_is_in_a_linked_folder_needs_no_link(folders: Folders, tmp_path: Path) -> None:
    link(folders, "c", tmp_path / "docs")
    link(folders, "c", tmp_path / "docs" / "sub")
    link(folders, "c", tmp_path / "docs-more")
    assert paths(folders) == [str(tmp_path / "docs"), str(tmp_path / "docs-more")]
    link(folders, "other", tmp_path / "docs" / "sub")
    assert [each.path for each in folders.folders("other")] == [str(tmp_path / "docs" / "sub")]


def test_what_is_hidden_excluded_or_has_patterns_of_its_own_does(folders: Folders, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    (docs / "sub").mkdir(parents=True)
    (docs / IGNORE).write_text("private/", encoding="utf-8")
    link(folders, "c", docs, exclude=["drafts/"])
    for name in ("drafts", ".hidden", "private", "fine"):
        link(folders, "c", docs / name)
    link(folders, "c", docs / "sub", include=["*.pdf"])
    assert paths(folders) == [str(docs), *(str(docs / name) for name in (".hidden", "drafts", "private", "sub"))]


def test_links_inside_go_unless_they_say_more(folders: Folders, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    for name in ("plain", "watched"):
        link(folders, "c", docs / name)
    link(folders, "c", docs / "patterns", exclude=["x"])
    folders.watch("c", str(docs / "watched"), True)
    link(folders, "c", docs)
    assert paths(folders) == [str(docs), str(docs / "patterns"), str(docs / "watched")]


def test_empty_patterns_forget_those_before(folders: Folders, tmp_path: Path) -> None:
    link(folders, "c", tmp_path, exclude=["x"])
    link(folders, "c", tmp_path, include=["*.md", ""])
    link(folders, "c", tmp_path, exclude=[""])
    assert folders.folders("c") == (Folder("c", str(tmp_path), ("*.md",)),)


def test_what_is_no_pattern_changes_nothing(folders: Folders, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="gitignore"):
        link(folders, "c", tmp_path, exclude=["!"])
    assert paths(folders) == []
