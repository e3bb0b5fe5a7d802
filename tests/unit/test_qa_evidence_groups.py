"""Groups to learn from: the answer stands where it is said to, and nowhere in the passages that lack it."""

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest

from qa.evidence.training.groups import Group, Read, contrasts, group
from qa.evidence.training.questions import Question

PLACES = ("Bergen", "Oslo", "Turku", "Riga", "Gdansk", "Malmo", "Narva", "Visby")
TOWNS = ("卑尔根", "奥斯陆", "图尔库", "里加", "但泽", "马尔默", "纳尔瓦", "维斯比")


def asked(number: int) -> Question:
    """Return a question on a passage that is too long not to be cut; every third is Chinese, every fifth has none."""
    place, town, count = PLACES[number % 8], TOWNS[number % 8], str(7000 + number)
    if number % 3 == 0:
        before, after = f"{town}在北方的海边，港口很大。" * (number % 9), f"{town}的冬天很长，人们喜欢音乐。" * 9
        text, title = f"{before}{town}的学校有{count}名学生。{after}", town
    else:
        before = f"The town of {place} lies by the sea and has a large harbour. " * (number % 9)
        text, title = f"{before}The school has {count} students in all. " + f"Winters in {place} are long. " * 20, place
    if number % 5 == 4:
        return Question(f"who built {place} {number}?", text, title, answerable=False)
    start = text.index(count)
    return Question(f"how many students {place} {number}?", text, title, True, ((start, start + len(count)),))


QUESTIONS = [asked(number) for number in range(120)]


def embed(texts: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return a vector for each text, always the same for the same text."""
    rows = [[Random(f"{text}{i}").random() - 0.5 for i in range(8)] for text in texts]
    return np.array(rows, np.float32)


@pytest.fixture(scope="module")
def groups() -> list[Group]:
    return group(QUESTIONS, embed, embed, seed=3)


def answers(question: Question) -> set[str]:
    """Return the answers of a question."""
    return {question.passage[start:end] for start, end in question.spans}


def test_there_is_a_group_for_each_question_in_their_order(groups: list[Group]) -> None:
    assert [each.question for each in groups] == [question.text for question in QUESTIONS]


def test_after_cutting_the_span_still_holds_the_answer(groups: list[Group]) -> None:
    cut = 0
    for question, each in zip(QUESTIONS, groups, strict=True):
        own = each.passages[0]
        assert own.answers == question.answerable
        assert own.text in question.passage
        cut += len(own.text) < len(question.passage)
        if own.span:
            assert own.text[slice(*own.span)] in answers(question)
        assert (own.span is not None) == question.answerable
    assert cut > len(QUESTIONS) / 2


def test_no_passage_that_does_not_answer_holds_the_answer(groups: list[Group]) -> None:
    without = 0
    for question, each in zip(QUESTIONS, groups, strict=True):
        for read in each.passages[1:]:
            assert not read.answers
            assert read.span is None
            assert not any(answer in read.text for answer in answers(question))
            without += read.text not in question.passage and read.text.split()[0] in question.passage
    assert without > len(QUESTIONS) / 4  # own passages with a hole are among them


def test_the_passages_of_a_group_stand_all_under_titles_or_none_does(groups: list[Group]) -> None:
    titled = [{bool(read.title) for read in each.passages} for each in groups]
    assert all(len(kinds) == 1 for kinds in titled)
    assert {True} in titled
    assert {False} in titled


def test_the_same_seed_gives_the_same_groups(groups: list[Group]) -> None:
    assert group(QUESTIONS, embed, embed, seed=3) == groups
    assert group(QUESTIONS, embed, embed, seed=4) != groups


def test_an_answer_known_to_be_somewhere_keeps_its_passage_whole() -> None:
    long = QUESTIONS[1]
    (only,) = group([Question("where?", long.passage, "", answerable=True)], embed, embed, seed=0)
    assert only.passages[0] == Read(long.passage, "", answers=True)


def test_in_a_second_round_an_altered_question_stands_beside_the_question_itself() -> None:
    questions = [Question(f"First, {q.text}", q.passage, q.title, q.answerable, q.spans) for q in QUESTIONS]
    groups = contrasts(questions, seed=3)
    assert groups == contrasts(questions, seed=3) != contrasts(questions, seed=4)
    known = {question.text: question for question in questions}
    assert {each.question for each in groups} >= known.keys()
    changed = 0
    for before, each in zip([groups[0], *groups], groups, strict=False):
        own, *others = each.passages
        assert not any(read.answers or read.span for read in others)
        if each.question in known:
            question = known[each.question]
            assert own.answers == question.answerable
            assert len(others) == question.answerable
            assert not any(answer in read.text for answer in answers(question) for read in others)
        else:
            changed += 1
            assert each.passages == (Read(before.passages[0].text, before.passages[0].title, answers=False),)
            assert before.passages[0].span
    assert changed > len(QUESTIONS) / 2
