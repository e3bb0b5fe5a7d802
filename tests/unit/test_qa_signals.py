"""Signals say what they are named after."""

import numpy as np
import pytest

from qa.cite import Cited, cite
from qa.evidence.model import Reading
from qa.signals import agreeing, retrieved, written
from storage.asked import Asked
from storage.indexes import Found
from storage.records import Hit
from tests.unit.passages import hit

MEMBERS = hit("Each Platinum membership of the foundation costs 500,000 dollars per year.", title="Foundation")
OTHER = hit("Tea is served at four.", 2, document="d2")


def reading(of: Hit, phrase: str, answers: float = 0.9, sure: float = 3.0, relevance: float = 2.0) -> Reading:
    start = of.chunk.start + of.chunk.text.index(phrase)
    return Reading(of, relevance, answers, start, start + len(phrase), sure)


def cited_by(answer: str, question: str, *hits: Hit) -> Cited:
    def nothing_alike(texts: list[str]) -> np.ndarray:
        return np.eye(len(texts), dtype=np.float32)

    cited = cite(answer, question, hits, nothing_alike)
    assert cited.citations
    return cited


def found(*hits: Hit) -> Found:
    ids = [each.chunk.id for each in hits]
    return Found(
        hits,
        (),
        dict.fromkeys(ids, 0.4),
        {i: 0.8 + n / 100 for n, i in enumerate(ids)},
        dict.fromkeys(ids, 0.05),
        {"en": 9},
    )


def test_the_best_of_each_index_and_of_the_readings_is_told() -> None:
    readings = [reading(MEMBERS, "500,000 dollars"), reading(OTHER, "four", answers=0.2, sure=-1.0, relevance=-1.0)]
    signals = retrieved(Asked("What does it cost?"), [MEMBERS, OTHER], found(MEMBERS, OTHER), readings)
    assert signals["similarity"] == 0.81 and signals["coverage"] == 0.4
    assert signals["answers"] == pytest.approx(np.log(9)) and signals["sure"] == 3.0
    assert (signals["relevance"], signals["second"]) == (2.0, 3.0)
    assert retrieved(Asked("What?"), [MEMBERS], found(MEMBERS), []).keys() == {"similarity", "coverage"}


@pytest.mark.parametrize(
    ("question", "shared", "lacking"),
    [
        ("How much does a Platinum membership cost per year?", True, 0.0),
        ("How much does a licence of Rocketeer cost per year?", False, 1.0),
        ("What colour was the painted front door?", False, 0.0),
    ],
)
def test_words_and_names_of_the_question_are_looked_for_in_what_is_cited(
    question: str, shared: bool, lacking: float
) -> None:
    answer = MEMBERS.chunk.text
    signals = written(Asked(question), cited_by(answer, question, MEMBERS), [MEMBERS, OTHER], near=0.9)
    assert (signals["shared"] > 0.6) is shared
    assert signals["lacking"] == lacking and signals["near"] == 0.9


def test_across_languages_nothing_is_held_against_an_answer() -> None:
    question = "PyTorch 的年薪是多少？"
    answer = MEMBERS.chunk.text
    cited = cited_by(answer, question, MEMBERS)
    assert written(Asked(question), cited, [MEMBERS], near=0.8) == {}
    assert agreeing(answer, Asked(question), cited, [reading(MEMBERS, "500,000 dollars", sure=-9.0)]) == {}
    assert retrieved(Asked(question), [MEMBERS, OTHER], found(MEMBERS, OTHER), [reading(OTHER, "four")]) == {}


CHINESE = hit("会员费每年五十万美元。", 3, document="d3")


def test_a_passage_in_another_language_matters_only_where_no_other_surely_answers() -> None:
    question, hits = Asked("What does it cost?"), [MEMBERS, CHINESE]
    sure, foreign = reading(MEMBERS, "500,000 dollars"), reading(CHINESE, "五十万美元", answers=0.99, sure=9.0)
    signals = retrieved(question, hits, found(*hits), [sure, foreign])
    assert signals["sure"] == 3.0  # of the foreign one nothing is told
    unsure = reading(MEMBERS, "500,000 dollars", answers=0.3)
    assert retrieved(question, hits, found(*hits), [unsure, foreign]) == {}
    both = Asked(question.text, "会员费是多少？")
    assert retrieved(both, hits, found(*hits), [unsure, foreign])["sure"] == 9.0


def test_models_agree_where_the_answer_holds_the_phrase_that_was_read() -> None:
    question = "What does a Platinum membership cost?"
    readings = [reading(MEMBERS, "500,000 dollars"), reading(OTHER, "four", answers=0.01, sure=-6.0)]
    answer = "A Platinum membership costs 500,000 dollars."
    alike = agreeing(answer, Asked(question), cited_by(answer, question, MEMBERS), readings)
    assert alike["agreed"] > 0.9 and alike["cited"] == pytest.approx(np.log(9))
    other = "Tea is served at four."
    apart = agreeing(other, Asked(question), cited_by(other, question, OTHER), readings)
    assert apart["agreed"] < 0.1 and apart["cited"] < 0
    assert agreeing(answer, Asked(question), cited_by(answer, question, MEMBERS), []) == {}
