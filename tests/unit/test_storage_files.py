"""Documents and the files that hold them: several may share one, and it goes with the last."""

from dataclasses import replace
from pathlib import Path

import pytest

from storage.database import migrate
from storage.errors import NotFound
from storage.files import Filing
from storage.listing import Listing, Wanted
from storage.records import DocumentInfo, File, Filter, Known
from tests.unit.test_storage_library import Place, sha256, written


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def file(name: str, text: str = "one", **values: object) -> File:
    return replace(File(f"/docs/{name}", sha256(text), len(text), 5), **values)  # type: ignore[arg-type]


def put(place: Place, *names: str, text: str = "one") -> str:
    """A document held by files of these names; its id is that of the first."""
    document, chunks = written(names[0], text)
    entry = replace(place.entry(document, chunks), files=tuple(file(name, text) for name in names))
    place.library.replace("c", [entry])
    return document.id


def put_parts(place: Place, name: str, *texts: str) -> list[str]:
    """A document in parts, each in a transaction of its own as ingest writes them; the last brings the file."""
    ids: list[str] = []
    for part, text in enumerate(texts, 1):
        document, chunks = written(f"{name} {part}", text)
        document = replace(document, path=f"/docs/{name}", title=name, part=part)
        of = ids[0] if ids else None
        files = (file(name),) if part == len(texts) else ()
        place.library.replace("c", [replace(place.entry(document, chunks), files=files, part_of=of)])
        ids.append(document.id)
    return ids


def listed(place: Place) -> dict[str, DocumentInfo]:
    return {info.id: info for info in place.library.documents("c")}


def paths(place: Place) -> dict[str, tuple[str, ...]]:
    return {id: tuple(Path(path).name for path in info.paths) for id, info in listed(place).items()}


def refile(place: Place, **filing: object) -> None:
    place.library.refile("c", Filing(**filing))  # type: ignore[arg-type]


def test_a_document_is_shown_under_every_path_and_found_by_each(place: Place) -> None:
    id = put(place, "a.txt", "sub/b.txt")
    assert paths(place) == {id: ("a.txt", "b.txt")}
    for name in ("/docs/a.txt", "/docs/sub/b.txt", "a.txt", "b.txt", id):
        assert place.library.document(name).id == id
    with pytest.raises(NotFound):
        place.library.document("c.txt")


def test_it_goes_with_the_last_of_its_files(place: Place) -> None:
    id = put(place, "a.txt", "b.txt")
    refile(place, dropped=("/docs/a.txt",))
    assert paths(place) == {id: ("b.txt",)} and listed(place)[id].path == "/docs/b.txt"
    assert place.found("one") == {"one"}
    refile(place, dropped=("/docs/b.txt",))
    assert paths(place) == {} and place.found("one") == set()


def test_a_file_that_changes_leaves_the_document_to_the_others(place: Place) -> None:
    id = put(place, "a.txt", "b.txt")
    place.library.tag(id, ["kept"])
    document, chunks = written("new", "two")
    entry = replace(place.entry(replace(document, path="/docs/a.txt"), chunks), files=(file("a.txt", "two"),))
    place.library.replace("c", [entry])
    assert paths(place) == {id: ("b.txt",), document.id: ("a.txt",)}
    assert (listed(place)[id].path, listed(place)[id].tags) == ("/docs/b.txt", ("kept",))


def test_what_takes_the_only_file_of_a_document_takes_its_place(place: Place) -> None:
    put(place, "a.txt")
    document, chunks = written("new", "two")
    entry = replace(place.entry(replace(document, path="/docs/a.txt"), chunks), files=(file("a.txt", "two"),))
    place.library.replace("c", [entry])
    assert paths(place) == {document.id: ("a.txt",)}


def test_moved_files_keep_documents_and_tags(place: Place) -> None:
    a, b = put(place, "a.txt"), put(place, "b.txt", text="two")
    place.library.tag(a, ["mine"])
    swap = (("/docs/a.txt", file("b.txt")), ("/docs/b.txt", file("a.txt", "two")))
    refile(place, moved=swap)
    assert paths(place) == {a: ("b.txt",), b: ("a.txt",)}
    assert (listed(place)[a].path, listed(place)[a].tags) == ("/docs/b.txt", ("mine",))
    refile(place, moved=(("/docs/b.txt", file("a.txt")),), dropped=("/docs/a.txt",))
    assert paths(place) == {a: ("a.txt",)}


def test_a_file_that_joins_another_leaves_its_tags_to_it(place: Place) -> None:
    a, b = put(place, "a.txt"), put(place, "b.txt", text="two")
    place.library.tag(a, ["x", "y"])
    place.library.tag(b, ["y", "z"])
    refile(place, joined=((a, file("b.txt")),))
    assert paths(place) == {a: ("a.txt", "b.txt")} and listed(place)[a].tags == ("x", "y", "z")


