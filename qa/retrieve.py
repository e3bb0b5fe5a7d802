"""A question's hits, ranked: both indexes are asked, their hits fused, and the best read together with the question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from langchain_core.documents import BaseDocumentCompressor

from qa.evidence.model import EvidenceModel, Reading
from qa.fuse import fuse, score
from qa.rerank import reranked
from storage.indexes import Found
from storage.language import language
from storage.records import Candidate, Fate, Hit

READ = 20  # hits that are read together with the question, best first
# What the fused score adds to the relevance that was read; less of it ranked worse (tests/quality/LOG.md). Between good
# and bad passages fused scores lie about 0.1 apart, relevance about 10.
_FUSED = 250.0

Reranker = EvidenceModel | BaseDocumentCompressor | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """Hits, best first, and what the evidence model read in the first of them, by chunk.

    `readings` is empty without an evidence model, `relevance` without a reranker.
    """

    hits: tuple[Hit, ...]
    readings: Mapping[int, Reading]
    relevance: Mapping[int, float]
    found: Found

    def candidates(self, fates: Mapping[int, Fate]) -> tuple[Candidate, ...]:
        """What each stage knew of the hits, for the trace; `fates` by chunk, "passed over" where it says nothing."""
        found = self.found
        vectors, keywords = ({hit.chunk.id: hit.rank for hit in hits} for hits in (found.vectors, found.keywords))
        return tuple(
            Candidate(
                hit.chunk.id, hit.chunk.document_id, hit.title, hit.chunk.start, hit.chunk.end,
                vectors.get(hit.chunk.id), keywords.get(hit.chunk.id), found.similarity[hit.chunk.id],
                found.standing[hit.chunk.id], found.coverage[hit.chunk.id],
                score(found.standing[hit.chunk.id], found.coverage[hit.chunk.id]),
                self.relevance.get(hit.chunk.id), fates.get(hit.chunk.id, "passed over"),
            )
            for hit in self.hits
        )  # fmt: skip


def rank(question: str, found: Found, evidence: EvidenceModel | None, reranker: Reranker) -> Ranked:
    """The hits of both indexes, best first. Raises ModelUnavailable where a model that reads does not load."""
    hits = fuse(found.vectors, found.keywords, found.coverage, found.standing)
    first, rest = hits[:READ], hits[READ:]
    readings = {r.hit.chunk.id: r for r in evidence.read(question, first)} if evidence else {}
    if isinstance(reranker, BaseDocumentCompressor):
        first = reranked(reranker, question, first)
    elif reranker is not None and readings:
        first = _by_reading(question, first, readings)
    relevance = {hit.chunk.id: hit.score for hit in first if hit.via == "reranked"}
    return Ranked((*first, *rest), readings, relevance, found)


def name_of(reranker: Reranker) -> str:
    """What a reranker is called in the trace; "" for none."""
    if reranker is None:
        return ""
    return str(getattr(reranker, "id", type(reranker).__name__))


def _by_reading(question: str, hits: Sequence[Hit], readings: Mapping[int, Reading]) -> tuple[Hit, ...]:
    """Hits by what was read in them and their fused score together.

    To a Chinese question the evidence model ranks English passages worse than the embedder does, so they keep their
    places, and the others change among theirs.
    """
    scores = {hit.chunk.id: readings[hit.chunk.id].relevance + _FUSED * hit.score for hit in hits}
    moving = [i for i, hit in enumerate(hits) if language(question) in ("en", language(hit.chunk.text))]
    order = dict(zip(moving, sorted((hits[i] for i in moving), key=lambda hit: -scores[hit.chunk.id]), strict=True))
    ordered = [order.get(i, hit) for i, hit in enumerate(hits)]
    return tuple(replace(hit, rank=n, score=scores[hit.chunk.id], via="reranked") for n, hit in enumerate(ordered, 1))
