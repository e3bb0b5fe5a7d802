"""Fusion: agreement wins, and keywords that found next to nothing move nothing."""

from dataclasses import replace

from qa.fuse import fuse
from storage.records import Hit
from tests.unit.passages import hit


def ranked(*names: int) -> list[Hit]:
    return [
        replace(hit(f"passage {name}", rank), chunk=replace(hit("x").chunk, id=name))
        for rank, name in enumerate(names, 1)
    ]


def order(hits: tuple[Hit, ...]) -> list[int]:
    return [h.chunk.id for h in hits]


def test_what_both_indexes_find_comes_first() -> None:
    assert order(fuse(ranked(1, 2, 3), ranked(3, 4), {3: 1.0, 4: 1.0}))[0] == 3


def test_keywords_that_cover_nothing_push_no_vector_hit_out() -> None:
    vectors, keywords = ranked(*range(1, 11)), ranked(*range(11, 21))
    fused = fuse(vectors, keywords, dict.fromkeys(range(11, 21), 0.1))
    assert order(fused)[:10] == list(range(1, 11))


def test_a_keyword_hit_that_covers_the_question_stands_beside_the_best_vector_hit() -> None:
    fused = fuse(ranked(1, 2, 3, 4, 5), ranked(9), {9: 1.0})
    assert order(fused)[:2] == [1, 9]


def test_ranks_count_from_one_and_nothing_is_lost_or_doubled() -> None:
    fused = fuse(ranked(1, 2), ranked(2, 3), {2: 0.5, 3: 0.5})
    assert [h.rank for h in fused] == [1, 2, 3]
    assert sorted(order(fused)) == [1, 2, 3]
    assert all(h.via == "fused" for h in fused)


def test_nothing_found_is_nothing() -> None:
    assert fuse([], [], {}) == ()
