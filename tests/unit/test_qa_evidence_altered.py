"""Altered questions: one word is another one, and never the answer."""

from random import Random

import pytest

from qa.evidence.training.altered import altered
from qa.evidence.training.questions import Question

HARBOUR = (
    "The harbour of Bergen opened in 1832. The town is older than Oslo. In 1901 the engineer Hanna Berg widened it."
)
PORT = "卑尔根的港口建于1832年，是北部最大的港口。《海的歌》写的就是它。1901年，《北风》的作者在这里出生。"
ELSEWHERE = ("Later the school of Turku had 700 students.", "学校有700名学生，《夜航》写过它。")


def asked(text: str, answer: str, passage: str) -> Question:
    start = passage.index(answer)
    return Question(text, passage, "Harbours", answerable=True, spans=((start, start + len(answer)),))


def every(question: Question, read: str | None = None) -> set[str | None]:
    """What comes of a question under many draws."""
    return {altered(question, read or question.passage, ELSEWHERE, Random(seed)) for seed in range(60)}


@pytest.mark.parametrize(
    ("text", "answer", "passage", "expected"),
    [
        ("Which year saw the largest harbour?", "1832", HARBOUR, {"Which year saw the smallest harbour?"}),
        ("First, when was it built?", "1832", HARBOUR, {"Last, when was it built?"}),
        ("Who widened it in 1901?", "Hanna Berg", HARBOUR, {"Who widened it in 1832?"}),
        ("Which year saw the harbour of Bergen?", "1832", HARBOUR, {"Which year saw the harbour of Oslo?",
                                                                  "Which year saw the harbour of Hanna Berg?"}),
        ("Which town had 500 students?", "Oslo", HARBOUR, {"Which town had 700 students?"}),
        ("港口最早建于何时？", "1832年", PORT, {"港口最晚建于何时？"}),
        ("《海的歌》写的是什么？", "港口", PORT, {"《北风》写的是什么？"}),
        ("港口之前有什么？", "港口", PORT, {"港口之后有什么？"}),
    ],
)  # fmt: skip
def test_one_word_is_another_of_its_kind(text: str, answer: str, passage: str, expected: set[str]) -> None:
    assert every(asked(text, answer, passage)) == expected


def test_a_not_is_put_in_now_and_then() -> None:
    found = every(asked("What was the harbour?", "Bergen", HARBOUR))
    assert found == {"What was not the harbour?", None}
    assert every(asked("它是北部的港口吗？", "港口", PORT)) >= {"它不是北部的港口吗？", "它是南部的港口吗？"}


def test_a_year_without_another_is_moved_by_some_decades() -> None:
    found = every(asked("Who came in 1832?", "Anna", "In 1832 came Anna."))
    years = {int(text.removeprefix("Who came in ").rstrip("?")) for text in found if text}
    assert len(years) > 10
    assert all(year != 1832 and abs(year - 1832) <= 40 for year in years)


def test_the_answer_is_never_put_in() -> None:
    questions = [
        asked("Which town is older than Oslo?", "Bergen", "Bergen is older than Oslo. People like Bergen."),
        asked("What came last?", "first things", "The first things came last, say some of Bergen."),
        asked("Who lived in Turku?", "Hanna Berg", HARBOUR),
    ]
    for question in questions:
        (start, end) = question.spans[0]
        assert not any(question.passage[start:end] in text for text in every(question) if text)


def test_what_is_not_shown_lends_no_name() -> None:
    question = asked("Which year saw the harbour of Bergen?", "1832", HARBOUR)
    assert every(question, "The harbour of Bergen opened in 1832.") == {"Which year saw the harbour of Turku?"}


def test_where_no_rule_fits_there_is_none() -> None:
    assert every(asked("how old?", "older", HARBOUR)) == {None}


def test_the_same_draw_gives_the_same_question() -> None:
    question = asked("Who widened the largest harbour of Bergen in 1901?", "Hanna Berg", HARBOUR)
    assert len(every(question)) > 2
    for seed in range(9):
        assert altered(question, HARBOUR, ELSEWHERE, Random(seed)) == altered(
            question, HARBOUR, ELSEWHERE, Random(seed)
        )
