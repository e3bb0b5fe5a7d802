"""Topics: documents in groups, and words that set the groups apart, in English and Chinese."""

import numpy as np
import pytest

from storage.topics import MOST, Told, grouped, named, weighed
from tests.unit.test_storage_plane import _groups


def test_groups_are_found_and_the_largest_comes_first() -> None:
    vectors = np.concatenate([_groups(1, 4, seed=1), _groups(1, 12, seed=2)])
    topics = grouped(vectors)
    assert set(topics[:4]).isdisjoint(topics[4:]) and topics.count(0) == max(map(topics.count, set(topics)))
    assert grouped(vectors) == topics


@pytest.mark.parametrize(("documents", "most"), [(1, 1), (3, 2), (8, 2), (50, 5), (1_000, MOST)])
def test_there_are_as_many_topics_as_documents_allow(documents: int, most: int) -> None:
    vectors = np.random.default_rng(0).normal(size=(documents, 16)).astype(np.float32)
    assert max(grouped(vectors)) + 1 == most


def test_equal_documents_are_one_topic() -> None:
    assert grouped(np.ones((9, 4), np.float32)) == (0,) * 9


def names(documents: list[Told], topics: list[int]) -> tuple[tuple[str, ...], ...]:
    return named([(told, weighed(told)) for told in documents], topics)


def test_a_topic_is_called_by_what_the_others_do_not_say() -> None:
    first, second = names(
        [
            Told("Router guide", ("Set up the VPN",), "The company sells a router. The VPN is fast."),
            Told("Router repair", ("VPN",), "The company repairs a router and its VPN."),
            Told("Holiday policy", (), "The company grants a holiday."),
            Told("Holiday calendar", (), "The company lists each holiday."),
        ],
        [0, 0, 1, 1],
    )
    assert first[0].lower() == "router" and "VPN" in first and second[0].lower() == "holiday"
    assert "company" not in first + second


def test_chinese_topics_have_chinese_words_and_whole_ones() -> None:
    first, second = names(
        [
            Told("中华人民共和国合同法", (), "合同应当依法履行。", "zh"),
            Told("中华人民共和国劳动合同法", (), "劳动合同的订立。", "zh"),
            Told("洗衣机说明书", (), "洗衣机须接地。", "zh"),
            Told("洗衣机保修卡", (), "洗衣机保修三年。", "zh"),
        ],
        [0, 0, 1, 1],
    )
    assert "中华人民共和国" in first and "人民" not in first
    assert "洗衣机" in second and len(set(first)) == len(first)


def test_topics_in_two_languages_are_not_told_apart_by_common_words() -> None:
    english, _ = names(
        [
            Told("Lease", (), "The tenant pays rent. Tenant and rent.", "en"),
            Told("Rent", (), "The tenant pays rent each month.", "en"),
            Told("手册", (), "员工每年有十五天年假。", "zh"),
            Told("制度", (), "员工报销差旅费用。", "zh"),
        ],
        [0, 0, 1, 1],
    )
    assert {"rent", "tenant"} & {word.lower() for word in english}
    assert not {"the", "each", "and", "month"} & {word.lower() for word in english}


def test_documents_without_telling_words_leave_a_topic_without_a_name() -> None:
    assert names([Told("1", (), "12 34"), Told("2", (), "")], [0, 0]) == ((),)
