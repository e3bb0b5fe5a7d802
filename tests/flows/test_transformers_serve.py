"""A real `transformers serve` on loopback, with a tiny model of random weights: found, asked, stopped and lost."""

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from qa.chat import ServerChat
from qa.chat.discover import FoundServer, discover
from storage.errors import ModelUnavailable
from tests.chats import stopped, tiny_model
from tests.conftest import missing
from tests.ports import free_port
from tests.waiting import quickest

NAME = "tiny/chat"
REVISION = "0" * 40
START_SECONDS = 180


@dataclass
class Served:
    url: str
    port: int
    process: "subprocess.Popen[bytes]"


@contextmanager
def transformers_serve(cache: Path, *arguments: str) -> Iterator[Served]:
    """Run the command, which sees the models of this cache of the hub and no network."""
    port = free_port()
    log = cache.parent / f"serve-{port}.log"
    command = [
        sys.executable,
        "-m",
        "transformers.cli.transformers",
        "serve",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    environment = os.environ | {"HF_HOME": str(cache.parent), "HF_HUB_CACHE": str(cache), "HF_HUB_OFFLINE": "1"}
    with log.open("wb") as out:
        process = subprocess.Popen([*command, *arguments], env=environment, stdout=out, stderr=out)
    try:
        until = time.monotonic() + START_SECONDS
        while not discover(ports=[port]):
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"transformers serve does not start:\n{log.read_text(encoding='utf-8')[-2000:]}")
            time.sleep(0.1)
        yield Served(f"http://127.0.0.1:{port}/v1", port, process)
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache of the hub, laid out as the hub's library does, that holds one model."""
    if not all(importlib.util.find_spec(name) for name in ("fastapi", "uvicorn", "accelerate")):
        missing("what transformers serve needs", "run make setup")
    cache = tmp_path_factory.mktemp("hub") / "cache"
    repository = cache / f"models--{NAME.replace('/', '--')}"
    tiny_model(repository / "snapshots" / REVISION, "qwen3")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(REVISION, encoding="utf-8")
    (repository / "blobs").mkdir()
    return cache


@pytest.fixture(scope="module")
def served(cache: Path) -> Iterator[Served]:
    with transformers_serve(cache) as served:
        yield served


@pytest.fixture(scope="module")
def chat(served: Served) -> ServerChat:
    return ServerChat(id="served", url=served.url)


def test_it_is_discovered_and_its_model_listed(served: Served) -> None:
    assert discover(ports=[served.port]) == (FoundServer(served.url, "transformers serve", (NAME,)),)


def test_the_answer_is_streamed_and_counted(chat: ServerChat) -> None:
    whole = None
    pieces = []
    for piece in chat.stream("Where does the Rhine rise?", max_tokens=24):
        pieces.append(piece.text)
        whole = piece if whole is None else whole + piece
    assert whole is not None
    assert len(pieces) > 5
    assert "".join(pieces) == chat.invoke("Where does the Rhine rise?", max_tokens=24).text != ""
    assert whole.response_metadata["finish_reason"] == "length"
    assert "logprobs" not in whole.response_metadata  # it takes the wish and does not fulfil it
    assert whole.usage_metadata
    assert whole.usage_metadata["output_tokens"] == 24
    assert whole.usage_metadata["input_tokens"] > 20


def test_it_ends_before_a_stop_text(chat: ServerChat) -> None:
    text = chat.invoke("Where?", max_tokens=24).text
    stop = text[len(text) // 2 :][:2]
    answer = chat.invoke("Where?", stop=[stop], max_tokens=24)
    assert (answer.text, answer.response_metadata["finish_reason"]) == (text[: text.index(stop)], "stop")


def test_stopping_frees_the_server(chat: ServerChat) -> None:
    def ended() -> float:
        """Seconds from the wish to stop to the end of the stream."""
        return stopped(chat, "Where?", max_tokens=3000)[0]

    def freed() -> float:
        """Seconds from there to the end of another answer: it writes one after the other."""
        ended()
        began = time.monotonic()
        assert chat.invoke("Where?", max_tokens=2).text
        return time.monotonic() - began

    assert quickest(ended, 0.3) < 0.3
    assert quickest(freed, 2) < 2


def test_a_model_that_it_does_not_list(served: Served) -> None:
    with pytest.raises(ModelUnavailable, match=f"has no model gone; it has {NAME}"):
        ServerChat(id="x", url=served.url, model="gone").invoke("Where?")


def test_a_folder_that_is_not_there(served: Served, tmp_path: Path) -> None:
    chat = ServerChat(id="x", url=served.url, model=str(tmp_path / "gone"))
    with pytest.raises(ModelUnavailable, match="answers with an error") as caught:
        chat.invoke("Where?")
    assert "\n" not in str(caught.value)


def test_a_server_of_one_folder_that_dies_in_the_middle(cache: Path, tmp_path: Path) -> None:
    folder = str(tiny_model(tmp_path / "llama", "llama"))
    with transformers_serve(cache, folder) as served:
        with pytest.raises(ModelUnavailable, match=f"pinned to '{folder}'"):
            ServerChat(id="x", url=served.url).invoke("Where?")
        chat, came = ServerChat(id="x", url=served.url, model=folder), ""
        with pytest.raises(ModelUnavailable, match="broke off in the middle") as caught:
            for piece in chat.stream("Where?", max_tokens=3000):
                came += piece.text
                served.process.kill()
        assert came
        assert (chat.state, chat.reason) == ("failed", str(caught.value))
        with pytest.raises(ModelUnavailable, match="does not answer"):
            chat.invoke("Where?")
