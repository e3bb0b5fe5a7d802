"""Room on the disk, of folders that other processes change."""

import os
from collections import namedtuple
from pathlib import Path

import pytest

from storage.errors import DownloadFailed
from storage.models import disk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "one" / "two").mkdir(parents=True)
    (folder / "a.whl").write_bytes(b"x" * 10)
    (folder / "one" / "b.log").write_bytes(b"x" * 5)
    (folder / "one" / "two" / "c.whl").write_bytes(b"x" * 3)
    return folder


def test_the_files_of_all_folders_are_counted_or_those_of_one_ending(folder: Path) -> None:
    assert disk.size(folder) == 18
    assert disk.size(folder, ".whl") == 13
    assert disk.size(folder / "none") == 0


def test_a_folder_that_vanishes_while_it_is_looked_through_counts_for_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def vanishing(path: str) -> object:
        if Path(path).name == "one" and Path(path).exists():
            (folder / "one").rename(folder.parent / "elsewhere")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", vanishing)

    assert disk.size(folder) == 10


def test_too_small_a_disk_is_said_before_anything_is_fetched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda path: usage(0, 0, 100))

    disk.check_room("some/model", folder, 118)  # 18 of them are here already
    with pytest.raises(DownloadFailed, match=r"some/model needs .* are free\. Free some space\."):
        disk.check_room("some/model", folder, 119)
