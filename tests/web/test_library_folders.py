"""The folders that a collection is linked with, on the library page: linked, switched, narrowed, synced, let go."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import ui.web.parts
from tests.web.test_chat import html
from tests.web.test_library import add, keys, listed, opened, show, wait
from ui.app import App


@pytest.fixture(autouse=True)
def following(app: App) -> Iterator[None]:
    """What a test lets be followed ends with it."""
    yield
    ui.web.parts.parts().close()


def key(at: AppTest, beginning: str) -> str:
    return next(
        each.key for each in (*at.button, *at.toggle, *at.menu_button) if (each.key or "").startswith(beginning)
    )


def test_a_folder_that_is_added_is_linked_and_followed_or_not(app: App, documents: Path) -> None:
    at = add(opened(), documents)
    (folder,) = app.library.folders.folders("default")
    assert Path(folder.path) == documents and not folder.watched and folder.synced
    show(at, "folders")
    assert "3 documents" in html(at) and "synced today" in html(at) and not at.toggle(key=key(at, "watch-")).value
    add(at, documents, sync=True)
    (folder,) = app.library.folders.folders("default")
    assert folder.watched and ui.web.parts.parts().following.of(folder)
    assert "followed" in html(at)


def test_a_single_file_is_added_and_nothing_is_linked(app: App, documents: Path) -> None:
    at = add(opened(), documents / "minutes.txt", sync=True)
    assert app.library.folders.folders() == () and listed(at, app) == ["minutes.txt"]


def test_the_switch_says_whether_a_folder_is_followed(app: App, documents: Path) -> None:
    at = show(add(opened(), documents), "folders")
    at.toggle(key=key(at, "watch-")).set_value(True).run()
    (folder,) = app.library.folders.folders("default")
    assert folder.watched and ui.web.parts.parts().following.of(folder)
    at.toggle(key=key(at, "watch-")).set_value(False).run()
    (folder,) = app.library.folders.folders("default")
    assert not folder.watched and ui.web.parts.parts().following.of(folder) is None


def test_a_folder_is_brought_up_to_date_at_once(app: App, documents: Path) -> None:
    at = show(add(opened(), documents), "folders")
    at.button(key="dismiss-0").click().run()
    (documents / "new.txt").write_text("Quite new.", encoding="utf-8")
    (documents / "minutes.txt").unlink()
    at.button(key=key(at, "sync-")).click().run()
    assert "1 added" in html(wait(at)) and "1 removed" in html(at)
    assert len(listed(show(at, "documents"), app)) == 3


def test_patterns_say_which_files_count(app: App, documents: Path) -> None:
    at = show(add(opened(), documents), "folders")
    at.menu_button(key=key(at, "folder-menu-")).click("patterns").run()
    assert ".footnoteignore" in html(at)
    at.text_area(key="include").set_value("*.md\n\n*.txt")
    at.text_area(key="exclude").set_value("手册.*")
    next(each for each in at.button if each.label == "Save and sync").click().run()
    wait(at)
    (folder,) = app.library.folders.folders("default")
    assert (folder.include, folder.exclude) == (("*.md", "*.txt"), ("手册.*",))
    assert sorted(Path(each.path).name for each in app.library.documents()) == ["minutes.txt", "warranty.md"]
    assert "some files only" in html(at)


def test_a_pattern_that_is_none_is_refused_in_one_line(app: App, documents: Path) -> None:
    at = show(add(opened(), documents), "folders")
    at.menu_button(key=key(at, "folder-menu-")).click("patterns").run()
    at.text_area(key="exclude").set_value("a**b**c**d**e**f")
    next(each for each in at.button if each.label == "Save and sync").click().run()
    assert len(at.error) == 1 and "is no pattern" in at.error[0].value
    assert app.library.folders.folders("default")[0].exclude == ()


@pytest.mark.parametrize("taken", [False, True])
def test_a_folder_is_let_go_with_its_documents_or_without(app: App, documents: Path, taken: bool) -> None:
    at = show(add(opened(), documents, sync=True), "folders")
    at.menu_button(key=key(at, "folder-menu-")).click("unlink").run()
    at.radio(key="unlink-documents").set_value(taken).run()
    at.button(key="confirm").click().run()
    assert app.library.folders.folders() == () and ui.web.parts.parts().following.seen == ()
    assert len(app.library.documents()) == (0 if taken else 3)
    assert len(list(documents.iterdir())) == 3


def test_a_document_that_lies_elsewhere_too_stays(app: App, documents: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(documents, tmp_path / "copy")
    (copy / "more.txt").write_text("Only in the copy.", encoding="utf-8")
    add(opened(), documents)
    at = add(opened(), copy)
    assert "also at" in html(at) and len(listed(at, app)) == 4
    show(at, "folders")
    menu = [each for each in at.menu_button if (each.key or "").startswith("folder-menu-")]
    assert [each.label for each in menu] == ["More for copy", "More for documents"]
    menu[0].click("unlink").run()
    at.radio(key="unlink-documents").set_value(True).run()
    at.button(key="confirm").click().run()
    assert sorted(Path(each.path).parent for each in app.library.documents()) == [documents] * 3


def test_a_folder_that_is_gone_says_so_above_and_keeps_its_documents(app: App, documents: Path) -> None:
    at = add(opened(), documents, sync=True)
    documents.rename(documents.with_name("away"))
    ui.web.parts.parts().following.settle()
    at.run()
    assert len(at.warning) == 1 and "The folder is not there" in at.warning[0].value
    assert "not in sync" in html(show(at, "folders")) and len(app.library.documents()) == 3


def test_a_collection_that_is_linked_and_still_empty_can_be_chosen(app: App, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    app.library.folders.link("later", str(tmp_path / "empty"))
    at = opened()
    at.selectbox(key="shown").set_value("later").run()
    assert "holds nothing yet" in html(at) and "demo" not in keys(at)
    assert "not read yet" in html(show(at, "folders")) and key(at, "folder-menu-")


@pytest.mark.parametrize("left_out", [True, False])
def test_a_document_that_is_removed_stays_out_of_its_linked_folder_or_comes_back(
    app: App, documents: Path, left_out: bool
) -> None:
    (documents / "notes [old] 1*.txt").write_text("What was noted once.", encoding="utf-8")
    at = add(opened(), documents)
    document = app.library.document("notes [old] 1*.txt").id
    at.button(key=f"remove-{document}").click().run()
    at.checkbox(key="leave-out").set_value(left_out).run()
    at.button(key="confirm").click().run()
    assert len(app.library.documents()) == 3
    show(at, "folders")
    at.button(key=key(at, "sync-")).click().run()
    wait(at)
    assert len(app.library.documents()) == (3 if left_out else 4)
