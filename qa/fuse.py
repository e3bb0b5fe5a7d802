"""Merge what both indexes found into one ranking (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from storage.records import Hit

# What a passage that holds all of the question's words gains; the cosines of good and bad passages of the default
# embedder lie about 0.1 apart. Measured in tests/quality/LOG.md, where fusing by rank alone was worse in every case.
_ALL_WORDS = 0.1


def fuse(
    vectors: Sequence[Hit], keywords: Sequence[Hit], coverage: Mapping[int, float], standing: Mapping[int, float]
) -> tuple[Hit, ...]:
    """Rank the hits of both indexes by what is known of each, whichever index found it.

    That is how far it stands out among its language by meaning (`standing`), and the share of the question's words it
    holds (`coverage`), squared: an English question shares next to no words with a Chinese passage, and the few chance
    hits of the keywords must not push the good ones of the vectors out.
    """
    hits = {hit.chunk.id: hit for hit in (*keywords, *vectors)}
    scores = {chunk_id: score(standing[chunk_id], coverage[chunk_id]) for chunk_id in hits}
    ranked = sorted(hits, key=lambda chunk_id: (-scores[chunk_id], chunk_id))
    return tuple(
        replace(hits[chunk_id], rank=rank, score=scores[chunk_id], via="fused")
        for rank, chunk_id in enumerate(ranked, start=1)
    )


def score(standing: float, coverage: float) -> float:
    """What a passage's standing and coverage are worth together."""
    return standing + _ALL_WORDS * coverage**2
