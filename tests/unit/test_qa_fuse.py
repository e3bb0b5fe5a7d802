"""Fusion: agreement wins, and keywords that found next to nothing move nothing."""

from dataclasses import replace

from qa.fuse import fuse
from storage.records import Hit
from tests.unit.passages import hit


def ranked(*names: int) -> list[Hit]:
    one = hit("x")
    return [replace(one, chunk=replace(one.chunk, id=name), rank=rank) for rank, name in enumerate(names, 1)]


def order(standing: dict[int, float], coverage: dict[int, float]) -> list[int]:
    """Ids as fused: those with a standing above zero were found by vectors, those with a coverage by keywords."""
    vectors = ranked(*sorted((name for name in standing if standing[name] > 0), key=lambda name: -standing[name]))
    keywords = ranked(*coverage)
    covered = dict.fromkeys(standing, 0.0) | coverage
    fused = fuse(vectors, keywords, covered, standing)
    assert [h.rank for h in fused] == list(range(1, len(fused) + 1))
    assert all(h.via == "fused" for h in fused)
    return [h.chunk.id for h in fused]


def test_what_both_indexes_find_comes_first() -> None:
    assert order({1: 0.05, 2: 0.045, 3: 0.04}, {3: 0.8})[0] == 3


def test_keywords_that_cover_nothing_push_no_vector_hit_out() -> None:
    standing = {name: 0.06 - name / 1000 for name in range(1, 11)} | dict.fromkeys(range(11, 21), -0.01)
    assert order(standing, dict.fromkeys(range(11, 21), 0.15))[:10] == list(range(1, 11))


def test_a_keyword_hit_that_covers_the_question_stands_beside_the_best_vector_hit() -> None:
    assert order({1: 0.07, 2: 0.03, 3: 0.02, 9: -0.02}, {9: 1.0})[:2] == [9, 1]


def test_keywords_that_all_passages_share_decide_nothing() -> None:
    assert order({1: 0.05, 2: 0.02, 3: 0.01}, {3: 0.5, 2: 0.5, 1: 0.5}) == [1, 2, 3]


def test_nothing_is_lost_or_doubled() -> None:
    assert sorted(order({1: 0.05, 2: 0.04, 3: -0.1}, {2: 0.5, 3: 0.5})) == [1, 2, 3]


def test_nothing_found_is_nothing() -> None:
    assert fuse([], [], {}, {}) == ()
