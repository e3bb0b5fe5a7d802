"""A collection is embedded anew while the old vectors serve: nothing is mixed, lost or made twice."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from storage import schema as t
from storage.asked import Asked
from storage.errors import IndexMismatch, ModelUnavailable, NotFound
from storage.stage import Stage
from tests.fakes import AbsentEmbedder, FakeEmbedder, OtherEmbedder, fake_embedders
from tests.unit.test_storage_library import Place, written

OLD, NEW = 64, 48  # the lengths of the two embedders' vectors


@pytest.fixture
def other() -> OtherEmbedder:
    return OtherEmbedder()


@pytest.fixture
def place(tmp_path: Path, other: OtherEmbedder) -> Place:
    """Three chunks by the old embedder; the new one is in use."""
    place = Place(tmp_path, fake_embedders(FakeEmbedder(), other))
    place.put("a.txt", "whales sing", "whales dive", "whales eat")
    place.embedders.use(other)  # type: ignore[arg-type]
    return place


def lengths(place: Place, collection: str = "c") -> set[int]:
    """The lengths of the vectors in SQL."""
    query = select(func.length(t.chunks.c.embedding)).select_from(t.chunks).join(t.documents).join(t.collections)
    with place.database.reading() as connection:
        return {size // 4 for size in connection.scalars(query.where(t.collections.c.name == collection))}


def staged(place: Place) -> int:
    with place.database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(t.staged)) or 0


def exact(place: Place, question: str) -> bool:
    """Whether the similarity of every hit is the cosine of question and passage by the collection's own embedder."""
    found, embedder = place.indexes.search("c", Asked(question), 10), place.indexes.embedder("c")
    query = np.array(embedder.embed_query(question))
    texts = {hit.chunk.id: f"{hit.title}\n{hit.chunk.heading}\n{hit.chunk.text}" for hit in found.vectors}
    cosines = {i: float(np.array(embedder.embed_query(text)) @ query) for i, text in texts.items()}
    return bool(cosines) and all(found.similarity[i] == pytest.approx(cosines[i], abs=1e-5) for i in cosines)


def test_a_collection_is_searched_and_added_to_with_its_own_embedder(place: Place, other: OtherEmbedder) -> None:
    place.put("b.txt", "whales play")
    assert place.library.embedder("c") == "fake-embedder"
    assert place.found("whales play") >= {"whales play", "whales sing"}
    assert exact(place, "whales play") and lengths(place) == {OLD} and other.texts == []
    place.put("b.txt", "a new collection", collection="d")
    assert lengths(place, "d") == {NEW}


def test_the_old_vectors_serve_until_the_new_ones_are_whole(place: Place) -> None:
    before = place.found("whales sing")
    steps = place.library.reembed("c", batch=1)
    assert [next(steps), next(steps), next(steps)] == [(0, 3), (1, 3), (2, 3)]
    assert place.found("whales sing") == before
    assert exact(place, "whales sing") and lengths(place) == {OLD} and staged(place) == 2
    assert list(steps) == [(3, 3)]
    assert place.found("whales sing") == before
    assert exact(place, "whales sing") and lengths(place) == {NEW} and staged(place) == 0
    assert place.indexes.embedder("c").id == "other-embedder"


def test_an_index_of_another_process_follows(place: Place, tmp_path: Path, other: OtherEmbedder) -> None:
    beside = Place(tmp_path, fake_embedders(FakeEmbedder(), other))
    assert exact(beside, "whales sing")
    list(place.library.reembed("c"))
    assert exact(beside, "whales sing") and exact(Place(tmp_path, beside.embedders), "whales sing")


def test_going_back_finds_by_the_old_vectors_again(place: Place, other: OtherEmbedder) -> None:
    assert exact(place, "whales sing")
    list(place.library.reembed("c"))
    place.put("b.txt", "whales play")
    place.library.remove([written("a.txt", "x")[0].id])
    assert exact(place, "whales play")
    place.embedders.use(place.embedders.by_id("fake-embedder"))
    list(place.library.reembed("c"))
    assert place.found("whales") == {"whales play"} and exact(place, "whales play")


@pytest.mark.parametrize("kept", [0, 1, 2, 3])
def test_what_was_staged_is_not_embedded_again(place: Place, tmp_path: Path, kept: int) -> None:
    stage = Stage(place.database, "c", "other-embedder")  # as if killed after so many batches of one
    passages = stage.passages(stage.missing()[1][:kept])
    stage.put(list(passages), place.library.embed(list(passages.values()), "other-embedder"))
    again = OtherEmbedder()
    beside = Place(tmp_path, fake_embedders(again, FakeEmbedder()))
    first, *_ = beside.library.reembed("c")
    assert first == (kept, 3)
    assert len(again.texts) == 3 - kept and lengths(beside) == {NEW}
    assert exact(beside, "whales sing")


