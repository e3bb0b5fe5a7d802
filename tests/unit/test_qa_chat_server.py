"""A server by URL: its answers, its failures in one clear line each, and stopping without waiting for it."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
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


@pytest.mark.parametrize(
    "page", ["<html>Welcome to the router</html>", '{"data": ["x"]}', '{"data": [{}]}', '{"data": 7}', "{"]
)
def test_a_web_page_is_not_a_chat_server(chat: ServerChat, server: ChatServer, page: str) -> None:
    server.page = page
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


def test_closes_the_connection_at_once_while_the_server_is_silent(chat: ServerChat, server: ChatServer) -> None:
    chat.warm()
    server.silent = 30
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    chat.invoke("Where?", cancel=cancel)
    assert server.hung_up.wait(0.5)
    assert chat.state == "ready"


def test_hands_on_log_probabilities_and_counts(chat: ServerChat, server: ChatServer) -> None:
    answer = chat.invoke("Where?")
    assert answer.response_metadata["logprobs"] == [-0.25] * 5
    assert server.asked[0]["logprobs"] is True


def test_a_server_that_ignores_the_wish_for_log_probabilities_is_fine(chat: ServerChat, server: ChatServer) -> None:
    server.tells_logprobs = False
    answer = chat.invoke("Where?")
    assert "logprobs" not in answer.response_metadata
    assert answer.usage_metadata
    assert len(server.asked) == 1


@pytest.mark.parametrize("refused", ["logprobs", "stream_options", "chat_template_kwargs"])
def test_a_wish_that_is_refused_by_name_is_dropped_for_good(chat: ServerChat, server: ChatServer, refused: str) -> None:
    server.refuses = (refused,)
    assert chat.invoke("Where?").text == chat.invoke("Where?").text == "The Rhine is 莱茵河."
    wishes = {"logprobs", "stream_options", "chat_template_kwargs"}
    assert [wishes & asked.keys() for asked in server.asked] == [wishes, wishes - {refused}, wishes - {refused}]


def test_all_wishes_are_dropped_where_the_refusal_names_none(chat: ServerChat, server: ChatServer) -> None:
    server.refuses, server.refusal = ("logprobs",), "bad request"
    assert chat.invoke("Where?").text
    assert [("logprobs" in asked, "stream_options" in asked) for asked in server.asked] == [
        (True, True),
        (False, False),
    ]


def test_a_request_that_is_bad_in_itself_does_not_cost_the_wishes(chat: ServerChat, server: ChatServer) -> None:
    server.refuses, server.refusal = ("messages",), "the prompt is too long"
    with pytest.raises(ModelUnavailable, match=r"answers with an error \(the prompt is too long\)"):
        chat.invoke("Where?")
    server.refuses = ()
    assert "logprobs" in chat.invoke("Where?").response_metadata


def test_without_usage_the_counts_are_unknown(chat: ServerChat, server: ChatServer) -> None:
    server.tells_usage = False
    assert chat.invoke("Where?").usage_metadata is None


@pytest.mark.parametrize(
    ("owner", "wish"),
    [("library", {"reasoning_effort": "none"}), ("vllm", {"chat_template_kwargs": {"enable_thinking": False}})],
)
def test_asks_for_no_thinking_in_the_words_of_the_server(
    chat: ServerChat, server: ChatServer, owner: str, wish: dict[str, Any]
) -> None:
    server.owner = owner
    chat.invoke("Where?")
    told = {name: server.asked[0].get(name) for name in ("reasoning_effort", "chat_template_kwargs")}
    assert {name: value for name, value in told.items() if value} == wish


def test_thinking_that_comes_all_the_same_is_not_shown(chat: ServerChat, server: ChatServer) -> None:
    server.thinks = ["Hm. "]
    server.words = ["<thi", "nk>\nLet me ", "see</th", "ink>\n\n", "The ", "Rhine."]
    assert [chunk.text for chunk in chat.stream("Where?") if chunk.text] == ["The ", "Rhine."]


@pytest.mark.parametrize(("thinks", "words"), [([], ["<think>", "Let ", "me "]), (["Let me "], [])])
def test_a_model_that_only_thinks_is_told(
    chat: ServerChat, server: ChatServer, thinks: list[str], words: list[str]
) -> None:
    server.thinks, server.words = thinks, words
    with pytest.raises(ModelUnavailable, match="only thought and came to no answer"):
        chat.invoke("Where?")


def test_cuts_before_a_stop_text_that_the_server_sends_along(chat: ServerChat, server: ChatServer) -> None:
    server.words = ["The ", "Rhine #", "## and ", "more"]
    answer = chat.invoke("Where?", stop=["###"])
    assert (answer.text, answer.response_metadata["finish_reason"]) == ("The Rhine ", "stop")
    assert answer.usage_metadata
    assert answer.usage_metadata["output_tokens"] == 3


def test_the_proxy_of_the_environment_is_not_asked_for_this_machine(
    chat: ServerChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert chat.invoke("Where?").text
    away = ServerChat(id="x", url="http://llm.example/v1")
    with pytest.raises(ModelUnavailable, match="does not answer"):  # that is: the proxy does not
        away.warm()


def test_a_question_is_not_sent_on_to_another_address(chat: ServerChat, server: ChatServer) -> None:
    chat.warm()
    with chat_server() as other:
        server.moved_to = f"{other.url}/chat/completions"
        with pytest.raises(ModelUnavailable, match=f"sends questions on to {other.url}"):
            chat.invoke("Where?")
        assert not other.asked


def test_an_error_in_the_middle_is_told(chat: ServerChat, server: ChatServer) -> None:
    server.breaks_after, server.complains = 1, "out of memory"
    came = []
    with pytest.raises(ModelUnavailable, match=r"broke off in the middle of the answer \(out of memory\)") as caught:
        for chunk in chat.stream("Where?"):
            came.append(chunk.text)
    assert came == ["The "]
    assert "\n" not in str(caught.value)


def test_silence_in_the_middle_is_told_and_what_came_is_kept(server: ChatServer) -> None:
    server.between = 3
    came = []
    with pytest.raises(ModelUnavailable, match=r"silent for 0\.3 seconds"):
        for chunk in ServerChat(id="x", url=server.url, silence=0.3).stream("Where?"):
            came.append(chunk.text)
    assert came == ["The "]


def test_a_server_that_comes_back_answers_again(chat: ServerChat, server: ChatServer) -> None:
    server.breaks_after = 1
    with pytest.raises(ModelUnavailable, match="broke off"):
        chat.invoke("Where?")
    assert chat.state == "failed"
    server.breaks_after = None
    assert chat.invoke("Where?").text == "The Rhine is 莱茵河."
    assert (chat.state, chat.reason) == ("ready", "")


def test_a_folder_of_the_servers_machine_need_not_be_listed(server: ChatServer, tmp_path: Path) -> None:
    ServerChat(id="x", url=server.url, model=str(tmp_path)).invoke("Where?")
    assert server.asked[0]["model"] == str(tmp_path)
