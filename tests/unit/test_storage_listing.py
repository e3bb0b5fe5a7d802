"""The list of a collection's documents: found, narrowed, sorted, without what belongs to a conversation."""

from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from storage.database import Database
from storage.entries import Entry
from storage.errors import NotFound
from storage.library import Library
from storage.listing import Listing, Order, Wanted
from storage.records import Chunk, Document, Filter, Section
from tests.fakes import FakeEmbedder, fake_embedders


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(Database(f"sqlite:///{tmp_path / 'a.sqlite'}"), fake_embedders(FakeEmbedder()))


def document(name: str, **values: object) -> Document:
    base = Document(
        id=name, path=f"/files/{name}.txt", title=name, sha256=name, text="text", sections=(Section("", None, 0, 4),),
        format="txt", language="en", size=1, modified=0.0,
    )  # fmt: skip
    return replace(base, **values)  # type: ignore[arg-type]


def put(library: Library, *documents: Document, collection: str = "c", attached_to: str | None = None) -> None:
    entries = [
        Entry(
            each, (Chunk(crc32(each.id.encode()), each.id, 0, "text", 0, 4, "", None),),
            np.ones((1, 64), np.float32) / 8, "fake-embedder", attached_to,
        )
        for each in documents
    ]  # fmt: skip
    library.replace(collection, entries)


def test_words_are_found_in_title_and_path_alike(library: Library) -> None:
    put(library, document("a", title="Annual Report"), document("b", path="/files/reports/50%.txt"), document("c"))
    listing = Listing(library.database)
    assert listing.ids("c", Wanted("report")) == ("a", "b")
    assert listing.ids("c", Wanted("REPORT annual")) == ("a",)
    assert listing.ids("c", Wanted("50%")) == ("b",) and listing.ids("c", Wanted("_")) == ()


@pytest.mark.parametrize(
    ("order", "falling", "first"),
    [("title", False, "b"), ("size", True, "c"), ("pages", False, "a"), ("pages", True, "c"), ("language", True, "b")],
)
def test_documents_are_sorted_and_those_without_pages_come_last(
    library: Library, order: Order, falling: bool, first: str
) -> None:
    put(
        library, document("a", title="zebra", pages=2), document("b", title="Ape", language="zh"),
        document("c", title="bear", pages=30, size=9),
    )  # fmt: skip
    ids = Listing(library.database).ids("c", Wanted(order=order, falling=falling))
    assert ids[0] == first and set(ids) == {"a", "b", "c"}
    assert order != "pages" or ids[-1] == "b"


def test_a_list_is_narrowed_as_a_search_is(library: Library) -> None:
    put(library, document("a", format="pdf"), document("b", path="/files/deep/er/b.txt", tags=("law",)))
    listing = Listing(library.database)
    assert listing.ids("c", Wanted(filter=Filter(formats=("pdf",)))) == ("a",)
    assert listing.ids("c", Wanted(filter=Filter(folder="/files/deep"))) == ("b",)
    assert listing.ids("c", Wanted(filter=Filter(tags=("law",)))) == ("b",)


def test_only_the_collections_own_documents_are_listed(library: Library) -> None:
    put(library, document("a"))
    put(library, document("b"), collection="other")
    put(library, document("d"), attached_to="conversation")
    listing = Listing(library.database)
    assert listing.ids("c") == ("a",)
    assert [each.id for each in listing.documents("c", ("a", "b", "d", "gone"))] == ["a"]
    assert listing.choices("c").formats == (("txt", 1),)


def test_documents_are_the_same_as_the_library_lists(library: Library) -> None:
    put(library, document("a", tags=("x", "y"), pages=3), document("b"))
    ids = ("b", "a")
    listed = Listing(library.database).documents("c", ids)
    assert [each.id for each in listed] == ["b", "a"] and set(listed) == set(library.documents("c"))


def test_choices_count_what_documents_have(library: Library) -> None:
    put(library, document("a", tags=("x",)), document("b", tags=("x", "y"), language="zh", path="/other/b.txt"))
    choices = Listing(library.database).choices("c")
    assert choices.tags == (("x", 2), ("y", 1)) and choices.languages == (("en", 1), ("zh", 1))
    assert choices.folders == (("/files", 1), ("/other", 1))


def test_the_newest_collection_is_that_of_the_last_document(library: Library) -> None:
    with pytest.raises(NotFound):
        Listing(library.database).newest()
    put(library, document("a"))
    put(library, document("b"), collection="other")
    put(library, document("d"), attached_to="conversation")
    assert Listing(library.database).newest() == "other"
