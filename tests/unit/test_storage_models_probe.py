"""A probe in a chat model: it answers the one prompt that asks for it, by the states of its layers, and no other."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from qa.chat import OpenVinoChat
from qa.chat.model import PLAIN_SYSTEM
from qa.signals import log_odds
from storage.models.convert import convert
from storage.models.probe import FOLDER, Adapter, Probe, Tokens, find, load, noted, save
from storage.models.weights import lay_out
from tests.quality.layers import Layers, Past, Reader, odds
from tests.quality.probe import steering
from tests.tiny_gguf import tiny_gguf

RNG = np.random.default_rng(3)
QUESTIONS = (
    "Does the Rhine rise in the Alps?", "Does it?", "Does the Rhine rise in the North Sea, or in the Alps?",
)  # fmt: skip
FIRST, LAST = 1, 2  # of three layers, so that what earlier tokens come to be is seen by the last one
SIZES = {"q": (1, 1), "o": (1, 1), "down": (1, 2)}  # adapted matrices: outputs and inputs, in widths of the model


def odds_of(reply: Any) -> float:
    """Of the first of the two words, by the probability of the one that was said."""
    return {"a": 1, "b": -1}[reply.text] * log_odds(float(np.exp(reply.response_metadata["logprobs"][0])))


def asking(question: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": PLAIN_SYSTEM}, {"role": "user", "content": question}]


class Tiny:
    """A tiny chat model by its maker and, with a probe for the words "a" and "b", as it is asked."""

    def __init__(self, folder: Path) -> None:
        import transformers as untyped

        transformers: Any = untyped
        self.source = tiny_gguf(folder, "qwen2", "Q8_0", layers=LAST + 1)
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder / "original")
        self.original = transformers.AutoModelForCausalLM.from_pretrained(folder / "original")
        self.folder = folder / "probed"
        convert(self.source, self.folder, 10_000_000)
        self.probe = self._probe()
        self.read = Reader(self.folder, FIRST, LAST).read([asking(question) for question in QUESTIONS])
        lay_out(self.folder, self.probe)

    def original_states(self, question: str) -> Any:
        """That the original leaves after the last layer, at the end of the prompt."""
        how = {"tokenize": False, "add_generation_prompt": True, "enable_thinking": False}  # as the engine reads it
        prompt = self.tokenizer.apply_chat_template(asking(question), **how)
        ids = self.tokenizer(prompt, return_tensors="pt", add_special_tokens=False).input_ids
        left: list[Any] = []
        hook = self.original.model.layers[LAST].register_forward_hook(lambda *passed: left.append(passed[-1]))
        with torch.no_grad():
            self.original(ids)
        hook.remove()
        return left[0].reshape(-1, len(self.probe.base))[-1].numpy()

    def states(self, adapters: bool) -> Any:
        """Those of all questions by the layers that are trained, [questions, layers, hidden]."""
        layers = Layers(self.folder, FIRST, LAST, tuple(SIZES), 2)
        if adapters:
            layers.take(self.probe.adapters)
        with torch.no_grad():
            return layers([Past(self.read, layers)], self.probe.layers).numpy()

    def _probe(self) -> Probe:
        base, step = steering(self.folder, *(self.tokenizer.convert_tokens_to_ids(word) for word in "ab"))
        newline = self.tokenizer("\n", add_special_tokens=False).input_ids[-1]
        asks = self.tokenizer.convert_tokens_to_ids("<|endoftext|>")
        hidden, layers = len(base), (FIRST, LAST)
        weights = 8 * RNG.normal(size=(len(layers), hidden)).astype(np.float32)
        adapters = {
            (number, name): Adapter(_some(2, inputs * hidden), _some(outputs * hidden, 2))
            for number in layers
            for name, (outputs, inputs) in SIZES.items()
        }
        return Probe(layers, weights, 0.5, Tokens(asks, newline), base, step, adapters)


def _some(*shape: int) -> Any:
    return (RNG.normal(size=shape) / np.sqrt(shape[-1])).astype(np.float32)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return Tiny(tmp_path_factory.mktemp("probe"))


def test_where_a_yes_or_no_is_wanted_the_probe_tells_it(tiny: Tiny) -> None:
    chat = OpenVinoChat(id="probed", folder=tiny.folder)
    before = chat.invoke(QUESTIONS[0], max_tokens=8)
    replies = [chat.invoke(question, max_tokens=1, yes_or_no=True) for question in QUESTIONS]
    after = chat.invoke(QUESTIONS[0], max_tokens=8)
    chat.close()
    assert replies[0].response_metadata["probed"] and not before.response_metadata["probed"]
    trained, bare = (odds(tiny.probe, tiny.states(adapters=adapters)) for adapters in (True, False))
    assert [odds_of(reply) for reply in replies] == pytest.approx(trained, abs=0.3)
    assert abs(trained - bare).min() > 1  # the adapters have their say
    assert replies[0].usage_metadata["input_tokens"] == before.usage_metadata["input_tokens"]  # as long as before
    assert before.response_metadata["logprobs"] == pytest.approx(after.response_metadata["logprobs"], abs=1e-4)


def test_every_other_prompt_is_answered_as_before(tiny: Tiny, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    convert(tiny.source, plain, 10_000_000)
    chats = [OpenVinoChat(id="chat", folder=folder) for folder in (plain, tiny.folder)]
    said = [chat.invoke(QUESTIONS[0], max_tokens=20) for chat in chats]
    asked = chats[0].invoke(QUESTIONS[0], max_tokens=1, yes_or_no=True)
    for chat in chats:
        chat.close()
    assert said[0].text == said[1].text
    assert said[0].response_metadata["logprobs"] == pytest.approx(said[1].response_metadata["logprobs"], abs=1e-4)
    assert asked.response_metadata["logprobs"][0] == said[0].response_metadata["logprobs"][0]  # its own word
    assert not asked.response_metadata["probed"]
    assert noted(plain) is None and noted(tiny.folder) == tiny.probe.tokens


def test_what_is_trained_are_the_layers_of_the_model(tiny: Tiny) -> None:
    for states, question in zip(tiny.states(adapters=False)[:, -1], QUESTIONS, strict=True):  # read together, padded
        expected = tiny.original_states(question)
        assert np.linalg.norm(states - expected) < 0.02 * np.linalg.norm(expected)


def test_a_probe_is_saved_and_read(tiny: Tiny, tmp_path: Path) -> None:
    save(tiny.probe, tmp_path / "probe.safetensors")
    read = load(tmp_path / "probe.safetensors")
    assert (read.layers, read.bias, read.tokens) == (tiny.probe.layers, tiny.probe.bias, tiny.probe.tokens)
    for name in ("weights", "base", "step"):
        assert np.array_equal(getattr(read, name), getattr(tiny.probe, name))
    assert set(read.adapters) == set(tiny.probe.adapters)
    for key, adapter in tiny.probe.adapters.items():
        assert read.adapters[key].down == pytest.approx(adapter.down, abs=1e-3)
        assert read.adapters[key].up == pytest.approx(adapter.up, abs=1e-3)
    save(replace(read, bias=1.0), tmp_path / "other.safetensors")
    assert len({read.id, load(tmp_path / "other.safetensors").id, ""}) == 3


def test_a_prompt_that_ends_in_another_way_is_left_as_it_is() -> None:
    tokens = Tokens(asks=9, stands_for=2)
    asking = tokens.asking(np.array([[5, 2]]))
    assert asking is not None and asking.tolist() == [[5, 9]]
    assert tokens.asking(np.array([[2, 5]])) is None


def test_only_the_model_that_it_was_trained_for_has_a_probe() -> None:
    assert find(Path("elsewhere/other.gguf")) is None
    (trained,) = FOLDER.glob("*.safetensors")
    probe = find(Path(f"{trained.stem}.gguf"))
    assert probe and probe.weights.shape == (len(probe.layers), len(probe.base)) and len(probe.step) == len(probe.base)
    assert probe.adapters and max(number for number, _ in probe.adapters) <= max(probe.layers)  # others would be idle
    assert all(len(adapter.down) == adapter.up.shape[1] for adapter in probe.adapters.values())
