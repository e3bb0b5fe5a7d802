"""What the rest of Footnote relies on from any chat model, tried on every one."""

import asyncio
import math
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage
from langchain_core.prompts import ChatPromptTemplate

from qa.chat import ChatModel, OpenVinoChat, ServerChat, TransformersChat
from storage.errors import ModelUnavailable
from tests.chats import chat_server, stopped, tiny_model
from tests.fakes import FakeChat
from tests.waiting import quickest

MESSAGES = [
    SystemMessage("Answer in one sentence."),
    HumanMessage("What is a lighthouse for?"),
    AIMessage("It guides ships."),
    HumanMessage("Write a long list of famous ones. 请列出著名的灯塔。"),
]
OTHER = [HumanMessage("Name three rivers.")]
WORDS = [f"word{n} " for n in range(40)]
MODELS = ["fake", "server", "qwen3", "llama", pytest.param("openvino", marks=pytest.mark.models)]
SURE = {"server", "tiny", "qwen"}  # the ids of those that tell how sure they are of each token


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
    pieces = list(chat.stream(MESSAGES, max_tokens=6))
    assert len(pieces) > 2
    assert all(isinstance(piece.content, str) for piece in pieces)
    assert "".join(piece.text for piece in pieces) == chat.invoke(MESSAGES, max_tokens=6).text != ""


def test_the_last_piece_says_how_it_ended_and_what_it_counted(chat: ChatModel) -> None:
    whole: AIMessageChunk | None = None
    for piece in chat.stream(MESSAGES, max_tokens=6):
        whole = piece if whole is None else whole + piece
    assert whole is not None
    assert whole.response_metadata["finish_reason"] == "length"
    assert whole.response_metadata["model_name"] == chat.id
    assert whole.response_metadata["backend"] == chat.backend
    assert whole.usage_metadata
    assert whole.usage_metadata["output_tokens"] == 6
    assert whole.usage_metadata["input_tokens"] > 5
    assert whole.usage_metadata["total_tokens"] == whole.usage_metadata["input_tokens"] + 6


def test_it_tells_how_sure_it_was_of_each_token(chat: ChatModel) -> None:
    answer = chat.invoke(MESSAGES, max_tokens=6)
    assert answer.usage_metadata
    sure = answer.response_metadata.get("logprobs")
    assert (sure is not None) == (chat.id in SURE)
    if sure is not None:
        assert len(sure) == answer.usage_metadata["output_tokens"]
        assert all(math.isfinite(logprob) and logprob <= 0 for logprob in sure)


def test_it_ends_before_a_stop_text(chat: ChatModel) -> None:
    text = chat.invoke(MESSAGES, max_tokens=6).text
    stop = text[len(text) // 2 :][:3]
    answer = chat.invoke(MESSAGES, stop=["never said", stop], max_tokens=6)
    assert answer.text == text[: text.index(stop)]
    assert answer.response_metadata["finish_reason"] == "stop"


def test_two_who_ask_at_once_get_their_own_answers(chat: ChatModel) -> None:
    alone = [chat.invoke(messages, max_tokens=4).text for messages in (MESSAGES, OTHER)]
    assert [answer.text for answer in chat.batch([MESSAGES, OTHER], max_tokens=4)] == alone  # in a thread each


def test_it_can_be_awaited(chat: ChatModel) -> None:
    async def ask() -> tuple[str, str]:
        whole = await chat.ainvoke(OTHER, max_tokens=4)
        pieces = [piece.text async for piece in chat.astream(OTHER, max_tokens=4)]
        return whole.text, "".join(pieces)

    whole, joined = asyncio.run(ask())
    assert whole == joined != ""


def test_an_option_that_it_does_not_know_is_refused(chat: ChatModel) -> None:
    with pytest.raises(TypeError, match="top_p"):
        chat.invoke(OTHER, top_p=1)
    with pytest.raises(TypeError, match="top_p"):
        list(chat.stream(OTHER, top_p=1))


def broken(kind: str, folder: Path) -> ChatModel:
    """Return a model that cannot load."""
    for name in ("config.json", "openvino_model.xml", "openvino_model.bin"):
        (folder / name).write_text("not a model", encoding="utf-8")
    if kind == "server":
        return ServerChat(id="broken", url="http://127.0.0.1:9/v1")
    return (TransformersChat if kind == "transformers" else OpenVinoChat)(id="broken", folder=folder)


ASKS: list[Callable[[ChatModel], object]] = [
    lambda chat: chat.warm(),
    lambda chat: chat.invoke("Q"),
    lambda chat: list(chat.stream("Q")),
]


@pytest.mark.parametrize("kind", ["server", "transformers", "openvino"])
def test_one_that_does_not_load_says_why_in_one_line(kind: str, tmp_path: Path) -> None:
    chat = broken(kind, tmp_path)
    assert (chat.state, chat.reason) == ("cold", "")
    for ask in ASKS:
        with pytest.raises(ModelUnavailable) as caught:
            ask(chat)
        assert (chat.state, chat.reason) == ("failed", str(caught.value))
        assert chat.reason
        assert "\n" not in chat.reason
    chat.close()


def test_a_folder_that_is_mended_is_tried_again(tmp_path: Path) -> None:
    chat = broken("transformers", tmp_path)
    with pytest.raises(ModelUnavailable):
        chat.warm()
    tiny_model(tmp_path, "llama")
    assert chat.invoke("Q", max_tokens=3).text
    assert (chat.state, chat.reason) == ("ready", "")
    chat.close()


def test_cancelled_before_it_starts_it_says_nothing(chat: ChatModel) -> None:
    cancel = threading.Event()
    cancel.set()
    answer = chat.invoke(MESSAGES, cancel=cancel)
    assert (answer.text, answer.response_metadata["finish_reason"]) == ("", "cancelled")


def test_cancelled_while_it_writes_it_ends_within_a_third_of_a_second(chat: ChatModel) -> None:
    def seconds() -> float:
        took, text = stopped(chat, MESSAGES, max_tokens=400)
        assert text
        return took

    assert quickest(seconds, 0.3) < 0.3


def test_a_stream_that_is_closed_leaves_the_model_free(chat: ChatModel) -> None:
    def seconds() -> float:
        stream: Any = chat.stream(MESSAGES, max_tokens=400)
        next(stream)
        began = time.monotonic()
        stream.close()
        return time.monotonic() - began

    assert quickest(seconds, 0.3) < 0.3
    assert chat.invoke(MESSAGES, max_tokens=2).response_metadata["finish_reason"] == "length"


def test_it_is_a_part_of_a_langchain_program(chat: ChatModel) -> None:
    prompt = ChatPromptTemplate.from_messages([("system", "Be brief."), ("human", "{question}")])
    program = prompt | chat.bind(max_tokens=3)
    assert program.invoke({"question": "Who?"}).text
    assert "".join(piece.text for piece in program.stream({"question": "Who?"}))
