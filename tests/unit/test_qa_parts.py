"""A question is taken apart only where it plainly asks for several things."""

import pytest

from qa.parts import joined, parts
from storage.records import Citation


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        (
            "How many days of leave do staff get, and what is the CEO's salary?",
            ["How many days of leave do staff get?", "What is the CEO's salary?"],
        ),
        ("When is payment due? Who signs the contract?", ["When is payment due?", "Who signs the contract?"]),
        ("Does it cover parts and does it cover labour?", ["Does it cover parts?", "Does it cover labour?"]),
        ("年假有几天，病假工资是多少？", ["年假有几天？", "病假工资是多少？"]),
        ("差旅报销的上限是多少？由谁批准？", ["差旅报销的上限是多少？", "由谁批准？"]),
    ],
)
def test_what_asks_for_several_things_is_taken_apart(question: str, texts: list[str]) -> None:
    assert [part.text for part in parts(question)] == texts


@pytest.mark.parametrize(
    "question",
    [
        "What does the law say about who pays and when payment is due?",
        "How and why did it fall?",
        "What are the rules for leave and travel?",
        "I bought it in May. How long does the warranty last?",
        "在什么情况下，公司应支付多少补偿？",
        "如果员工生病，工资是多少？",
        "「殿下先謁陵乎？」這句話是誰說的？",
        "Who?? Where? When? Why?",
        "",
    ],
)
def test_what_asks_for_one_thing_or_for_too_many_is_left_whole(question: str) -> None:
    (part,) = parts(question)
    assert part.text == part.searched == part.asked == question


def test_a_part_that_points_back_is_asked_with_the_whole() -> None:
    whole = "How long is the warranty and who gives it?"
    first, second = parts(whole)
    assert first.asked == first.searched == "How long is the warranty?"
    assert second.searched == whole and second.asked.startswith(whole) and second.asked.endswith("Who gives it?")
    assert parts("保修多久，它由谁提供？")[1].asked == "保修多久，它由谁提供？ 只回答：它由谁提供？"


def cited(start: int, end: int, answer: tuple[int, int]) -> Citation:
    return Citation(1, "d", "t", "/t.md", None, start, end, "q" * (end - start), *answer)


def test_joined_answers_keep_each_citation_at_its_words() -> None:
    one, two = "25 days.", "The board decides."
    text, citations, starts = joined(
        [(one, [cited(0, 5, (0, 8))]), (two, [cited(9, 12, (0, 18)), cited(0, 5, (0, 18))])]
    )
    assert text == f"{one}\n\n{two}" and starts == (0, 10)
    assert [text[each.answer_start : each.answer_end] for each in citations] == [one, two, two]
    assert [each.marker for each in citations] == [1, 2, 1]
