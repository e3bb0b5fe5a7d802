"""How quick the default models are here, side by side where there is something to compare with.

    make bench

Each figure is a whole user-visible step on the two default models. Read the table's medians; "embed" has two rows of
the same 64 passages, whose ratio is the gain over sentence-transformers.
"""

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from qa.answer import Evidence
from qa.prompt import answer_messages
from storage.embedder import Embedder, SentenceTransformerEncoder
from storage.records import Hit
from tests.unit.passages import hit
from ui.app import App, build
from ui.places import read_places
from ui.settings import Settings

pytestmark = pytest.mark.models
DEMO = Path("ui/demo")
TOPICS = "warranty shipping safety cleaning storage payment privacy heating insurance training".split()
FILLER = (
    "The {0} section number {1} explains in plain words what the person in charge of {0} has to do, when it has to be "
    "done, which form must be filled in, and whom to call when something goes wrong on a weekend or a public holiday. "
    "For case {1} the fee is {2} euros and the term is {3} days, counted from the day after the letter arrives. "
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    places = read_places()
    home = tmp_path_factory.mktemp("home")
    made = build(Settings(home, places.models, f"sqlite:///{(home / 'footnote.sqlite').as_posix()}"))
    made.embedder.warm()
    made.chat.warm()
    list(made.ingest([DEMO], "demo"))
    yield made
    made.chat.close()
    made.close()


numbers = itertools.count(1)


def passage() -> str:
    """About 150 tokens that no prompt has held before, so that nothing is read from the cache."""
    n = next(numbers)
    return FILLER.format(TOPICS[n % 10], n, 7 * n, 3 * n) + FILLER.format(TOPICS[(n + 3) % 10], n + 1000, 5 * n, n)


def prompt_hits() -> tuple[Hit, ...]:
    """Passages of about 500 tokens, which make a prompt of 600 to 650."""
    return tuple(hit(passage(), rank, title=f"File {rank}") for rank in range(1, 4))


@pytest.mark.benchmark(group="embed 64 passages of 150 tokens")
def test_embed_as_footnote_does(app: App, benchmark: BenchmarkFixture) -> None:
    texts = [passage() for _ in range(64)]
    vectors = benchmark.pedantic(app.embedder.embed_documents, (texts,), rounds=3, warmup_rounds=1)
    benchmark.extra_info["passages a second"] = round(64 / benchmark.stats["median"], 1)
    assert len(vectors) == 64


@pytest.mark.benchmark(group="embed 64 passages of 150 tokens")
def test_embed_with_sentence_transformers(app: App, benchmark: BenchmarkFixture) -> None:
    folder = app.store.path(app.embedder.id)
    plain = Embedder(app.embedder.id, lambda: folder)
    plain._loaded = (SentenceTransformerEncoder(folder), "query: ", "passage: ")
    texts = [passage() for _ in range(64)]
    vectors = benchmark.pedantic(plain.embed_documents, (texts,), rounds=3, warmup_rounds=1)
    benchmark.extra_info["passages a second"] = round(64 / benchmark.stats["median"], 1)
    assert len(vectors) == 64


@pytest.mark.benchmark(group="read 8 passages of 200 tokens with a question")
def test_evidence_model(app: App, benchmark: BenchmarkFixture) -> None:
    passages = [hit(f"{passage()} {passage()[:180]}", rank) for rank in range(1, 9)]
    readings = benchmark.pedantic(
        app.evidence.read, ("What is ordered again in the third week?", passages), rounds=5, warmup_rounds=1
    )
    assert len(readings) == 8


@pytest.mark.benchmark(group="evidence")
def test_evidence(app: App, benchmark: BenchmarkFixture) -> None:
    def ask() -> Evidence:
        stream = app.answerer.stream("How many unused days of leave may be carried into the next year?", "demo")
        event = next(stream)
        assert isinstance(event, Evidence)
        return event

    assert benchmark(ask).marked is not None


def write(app: App, hits: tuple[Hit, ...], question: str) -> dict[str, float]:
    """Seconds to the first word and to the end, and the tokens read and written."""
    begun = time.perf_counter()
    first, used = 0.0, None
    for chunk in app.chat.stream(answer_messages(question, hits), max_tokens=40):
        first = first or time.perf_counter() - begun
        used = getattr(chunk, "usage_metadata", None) or used
    whole = time.perf_counter() - begun
    assert used is not None
    read, written = used["input_tokens"], used["output_tokens"]
    return {"first word": round(first, 2), "whole": round(whole, 2), "prompt tokens": read, "answer tokens": written}


@pytest.mark.benchmark(group="answer from 600 tokens")
@pytest.mark.parametrize("passages", ["new", "the same again"])
def test_answer(app: App, benchmark: BenchmarkFixture, passages: str) -> None:
    hits = prompt_hits()
    write(app, hits, "What does the first section explain?")
    got: list[dict[str, float]] = []

    def ask(hits: tuple[Hit, ...]) -> None:
        got.append(write(app, hits, "What is the fee, what is the term, and from which day is the term counted?"))

    benchmark.pedantic(ask, setup=lambda: ((prompt_hits() if passages == "new" else hits,), {}), rounds=3)
    benchmark.extra_info |= {name: sorted(each[name] for each in got)[1] for name in got[0]}


@pytest.mark.benchmark(group="footnote ask, cold")
def test_ask_from_a_cold_start(app: App, benchmark: BenchmarkFixture) -> None:
    command = [sys.executable, "-m", "ui.cli", "ask", "How long is the warranty?", "--collection", "demo"]
    home = {"FOOTNOTE_HOME": str(app.settings.home), "FOOTNOTE_MODELS": str(app.settings.models)}
    done = benchmark.pedantic(
        subprocess.run, (command,), {"env": os.environ | home, "check": True, "capture_output": True}, rounds=2
    )
    assert done.stdout
