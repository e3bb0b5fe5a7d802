"""A long file's documents come part by part; those of a changed one take the place of the old when all are there."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from storage.asked import Asked
from storage.database import Database
from storage.embedders import Embedders
from storage.entries import Entry
from storage.errors import NotFound
from storage.indexes import Indexes
from storage.library import Library
from storage.records import Chunk, Document, File, Section
from storage.rows import passage_text
from tests.fakes import FakeEmbedder, fake_embedders


class Shelf:
    """A library, and an index of it."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.embedders: Embedders = fake_embedders(FakeEmbedder())
        self.database = Database(url or f"sqlite:///{folder / 'f.sqlite'}")
        self.library = Library(self.database, self.embedders)
        self.indexes = Indexes(self.database, folder / "indexes", self.embedders)

    def put(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self.library.replace("c", [entry])

    def entries(self, texts: Sequence[str], first: str = "x", becomes: str | None = None) -> list[Entry]:
        made = []
        for number, text in enumerate(texts, start=1):
            identity = first if number == 1 else f"{first}-{number}"
            document = Document(
                identity, "/a.txt", "A", texts[0], text, (Section("", None, 0, len(text)),), "txt", "en", 1, 0.0,
                part=number,
            )  # fmt: skip
            chunk = Chunk(abs(hash((identity, text))) >> 1, identity, 0, text, 0, len(text), "", None)
            vectors = self.library.embed([passage_text("A", "", text)], "fake-embedder")
            files = (File("/a.txt", texts[0], 1, 5),) if number == len(texts) else ()
            of = first if number > 1 else None
            made.append(Entry(document, (chunk,), vectors, "fake-embedder", None, files, of, becomes))
        return made

    def texts(self) -> list[tuple[str, int, str]]:
        return [(info.id, info.part, self.library.document(info.id).text) for info in self.library.documents("c")]

    def found(self, question: str) -> set[str]:
        return {hit.chunk.text for hit in self.indexes.search("c", Asked(question), 10).keywords}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_a_file_is_known_once_its_last_part_has_come(shelf: Shelf) -> None:
    first, second = shelf.entries(["one", "two"])
    shelf.put([first])
    assert shelf.library.known("c") == ()
    assert shelf.library.unfinished("c") == {"/a.txt": "x"}
    there = shelf.library.stored("x")
    assert there is not None and (there.sha256, there.chunks, there.finished) == ("one", (first.chunks[0].id,), False)
    shelf.put([second])
    assert [known.id for known in shelf.library.known("c")] == ["x"]
    assert shelf.library.unfinished("c") == {}
    assert shelf.texts() == [("x", 1, "one"), ("x-2", 2, "two")]


def test_new_parts_stand_beside_the_old_ones_until_they_are_whole(shelf: Shelf) -> None:
    shelf.put(shelf.entries(["old", "second old"]))
    shelf.library.tag("x", ["mine"])
    *begun, last = shelf.entries(["new", "second new", "third new"], "y", "x")
    shelf.put(begun)
    assert [known.file.sha256 for known in shelf.library.known("c")] == ["old"]
    assert shelf.found("old") == {"old", "second old"}
    assert shelf.library.unfinished("c") == {"/a.txt": "y"}
    shelf.put([last])
    assert shelf.texts() == [("x", 1, "new"), ("y-2", 2, "second new"), ("y-3", 3, "third new")]
    assert [(known.id, known.file.sha256) for known in shelf.library.known("c")] == [("x", "new")]
    assert shelf.library.unfinished("c") == {}
    assert shelf.found("old") == set()
    assert shelf.found("new") == {"new", "second new", "third new"}
    assert {info.tags for info in shelf.library.documents("c")} == {("mine",)}
    assert {chunk.document_id for chunk in shelf.library.chunks("x")} == {"x"}


def test_one_document_takes_the_place_of_several_and_back(shelf: Shelf) -> None:
    shelf.put(shelf.entries(["one", "two", "three"]))
    shelf.put(shelf.entries(["short"]))
    assert shelf.texts() == [("x", 1, "short")]
    shelf.put(shelf.entries(["long", "longer"], "y", "x"))
    assert shelf.texts() == [("x", 1, "long"), ("y-2", 2, "longer")]


def test_parts_beyond_the_last_one_go(shelf: Shelf) -> None:
    first, second, third = shelf.entries(["one", "two", "three"])
    shelf.put([first, second, replace(third, files=())])
    shelf.put([replace(second, files=third.files)])
    assert shelf.texts() == [("x", 1, "one"), ("x-2", 2, "two")]


def test_what_was_begun_can_be_removed_and_leaves_the_old(shelf: Shelf) -> None:
    shelf.put(shelf.entries(["old"]))
    shelf.put(shelf.entries(["new", "second new", "third new"], "y", "x")[:2])
    shelf.library.remove([shelf.library.unfinished("c")["/a.txt"]])
    assert shelf.texts() == [("x", 1, "old")]
    assert shelf.found("new") == set()


@pytest.mark.parametrize("becomes", [None, "x"])
def test_a_part_of_what_was_removed_meanwhile_is_refused(shelf: Shelf, becomes: str | None) -> None:
    first, second = shelf.entries(["one", "two"], "y", becomes)
    shelf.put([first])
    shelf.library.remove(["y"])
    with pytest.raises(NotFound, match="removed while it was being read"):
        shelf.put([second])
    assert shelf.texts() == []


def test_many_small_documents_are_put_in_at_once_and_replaced_at_once(shelf: Shelf) -> None:
    def many(word: str) -> list[Entry]:
        made = []
        for number in range(700):
            (entry,) = shelf.entries([f"{word} {number}"], f"d{number}")
            document = replace(entry.document, path=f"/{number}.txt")
            made.append(replace(entry, document=document, files=(replace(entry.files[0], path=document.path),)))
        return made

    shelf.library.replace("c", many("whale"))
    shelf.library.replace("c", many("shark"))
    assert len(shelf.library.known("c")) == len(shelf.library.documents("c")) == 700
    assert len(shelf.found("shark")) == 10 and shelf.found("whale") == set()
