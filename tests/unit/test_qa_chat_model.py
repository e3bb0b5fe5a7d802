"""What every chat model does before a backend comes into play, and what the fake one adds."""

import time

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from qa.chat.model import PLAIN_SYSTEM, turns
from storage.errors import ModelUnavailable
from tests.fakes import FakeChat


def test_turns_keep_order_and_roles() -> None:
    messages = [SystemMessage("S"), HumanMessage("Q"), AIMessage("A"), HumanMessage("Q2")]
    assert [(turn["role"], turn["content"]) for turn in turns(messages)] == [
        ("system", "S"),
        ("user", "Q"),
        ("assistant", "A"),
        ("user", "Q2"),
    ]


def test_turns_always_begin_with_a_system_message() -> None:
    assert turns([HumanMessage("Q")])[0] == {"role": "system", "content": PLAIN_SYSTEM}


def test_a_kind_of_message_that_no_template_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="not tool"):
        list(FakeChat(replies=["x"]).stream([ToolMessage("x", tool_call_id="1")]))


def test_an_option_that_nobody_reads_is_refused() -> None:
    with pytest.raises(TypeError, match="temperature"):
        list(FakeChat(replies=["x"]).stream("Q", temperature=1))


def test_an_answer_that_takes_too_long_is_cut() -> None:
    chat = FakeChat(replies=["word " * 200], delay=0.02)
    answer = chat.invoke("Q", seconds=0.3)
    assert 2 < len(answer.text.split()) < 30
    assert answer.response_metadata["finish_reason"] == "length"


def test_a_model_that_says_nothing_is_given_up() -> None:
    chat = FakeChat(replies=["late"], delay=5.0)
    began = time.monotonic()
    with pytest.raises(ModelUnavailable, match=r"said nothing for 0\.2 seconds.*footnote models recommend"):
        chat.invoke("Q", seconds=0.2)
    assert time.monotonic() - began < 1


def test_the_fake_gives_its_replies_in_order_and_remembers_the_questions() -> None:
    chat = FakeChat(replies=["one", ModelUnavailable("gone"), "three"])
    assert chat.invoke("Q1").text == "one"
    with pytest.raises(ModelUnavailable, match="gone"):
        chat.invoke("Q2")
    assert chat.invoke("Q3").text == "three"
    assert [asked[-1] for asked in chat.asked] == [("user", "Q1"), ("user", "Q2"), ("user", "Q3")]
    with pytest.raises(ModelUnavailable, match="no reply queued"):
        chat.invoke("Q4")
