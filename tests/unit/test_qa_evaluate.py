"""Figures of an evaluation: what counts as right, and that nothing is divided by nothing."""

import pytest

from qa.answer import Answer
from qa.evaluate import Outcome, Question, contains, failures, metrics, read_questions, token_f1, tokens
from storage.errors import UnreadableFile
from storage.records import Citation, Timings
from tests.unit.passages import hit


def citation(path: str) -> Citation:
    return Citation(1, "d", "t", path, None, 0, 4, "Four", 0, 5)


def outcome(question: Question, text: str, found: bool = True, **more: object) -> Outcome:
    exact = more.pop("exact", 0)
    return Outcome(question, Answer(text, found, **more), exact)  # type: ignore[arg-type]


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


def test_f1_takes_the_best_gold() -> None:
    assert token_f1("two years", ["two years"]) == 1.0
    assert token_f1("about two years", ["two years", "nothing alike"]) == pytest.approx(0.8)
    assert token_f1("x", ["y"]) == 0.0
    assert token_f1("x", []) == 0.0


def test_all_figures_of_a_small_evaluation() -> None:
    known = Question("1", "q", ("two years",), document="a.pdf")
    wrong = Question("2", "q", ("ten",), document="a.pdf")
    missed = Question("3", "q", ("six",))
    absent = Question("4", "q", answerable=False)
    invented = Question("5", "q", answerable=False)
    passage = hit("It is two years.", title="a")
    outcomes = [
        outcome(known, "It is two years.", short_answer="two years", citations=(citation("/n/a.pdf"),), hits=(passage,),
                exact=1, timings=Timings(0.1, 0.2, 1.0, 2.0)),
        outcome(wrong, "It is nine.", citations=(citation("C:\\n\\b.md"),), timings=Timings(0.1, 0.2, 3.0, 4.0)),
        outcome(missed, "The documents don't say.", found=False, timings=Timings(0.1, 0.2, 0.0, 0.3)),
        outcome(absent, "The documents don't say.", found=False),
        outcome(invented, "Seven."),
    ]  # fmt: skip
    figures = metrics(outcomes)
    assert figures | {"seconds": None} == {
        "questions": 5,
        "answered": 3,
        "refused": 2,
        "correct": 0.3333,
        "f1": 0.3333,
        "found_accuracy": 0.6,
        "false_refusals": 0.3333,
        "refusal_recall": 0.5,
        "refusal_precision": 0.5,
        "citations": 2,
        "citation_precision": 0.5,
        "quote_exactness": 0.5,
        "hit_rate": 0.5,
        "gold_in_hits": 0.3333,
        "seconds": None,
    }
    assert figures["seconds"]["first_token"] == {"median": 2.0, "p90": 3.0}
    assert [each.question.id for each in failures(outcomes)] == ["2", "3", "5"]


def test_without_questions_nothing_is_counted() -> None:
    figures = metrics([])
    assert figures["questions"] == 0
    assert figures["correct"] is None and figures["citation_precision"] is None
    assert figures["seconds"]["total"] == {"median": None, "p90": None}


def test_everything_that_must_be_there_counts() -> None:
    both = Question("1", "q", ("a and b",), must_contain=("red", "blue"))
    assert metrics([outcome(both, "Red and blue.")])["correct"] == 1.0
    assert metrics([outcome(both, "Only red.")])["correct"] == 0.0


def test_lines_become_questions() -> None:
    line = (
        '{"id": "x1", "question": "And there?", "answers": ["six"], "answerable": true, "document": "docs/a.md", '
        '"context": "…", "history": [{"role": "user", "text": "Where is it?"}]}'
    )
    assert read_questions([line, "", '{"question": "Why?", "answers": [], "answerable": false}']) == (
        Question("x1", "And there?", ("six",), True, (), "a.md", (("user", "Where is it?"),)),
        Question("3", "Why?", answerable=False),
    )


@pytest.mark.parametrize(
    "line",
    ["{", '{"id": 1}', '"text"', '{"question": 7}', '{"question": "q", "answerable": "yes"}',
     '{"question": "q", "answers": [1]}', '{"question": "q", "history": [{"role": "user"}]}'],
)  # fmt: skip
def test_a_bad_line_is_named_by_its_number(line: str) -> None:
    with pytest.raises(UnreadableFile, match=r"^Line 2 .*Write "):
        read_questions(['{"question": "q"}', line])
