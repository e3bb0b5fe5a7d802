"""A probe in a chat model: it answers the one prompt that asks for it, by the states of its layers, and no other."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qa.chat import OpenVinoChat
from qa.chat.model import PLAIN_SYSTEM
from qa.signals import log_odds
from storage.models.convert import convert
from storage.models.probe import FOLDER, Probe, Tokens, find, noted
from storage.models.weights import lay_out
from tests.quality.probe import States, steering
from tests.tiny_gguf import tiny_gguf

RNG = np.random.default_rng(3)
ASKED = "Does the Rhine rise in the Alps?"


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
        self.source = tiny_gguf(folder, "qwen3", "Q8_0")
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder / "original")
        self.original = transformers.AutoModelForCausalLM.from_pretrained(folder / "original")
        self.folder = folder / "probed"
        convert(self.source, self.folder, 10_000_000)
        self.probe = self._probe()
        lay_out(self.folder, self.probe)

    def prompt(self, question: str = ASKED) -> str:
        """As the engine reads it."""
        how = {"tokenize": False, "add_generation_prompt": True, "enable_thinking": False}
        return str(self.tokenizer.apply_chat_template(asking(question), **how))

    def states(self, question: str = ASKED) -> Any:
        """That the original leaves after its first layer, at the end of the prompt."""
        import torch

        ids = self.tokenizer(self.prompt(question), return_tensors="pt", add_special_tokens=False).input_ids
        with torch.no_grad():
            return self.original.model(ids, output_hidden_states=True).hidden_states[1][0, -1].numpy()

    def odds(self) -> float:
        """By these states."""
        return float(self.states() @ self.probe.weights[0] + self.probe.bias)

    def _probe(self) -> Probe:
        base, step = steering(self.folder, *(self.tokenizer.convert_tokens_to_ids(word) for word in "ab"))
        last = self.tokenizer(self.prompt(), add_special_tokens=False).input_ids[-1]
        asks = self.tokenizer.convert_tokens_to_ids("<|endoftext|>")
        weights = RNG.normal(size=(1, len(base))).astype(np.float32)
        return Probe((0,), weights, 0.5, Tokens(asks, last), base, step)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return Tiny(tmp_path_factory.mktemp("probe"))


def test_where_a_yes_or_no_is_wanted_the_probe_tells_it(tiny: Tiny) -> None:
    chat = OpenVinoChat(id="probed", folder=tiny.folder)
    reply = chat.invoke(ASKED, max_tokens=1, yes_or_no=True)
    plain = chat.invoke(ASKED, max_tokens=1)
    chat.close()
    assert reply.response_metadata["probed"] and not plain.response_metadata["probed"]
    assert odds_of(reply) == pytest.approx(tiny.odds(), abs=0.15)
    assert reply.usage_metadata == plain.usage_metadata  # the prompt is as long as before


def test_every_other_prompt_is_answered_as_before(tiny: Tiny, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    convert(tiny.source, plain, 10_000_000)
    chats = [OpenVinoChat(id="chat", folder=folder) for folder in (plain, tiny.folder)]
    said = [chat.invoke(ASKED, max_tokens=20) for chat in chats]
    asked = chats[0].invoke(ASKED, max_tokens=1, yes_or_no=True)
    for chat in chats:
        chat.close()
    assert said[0].text == said[1].text
    assert said[0].response_metadata["logprobs"] == pytest.approx(said[1].response_metadata["logprobs"], abs=1e-4)
    assert asked.response_metadata["logprobs"][0] == said[0].response_metadata["logprobs"][0]  # its own word
    assert not asked.response_metadata["probed"]
    assert noted(plain) is None and noted(tiny.folder) == tiny.probe.tokens


def test_what_it_is_trained_on_are_the_states_of_each_prompt(tiny: Tiny) -> None:
    questions = [ASKED, "Does it?", "Does the Rhine rise in the North Sea, or in the Alps?"]  # read together, padded
    read = States(tiny.folder, layers=[0]).of([asking(question) for question in questions])
    for states, question in zip(read[:, 0], questions, strict=True):
        expected = tiny.states(question)
        assert np.linalg.norm(states - expected) < 0.02 * np.linalg.norm(expected)


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