def test_what_has_vanished_meanwhile_is_passed_over(place: Place) -> None:
    id = put(place, "a.txt")
    refile(place, moved=(("/docs/gone", file("x.txt")),), joined=(("gone", file("y.txt")),), dropped=("/docs/none",))
    assert paths(place) == {id: ("a.txt",)}
    place.library.refile("no such collection", Filing(dropped=("/docs/a.txt",)))
    assert paths(place) == {id: ("a.txt",)}


def test_how_a_file_looks_is_kept_unless_it_had_just_been_changed(place: Place) -> None:
    put(place, "a.txt", "b.txt")
    refile(place, touched=(file("a.txt", modified=9, named=True), file("b.txt", modified=9, settled=False)))
    files = {Path(each.file.path).name: each.file for each in place.library.known("c")}
    assert (files["a.txt"].modified, files["a.txt"].named) == (9, True)
    assert (files["b.txt"].modified, files["b.txt"].named) == (None, False)


def test_moves_change_no_generation_and_what_goes_does(place: Place) -> None:
    put(place, "a.txt")
    before = place.library.collections()[0].generation
    refile(place, moved=(("/docs/a.txt", file("b.txt")),))
    assert place.library.collections()[0].generation == before
    refile(place, dropped=("/docs/b.txt",))
    assert place.library.collections()[0].generation > before


def test_parts_stay_together(place: Place) -> None:
    ids = put_parts(place, "long.txt", "one", "two", "three")
    assert [(info.part, info.paths) for info in listed(place).values()] == [(n, ("/docs/long.txt",)) for n in (1, 2, 3)]
    assert place.library.document("long.txt").id == ids[0]
    place.library.tag(ids[0], ["t"])
    refile(place, moved=(("/docs/long.txt", file("moved.txt")),))
    refile(place, joined=((ids[0], file("copy.txt")),))
    assert {(info.path, info.tags) for info in listed(place).values()} == {("/docs/moved.txt", ("t",))}
    assert set(paths(place).values()) == {("copy.txt", "moved.txt")}
    place.library.remove([ids[1]])
    assert listed(place) == {} and place.found("one two three") == set()


def test_a_document_with_fewer_parts_leaves_none_of_the_old_ones(place: Place) -> None:
    before = put_parts(place, "long.txt", "one", "two", "three")
    place.library.tag(before[0], ["t"])
    after = put_parts(place, "long.txt", "four", "five")
    assert after == before[:2] and list(listed(place)) == after
    assert place.found("one two three four five") == {"four", "five"}
    assert {info.tags for info in listed(place).values()} == {("t",)}


def test_what_was_not_stored_to_its_end_is_known_as_such(place: Place) -> None:
    document, chunks = written("long.txt", "one")
    place.library.replace("c", [replace(place.entry(document, chunks), files=())])
    assert place.library.known("c") == () and place.library.unfinished("c") == {"/docs/long.txt": document.id}
    put(place, "long.txt")
    assert place.library.unfinished("c") == {} and len(listed(place)) == 1


def test_lists_know_every_path(place: Place) -> None:
    id = put(place, "a.txt", "sub/b.txt")
    put(place, "c.txt", text="two")
    listing = Listing(place.database)
    assert listing.ids("c", Wanted("sub")) == (id,) == listing.ids("c", Wanted(filter=Filter(folder="/docs/sub")))
    assert listing.choices("c").folders == (("/docs", 2), ("/docs/sub", 1))
    assert listing.documents("c", [id])[0].paths == ("/docs/a.txt", "/docs/sub/b.txt")
    assert place.library.paths(id) == ("/docs/a.txt", "/docs/sub/b.txt") and place.library.paths("none") == ()


def test_a_thousand_files_move_in_a_moment(place: Place) -> None:
    entries = []
    for number in range(1000):
        document, chunks = written(f"{number}.txt", f"text {number}")
        entries.append(replace(place.entry(document, chunks), files=(file(f"{number}.txt", f"text {number}"),)))
    place.library.replace("c", entries)
    before = {info.id: info.title for info in place.library.documents("c")}
    moved = tuple((f"/docs/{n}.txt", file(f"new/{n}.txt", f"text {n}")) for n in range(1000))
    refile(place, moved=moved)
    assert {info.id: Path(info.path).name for info in place.library.documents("c")} == before
    assert all(info.path.startswith("/docs/new/") for info in place.library.documents("c"))


def test_documents_from_before_there_were_files_have_theirs(place: Place) -> None:
    id = put(place, "a.txt")
    migrate(place.database.engine, back_to="0004")
    migrate(place.database.engine)
    assert place.library.known("c") == (Known(id, file("a.txt", modified=None)),)
    assert paths(place) == {id: ("a.txt",)}
