"""What the rest of Footnote relies on from any chat model, tried on every one."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage
from langchain_core.prompts import ChatPromptTemplate

from qa.chat import ChatModel, OpenVinoChat, ServerChat, TransformersChat
from tests.chats import chat_server, tiny_model
from tests.fakes import FakeChat

MESSAGES = [
    SystemMessage("Answer in one sentence."),
    HumanMessage("What is a lighthouse for?"),
    AIMessage("It guides ships."),
    HumanMessage("Write a long list of famous ones. 请列出著名的灯塔。"),
]
WORDS = [f"word{n} " for n in range(40)]
MODELS = ["fake", "server", "qwen3", "llama", pytest.param("openvino", marks=pytest.mark.models)]


@pytest.fixture(scope="module", params=MODELS)
def chat(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatModel]:
    if request.param == "fake":
        yield FakeChat(replies=["".join(WORDS)] * 100, delay=0.01)
    elif request.param == "server":
        with chat_server() as script:
            script.words, script.between = WORDS, 0.01
            yield ServerChat(id="server", url=script.url)
    elif request.param == "openvino":
        folder: Path = request.getfixturevalue("models_folder") / "qwen2.5-coder-1.5b-instruct"
        model = OpenVinoChat(id="qwen", folder=folder)
        yield model
        model.close()
    else:
        tiny = TransformersChat(id="tiny", folder=tiny_model(tmp_path_factory.mktemp("tiny"), request.param))
        yield tiny
        tiny.close()


def test_is_cold_until_it_is_warmed(chat: ChatModel) -> None:
    assert chat.state == "cold"
    chat.warm()
    chat.warm()
    assert (chat.state, chat.reason) == ("ready", "")
    assert chat.id and chat.backend


def test_the_pieces_join_to_what_invoke_gives(chat: ChatModel) -> None:
    pieces = list(chat.stream(MESSAGES, max_tokens=12))
    assert len(pieces) > 2
    assert all(isinstance(piece.content, str) for piece in pieces)
    assert "".join(piece.text for piece in pieces) == chat.invoke(MESSAGES, max_tokens=12).text != ""


def test_the_last_piece_says_how_it_ended_and_what_it_counted(chat: ChatModel) -> None:
    whole: AIMessageChunk | None = None
    for piece in chat.stream(MESSAGES, max_tokens=12):
        whole = piece if whole is None else whole + piece
    assert whole is not None
    assert whole.response_metadata["finish_reason"] == "length"
    assert whole.usage_metadata
    assert whole.usage_metadata["output_tokens"] == 12
    assert whole.usage_metadata["input_tokens"] > 5


def test_cancelled_before_it_starts_it_says_nothing(chat: ChatModel) -> None:
    cancel = threading.Event()
    cancel.set()
    answer = chat.invoke(MESSAGES, cancel=cancel)
    assert (answer.text, answer.response_metadata["finish_reason"]) == ("", "cancelled")


def test_cancelled_while_it_writes_it_ends_within_a_third_of_a_second(chat: ChatModel) -> None:
    cancel, pieces, asked = threading.Event(), [], 0.0
    for piece in chat.stream(MESSAGES, cancel=cancel, max_tokens=400):
        pieces.append(piece)
        if not cancel.is_set():
            cancel.set()
            asked = time.monotonic()
    assert time.monotonic() - asked < 0.3
    assert pieces[-1].response_metadata["finish_reason"] == "cancelled"
    assert "".join(piece.text for piece in pieces)


def test_a_stream_that_is_closed_leaves_the_model_free(chat: ChatModel) -> None:
    stream: Any = chat.stream(MESSAGES, max_tokens=400)
    next(stream)
    began = time.monotonic()
    stream.close()
    assert time.monotonic() - began < 0.3
    assert chat.invoke(MESSAGES, max_tokens=2).response_metadata["finish_reason"] == "length"


def test_it_is_a_part_of_a_langchain_program(chat: ChatModel) -> None:
    prompt = ChatPromptTemplate.from_messages([("system", "Be brief."), ("human", "{question}")])
    program = prompt | chat.bind(max_tokens=3)
    assert program.invoke({"question": "Who?"}).text
    assert "".join(piece.text for piece in program.stream({"question": "Who?"}))
