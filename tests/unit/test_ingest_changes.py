"""What has changed, by content: documents go with their content when files move, and stay at their path else."""

from collections.abc import Sequence
from pathlib import Path

from ingest.changes import Changes, compare
from storage.files import Filing
from storage.records import File, Known

ROOT = Path("/docs")


def file(name: str, content: str) -> File:
    return File(str(ROOT / name), content, 1, 0)


def known(name: str, content: str, id: str = "") -> Known:
    return Known(id or f"id-{name}", file(name, content))


def compared(files: Sequence[File], before: Sequence[Known], dropped: Sequence[str] | None = None) -> Changes:
    """Every known path with no file is gone, and dropped unless told otherwise."""
    gone = {each.file.path for each in before} - {each.path for each in files}
    return compare(files, before, gone, gone if dropped is None else {str(ROOT / name) for name in dropped})


def name(path: str) -> str:
    return str(Path(path).relative_to(ROOT))


def moved(changes: Changes) -> list[tuple[str, str]]:
    return sorted((name(path), name(file.path)) for path, file in changes.filing.moved)


def joined(changes: Changes) -> list[tuple[str, str]]:
    return sorted((id, name(file.path)) for id, file in changes.filing.joined)


def dropped(changes: Changes) -> list[str]:
    return sorted(map(name, changes.filing.dropped))


def to_read(changes: Changes) -> list[tuple[str, str | None, bool]]:
    return [(" ".join(name(f.path) for f in each.files), each.id, each.added) for each in changes.to_read]


def test_content_decides() -> None:
    files = [file("same", "1"), file("changed", "2b"), file("new", "3"), file("moved", "4")]
    changes = compared(files, [known("same", "1"), known("changed", "2"), known("old", "4"), known("gone", "5")])
    assert moved(changes) == [("old", "moved")]
    assert dropped(changes) == ["gone"]
    assert to_read(changes) == [("changed", "id-changed", False), ("new", None, True)]
    assert (changes.added, changes.changed, changes.unchanged) == (0, 1, 1)


def test_nothing_to_do_is_nothing() -> None:
    changes = compared([file("a", "1")], [known("a", "1")])
    assert changes == Changes(Filing(), (), 0, 0, 1)


def test_a_copy_shares_the_document_of_its_original() -> None:
    changes = compared([file("a", "1"), file("copy", "1")], [known("a", "1")])
    assert joined(changes) == [("id-a", "copy")] and changes.added == 1 and changes.to_read == ()


def test_copies_that_come_together_are_read_once() -> None:
    changes = compared([file("a", "1"), file("b", "1"), file("c.txt", "1")], [])
    assert to_read(changes) == [("a b", None, True), ("c.txt", None, True)]  # another suffix may read otherwise


def test_of_two_copies_one_goes_on_as_the_lost_one_and_the_other_shares() -> None:
    changes = compared([file("a", "1"), file("b", "1")], [known("old", "1")])
    assert moved(changes) == [("old", "a")] and joined(changes) == [("id-old", "b")]


def test_a_moved_folder_keeps_the_names_of_its_files() -> None:
    files = [file("new/a", "1"), file("new/b", "1")]
    changes = compared(files, [known("old/b", "1", "B"), known("old/a", "1", "A")])
    assert moved(changes) == [("old/a", "new/a"), ("old/b", "new/b")] and changes.filing.dropped == ()


def test_one_of_several_paths_changes() -> None:
    before = [known("a", "1", "D"), known("b", "1", "D")]
    changes = compared([file("a", "2"), file("b", "1")], before)
    assert to_read(changes) == [("a", None, False)]  # a document of its own: the other keeps this one
    both = compared([file("a", "2"), file("b", "2")], before)
    assert to_read(both) == [("a b", "D", False)]
    apart = compared([file("a", "2"), file("b", "3")], before)
    assert to_read(apart) == [("a", "D", False), ("b", None, False)]


def test_a_file_that_becomes_a_copy_shares() -> None:
    changes = compared([file("a", "1"), file("b", "1")], [known("a", "1"), known("b", "2")])
    assert joined(changes) == [("id-a", "b")] and (changes.added, changes.changed) == (0, 1)


def test_one_of_several_paths_goes() -> None:
    before = [known("a", "1", "D"), known("b", "1", "D")]
    assert dropped(compared([file("b", "1")], before)) == ["a"]
    changes = compared([file("b", "2")], before)
    assert dropped(changes) == ["a"] and to_read(changes) == [("b", "D", False)]


def test_what_replaces_a_file_by_its_name_changes_it() -> None:
    changes = compared([file("a", "2")], [known("a", "1"), known("temp", "2")])
    assert to_read(changes) == [("a", "id-a", False)] and dropped(changes) == ["temp"]


def test_files_that_change_places_keep_their_documents() -> None:
    before = [known("a", "1"), known("b", "2"), known("c", "3")]
    swapped = compared([file("a", "2"), file("b", "1"), file("c", "3")], before)
    assert moved(swapped) == [("a", "b"), ("b", "a")] and swapped.to_read == ()
    turned = compared([file("a", "3"), file("b", "1"), file("c", "2")], before)
    assert moved(turned) == [("a", "b"), ("b", "c"), ("c", "a")]
    pushed = compared([file("a", "new"), file("b", "1"), file("c", "2")], before)
    assert [each[1] for each in to_read(pushed)] == ["id-a", "id-b", "id-c"]  # each stays at its path


def test_another_suffix_is_read_anew_as_the_same_document() -> None:
    changes = compared([file("a.md", "1")], [known("a.txt", "1", "D")])
    assert to_read(changes) == [("a.md", "D", False)] and changes.filing == Filing()
    shared = compared([file("a.md", "1"), file("b.txt", "1")], [known("a.txt", "1", "D"), known("b.txt", "1", "D")])
    assert to_read(shared) == [("a.md", None, True)] and dropped(shared) == ["a.txt"]


def test_what_is_gone_elsewhere_stays_known() -> None:
    before = [known("x", "1")]
    assert compared([], before, dropped=[]).filing == Filing()
    assert joined(compared([file("y.txt", "2")], [*before, known("z.txt", "2")], dropped=[])) == []
    assert moved(compared([file("y", "1")], before, dropped=[])) == [("x", "y")]  # but moves are noticed


def test_a_file_that_only_looks_different_is_touched() -> None:
    seen = File(str(ROOT / "a"), "1", 1, 5)
    changes = compared([seen], [known("a", "1")])
    assert changes.filing == Filing(touched=(seen,)) and changes.unchanged == 1
