"""A trained yes or no, built into a chat model: its own states halfway up, weighed, and told by its last layer.

What a language model knows and what it says differ: a linear probe of its middle layers ("Understanding intermediate
layers using linear classifier probes", Alain & Bengio, 2016) tells better than its words whether a passage answers a
question ("The Curious Case of Hallucinatory (Un)answerability", Slobodkin et al., 2023). The engine hands out no states
but the probabilities of words. So where the last token of a prompt is replaced by one that is never used, the prompt is
read as if it were not, but the next word is "Yes" or "No" with the log-odds of the probe. Every other prompt is
answered as before.

    probes/NAME.safetensors   a probe for the chat model that NAME.gguf is converted to; README.md there tells more
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

PROBE = "probe.json"  # beside the model: its Tokens
FOLDER = Path(__file__).with_name("probes")

Numbers = NDArray[np.float32]
Ids = NDArray[np.int64]


class Tokens(NamedTuple):
    """The token that asks for a yes or no at the end of a prompt, and the one that is read in its place."""

    asks: int
    stands_for: int

    def asking(self, ids: Ids) -> Ids | None:
        """The ids of a prompt [1, tokens], made to ask; None where it does not end as the probe knows it."""
        if ids[0, -1] != self.stands_for:
            return None
        return np.concatenate([ids[:, :-1], [[self.asks]]], 1)


@dataclass(frozen=True, slots=True)
class Probe:
    """`weights` [layers, hidden] and `bias` give the log-odds of a yes from the states that leave `layers` (from 0).

    The model's last layer is given `base + log-odds * step` [hidden], which is as sure of its words for yes and no.
    """

    layers: tuple[int, ...]
    weights: Numbers
    bias: float
    tokens: Tokens
    base: Numbers
    step: Numbers


def find(source: Path) -> Probe | None:
    """The probe that was trained for the model of a GGUF file, if there is one."""
    file = FOLDER / f"{source.stem}.safetensors"
    return load(file) if file.exists() else None


def load(file: Path) -> Probe:
    """The probe in a file."""
    with safe_open(file, "numpy") as opened:
        facts = opened.metadata()
        weights, base, step = (opened.get_tensor(name).astype(np.float32) for name in ("weights", "base", "step"))
    layers, tokens = tuple(json.loads(facts["layers"])), Tokens(int(facts["asks"]), int(facts["stands_for"]))
    return Probe(layers, weights, float(facts["bias"]), tokens, base, step)


def build_in(probe: Probe, model: Any) -> None:
    """Change a chat model as openvino-genai makes it of a GGUF, before it is saved."""
    from openvino import opset13 as op

    ids = next(each for each in model.get_parameters() if "input_ids" in each.output(0).get_names())
    readers = list(ids.output(0).get_target_inputs())
    asked = op.equal(ids, op.constant(np.int64(probe.tokens.asks)))
    read = op.select(asked, op.constant(np.int64(probe.tokens.stands_for)), ids)
    for reader in readers:
        reader.replace_source_output(read.output(0))
    states = op.concat([left(model, layer) for layer in probe.layers], -1)
    odds = op.add(
        op.matmul(states, op.constant(probe.weights.reshape(-1, 1)), False, False), op.constant(np.float32(probe.bias))
    )
    told = op.add(op.constant(probe.base[None, None]), op.multiply(odds, op.constant(probe.step[None, None])))
    last = model.output(0).get_node().input(0).get_source_output().get_node().input(0)  # of the matrix that makes words
    words = op.select(op.unsqueeze(asked, op.constant(np.array([2]))), told, last.get_source_output())
    last.replace_source_output(words.output(0))


def left(model: Any, layer: int) -> Any:
    """The states that leave a layer, [batch, tokens, hidden]. Raises KeyError where openvino-genai names none so."""
    nodes = {node.get_friendly_name(): node for node in model.get_ops()}
    return nodes[f"model.layers.self_attn.add1.layer{layer}"].output(0)


def note(probe: Probe, folder: Path) -> None:
    """Write down for the engine how the model in `folder` is asked."""
    (folder / PROBE).write_text(json.dumps(probe.tokens._asdict()), encoding="utf-8")


def noted(folder: Path) -> Tokens | None:
    """How the model in `folder` is asked for a yes or no; None where it has no probe."""
    file = folder / PROBE
    return Tokens(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None
