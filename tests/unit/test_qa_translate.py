"""When a question is put into the other language, and what counts as a translation of it."""

from dataclasses import replace
from threading import Event

import pytest

from qa.chat.model import stoppable
from qa.evidence.model import Reading
from qa.translate import needed, translated
from storage.errors import ModelUnavailable
from storage.language import language
from tests.fakes import FakeChat
from tests.unit.passages import hit

BOTH = {"en": 3, "zh": 2}
ENGLISH = Reading(hit("Staff get 25 days of leave."), 1.0, 0.9, 0, 5, 3.0)
CHINESE = Reading(hit("员工每年有25天年假。"), 1.0, 0.9, 0, 5, 3.0)


def by(reply: str, question: str) -> str:
    chat = FakeChat(translations={question: reply})
    return translated(question, stoppable(chat, Event(), 80, 60))


@pytest.mark.parametrize(
    ("languages", "readings", "expected"),
    [
        ({"en": 3}, [], False),  # nothing in another language
        (BOTH, [ENGLISH], False),  # answered in its own
        (BOTH, [replace(ENGLISH, answers=0.3)], True),
        (BOTH, [CHINESE], True),  # what a foreign passage says to a question in another language counts for nothing
        (BOTH, [], True),
        ({"zh": 2}, [CHINESE], True),
    ],
)
def test_a_question_is_translated_where_its_own_language_does_not_answer(
    languages: dict[str, int], readings: list[Reading], expected: bool
) -> None:
    assert needed("How many days of leave are there?", languages, readings) is expected


def test_a_translation_is_in_the_other_language() -> None:
    assert by("年假有多少天？\n（注）", "How many days of leave?") == "年假有多少天？"
    assert language(by("How many days of leave are there?", "年假有多少天？")) == "en"


@pytest.mark.parametrize("reply", ["", "How long is it?", "年" * 400, "2017年的年假有多少天？"])
def test_what_cannot_be_a_translation_is_none(reply: str) -> None:
    assert by(reply, "How many days of leave are there?") == ""


def test_latin_names_of_a_chinese_question_are_kept() -> None:
    assert by("What is the default timeout of the client?", "HTTPX 客户端的默认超时是多少？").endswith(" HTTPX")
    assert (
        by("What is the default timeout of httpx?", "HTTPX 的默认超时是多少？")
        == "What is the default timeout of httpx?"
    )


def test_without_a_chat_model_there_is_none() -> None:
    class Absent(FakeChat):
        def begin(self, request: object, reply: object) -> None:
            raise ModelUnavailable("The model is not there. Pull it: footnote models pull")

    assert translated("How many days?", stoppable(Absent(), Event(), 80, 60)) == ""
