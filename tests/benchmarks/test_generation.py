"""The default chat model in Footnote and in LangChain's HuggingFacePipeline, side by side on the same prompts.

    make bench ARGS=tests/benchmarks/test_generation.py

Both read the same weights: Footnote as it packed them, the pipeline in bfloat16 (see reference.py). Beside the figures
for new passages stand their floors: the arithmetic of the prompt at the best matrix rate that torch reaches here, and
the bytes of the weights over the memory's bandwidth, both measured in the same run. plot.py draws them.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from qa.chat import OpenVinoChat
from storage.models.catalogue import DEFAULT_CHAT
from tests.benchmarks import reference

pytestmark = pytest.mark.models
ANSWER_TOKENS = 40
READ_PARAMETERS = 1_310_000_000  # that each token of a prompt passes: all but the embeddings and the last layer
WRITTEN_BYTES = {"footnote": 1_543_000_000, "langchain": 2 * 1_543_000_000}  # read for each step: with the last layer
FACTS = (
    "The {0} of {1} was opened in {2} by the engineer {3} and closed again {4} years later, because the repair of its "
    "roof would have cost {5} thousand crowns, which the town council refused to pay out of the fund for bridges."
)
FILLER = (
    "Section {0} explains in plain words what the person in charge has to do, when it has to be done, which form must "
    "be filled in, and whom to call when something goes wrong on a weekend. For case {0} the fee is {1} euros. "
)
PEOPLE = ["Ada Brisk", "Otto Kern", "Mei Lindgren", "Ivo Tanner", "Rosa Halm", "Jan Ortega"]
numbers = itertools.count(1)


def asked() -> tuple[str, str]:
    """About 600 tokens that no prompt has held before, and a question whose answer quotes a sentence of 45 tokens."""
    n = next(numbers)
    fact = FACTS.format("lighthouse", f"Marnay {n}", 1800 + n, PEOPLE[n % 6], 10 + n, 100 + n)
    text = "\n".join([FILLER.format(1000 + 13 * n + k, 7 * n + k) for k in range(4)] + [fact])
    more = "\n".join(FILLER.format(2000 + 17 * n + k, 5 * n + k) for k in range(5))
    return f"{text}\n{more}", f"Quote the sentence about the lighthouse of Marnay {n}, word for word."


@dataclass(frozen=True)
class Measured:
    """One answer: seconds to its first word and to its end, tokens read and written."""

    first: float
    whole: float
    read: int
    written: int

    @property
    def later(self) -> float:
        """Tokens a second after the first word."""
        return (self.written - 1) / (self.whole - self.first)


Answers = Callable[[str, str], Measured]
SYSTEM = "Answer from the text."


@pytest.fixture(scope="module")
def footnote(models_folder: Path) -> Iterator[Answers]:
    chat = OpenVinoChat(id="qwen", folder=models_folder / DEFAULT_CHAT)
    chat.warm()

    def answer(text: str, question: str) -> Measured:
        begun, first, last = time.perf_counter(), 0.0, None
        for chunk in chat.stream([("system", SYSTEM), ("human", f"{text}\n\n{question}")], max_tokens=ANSWER_TOKENS):
            first = first or time.perf_counter() - begun
            last = chunk
        assert last is not None and last.usage_metadata
        used = last.usage_metadata
        return Measured(first, time.perf_counter() - begun, used["input_tokens"], used["output_tokens"])

    yield answer
    chat.close()


@pytest.fixture(scope="module")
def langchain() -> Answers:
    import torch
    import transformers as untyped
    from langchain_huggingface import HuggingFacePipeline

    if not reference.folder().is_dir():
        pytest.skip("the model in bfloat16 is not here: python -m tests.benchmarks.reference")
    transformers: Any = untyped
    tokenizer = transformers.AutoTokenizer.from_pretrained(reference.folder())
    model = transformers.AutoModelForCausalLM.from_pretrained(reference.folder(), dtype=torch.bfloat16)
    pipeline = transformers.pipeline("text-generation", model=model, tokenizer=tokenizer, return_full_text=False)
    llm = HuggingFacePipeline(pipeline=pipeline)
    options = {"max_new_tokens": ANSWER_TOKENS, "do_sample": False}

    def answer(text: str, question: str) -> Measured:
        turns = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": f"{text}\n\n{question}"}]
        prompt = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
        begun, first, said = time.perf_counter(), 0.0, ""
        for piece in llm.stream(prompt, pipeline_kwargs=options):
            first = first or (time.perf_counter() - begun if piece else 0.0)
            said += piece
        whole = time.perf_counter() - begun
        return Measured(first, whole, *(len(tokenizer(part).input_ids) for part in (prompt, said)))

    answer("Warm up.", "Say yes.")
    return answer


def rates() -> tuple[float, float]:
    """The best matrix rate of torch here, in operations a second, and the bandwidth of memory in bytes a second."""
    import torch

    def best(work: Callable[[], Any]) -> float:
        work()
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            work()
            times.append(time.perf_counter() - begun)
        return min(times)

    rows, inputs, outputs = 600, 1536, 8960
    whole = torch.randint(-100, 100, (rows, inputs), dtype=torch.int8)
    weights = torch.randint(-100, 100, (outputs, inputs), dtype=torch.int8)
    half, halves = torch.randn(rows, inputs).bfloat16(), torch.randn(inputs, outputs).bfloat16()
    quickest = min(best(lambda: torch._int_mm(whole, weights.t())), best(lambda: half @ halves))
    much = torch.ones(250_000_000)
    return 2 * rows * inputs * outputs / quickest, 1e9 / best(much.sum)


def show(benchmark: BenchmarkFixture, got: list[Measured], bytes_read: float) -> None:
    """Put the medians and their floors into the benchmark's record."""
    flops, bandwidth = rates()
    read, written = median(each.read for each in got), median(each.written for each in got)
    first = 2 * READ_PARAMETERS * read / flops
    benchmark.extra_info |= {
        "first word": round(median(each.first for each in got), 2),
        "floor of the first word": round(first, 2),
        "whole": round(median(each.whole for each in got), 2),
        "later tokens a second": round(median(each.later for each in got), 1),
        "floor of later tokens a second, without guessing": round(bandwidth / bytes_read, 1),
        "prompt tokens": read,
        "answer tokens": written,
        "matrix rate, TFLOP/s": round(flops / 1e12, 2),
        "bandwidth, GB/s": round(bandwidth / 1e9, 1),
    }


