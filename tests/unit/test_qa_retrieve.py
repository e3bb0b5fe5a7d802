"""Hits are ranked by what was read in them, and nothing that was found is lost on the way."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor
from langchain_core.documents import Document as Passage

from qa.evidence.model import EvidenceModel, Reading
from qa.retrieve import READ, name_of, rank
from storage.asked import Asked
from storage.indexes import Found
from storage.records import Hit
from tests.unit.passages import hit


class Reader(EvidenceModel):
    """Finds a passage the more relevant the oftener it holds "yes"; keeps how many it was given."""

    def __init__(self) -> None:
        super().__init__(Path)
        self.given: list[int] = []

    def read(self, question: str, hits: Sequence[Hit]) -> tuple[Reading, ...]:
        self.given.append(len(hits))
        return tuple(
            Reading(h, 10.0 * h.chunk.text.count("yes"), 0.5, h.chunk.start, h.chunk.start + 3, 1.0) for h in hits
        )


class Backwards(BaseDocumentCompressor):
    """Turns the order round."""

    def compress_documents(
        self, documents: Sequence[Passage], query: str, callbacks: Callbacks | None = None
    ) -> Sequence[Passage]:
        return documents[::-1]


def found(*texts: str) -> Found:
    """Each text found by meaning, the first one best."""
    hits = tuple(hit(text, rank) for rank, text in enumerate(texts, 1))
    ids = [h.chunk.id for h in hits]
    standing = {i: 0.1 - n / 1000 for n, i in enumerate(ids)}
    return Found(hits, (), dict.fromkeys(ids, 0.0), dict.fromkeys(ids, 0.8), standing, {"en": len(ids)})


def texts(hits: Sequence[Hit]) -> list[str]:
    return [h.chunk.text for h in hits]


def test_what_was_read_decides_the_order_and_is_told_of_each_hit() -> None:
    reader = Reader()
    ranked = rank(Asked("Q?"), found("no", "yes", "yes yes"), reader, reader)
    assert texts(ranked.hits) == ["yes yes", "yes", "no"]
    assert [h.rank for h in ranked.hits] == [1, 2, 3] and {h.via for h in ranked.hits} == {"reranked"}
    candidates = ranked.candidates({ranked.hits[0].chunk.id: "chosen"})
    assert [c.fate for c in candidates] == ["chosen", "passed over", "passed over"]
    assert [c.vectors for c in candidates] == [3, 2, 1] and [c.keywords for c in candidates] == [None] * 3
    relevance = [c.relevance for c in candidates if c.relevance is not None]
    assert len(relevance) == 3 and relevance == sorted(relevance, reverse=True)


def test_only_the_best_are_read_and_the_others_follow_in_their_order() -> None:
    reader = Reader()
    many = found(*(f"passage {n}" for n in range(READ)), "yes, but too far down", "and this")
    ranked = rank(Asked("Q?"), many, reader, reader)
    assert reader.given == [READ]
    assert texts(ranked.hits)[-2:] == ["yes, but too far down", "and this"]
    assert ranked.candidates({})[-1].relevance is None


def test_reading_alone_changes_no_order() -> None:
    ranked = rank(Asked("Q?"), found("no", "yes"), Reader(), None)
    assert texts(ranked.hits) == ["no", "yes"] and len(ranked.readings) == 2 and not ranked.relevance


def test_any_langchain_compressor_can_rank() -> None:
    ranked = rank(Asked("Q?"), found("one", "two", "three"), None, Backwards())
    assert texts(ranked.hits) == ["three", "two", "one"] and not ranked.readings


def test_equal_readings_leave_the_fused_order() -> None:
    reader = Reader()
    assert texts(rank(Asked("Q?"), found("a", "b", "c"), reader, reader).hits) == ["a", "b", "c"]
    assert rank(Asked("Q?"), replace(found(), languages={}), reader, reader).hits == ()


def test_what_was_read_for_the_question_is_not_read_again_for_its_translation() -> None:
    reader, both = Reader(), found("yes", "是的")
    before = rank(Asked("How long?"), both, reader, reader)
    after = rank(Asked("How long?", "多长时间？"), both, reader, reader, before.readings)
    assert reader.given == [2, 0, 1]  # then the Chinese passage alone, for the translation
    assert set(after.readings) == set(before.readings)


def test_rerankers_have_names_for_the_trace() -> None:
    assert (name_of(None), name_of(Reader()), name_of(Backwards())) == ("", "evidence", "Backwards")
