"""The names of folders in the filter."""

from ui.web.documents.narrow import within


def test_folders_are_named_by_what_they_do_not_share() -> None:
    assert within(["/home/me/a", "/home/me/b/c"]) == {
        "/home/me/a": "a", "/home/me/b": "b", "/home/me/b/c": "b/c",
    }  # fmt: skip


def test_a_folder_that_holds_the_others_keeps_its_whole_name() -> None:
    assert within(["/home/me", "/home/me/b"]) == {"/home/me": "/home/me", "/home/me/b": "b"}


def test_one_folder_and_none() -> None:
    assert within(["/home/me"]) == {"/home/me": "/home/me"} and within([]) == {}
