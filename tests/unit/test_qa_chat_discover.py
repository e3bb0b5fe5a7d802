"""What answers at the usual ports is told from what only listens there."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from qa.chat.discover import PORTS, FoundServer, discover, kind_of, listed
from tests import ports
from tests.chats import ChatServer, chat_server


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server() as script:
        yield script


def port_of(server: ChatServer) -> int:
    return int(server.url.split(":")[2].removesuffix("/v1"))


@contextmanager
def stranger(*answer: bytes, between: float = 0.0) -> Iterator[int]:
    """Listen on a port, accept who comes, and say that, whatever is asked."""
    closing = threading.Event()

    def serve() -> None:
        while not closing.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            held.append(connection)
            try:
                for piece in answer:
                    connection.sendall(piece)
                    closing.wait(between)
            except OSError:
                continue

    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        closing.set()
        thread.join()
        for connection in held:
            connection.close()


@pytest.fixture
def free_port() -> int:
    return ports.free_port()


def test_the_usual_ports() -> None:
    assert set(PORTS) == {11434, 8000, 8080, 1234}


def test_finds_what_answers_and_lists_its_models(server: ChatServer, free_port: int) -> None:
    assert discover(ports=[free_port, port_of(server)]) == (
        FoundServer(server.url, "OpenAI-compatible", ("first-model", "second-model")),
    )


@pytest.mark.parametrize(
    ("owner", "kind"),
    [("vllm", "vLLM"), ("library", "Ollama"), ("llamacpp", "llama.cpp"), ("organization_owner", "LM Studio")],
)
def test_tells_the_kind_by_the_owner_of_the_models(server: ChatServer, owner: str, kind: str) -> None:
    server.owner = owner
    (found,) = discover(ports=[port_of(server)])
    assert found.kind == kind


def test_an_ollama_without_models_is_told_by_its_version() -> None:
    # The same answer to both questions: what each of them looks for is in it.
    body = b'{"object": "list", "data": null, "version": "0.12.3"}'
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    with stranger(head + body) as port:
        assert discover(ports=[port]) == (FoundServer(f"http://127.0.0.1:{port}/v1", "Ollama", ()),)


def test_tells_transformers_serve_by_the_form_of_its_list() -> None:
    entry = {"owned_by": "Qwen", "id": "Qwen/Qwen3-4B", "object": "model", "created": 1764000000.25}
    assert kind_of([entry]) == "transformers serve"
    assert kind_of([entry, {**entry, "id": "gpt2", "owned_by": ""}]) == "transformers serve"
    assert kind_of([{**entry, "created": 1764000000}]) == "OpenAI-compatible"
    assert kind_of([{**entry, "owned_by": "me"}]) == "OpenAI-compatible"
    assert kind_of([]) == "OpenAI-compatible"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "models",
        {"data": []},
        {"object": "list"},
        {"object": "list", "data": {"id": "x"}},
        {"object": "list", "data": ["x"]},
        {"object": "list", "data": [{"name": "x"}]},
        {"object": "list", "data": [{"id": 7}]},
        {"object": "list", "data": [{"id": "red \x1b[31mterminal"}]},
    ],
)
def test_what_is_no_list_of_models(answer: Any) -> None:
    assert listed(answer) is None


@pytest.mark.parametrize("page", ["<html>Streamlit</html>", "{", "[" * 100_000, '{"object": "list"}'])
def test_a_web_page_or_broken_json_is_nothing(server: ChatServer, page: str) -> None:
    server.page = page
    assert discover(ports=[port_of(server)]) == ()


def test_a_refusal_is_nothing(server: ChatServer) -> None:
    server.key = "sesame"
    assert discover(ports=[port_of(server)]) == ()


def test_redirects_are_not_followed(server: ChatServer) -> None:
    with chat_server() as other:
        server.moved_to = f"{other.url}/models"
        assert discover(ports=[port_of(server)]) == ()


def test_no_key_is_sent(monkeypatch: pytest.MonkeyPatch, server: ChatServer) -> None:
    monkeypatch.setenv("FOOTNOTE_API_KEY", "sesame")
    server.key = "sesame"
    assert discover(ports=[port_of(server)]) == ()


def test_the_proxy_of_the_environment_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, server: ChatServer, free_port: int
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert len(discover(ports=[port_of(server)])) == 1


def test_silence_drops_and_endless_answers_take_no_longer_than_allowed(server: ChatServer, free_port: int) -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with (
        stranger() as silent,
        stranger(head, *[b" "] * 1000, between=0.02) as dripping,
        stranger(head, *[b" " * 65536] * 1000) as endless,
        stranger(b"SSH-2.0-OpenSSH_9.6\r\n") as other,
        stranger(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nAAAA") as packed,
    ):
        discover(ports=[free_port])  # imports
        began = time.monotonic()
        found = discover(timeout=0.3, ports=[free_port, silent, dripping, endless, other, packed, port_of(server)])
        assert time.monotonic() - began < 0.7
    assert [found.url for found in found] == [server.url]


def test_nobody_there_is_told_at_once(free_port: int) -> None:
    discover(ports=[free_port])  # imports
    began = time.monotonic()
    assert discover(ports=[free_port] * 4) == ()
    assert time.monotonic() - began < 0.6