def test_closing_it_keeps_what_was_done(place: Place, other: OtherEmbedder) -> None:
    steps = place.library.reembed("c", batch=1)
    next(steps), next(steps), next(steps)
    steps.close()
    assert len(other.texts) == staged(place) == 2
    assert list(place.library.reembed("c")) == [(2, 3), (3, 3)]
    assert len(other.texts) == 3


def test_documents_come_change_and_go_meanwhile(place: Place) -> None:
    place.put("b.txt", "goes")
    place.put("d.txt", "changes")
    steps = place.library.reembed("c", batch=1)
    for _ in range(4):
        next(steps)
    place.library.remove([written("b.txt", "x")[0].id])
    place.put("d.txt", "has changed")
    place.put("e.txt", "comes")
    assert place.found("comes goes changed") >= {"comes", "has changed"} and lengths(place) == {OLD}
    done, total = list(steps)[-1]
    assert done == total == 5 and lengths(place) == {NEW} and staged(place) == 0
    assert place.found("whales comes goes changed") == {
        "whales sing", "whales dive", "whales eat", "comes", "has changed",
    }  # fmt: skip
    assert exact(place, "whales comes")


def test_vectors_that_were_made_before_the_last_step_are_made_again_after_it(place: Place) -> None:
    late = place.entry(*written("b.txt", "whales play"))
    list(place.library.reembed("c"))
    place.library.replace("c", [late])
    assert lengths(place) == {NEW} and exact(place, "whales play")


def test_a_collection_that_is_removed_meanwhile_ends_it(place: Place) -> None:
    steps = place.library.reembed("c", batch=1)
    next(steps)
    place.library.remove_collection("c")
    assert list(steps)[-1][0] <= 3
    assert staged(place) == 0 and place.library.collections() == ()


def test_another_choice_forgets_what_was_staged(place: Place) -> None:
    steps = place.library.reembed("c", batch=1)
    next(steps), next(steps)
    steps.close()
    assert staged(place) == 1
    place.embedders.use(place.embedders.by_id("fake-embedder"))
    assert list(place.library.reembed("c")) == [(3, 3)]
    assert staged(place) == 0 and lengths(place) == {OLD}


def test_two_at_once_end_well(place: Place, tmp_path: Path, other: OtherEmbedder) -> None:
    beside = Place(tmp_path, fake_embedders(OtherEmbedder(), FakeEmbedder()))
    one, two = place.library.reembed("c", batch=2), beside.library.reembed("c", batch=1)
    next(one), next(two), next(one), next(two)
    assert list(one)[-1] == (3, 3)
    assert list(two)[-1] == (3, 3)
    assert exact(place, "whales sing") and exact(beside, "whales sing") and staged(place) == 0


@pytest.mark.parametrize(
    "use",
    [lambda place: place.found("whales"), lambda place: place.put("b.txt", "x"), lambda p: p.indexes.refresh("c")],
)
def test_an_embedder_that_is_not_here_is_one_line_with_two_ways_out(
    place: Place, tmp_path: Path, use: Callable[[Place], object]
) -> None:
    beside = Place(tmp_path, fake_embedders(OtherEmbedder()))
    with pytest.raises(IndexMismatch, match=r"models pull fake-embedder\. .*reembed --collection c") as told:
        use(beside)
    assert "\n" not in str(told.value)
    list(beside.library.reembed("c"))
    use(beside)


def test_the_one_in_use_that_is_not_here_says_how_to_fetch_it(tmp_path: Path) -> None:
    place = Place(tmp_path, fake_embedders(AbsentEmbedder("nowhere")))
    with pytest.raises(ModelUnavailable, match="models pull nowhere"):
        place.put("a.txt", "x")
    assert place.library.collections() == ()
    with pytest.raises(NotFound, match="ingest"):
        place.found("x")


def test_the_index_files_of_the_old_embedder_are_swept(place: Place) -> None:
    import os

    place.indexes.refresh("c")
    (old,) = place.folder.glob("*.faiss")
    list(place.library.reembed("c"))
    os.utime(old, (0, 0))
    place.indexes.refresh("c")
    assert not old.exists() and exact(place, "whales sing")
    assert len(list(place.folder.glob("*.keywords"))) == 1  # words do not depend on the embedder


def test_a_folder_that_is_not_in_use_any_more_is_told_by_its_name(tmp_path: Path) -> None:
    embedders = fake_embedders(FakeEmbedder())
    with pytest.raises(IndexMismatch, match=r"footnote models use FOLDER \(a folder of yours called model\)") as raised:
        embedders.of("c", "model@1a2b3c4d")
    assert "pull" not in str(raised.value)
