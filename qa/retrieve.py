"""A question's hits, ranked: both indexes are asked, their hits fused, and the best read together with the question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from langchain_core.documents import BaseDocumentCompressor

from qa.evidence.model import EvidenceModel, Reading
from qa.fuse import fuse, score
from qa.rerank import reranked
from storage.asked import Asked
from storage.indexes import Found
from storage.language import language
from storage.records import Candidate, Fate, Hit

READ = 20  # hits that are read together with the question, best first
# What the fused score adds to the relevance that was read; less of it ranked worse (tests/quality/LOG.md). Between good
# and bad passages fused scores lie about 0.1 apart, relevance about 10.
_FUSED = 250.0
UNREAD: Mapping[int, Reading] = MappingProxyType({})

Reranker = EvidenceModel | BaseDocumentCompressor | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """Hits, best first, and what the evidence model read in the first of them, by chunk.

    `asked` is what they were found and read by. `readings` is empty without an evidence model, `relevance` without a
    reranker.
    """

    asked: Asked
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


def rank(
    asked: Asked,
    found: Found,
    evidence: EvidenceModel | None,
    reranker: Reranker,
    known: Mapping[int, Reading] = UNREAD,
) -> Ranked:
    """The hits of both indexes, best first; `known` is what was read for the question as it was asked.

    Raises ModelUnavailable where a model that reads does not load.
    """
    hits = fuse(found.vectors, found.keywords, found.coverage, found.standing)
    first, rest = hits[:READ], hits[READ:]
    readings = _read(asked, first, evidence, known) if evidence else {}
    if isinstance(reranker, BaseDocumentCompressor):
        first = reranked(reranker, asked.text, first)
    elif reranker is not None and readings:
        first = _by_reading(asked, first, readings)
    relevance = {hit.chunk.id: hit.score for hit in first if hit.via == "reranked"}
    return Ranked(asked, (*first, *rest), readings, relevance, found)


def name_of(reranker: Reranker) -> str:
    """What a reranker is called in the trace; "" for none."""
    if reranker is None:
        return ""
    return str(getattr(reranker, "id", type(reranker).__name__))


def _read(
    asked: Asked, hits: Sequence[Hit], evidence: EvidenceModel, known: Mapping[int, Reading]
) -> Mapping[int, Reading]:
    """A reading of each hit, by its chunk, for the question in its language."""
    readings: dict[int, Reading] = {}
    unread: dict[str, list[Hit]] = {text: [] for text in asked.texts}
    for hit in hits:
        text = asked.of(language(hit.chunk.text))
        if text == asked.text and hit.chunk.id in known:
            readings[hit.chunk.id] = replace(known[hit.chunk.id], hit=hit)
        else:
            unread[text].append(hit)
    for text, some in unread.items():
        readings |= {reading.hit.chunk.id: reading for reading in evidence.read(text, some)}
    return readings


def _by_reading(asked: Asked, hits: Sequence[Hit], readings: Mapping[int, Reading]) -> tuple[Hit, ...]:
    """Hits by what was read in them and their fused score together.

    To a Chinese question that was not translated the evidence model ranks English passages worse than the embedder
    does, so they keep their places, and the others change among theirs.
    """
    scores = {hit.chunk.id: readings[hit.chunk.id].relevance + _FUSED * hit.score for hit in hits}
    english = language(asked.text) == "en"
    moving = [i for i, hit in enumerate(hits) if english or asked.speaks(language(hit.chunk.text))]
    order = dict(zip(moving, sorted((hits[i] for i in moving), key=lambda hit: -scores[hit.chunk.id]), strict=True))
    ordered = [order.get(i, hit) for i, hit in enumerate(hits)]
    return tuple(replace(hit, rank=n, score=scores[hit.chunk.id], via="reranked") for n, hit in enumerate(ordered, 1))
