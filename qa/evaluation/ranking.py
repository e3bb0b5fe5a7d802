"""How far up the gold passages stand, and in which order each stage of retrieval put them (pure)."""

from collections.abc import Sequence
from math import log2
from typing import Any

STAGES = ("vectors", "keywords", "fused", "reranked")
FINAL = "final"  # the order in which the passages were used


def reciprocal_rank(gold: Sequence[bool]) -> float:
    """One by the rank of the first gold passage; 0 where there is none."""
    return next((1 / rank for rank, hit in enumerate(gold, 1) if hit), 0.0)


def ndcg(gold: Sequence[bool], k: int) -> float:
    """Discounted gain of the gold passages among the first `k`, by that of the best order of those that were found.

    Järvelin and Kekäläinen (2002), with passages either gold or not.
    """
    ideal = sum(1 / log2(rank + 1) for rank in range(1, min(sum(gold), k) + 1))
    return sum(hit / log2(rank + 1) for rank, hit in enumerate(gold[:k], 1)) / ideal if ideal else 0.0


def orders(candidates: Sequence[dict[str, Any]]) -> dict[str, list[int]]:
    """The candidates' places in the order of each stage; the reranker is left out where it ranked none.

    An index ranks those that it found; what the reranker did not read stands behind what it read, as it was fused.
    """
    places = range(len(candidates))

    def by(key: str, which: Sequence[int], sign: int) -> list[int]:
        return sorted((i for i in which if candidates[i][key] is not None), key=lambda i: sign * candidates[i][key])

    fused = by("fused", places, -1)
    found = {"vectors": by("vectors", places, 1), "keywords": by("keywords", places, 1), "fused": fused}
    if read := by("relevance", fused, -1):
        found["reranked"] = read + [i for i in fused if candidates[i]["relevance"] is None]
    return found | {FINAL: list(places)}
