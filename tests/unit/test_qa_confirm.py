"""What the chat model says when it is asked whether the passages state the answer, as log-odds."""

import math
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import RunnableLambda

from qa.chat import OpenVinoChat
from qa.chat.model import stoppable
from qa.confirm import TOKENS, confirmed, said
from qa.prompt import answer_messages, confirm_messages
from qa.style import PLAIN, Style
from qa.work import Work
from storage.asked import Asked
from storage.errors import FootnoteError, ModelUnavailable
from storage.models.catalogue import DEFAULT_CHAT
from storage.models.damage import outdated
from storage.records import Hit, Trace
from tests.fakes import FakeChat, FakeEmbedder
from tests.unit.passages import hit

LEAVE = [hit("Staff get 25 days of leave.")]
QUESTION = "How many days of leave are there?"


def by(word: str, probability: float | None = None, *, probed: bool = True) -> float | None:
    facts = {} if probability is None else {"logprobs": [math.log(probability)], "probed": probed}
    chat = RunnableLambda[Sequence[BaseMessage], AIMessage](lambda _: AIMessage(word, response_metadata=facts))
    return said(QUESTION, LEAVE, PLAIN, chat)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("word", "probability", "expected"),
    [
        ("Yes", 0.9, math.log(9)),
        ("No", 0.9, -math.log(9)),
        (" no", 0.9, -math.log(9)),
        ("有", 0.8, math.log(4)),
        ("没有", 0.8, -math.log(4)),
        ("Yes", 0.4, math.log(2 / 3)),  # the likeliest word of several
        ("Perhaps", 0.9, None),
        ("", None, None),
    ],
)
def test_a_yes_or_no_counts_by_how_sure_the_model_is_of_it(
    word: str, probability: float | None, expected: float | None
) -> None:
    assert by(word, probability) == (None if expected is None else pytest.approx(expected))


def test_a_models_own_word_is_put_on_the_scale_of_a_probe() -> None:
    yes, hardly, no = (by(*told, probed=False) or 0.0 for told in (("Yes", 0.9), ("Yes", 0.55), ("No", 0.9)))
    assert yes > (by("Yes", 0.9) or 0.0) > 0 > hardly > no  # small models say yes too easily
    assert by("Perhaps", 0.9, probed=False) is None


def test_a_model_that_does_not_tell_how_sure_it_is_counts_by_its_word() -> None:
    yes, no = by("Yes."), by("No.")
    assert yes is not None and no is not None and no < 0 < yes
    assert said(QUESTION, LEAVE, PLAIN, FakeListChatModel(responses=["Yes, they do."])) == yes


def test_a_model_that_gives_no_word_says_nothing() -> None:
    def asked(confirms: str | FootnoteError) -> float | None:
        return said(QUESTION, LEAVE, PLAIN, stoppable(FakeChat(confirms=confirms), Event(), TOKENS, 60))

    assert asked("Yes") and asked(ModelUnavailable("It only thought. Choose another one.")) is None


TRACE = Trace(QUESTION, "default", 9, "fake-embedder")
TEA, CLUBS = hit("Tea is served at four.", 2, document="d2"), hit("There are two clubs.", 3, document="d3")


def over(*hits: Hit, sure_of: Hit) -> Work:
    """A model that says yes to one passage, when it is asked about that one alone."""

    def reply(messages: Sequence[BaseMessage]) -> AIMessage:
        text = str(messages[-1].content)
        yes = sure_of.chunk.text in text and text.count("<passage>") == 1
        return AIMessage("Yes" if yes else "No", response_metadata={"logprobs": [math.log(0.8)], "probed": True})

    chat = RunnableLambda[Sequence[BaseMessage], AIMessage](reply)
    work = Work(Asked(QUESTION), hits, (), FakeEmbedder(), TRACE)
    return confirmed(QUESTION, work, PLAIN, chat)  # type: ignore[arg-type]


def test_the_passage_that_the_model_confirms_leads() -> None:
    first, second, neither = (over(*LEAVE, TEA, CLUBS, sure_of=each) for each in (LEAVE[0], TEA, CLUBS))
    assert first.leading == (LEAVE[0],) and second.leading == (TEA,) and second.hits == (TEA, LEAVE[0], CLUBS)
    assert dict(first.trace.signals) == dict(second.trace.signals) == {"confirmed": pytest.approx(math.log(4))}
    assert neither.leading == (LEAVE[0],) and dict(neither.trace.signals)["confirmed"] < 0


def test_passages_in_a_language_that_the_question_is_not_in_are_asked_about_too() -> None:
    chinese = hit("员工每年有25天年假。")
    assert over(chinese, TEA, sure_of=TEA).hits == (TEA, chinese)


@pytest.mark.parametrize("question", [QUESTION, "年假有多少天？"])
@pytest.mark.parametrize("style", [PLAIN, Style("detailed"), Style(language="zh")])
def test_the_passages_are_read_once_for_the_word_and_for_the_answer(question: str, style: Style) -> None:
    word, answer = confirm_messages(question, LEAVE, style), answer_messages(question, LEAVE, style)
    assert word[:-1] == answer[:-1]
    assert str(word[-1].content).startswith(str(answer[-1].content))  # a prefix cache holds them


LIGHTHOUSE = hit(
    "The lighthouse of Marnay was built in 1874 by the engineer Ada Brisk. Its lamp was lit by oil until 1921, when "
    "the harbour office had it wired. Since 1990 nobody lives in the tower."
)
CHINESE = hit("马尔奈灯塔由工程师艾达于1874年建成。灯塔起初烧油，1921年由港务局改用电灯。1990年起塔内无人居住。")


@pytest.mark.models
@pytest.mark.parametrize(
    ("passage", "answered", "altered"),
    [
        (
            LIGHTHOUSE,
            ["Who built the lighthouse of Marnay?", "When was its lamp wired?", "Since when is the tower empty?"],
            ["Who repaired the lighthouse of Marnay?", "When was its bell wired?", "Since when is the harbour empty?"],
        ),
        (CHINESE, ["马尔奈灯塔是谁建的？", "灯塔哪一年改用电灯？"], ["马尔奈灯塔是谁拆的？", "灯塔哪一年改用煤气？"]),
    ],
)
def test_the_default_model_tells_questions_that_a_passage_answers_from_altered_ones(
    passage: Hit, answered: list[str], altered: list[str], models_folder: Path
) -> None:
    chat = OpenVinoChat(id=DEFAULT_CHAT, folder=models_folder / DEFAULT_CHAT)
    probed = stoppable(chat, Event(), TOKENS, 60, yes_or_no=True)
    assert not outdated(chat.folder)
    odds = {question: said(question, [passage], PLAIN, probed) for question in [*answered, *altered]}
    chat.close()
    told = {question: odd for question, odd in odds.items() if odd is not None}
    assert min(told[question] for question in answered) > max(told[question] for question in altered), told
