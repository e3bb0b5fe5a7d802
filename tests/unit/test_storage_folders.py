"""Links between collections and folders."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.database import Database
from storage.errors import NotFound
from storage.folders import Folder, Folders
from storage.library import Library
from storage.renaming import rename_collection
from tests.unit.test_storage_listing import document, library, put

__all__ = ["library"]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(Database(f"sqlite:///{tmp_path / 'a.sqlite'}"))


def test_a_folder_may_be_linked_before_its_collection_holds_anything(folders: Folders) -> None:
    folders.link("c", "/docs")
    folders.link("d", "/docs")
    folders.link("c", "/a", include=["*.pdf"])
    assert folders.folders("c") == (Folder("c", "/a", ("*.pdf",)), Folder("c", "/docs"))
    assert [each.collection for each in folders.folders()] == ["c", "c", "d"]


def test_patterns_stay_until_others_are_given(folders: Folders) -> None:
    folders.link("c", "/docs", ["*.pdf"], ["drafts/"])
    folders.link("c", "/docs")
    folders.link("c", "/docs", exclude=["*.tmp"])
    assert folders.folders() == (Folder("c", "/docs", ("*.pdf",), ("*.tmp",)),)
    folders.link("c", "/docs", include=[], exclude=[])
    assert folders.folders() == (Folder("c", "/docs"),)


def test_watching_and_being_up_to_date_are_kept(folders: Folders) -> None:
    folders.link("c", "/docs")
    folders.watch("c", "/docs", True)
    began = datetime.now(UTC)
    folders.synced("c", "/docs")
    folders.synced("c", "/not/linked")
    folders.link("c", "/docs", exclude=["x"])
    (folder,) = folders.folders()
    assert folder.watched and folder.synced is not None and folder.synced >= began
    folders.watch("c", "/docs", False)
    assert not folders.folders()[0].watched
    with pytest.raises(NotFound, match="documents folders"):
        folders.watch("c", "/other", True)
    folders.unlink("c", "/docs")
    folders.unlink("c", "/docs")
    assert folders.folders() == ()


def test_links_follow_their_collection(library: Library) -> None:
    put(library, document("a"))
    library.folders.link("c", "/docs")
    library.folders.link("new", "/left over")
    rename_collection(library.database, "c", "new")
    assert library.folders.folders() == (Folder("new", "/docs"),)
    library.remove_collection("new")
    assert library.folders.folders() == ()
