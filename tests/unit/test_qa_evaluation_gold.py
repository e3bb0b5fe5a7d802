"""What counts as right, and which passage is the one that answers."""

import pytest

from qa.evaluation.gold import contains, exact, is_gold, locatable, token_f1, tokens
from qa.evaluation.questions import Question

CONTEXT = "The boiler was made in 1998. Its warranty is two years from the day of purchase. Keep the invoice."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Quick, brown-fox!", ["quick", "brown", "fox"]),
        ("1,000 km in 3.5 h", ["1000", "km", "in", "35", "h"]),
        ("ＡＢＣ１２", ["abc12"]),
        ("两年Warranty保修。", ["两", "年", "warranty", "保", "修"]),
        ("The", ["the"]),
        ("...", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_gold_must_stand_as_whole_words() -> None:
    assert contains("It costs 17 euros.", "17")
    assert not contains("It costs 170 euros.", "17")
    assert contains("保修期为两年。", "两年")
    assert contains("It was Denver Broncos' year", "the Denver Broncos")


def test_f1_takes_the_best_gold_and_counts_chinese_characters() -> None:
    assert token_f1("two years", ["two years"]) == 1.0
    assert token_f1("about two years", ["two years", "nothing alike"]) == pytest.approx(0.8)
    assert token_f1("保修两年", ["两年"]) == pytest.approx(2 / 3)
    assert token_f1("x", ["y"]) == 0.0
    assert token_f1("x", []) == 0.0


def test_exact_is_the_whole_answer_but_for_case_articles_and_marks() -> None:
    assert exact("The two years.", ["a year", "Two Years"])
    assert not exact("about two years", ["two years"])
    assert not exact("two years", [])


@pytest.mark.parametrize(
    ("told", "text", "gold"),
    [
        # only the answer: any passage that holds it
        ({"answers": ("two years",)}, "It is two years.", True),
        ({"answers": ("two years",)}, "It is two months.", False),
        ({"must_contain": ("red", "blue")}, "Red and blue.", True),
        ({"must_contain": ("red", "blue")}, "Only red.", False),
        # the document as well: the same words elsewhere do not count
        ({"answers": ("two years",), "document": "a.md"}, "It is two years.", True),
        ({"answers": ("two years",), "document": "b.md"}, "It is two years.", False),
        ({"document": "a.md"}, "Anything.", True),
        # the passage that it was asked of: the part of it that holds the answer
        ({"answers": ("two years",), "context": CONTEXT}, "Its warranty is two years from the day of purchase.", True),
        ({"answers": ("two years",), "context": CONTEXT}, f"A heading\n{CONTEXT} And more.", True),
        ({"answers": ("two years",), "context": CONTEXT}, "The boiler was made in 1998.", False),
        ({"answers": ("two years",), "context": CONTEXT}, "Keep the invoice for two years.", False),
        ({"context": CONTEXT}, "The boiler was made in 1998.", True),
        # the words that prove it: the answer may be put in others
        ({"answers": ("24 months",), "evidence": "two years from"}, "The warranty is two years from now.", True),
        ({"answers": ("24 months",), "evidence": "two years from"}, "It is 24 months.", False),
        ({"answers": ("x",), "evidence": CONTEXT}, "The boiler was made in 1998.", True),
    ],
)
def test_the_gold_passage_meets_all_that_the_question_tells(told: dict[str, object], text: str, gold: bool) -> None:
    assert is_gold(Question("1", "q", **told), "a.md", text) is gold  # type: ignore[arg-type]


def test_a_passage_is_known_only_by_what_is_told() -> None:
    assert locatable(Question("1", "q", ("a",)))
    assert not locatable(Question("1", "q"))
    assert not locatable(Question("1", "q", answerable=False, context=CONTEXT))
