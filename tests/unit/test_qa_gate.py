"""Refusals are recognised, inventions do not pass, and true answers do."""

import numpy as np
import pytest

from qa.cite import Cited, cite
from qa.gate import Stage, Verdict, Weighing, admitted, invented, judge, refuses, weighing
from storage.records import Citation, Hit
from tests.unit.passages import hit

WARRANTY = hit("The warranty of the Aqua 7 lasts 24 months from purchase. Damage by water is not included.")
ARTICLE = hit(
    "大语言模型可以用于商业应用，但需要注意数据安全和隐私保护的问题。使用 PyTorch 训练。",
    title="大语言模型",
    document="d2",
)


def judged(answer: str, question: str, *hits: Hit) -> Verdict:
    def nothing_alike(texts: list[str]) -> np.ndarray:
        return np.eye(len(texts), dtype=np.float32)

    return judge(answer, question, hits, cite(answer, question, hits, nothing_alike))


@pytest.mark.parametrize(
    "sentence",
    [
        "The documents don't say.",
        "The passages do not mention the author.",
        "There is no information about the price.",
        "The provided text does not specify when it was written.",
        "The author is not mentioned in the passages.",
        "I cannot find the answer.",
        "文档中没有说明。",
        "文中并未提及作者。",
        "段落中没有提供相关信息。",
        "根据提供的资料，无法确定发表年份。",
    ],
)
def test_refusals_in_the_models_own_words(sentence: str) -> None:
    assert refuses(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The warranty does not include water damage.",
        "Breakfast is not provided.",
        "年假不包括法定节假日。",
        "Members may not enter after 10 pm.",
        "押金没有利息。",
    ],
)
def test_rules_that_deny_something_are_answers(sentence: str) -> None:
    assert not refuses(sentence)


def test_a_supported_answer_stands() -> None:
    assert judged("The warranty lasts 24 months.", "How long is the warranty?", WARRANTY) == Verdict(True)
    assert judged("需要注意数据安全和隐私保护的问题。", "商业应用要注意什么？", ARTICLE) == Verdict(True)


@pytest.mark.parametrize(
    ("answer", "question", "passage"),
    [
        ("The warranty lasts 36 months.", "How long is the warranty?", WARRANTY),
        ("The warranty is given by Siemens.", "Who gives the warranty?", WARRANTY),
        ("这篇文章发表于2021年。", "这篇文章是哪一年发表的？", ARTICLE),
        ("文章使用 TensorFlow 训练。", "用什么训练？", ARTICLE),
    ],
)
def test_made_up_numbers_and_names_do_not_pass(answer: str, question: str, passage: Hit) -> None:
    assert judged(answer, question, passage) == Verdict(False, "made up")


@pytest.mark.parametrize(
    ("answer", "question", "passage"),
    [
        ("Yes. The warranty lasts 24 months.", "Does the warranty last 24 months?", WARRANTY),
        ("No.", "Is damage by water included?", WARRANTY),
        ("The warranty is generous to buyers. It lasts 24 months from purchase.", "What is the warranty?", WARRANTY),
        ("是的。大语言模型可以用于商业应用。", "大语言模型是否可以用于商业应用？", ARTICLE),
    ],
)
def test_a_bare_yes_before_a_supported_sentence_stands(answer: str, question: str, passage: Hit) -> None:
    assert judged(answer, question, passage) == Verdict(True)


def test_a_name_with_marks_on_its_letters_is_found_in_the_passage() -> None:
    prize = hit(
        "Famous people born in Warsaw include Maria Skłodowska-Curie, who received the Nobel Prize.", document="d4"
    )
    asked = "Who was born in Warsaw?"
    assert judged("The physicist Maria Skłodowska-Curie, who received the Nobel Prize.", asked, prize) == Verdict(True)
    assert judged("The prize went to Józef Skłodowski.", asked, prize) == Verdict(False, "made up")


def test_a_bare_no_to_something_else_does_not_pass() -> None:
    assert judged("No.", "May I pay by card at the desk?", WARRANTY) == Verdict(False, "unsupported")


def test_an_answer_nothing_supports_does_not_pass() -> None:
    verdict = judged("Bring an umbrella and warm shoes.", "What should I pack?", WARRANTY)
    assert verdict == Verdict(False, "unsupported")


