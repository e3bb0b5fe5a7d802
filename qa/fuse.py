"""Merge the rankings of both indexes by rank (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from storage.records import Hit

_K = 60  # the constant of reciprocal rank fusion (Cormack, Clarke and Buettcher 2009)


def fuse(vectors: Sequence[Hit], keywords: Sequence[Hit], coverage: Mapping[int, float]) -> tuple[Hit, ...]:
    """Reciprocal rank fusion in which a keyword hit counts by how much of the question it covers.

    An English question shares next to no words with a Chinese passage. As equals, the few chance hits of the
    keywords would push the vectors' good ones out; weighed by the square of their coverage they cannot.
    """
    scores: dict[int, float] = {}
    hits: dict[int, Hit] = {}
    for hit in vectors:
        scores[hit.chunk.id] = 1 / (_K + hit.rank)
        hits[hit.chunk.id] = hit
    for hit in keywords:
        weight = coverage.get(hit.chunk.id, 0.0) ** 2
        scores[hit.chunk.id] = scores.get(hit.chunk.id, 0.0) + weight / (_K + hit.rank)
        hits.setdefault(hit.chunk.id, hit)
    ranked = sorted(scores, key=lambda chunk_id: (-scores[chunk_id], hits[chunk_id].rank, chunk_id))
    return tuple(
        replace(hits[chunk_id], rank=rank, score=scores[chunk_id], via="fused")
        for rank, chunk_id in enumerate(ranked, start=1)
    )
