"""A server by URL: its answers, its failures in one clear line each, and stopping without waiting for it."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from qa.chat.server import ServerChat
from storage.errors import ModelUnavailable
from tests.chats import ChatServer, chat_server


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server() as script:
        yield script


@pytest.fixture
def chat(server: ChatServer) -> ServerChat:
    return ServerChat(id=server.url, url=server.url)


def test_asks_greedily_for_the_first_model_offered(chat: ServerChat, server: ChatServer) -> None:
    answer = chat.invoke("Where?", stop=["###"], max_tokens=50)
    assert answer.text == "The Rhine is 莱茵河."
    assert answer.usage_metadata == {"input_tokens": 9, "output_tokens": 5, "total_tokens": 14}
    (asked,) = server.asked
    assert (asked["model"], asked["temperature"], asked["max_tokens"]) == ("first-model", 0, 50)
    assert (asked["stream"], asked["stop"]) == (True, ["###"])
    assert [turn["role"] for turn in asked["messages"]] == ["system", "user"]


def test_asks_for_the_model_that_was_named(server: ChatServer) -> None:
    ServerChat(id="named", url=server.url, model="second-model").invoke("Where?")
    assert server.asked[0]["model"] == "second-model"


def test_warm_makes_it_ready(chat: ServerChat) -> None:
    assert chat.state == "cold"
    chat.warm()
    assert (chat.state, chat.backend) == ("ready", f"server {chat.url}")


def test_start_loads_in_the_background(chat: ServerChat) -> None:
    chat.start()
    until = time.monotonic() + 10
    while chat.state != "ready" and time.monotonic() < until:
        time.sleep(0.02)
    assert chat.state == "ready"


def test_the_key_comes_from_the_environment(
    chat: ServerChat, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.key = "sesame"
    with pytest.raises(ModelUnavailable, match=r"refuses the key\. Set FOOTNOTE_API_KEY"):
        chat.invoke("Where?")
    assert chat.state == "failed"
    monkeypatch.setenv("FOOTNOTE_API_KEY", "sesame")
    assert chat.invoke("Where?").text
    assert not chat.reason


def test_no_server_there() -> None:
    chat = ServerChat(id="x", url="http://127.0.0.1:9/v1")
    with pytest.raises(ModelUnavailable, match="does not answer"):
        chat.warm()
    assert chat.state == "failed"
    assert "does not answer" in chat.reason


def test_a_model_that_the_server_lacks(server: ChatServer) -> None:
    with pytest.raises(ModelUnavailable, match="no model gone; it has first-model, second-model"):
        ServerChat(id="x", url=server.url, model="gone").warm()


def test_a_server_without_models(chat: ServerChat, server: ChatServer) -> None:
    server.models = []
    with pytest.raises(ModelUnavailable, match="it has none"):
        chat.warm()


@pytest.mark.parametrize(("status", "said"), [(404, "does not know"), (500, "answers with an error")])
def test_errors_of_the_server_are_told_in_one_line(
    chat: ServerChat, server: ChatServer, status: int, said: str
) -> None:
    chat.warm()
    server.status = status
    with pytest.raises(ModelUnavailable, match=said) as caught:
        chat.invoke("Where?")
    assert "not here" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_web_page_is_not_a_chat_server(chat: ServerChat, server: ChatServer) -> None:
    server.page = "<html>Welcome to the router</html>"
    with pytest.raises(ModelUnavailable, match="is not an OpenAI-compatible server"):
        chat.warm()


def test_a_stream_that_breaks_keeps_what_came(chat: ServerChat, server: ChatServer) -> None:
    server.breaks_after = 2
    came = []
    with pytest.raises(ModelUnavailable, match="broke off"):
        for chunk in chat.stream("Where?"):
            came.append(chunk.text)
    assert "".join(came) == "The Rhine "


def test_a_server_that_hangs_is_given_up(server: ChatServer) -> None:
    server.silent = 3
    chat = ServerChat(id="x", url=server.url, silence=0.3)
    with pytest.raises(ModelUnavailable, match=r"silent for 0\.3 seconds"):
        chat.invoke("Where?")


def test_stops_at_once_before_the_first_word(chat: ServerChat, server: ChatServer) -> None:
    chat.warm()
    server.silent = 2
    cancel = threading.Event()
    threading.Timer(0.1, cancel.set).start()
    began = time.monotonic()
    answer = chat.invoke("Where?", cancel=cancel)
    assert time.monotonic() - began < 0.4
    assert answer.response_metadata["finish_reason"] == "cancelled"


def test_hangs_up_when_nobody_listens(chat: ServerChat, server: ChatServer) -> None:
    server.words, server.between = ["word "] * 2000, 0.01
    stream: Any = chat.stream("Where?", max_tokens=2000)
    next(stream)
    stream.close()
    assert server.hung_up.wait(5)


def test_several_askers_do_not_wait_for_each_other(chat: ServerChat, server: ChatServer) -> None:
    chat.warm()
    server.silent = 0.5
    threads = [threading.Thread(target=chat.invoke, args=("Where?",)) for _ in range(4)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began < 1.5
    assert len(server.asked) == 4