def test_an_answer_by_half_may_say_what_is_missing() -> None:
    answer = "The warranty lasts 24 months. The passages do not state the price."
    question = "How long is the warranty, and what does the Aqua 7 cost?"
    cited = cite(answer, question, [WARRANTY], lambda texts: np.eye(len(texts), dtype=np.float32))
    assert len(cited.unsupported) == 1
    assert admitted(answer, cited).unsupported == ()
    assert judge(answer, question, [WARRANTY], admitted(answer, cited)) == Verdict(True)
    made_up = "The warranty lasts 24 months. It is sold in red."
    cited = cite(made_up, question, [WARRANTY], lambda texts: np.eye(len(texts), dtype=np.float32))
    assert len(admitted(made_up, cited).unsupported) == 1


def test_an_empty_answer_is_a_refusal() -> None:
    assert judged("", "Anything?", WARRANTY) == Verdict(False, "refused")


def test_numbers_of_the_question_and_of_list_items_invent_nothing() -> None:
    answer = "1. The warranty lasts 24 months.\n2. Water damage is not included."
    assert invented(answer, "Is a part from 2019 covered?", [WARRANTY]) == set()
    assert invented("A part from 2019 is covered.", "Is a part from 2019 covered?", [WARRANTY]) == set()


def test_a_signal_says_more_the_further_it_is_from_usual_and_nothing_where_it_is_not_known() -> None:
    gate = Weighing(bias=0.0, least={"en": 0.5}, signals={"near": (0.8, 0.1, 2.0), "lacking": (0.5, 0.5, -1.0)})
    assert gate.probability({}) == gate.probability({"near": 0.8}) == 0.5
    assert gate.probability({"near": 0.9}) == pytest.approx(1 / (1 + np.exp(-2)))
    assert gate.probability({"near": 0.9, "lacking": 1.0}) < gate.probability({"near": 0.9, "lacking": 0.0})
    assert gate.probability({"near": 0.9, "unheard of": 5.0}) == gate.probability({"near": 0.9})


def test_a_gate_that_does_not_know_its_first_signal_does_not_weigh() -> None:
    gate = Weighing(bias=0.0, least={"en": 0.5}, signals=dict.fromkeys("abcd", (0.0, 1.0, 1.0)))
    assert gate.knows({"a": 1.0}) and not gate.knows({"b": 1.0, "c": 1.0, "d": 1.0})


def test_the_chat_models_word_is_weighed_alone_where_nothing_else_is_known() -> None:
    gate = weighing("confirmed", {"confirmed": 1.0})
    assert gate is not None and gate.signals.keys() == {"confirmed"}
    assert weighing("retrieved", {"confirmed": 1.0}) is None and weighing("written", {}) is None
    assert gate.probability({"confirmed": -4.0}) < min(gate.least.values())
    assert gate.probability({"confirmed": 2.0}) > max(gate.least.values())


STAGES: tuple[Stage, ...] = ("retrieved", "confirmed", "written")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("read", [True, False])
def test_what_was_fitted_tells_a_good_answer_from_one_beside_the_question(stage: Stage, read: bool) -> None:
    good = {"similarity": 0.92, "coverage": 0.9, "near": 0.91, "shared": 0.9,
            "lacking": 0.0, "logprob": -0.05}  # fmt: skip
    bad = {"similarity": 0.76, "coverage": 0.05, "near": 0.77, "shared": 0.05,
           "lacking": 1.0, "logprob": -0.6}  # fmt: skip
    if stage != "retrieved":
        good, bad = good | {"confirmed": 3.0}, bad | {"confirmed": -5.0}  # about what is usual
    if read:
        good |= {"answers": 4.0, "sure": 8.0, "relevance": 6.0, "second": 5.0, "agreed": 1.0, "cited": 4.0}
        bad |= {"answers": -6.0, "sure": -8.0, "relevance": -6.0, "second": 0.1, "agreed": 0.0, "cited": -6.0}
    gate = weighing(stage, good)
    assert gate is not None and gate is weighing(stage, bad)
    assert ("sure" in gate.signals or "agreed" in gate.signals) is read
    assert all(gate.probability(bad) < least < gate.probability(good) for least in gate.least.values())
    assert gate.least.keys() == {"en", "zh"}


@pytest.mark.parametrize(
    "text",
    ["The documents do not say anything about Form B.", "文档中没有提及表格乙。", "The passages don't mention Form B."],
)
def test_a_refusal_that_names_what_was_asked_for_is_one_though_a_passage_names_it_too(text: str) -> None:
    passage = hit("Form B is handed in at the desk. 表格乙交到前台。")
    citation = Citation(1, "d", "t", "/t.md", None, 0, 6, "Form B", 0, len(text))
    assert judge(text, "What of Form B? 表格乙？", [passage], Cited((citation,), ())).reason == "refused"