@pytest.mark.benchmark(group="an answer of 40 tokens that quotes, 600 new tokens of prompt")
@pytest.mark.parametrize("system", ["footnote", "langchain"])
def test_new_passages(system: str, benchmark: BenchmarkFixture, request: pytest.FixtureRequest) -> None:
    answer: Answers = request.getfixturevalue(system)
    got: list[Measured] = []
    benchmark.pedantic(lambda text, question: got.append(answer(text, question)), setup=lambda: (asked(), {}), rounds=5)
    show(benchmark, got, WRITTEN_BYTES[system])
    assert all(each.written > ANSWER_TOKENS // 2 for each in got)


@pytest.mark.benchmark(group="a second question on the same passages")
@pytest.mark.parametrize("system", ["footnote", "langchain"])
def test_the_same_passages(system: str, benchmark: BenchmarkFixture, request: pytest.FixtureRequest) -> None:
    answer: Answers = request.getfixturevalue(system)
    got: list[Measured] = []

    def read_before() -> tuple[tuple[str, str], dict[str, Any]]:
        text, question = asked()
        answer(text, "Who is in charge?")
        return (text, question), {}

    benchmark.pedantic(lambda text, question: got.append(answer(text, question)), setup=read_before, rounds=3)
    benchmark.extra_info |= {
        "first word": round(median(each.first for each in got), 2),
        "whole": round(median(each.whole for each in got), 2),
    }
    assert all(each.written > ANSWER_TOKENS // 2 for each in got)


@pytest.mark.benchmark(group="from a closed model to a ready one")
def test_ready(models_folder: Path, benchmark: BenchmarkFixture) -> None:
    def ready() -> None:
        chat = OpenVinoChat(id="qwen", folder=models_folder / DEFAULT_CHAT)
        chat.warm()
        process = chat._worker._process.pid  # type: ignore[union-attr]
        status = Path(f"/proc/{process}/status")
        if status.exists():
            lines = dict(line.split(":") for line in status.read_text().splitlines())
            for name, what in (("VmRSS", "resident, GB"), ("VmHWM", "resident while it loads, GB")):
                benchmark.extra_info[what] = round(int(lines[name].split()[0]) * 1024 / 1e9, 2)
        chat.close()

    benchmark.pedantic(ready, rounds=3)
