"""SQL is the truth: documents appear, change and disappear whole, and searching sees exactly what SQL holds."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.asked import Asked
from storage.database import Database
from storage.embedders import Embedders
from storage.entries import Entry
from storage.errors import NotFound
from storage.indexes import Indexes
from storage.library import Library
from storage.records import Chunk, Document, Failure, File, Section
from storage.rows import passage_text
from tests.fakes import FakeEmbedder, fake_embedders


class Place:
    """A home folder with its library and indexes, as one process sees it."""

    def __init__(self, folder: Path, embedders: Embedders | None = None, url: str = "") -> None:
        self.embedders = embedders or fake_embedders(FakeEmbedder())
        self.database = Database(url or f"sqlite:///{folder / 'f.sqlite'}")
        self.library = Library(self.database, self.embedders)
        self.folder = folder / "indexes"
        self.indexes = Indexes(self.database, folder / "indexes", self.embedders)

    def put(self, name: str, *texts: str, collection: str = "c") -> Document:
        document, chunks = written(name, *texts)
        self.library.replace(collection, [self.entry(document, chunks, collection)])
        return document

    def entry(self, document: Document, chunks: tuple[Chunk, ...], collection: str = "c") -> Entry:
        embedder = self.library.embedder(collection)
        texts = [passage_text(document.title, chunk.heading, chunk.text) for chunk in chunks]
        files = (File(document.path, document.sha256, document.size, None),)
        return Entry(document, chunks, self.library.embed(texts, embedder), embedder, files=files)

    def found(self, question: str, collection: str = "c") -> set[str]:
        found = self.indexes.search(collection, Asked(question), 10)
        return {hit.chunk.text for hit in (*found.vectors, *found.keywords)}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def written(name: str, *texts: str) -> tuple[Document, tuple[Chunk, ...]]:
    text = "\n\n".join(texts)
    document = Document(
        sha256(name)[:16], f"/docs/{name}", name, sha256(text),
        text, (Section("Top", 1, 0, len(text)),), "txt", "en", len(text), 0.0, 1,
    )  # fmt: skip
    chunks = []
    for position, part in enumerate(texts):
        start = text.index(part)
        digest = hashlib.sha256(f"{name}{start}{part}".encode()).digest()
        chunk_id = int.from_bytes(digest[:8], "big") >> 1
        chunks.append(Chunk(chunk_id, document.id, position, part, start, start + len(part), "Top", 1))
    return document, tuple(chunks)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_document_comes_back_as_it_went_in(place: Place) -> None:
    document = place.put("年假.txt", "十天。", "五天。")
    assert place.library.document(document.id) == document
    assert [chunk.text for chunk in place.library.chunks(document.id)] == ["十天。", "五天。"]
    (info,) = place.library.documents("c")
    assert (info.chunks, info.characters, info.collection) == (2, len(document.text), "c")


@pytest.mark.parametrize("name", ["/docs/a.txt", "a.txt"])
def test_a_document_is_found_by_path_or_name(place: Place, name: str) -> None:
    document = place.put("a.txt", "one")
    assert place.library.document(name).id == document.id
    with pytest.raises(NotFound, match="documents list"):
        place.library.document("b.txt")


def test_what_replaces_a_document_leaves_nothing_of_it(place: Place) -> None:
    place.put("a.txt", "old words here", "second")
    place.put("a.txt", "fresh text")
    assert place.found("old words second fresh") == {"fresh text"}


def test_failures_change_no_generation(place: Place) -> None:
    place.put("a.txt", "one")
    before = place.library.collections()
    place.library.fail("c", [Failure("/b.pdf", "damaged")])
    assert place.library.collections() == before


def test_tags_stay_when_a_document_changes(place: Place) -> None:
    document = place.put("a.txt", "old")
    place.library.tag(document.id, ["work", "2026"])
    place.put("a.txt", "new")
    assert place.library.document(document.id).tags == ("2026", "work")


def test_search_follows_every_change_without_being_told(place: Place, tmp_path: Path) -> None:
    first = place.put("a.txt", "blue whales sing")
    assert place.found("whales") == {"blue whales sing"}
    other = Place(tmp_path)  # as another process would
    other.put("b.txt", "whales dive")
    assert place.found("whales") == {"blue whales sing", "whales dive"}
    other.library.remove([first.id])
    assert place.found("whales") == {"whales dive"}


@pytest.mark.parametrize("damage", ["remove", "garble"])
def test_indexes_are_rebuilt_when_missing_or_damaged(place: Place, tmp_path: Path, damage: str) -> None:
    place.put("a.txt", "blue whales sing")
    place.indexes.refresh("c")
    place.indexes.close()
    files = list((tmp_path / "indexes").iterdir())
    assert {file.suffix for file in files} >= {".faiss", ".keywords"}
    for file in files:
        file.unlink() if damage == "remove" else file.write_bytes(b"not an index" * 400)
    assert Place(tmp_path).found("whales") == {"blue whales sing"}


def test_an_index_that_lags_catches_up(place: Place, tmp_path: Path) -> None:
    place.put("a.txt", "blue whales sing")
    place.indexes.refresh("c")
    place.put("b.txt", "whales dive")  # SQL has it; the files on disk do not
    assert Place(tmp_path).found("whales") == {"blue whales sing", "whales dive"}


def test_both_facts_are_known_for_hits_of_either_index(place: Place) -> None:
    place.put("a.txt", "blue whales sing", "the library opens at nine")
    found = place.indexes.search("c", Asked("when does the library open?"), 10)
    ids = {hit.chunk.id for hit in (*found.vectors, *found.keywords)}
    assert set(found.coverage) == set(found.similarity) == ids
    best = found.keywords[0].chunk
    assert best.text == "the library opens at nine"
    assert found.coverage[best.id] == pytest.approx(1.0)


def test_coverage_counts_words_that_stand_nowhere(place: Place) -> None:
    place.put("a.txt", "whales sing")
    (hit,) = place.indexes.search("c", Asked("whales zeppelins"), 10).keywords
    found = place.indexes.search("c", Asked("whales zeppelins"), 10)
    assert 0 < found.coverage[hit.chunk.id] < 0.6


def test_a_removed_collection_is_gone_and_its_name_is_free(place: Place) -> None:
    place.put("a.txt", "old")
    place.found("old")
    place.library.remove_collection("c")
    with pytest.raises(NotFound, match="ingest"):
        place.found("old")
    place.put("b.txt", "new")
    assert place.found("old new") == {"new"}
    for file in place.folder.iterdir():
        os.utime(file, (0, 0))
    place.indexes.refresh("c")
    assert len({file.name.split(".")[0].rpartition("-")[0] for file in place.folder.glob("*.faiss")}) == 1
    with pytest.raises(NotFound):
        place.library.remove_collection("d")


def test_collections_count_what_they_hold(place: Place) -> None:
    place.put("a.txt", "1", "2")
    place.put("b.txt", "3", collection="d")
    assert [(c.name, c.documents, c.chunks) for c in place.library.collections()] == [("c", 1, 2), ("d", 1, 1)]


def test_failures_are_kept_until_the_file_reads_again(place: Place) -> None:
    place.library.fail("c", [Failure("/a.pdf", "password"), Failure("/b.pdf", "empty")])
    place.library.fail("c", [Failure("/a.pdf", "damaged")])
    place.library.forget_failures("c", ["/b.pdf"])
    assert place.library.failures("c") == (Failure("/a.pdf", "damaged"),)


def test_a_transaction_that_fails_leaves_nothing(place: Place) -> None:
    document, chunks = written("a.txt", "one", "two")
    with pytest.raises(ValueError, match="zip"):
        place.library.replace("c", [Entry(document, chunks, np.zeros((1, 64), np.float32), "fake-embedder")])
    assert place.library.documents() == ()


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["put", "remove"])), max_size=8))
def test_after_any_changes_both_indexes_hold_what_sql_holds(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]]
) -> None:
    place = Place(tmp_path_factory.mktemp("home"))
    place.put("base.txt", "whales base")
    kept = {"whales base"}
    for number, (name, step) in enumerate(steps):
        kept = {text for text in kept if not text.startswith(f"whales {name} ")}
        if step == "put":
            place.put(f"{name}.txt", f"whales {name} {number}")
            kept.add(f"whales {name} {number}")
        else:
            place.library.remove([written(f"{name}.txt", "x")[0].id])
        if number % 2:
            assert place.found("whales") == kept
    assert place.found("whales") == kept
