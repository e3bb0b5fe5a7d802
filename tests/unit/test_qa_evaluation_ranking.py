"""The rank of gold passages, and each stage's own order."""

import pytest

from qa.evaluation.ranking import ndcg, orders, reciprocal_rank


def candidate(**known: object) -> dict[str, object]:
    return {"vectors": None, "keywords": None, "fused": 0.0, "relevance": None} | known


def test_reciprocal_rank() -> None:
    assert reciprocal_rank([False, True, True]) == 0.5
    assert reciprocal_rank([False]) == reciprocal_rank([]) == 0.0


def test_ndcg_is_one_only_for_the_best_order() -> None:
    assert ndcg([True, True, False], 10) == 1.0
    assert ndcg([False, True], 10) == pytest.approx(0.6309, abs=1e-4)  # 1 / log2(3)
    assert ndcg([True, False, True], 10) == pytest.approx(1.5 / (1 + 0.6309), abs=1e-4)
    assert ndcg([False] * 10 + [True], 10) == ndcg([], 10) == 0.0


def test_each_stage_has_its_own_order() -> None:
    found = [
        candidate(vectors=3, keywords=1, fused=0.2, relevance=0.9),
        candidate(vectors=1, fused=0.3),
        candidate(vectors=2, keywords=2, fused=0.1, relevance=0.4),
    ]
    assert orders(found) == {
        "vectors": [1, 2, 0], "keywords": [0, 2], "fused": [1, 0, 2], "reranked": [0, 2, 1], "final": [0, 1, 2],
    }  # fmt: skip


def test_without_a_reranker_there_is_no_such_stage() -> None:
    assert "reranked" not in orders([candidate(vectors=1, fused=1.0)])
