"""A follow-up stands alone afterwards; a question that already does is not touched."""

from datetime import UTC, datetime

import pytest

from qa.condense import condense, stands_alone
from storage.records import Message
from tests.fakes import FakeChat


def said(role: str, text: str) -> Message:
    return Message(text, role, text, datetime.now(UTC))  # type: ignore[arg-type]


HISTORY = [said("user", "How long is the warranty of the Aqua 7?"), said("assistant", "24 months.")]


@pytest.mark.parametrize(
    "question",
    ["What is the power consumption of the Aqua 7 dishwasher?", "员工出差的住宿标准和餐费标准分别是多少？"],
)
def test_a_whole_question_is_left_alone(question: str) -> None:
    assert stands_alone(question)
    assert condense(question, HISTORY, FakeChat()) == question


@pytest.mark.parametrize("question", ["And for spare parts?", "How heavy is it?", "为什么？", "那餐费呢？", "它多重？"])
def test_a_follow_up_is_recognised(question: str) -> None:
    assert not stands_alone(question)


def test_without_history_no_model_is_asked() -> None:
    assert condense("How heavy is it?", [], FakeChat()) == "How heavy is it?"


def test_the_model_rewrites_a_follow_up() -> None:
    chat = FakeChat(replies=["Question: How heavy is the Aqua 7?\nIt stands alone now."])
    assert condense("How heavy is it?", HISTORY, chat) == "How heavy is the Aqua 7?"


@pytest.mark.parametrize("reply", ["", "水槽多重？", "x" * 400 + "?", "It weighs 30 kg.", "Does it weigh 30 kg?"])
def test_a_useless_rewrite_falls_back_to_both_questions(reply: str) -> None:
    got = condense("How heavy is it?", HISTORY, FakeChat(replies=[reply]))
    assert got == "How long is the warranty of the Aqua 7? How heavy is it?"


def test_a_short_question_that_points_nowhere_back_stays_as_it_is_after_a_useless_rewrite() -> None:
    assert condense("年假有几天？", HISTORY, FakeChat(replies=["年假有十天。"])) == "年假有几天？"
