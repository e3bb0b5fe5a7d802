"""A trained yes or no, built into a chat model: one token that asks reads what stands before it in a way of its own.

What a language model knows and what it says differ: a linear probe of its middle layers ("Understanding intermediate
layers using linear classifier probes", Alain & Bengio, 2016) tells better than its words whether a passage answers a
question ("The Curious Case of Hallucinatory (Un)answerability", Slobodkin et al., 2023). Better still where it may look
for that: some matrices have adapters of low rank (LoRA, Hu et al., 2021), which work on the token that asks alone, so
that all that was read before stays as it is (Activated LoRA, Greenewald et al., 2025).

The engine hands out no states but the probabilities of words. So where the last token of a prompt is replaced by one
that is never used, the prompt is read as if it were not, but for the adapters, and the next word is "Yes" or "No" with
the log-odds of the probe. Every other prompt is answered as before.

    probes/NAME.safetensors   a probe for the chat model that NAME.gguf is converted to; README.md there tells more
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

PROBE = "probe.json"  # beside the model: its Tokens, and which probe it is
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


class Adapter(NamedTuple):
    """What is added to the product of a matrix and x, `up @ down @ x`: `down` [rank, inputs], `up` [outputs, rank]."""

    down: Numbers
    up: Numbers


@dataclass(frozen=True, slots=True)
class Probe:
    """`weights` [layers, hidden] and `bias` give the log-odds of a yes from the states that leave `layers` (from 0).

    `adapters` are by layer and matrix, as Layer names it. The model's last layer is given `base + log-odds * step`
    [hidden], which is as sure of its words for yes and no. `id` is the SHA-256 of its file, "" before there is one.
    """

    layers: tuple[int, ...]
    weights: Numbers
    bias: float
    tokens: Tokens
    base: Numbers
    step: Numbers
    adapters: Mapping[tuple[int, str], Adapter]
    id: str = ""


class Layer(NamedTuple):
    """The multiplications of a layer: nodes of a graph, whose inputs are what is multiplied and weights [out, in]."""

    q: Any
    k: Any
    v: Any
    o: Any
    gate: Any
    up: Any
    down: Any


def find(source: Path) -> Probe | None:
    """The probe that was trained for the model of a GGUF file, if there is one."""
    file = FOLDER / f"{source.stem}.safetensors"
    return load(file) if file.exists() else None


def load(file: Path) -> Probe:
    """The probe in a file."""
    with safe_open(file, "numpy") as opened:
        facts = opened.metadata()
        names = opened.keys()
        tensors = {name: opened.get_tensor(name).astype(np.float32) for name in names}
    weights, base, step = (tensors.pop(name) for name in ("weights", "base", "step"))
    adapters = {}
    for number, matrix in sorted({tuple(name.split(".")[:2]) for name in tensors}):
        parts = (tensors[f"{number}.{matrix}.{part}"] for part in Adapter._fields)
        adapters[int(number), matrix] = Adapter(*parts)
    layers, tokens = tuple(json.loads(facts["layers"])), Tokens(int(facts["asks"]), int(facts["stands_for"]))
    digest = sha256(file.read_bytes()).hexdigest()
    return Probe(layers, weights, float(facts["bias"]), tokens, base, step, adapters, digest)


def save(probe: Probe, file: Path) -> None:
    """Write a probe, its adapters in half precision."""
    facts = {"layers": json.dumps(probe.layers), "bias": str(probe.bias)}
    tokens = {name: str(token) for name, token in probe.tokens._asdict().items()}
    tensors = {"weights": probe.weights, "base": probe.base, "step": probe.step}
    adapters = {
        f"{number}.{matrix}.{part}": values.astype(np.float16)
        for (number, matrix), adapter in probe.adapters.items()
        for part, values in adapter._asdict().items()
    }
    save_file(tensors | adapters, file, metadata=facts | tokens)


def build_in(probe: Probe, model: Any) -> None:
    """Change a chat model as openvino-genai makes it of a GGUF, before it is saved."""
    from openvino import opset13 as op

    ids = next(each for each in model.get_parameters() if "input_ids" in each.output(0).get_names())
    readers = list(ids.output(0).get_target_inputs())
    asked = op.equal(ids, op.constant(np.int64(probe.tokens.asks)))
    read = op.select(asked, op.constant(np.int64(probe.tokens.stands_for)), ids)
    for reader in readers:
        reader.replace_source_output(read.output(0))
    there = op.unsqueeze(asked, op.constant(np.array([2])))
    factor = op.convert(there, np.float32)
    for (number, matrix), adapter in probe.adapters.items():
        _adapt(getattr(layer(model, number), matrix), adapter, factor)
    states = op.concat([left(model, number) for number in probe.layers], -1)
    odds = op.add(
        op.matmul(states, op.constant(probe.weights.reshape(-1, 1)), False, False), op.constant(np.float32(probe.bias))
    )
    told = op.add(op.constant(probe.base[None, None]), op.multiply(odds, op.constant(probe.step[None, None])))
    last = model.output(0).get_node().input(0).get_source_output().get_node().input(0)  # of the matrix that makes words
    words = op.select(there, told, last.get_source_output())
    last.replace_source_output(words.output(0))


def _adapt(product: Any, adapter: Adapter, factor: Any) -> None:
    """Have an adapter added to a product, times `factor` [batch, tokens, 1]."""
    from openvino import opset13 as op

    readers = list(product.output(0).get_target_inputs())
    inner = op.matmul(product.input_value(0), op.constant(adapter.down), False, True)
    added = op.matmul(op.multiply(inner, factor), op.constant(adapter.up), False, True)
    total = op.add(product, added)
    for reader in readers:
        reader.replace_source_output(total.output(0))


def layer(model: Any, number: int) -> Layer:
    """The multiplications of a layer (from 0). Raises KeyError where openvino-genai names no nodes of it."""
    named = _named(model)
    attended, mixed = (named[f"model.layers.self_attn.{name}.layer{number}"] for name in ("add0", "mlp.mul"))
    o = back(attended.input_value(1), "MatMul")
    attention = back(o.input_value(0), "ScaledDotProductAttention")
    k, v = (back(back(attention.input_value(at), "Concat").input_value(1), "MatMul") for at in (1, 2))
    ends = (attention.input_value(0), *mixed.input_values(), left(model, number).get_node().input_value(1))
    q, gate, up, down = (back(output, "MatMul") for output in ends)
    return Layer(q, k, v, o, gate, up, down)


def back(output: Any, kind: str) -> Any:
    """The node of a kind that an output comes from, by the first inputs; there has to be one."""
    node = output.get_node()
    while node.get_type_name() != kind:
        node = node.input_value(0).get_node()
    return node


def _named(model: Any) -> dict[str, Any]:
    return {node.get_friendly_name(): node for node in model.get_ops()}


def left(model: Any, number: int) -> Any:
    """The states that leave a layer, [batch, tokens, hidden]. Raises KeyError where openvino-genai names none so."""
    return _named(model)[f"model.layers.self_attn.add1.layer{number}"].output(0)


def note(probe: Probe, folder: Path) -> None:
    """Write down for the engine how the model in `folder` is asked."""
    (folder / PROBE).write_text(json.dumps({"id": probe.id, **probe.tokens._asdict()}), encoding="utf-8")


def noted(folder: Path) -> Tokens | None:
    """How the model in `folder` is asked for a yes or no; None where it has no probe."""
    file = folder / PROBE
    if not file.exists():
        return None
    facts = json.loads(file.read_text(encoding="utf-8"))
    return Tokens(facts["asks"], facts["stands_for"])
