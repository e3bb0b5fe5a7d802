"""Numbers and names compare equal however they are written."""

import pytest

from qa.facts import figures, full_names, names, numbers, stem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,200 euros", {"1200"}),
        ("３０％", {"30"}),
        ("十二天", {"12"}),
        ("一百零五元", {"105"}),
        ("两千零二十四年", {"2024"}),
        ("二〇二四年", {"2024"}),
        ("三万五千", {"35000"}),
        ("5000万元", {"5000", "50000000"}),
        ("五千万元", {"50000000"}),
        ("five million", {"5000000"}),
        ("5 Million", {"5000000"}),
        ("$14.51 billion", {"14.51", "14510000000"}),
        ("145.1亿", {"14510000000"}),
        ("twelve days in March", {"12", "3"}),
        ("3.50 and 007", {"3.5", "7"}),
        ("by 09:30", {"9:30"}),
        ("no figures", set()),
    ],
)
def test_numbers(text: str, expected: set[str]) -> None:
    assert expected <= numbers(text)
    assert expected or not numbers(text)


def test_figures_claim_only_what_is_beyond_doubt() -> None:
    assert figures("一些人在2021年买了三十本，one of them left") == {"2021", "30"}
    assert figures("千万不要等三五天，以防万一") == set()
    assert figures("50 million, 5000万") == {"50000000"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The prize went to Marie Curie in Paris.", {"marie", "curie", "paris"}),
        ("Water boils. Steam rises.", set()),
        ("文中使用 PyTorch 和 BERT 训练", {"pytorch", "bert"}),
        ("It ended in March.", set()),
        ("She is Maria Skłodowska-Curie of Łódź, by André.", {"maria", "skłodowska-curie", "łódź", "andré"}),
        ("Él vive. Über uns.", set()),
    ],
)
def test_names(text: str, expected: set[str]) -> None:
    assert names(text) == expected


def test_half_past_nine_is_not_thirty() -> None:
    assert "30" not in numbers("Tell your lead by 9:30.")


def test_full_names_keep_their_words_together() -> None:
    assert full_names("Did Marie Curie's lab in the University of Paris use HTTPX?") == [
        ("Marie", "Curie"),
        ("University", "Paris"),
        ("HTTPX",),
    ]


@pytest.mark.parametrize("word", ["expose", "exposed", "Exposing", "exposes"])
def test_endings_do_not_make_another_word(word: str) -> None:
    assert stem(word) == "expos"


def test_short_words_keep_their_ends() -> None:
    assert [stem(word) for word in ("red", "his", "ring", "年假")] == ["red", "his", "ring", "年假"]
