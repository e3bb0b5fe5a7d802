"""Only documents that fit a filter are searched, in both indexes, and every hit that fits comes back."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.asked import Asked
from storage.errors import NotFound
from storage.files import Filing
from storage.indexes import EVERYTHING
from storage.records import Document, File, Filter
from tests.unit.test_storage_library import Place, written


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def put(place: Place, path: str, *texts: str, **facts: object) -> Document:
    document, chunks = written(path, *texts)
    document = replace(document, path=path, **facts)  # type: ignore[arg-type]
    place.library.replace("c", [place.entry(document, chunks)])
    return document


def paths(place: Place, filter: Filter, question: str = "whales", k: int = 10) -> tuple[set[str], set[str]]:
    """What each index finds."""
    found = place.indexes.search("c", Asked(question), k, filter)
    return {hit.path for hit in found.vectors}, {hit.path for hit in found.keywords}


@pytest.mark.parametrize(
    ("folder", "fits"),
    [
        ("/a", {"/a/x.txt", "/a/b/y.txt", "/a/b_c/z.txt"}),
        ("/a/", {"/a/x.txt", "/a/b/y.txt", "/a/b_c/z.txt"}),
        ("/", {"/a/x.txt", "/a/b/y.txt", "/a/b_c/z.txt", "/ab/x.txt", "/A/x.txt", "/a%/x.txt", "/a/bxc.txt"}),
        ("/a/b_c", {"/a/b_c/z.txt"}),
        ("/a%", {"/a%/x.txt"}),
        ("C:\\docs", {"C:\\docs\\w.txt"}),
        ("C:\\docs\\", {"C:\\docs\\w.txt"}),
    ],
)
def test_a_folder_holds_what_lies_below_it_to_the_letter(place: Place, folder: str, fits: set[str]) -> None:
    known = ["/a/x.txt", "/a/b/y.txt", "/a/b_c/z.txt", "/ab/x.txt", "/A/x.txt", "/a%/x.txt", "C:\\docs\\w.txt",
             "C:\\docs2\\w.txt"]  # fmt: skip
    for path in known:
        put(place, path, f"whales at {path}")
    assert paths(place, Filter(folder=folder)) == (fits & set(known), fits & set(known))


def test_each_part_of_a_filter_holds_back_what_does_not_fit(place: Place) -> None:
    day = datetime(2024, 5, 1, 12, tzinfo=UTC)
    one = put(place, "/one.pdf", "whales", format="pdf", modified=day.timestamp(), tags=("sea",))
    put(place, "/two.md", "whales", "鲸鱼", format="md", language="zh", modified=0.0, tags=("sea", "old"))
    put(place, "/three.txt", "whales", format="txt", modified=day.timestamp() + 1)
    for filter, fits in {
        Filter(documents=(one.id,)): {"/one.pdf"},
        Filter(formats=("pdf", "md")): {"/one.pdf", "/two.md"},
        Filter(languages=("zh",)): {"/two.md"},
        Filter(tags=("sea",)): {"/one.pdf", "/two.md"},
        Filter(tags=("old", "none")): {"/two.md"},
        Filter(since=day): {"/one.pdf", "/three.txt"},
        Filter(until=day): {"/one.pdf", "/two.md"},
        Filter(since=day, until=day): {"/one.pdf"},
        Filter(tags=("sea",), formats=("md",)): {"/two.md"},
        EVERYTHING: {"/one.pdf", "/two.md", "/three.txt"},
    }.items():
        assert paths(place, filter) == (fits, fits), filter


def test_what_fits_is_found_however_many_better_ones_do_not(place: Place) -> None:
    for number in range(40):
        put(place, f"/many/{number}.txt", f"whales whales whales {number}")
    few = [
        put(place, f"/few/{n}.txt", f"whales and {n} words more about boats, nets and the sea").path for n in range(3)
    ]
    assert paths(place, Filter(folder="/few"), k=3) == (set(few), set(few))
    assert place.indexes.search("c", Asked("whales"), 3, Filter(folder="/few")).chunks == 3
    assert place.indexes.search("c", Asked("whales"), 3).chunks == 43


def test_how_far_a_hit_stands_out_does_not_depend_on_the_filter(place: Place) -> None:
    for number in range(5):
        put(place, f"/{number}.txt", f"whales {number} {'sea ' * number}")
    whole = place.indexes.search("c", Asked("whales"), 5)
    (hit,) = place.indexes.search(
        "c", Asked("whales"), 5, Filter(folder="/", documents=(whole.vectors[3].chunk.document_id,))
    ).vectors
    assert hit.score == pytest.approx(whole.vectors[3].score)
    assert hit.score == pytest.approx(whole.standing[hit.chunk.id])


def test_tags_and_moves_count_at_once_though_no_chunk_has_changed(place: Place) -> None:
    document = put(place, "/a/x.txt", "whales")
    put(place, "/b/y.txt", "whales")
    assert paths(place, Filter(folder="/a"))[0] == {"/a/x.txt"}
    place.library.tag(document.id, ["blue"])
    assert paths(place, Filter(tags=("blue",)))[0] == {"/a/x.txt"}
    place.library.refile("c", Filing(moved=((document.path, File("/b/x.txt", document.sha256, 1, None)),)))
    assert paths(place, Filter(folder="/b"))[1] == {"/b/x.txt", "/b/y.txt"}


def test_another_collections_documents_never_fit(place: Place) -> None:
    put(place, "/a/x.txt", "whales")
    other = place.put("/a/x.txt", "whales", collection="d")
    with pytest.raises(NotFound):
        place.indexes.search("c", Asked("whales"), 5, Filter(documents=("nothing", other.id[:-1] + "?")))


def test_a_filter_that_fits_nothing_says_so_and_what_was_asked_for(place: Place) -> None:
    put(place, "/a/x.txt", "whales")
    wanted = Filter(folder="/b", formats=("pdf", "md"), since=datetime(2024, 5, 1, tzinfo=UTC))
    with pytest.raises(NotFound) as told:
        place.indexes.search("c", Asked("whales"), 5, wanted)
    assert str(told.value) == (
        "No document of 'c' fits (folder /b; type pdf or md; since 2024-05-01). See them with: footnote documents list"
    )
    with pytest.raises(NotFound, match="fits"):
        place.indexes.fit("c", wanted)


def test_a_document_without_text_fits_and_holds_nothing(place: Place) -> None:
    put(place, "/a.txt", "whales")
    document = replace(written("/empty.txt", "x")[0], path="/empty.txt")
    place.library.replace("c", [place.entry(document, ())])
    found = place.indexes.search("c", Asked("whales"), 5, Filter(documents=(document.id,)))
    assert (found.vectors, found.keywords, found.chunks) == ((), (), 0)


def test_neighbours_are_the_chunks_on_either_side(place: Place) -> None:
    place.put("a.txt", "zero", "whales one", "two", "three")
    place.put("b.txt", "other")
    (hit,) = [hit for hit in place.indexes.search("c", Asked("whales"), 9).keywords if "one" in hit.chunk.text]
    near = place.indexes.neighbours([hit])
    document = hit.chunk.document_id
    assert {place: found.chunk.text for place, found in near.items()} == {(document, 0): "zero", (document, 2): "two"}
    assert near[document, 0].title == hit.title and near[document, 0].path == hit.path
    assert place.indexes.neighbours([]) == {}
