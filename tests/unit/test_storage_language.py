"""Language and sentence ends."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.language import language, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How long?", "en"),
        ("大语言模型", "zh"),
        ("BERT 模型的 masked self-attention 是什么？", "zh"),
        ("The word 好 means good in this long sentence", "en"),
        ("", "en"),
    ],
)
def test_language(text: str, expected: str) -> None:
    assert language(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. J. Smith paid 3.5 euros. He left.", ["Dr. J. Smith paid 3.5 euros.", "He left."]),
        ("He climbed Mt. Kenya. It rained.", ["He climbed Mt. Kenya.", "It rained."]),
        ("年假十天。需申请！“好的。”他说。", ["年假十天。", "需申请！", "“好的。”", "他说。"]),
        ("1. one thing\n2. two things", ["1. one thing", "2. two things"]),
        ("U.S. law applies. See No. 5 of it.", ["U.S. law applies.", "See No. 5 of it."]),
        (
            "It was founded in 1975.[14] It moved in 1979.[18][19] Then it grew.",
            ["It was founded in 1975.[14]", "It moved in 1979.[18][19]", "Then it grew."],
        ),
        ("  \n ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=200))
def test_sentences_cover_every_visible_character_in_order(text: str) -> None:
    spans = sentences(text)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    assert "".join("".join(text[s:e].split()) for s, e in spans) == "".join(text.split())
