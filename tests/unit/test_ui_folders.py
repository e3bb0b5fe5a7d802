"""Looking through the folders of this computer."""

import os
from pathlib import Path

import pytest

from ui.folders import any_in, beginnings, look, nearest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("Zoo", "apple", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "a.txt").touch()
    (tmp_path / ".secret").touch()
    return tmp_path


def test_folders_are_listed_by_name_and_files_only_counted(folder: Path) -> None:
    seen = look(folder)
    assert [each.path.name for each in seen.folders] == ["apple", "Zoo"]
    assert seen.files == 1 and seen.problem == "" and all(each.open for each in seen.folders)


def test_hidden_ones_are_shown_on_demand(folder: Path) -> None:
    seen = look(folder, hidden=True)
    assert [each.path.name for each in seen.folders] == [".hidden", "apple", "Zoo"] and seen.files == 2


def test_a_folder_that_cannot_be_listed_says_why(folder: Path) -> None:
    assert "directory" in look(folder / "nothing").problem.lower()


def test_a_folder_that_may_not_be_read_is_marked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("Zoo"))
    assert [each.open for each in look(folder).folders] == [True, False]


def test_one_begins_at_what_was_typed_or_the_nearest_folder_above(folder: Path) -> None:
    assert nearest(f' "{folder}" ') == folder
    assert nearest(str(folder / "gone" / "further")) == folder
    assert nearest("") == nearest("~nobody-of-this-name/x") == Path.home()


def test_all_paths_begin_somewhere(folder: Path) -> None:
    assert beginnings() and all(place.is_absolute() and place.parent == place for place in beginnings()[:1])
    assert any_in(folder) and not any_in(folder / "Zoo") and not any_in(folder / "gone")
