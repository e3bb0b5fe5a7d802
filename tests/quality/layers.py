"""Some layers of a chat model for the last token of each prompt alone, with adapters that can be learnt.

What stands before that token is read as it always is, once, by OpenVINO: its keys and values are kept. So a step of
training is that of one token a prompt through a part of the layers, and takes seconds without a GPU.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import Module, Parameter, ParameterList
from torch.nn import functional as f

from storage.models.probe import Adapter, Probe, back, layer, left
from storage.models.weights import HOW

EPSILON = 1e-6  # of the norms of Qwen2
FAR = -1e9  # the score of what is not attended to

Turns = Sequence[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Read:
    """Prompts that begin alike, as they were read.

    Keys (not yet turned by their places) and values, of all heads together, of what they share, [layers, 2, tokens,
    width], and of what each has of its own, [layers, 2, prompts, tokens, width]; how many tokens that are, [prompts];
    and the states of the last of them as they enter the first of the layers, [prompts, hidden].
    """

    shared: np.ndarray
    own: np.ndarray
    lengths: np.ndarray
    entering: np.ndarray


class Reader:
    """A chat model that reads prompts for the layers from `first` to `last`."""

    def __init__(self, folder: Path, first: int, last: int) -> None:
        import openvino
        import openvino_genai

        core = openvino.Core()
        model = core.read_model(folder / "openvino_model.xml")
        wanted = [_biased(each) for number in range(first, last + 1) for each in layer(model, number)[1:3]]
        model.remove_result(model.get_results()[0])
        model.add_outputs([left(model, first - 1), *(each.output(0) for each in wanted)])
        self._layers = last - first + 1
        self._request = core.compile_model(model, "CPU", HOW).create_infer_request()
        self._tokenizer = openvino_genai.Tokenizer(folder)

    def read(self, prompts: Sequence[Turns]) -> Read:
        """What they have in common is read once."""
        ids = [self._ids(prompt) for prompt in prompts]
        same = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, zip(*ids, strict=False)))
        same = min(same, min(map(len, ids)) - 1)
        self._request.reset_state()
        _, shared = self._infer(np.array([ids[0][:same]]), np.ones((1, same), np.int64), 0)
        rest = [row[same:] for row in ids]
        lengths = np.array([len(row) for row in rest])
        most = max(lengths)
        padded = np.array([[*row, *[0] * (most - len(row))] for row in rest])
        mask = np.array([[1] * (same + len(row)) + [0] * (most - len(row)) for row in rest])
        states, own = self._infer(padded, mask, same)
        entering = states[np.arange(len(rest)), lengths - 1]
        halves = (each.astype(np.float16) for each in (shared[:, :, 0], own))
        return Read(*halves, lengths, entering)

    def _ids(self, prompt: Turns) -> list[int]:
        how = {"add_generation_prompt": True, "extra_context": {"enable_thinking": False}}  # as the engine reads it
        text = self._tokenizer.apply_chat_template(list(prompt), **how)
        return [int(n) for n in self._tokenizer.encode(text, add_special_tokens=False).input_ids.data[0]]

    def _infer(self, ids: Any, mask: Any, start: int) -> tuple[np.ndarray, np.ndarray]:
        rows, tokens = ids.shape
        places = np.tile(np.arange(start, start + tokens), (rows, 1))
        beams = np.zeros(rows, np.int32)  # every row goes on from the one that was read first
        out = self._request.infer({"input_ids": ids, "attention_mask": mask, "position_ids": places, "beam_idx": beams})
        kept = np.stack([np.array(out[1 + at]) for at in range(2 * self._layers)])
        return np.array(out[0], np.float32), kept.reshape(self._layers, 2, rows, tokens, -1)


class Past:
    """What was read, as the layers attend to it."""

    def __init__(self, read: Read, layers: "Layers") -> None:
        rope = layers.rope
        shared, own = (torch.from_numpy(part).unflatten(-1, (-1, layers.head)) for part in (read.shared, read.own))
        lengths, before = torch.from_numpy(read.lengths), read.shared.shape[2]
        places = before + torch.arange(read.own.shape[3])
        self.keys = rope(shared[:, 0].float(), torch.arange(before)[:, None]).bfloat16()
        self.own_keys = rope(own[:, 0].float(), places[:, None]).bfloat16()
        self.values, self.own_values = shared[:, 1].bfloat16(), own[:, 1].bfloat16()
        self.hidden = torch.arange(read.own.shape[3]) >= (lengths - 1)[:, None]  # the last token and what is no token
        self.place = before + lengths - 1
        self.entering = torch.from_numpy(read.entering)

    def __len__(self) -> int:
        return len(self.place)

    def attended(self, number: int, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """By the last tokens, whose own these are: [prompts, heads, size]; keys and values of fewer heads."""
        heads = queries.unflatten(1, (keys.shape[1], -1)) / math.sqrt(queries.shape[-1])
        past = torch.einsum("nhgd,thd->nhgt", heads, self.keys[number].float())
        own = torch.einsum("nhgd,nthd->nhgt", heads, self.own_keys[number].float())
        own = own.masked_fill(self.hidden[:, None, None], FAR)
        weights = torch.cat([past, own, torch.einsum("nhgd,nhd->nhg", heads, keys)[..., None]], -1).softmax(-1)
        past, own, last = weights.split([past.shape[-1], own.shape[-1], 1], -1)
        mixed = torch.einsum("nhgt,thd->nhgd", past, self.values[number].float())
        mixed = mixed + torch.einsum("nhgt,nthd->nhgd", own, self.own_values[number].float())
        return (mixed + last * values[:, :, None]).flatten(1)


class Rope:
    """Turns keys and queries by their places (Su et al., 2021)."""

    def __init__(self, frequencies: Tensor) -> None:
        self._frequencies = frequencies.repeat(2)

    def __call__(self, x: Tensor, places: Tensor) -> Tensor:
        """`x` [..., size], `places` [...] or what can be spread over that."""
        angles = places[..., None].float() * self._frequencies
        one, other = x.chunk(2, -1)
        return x * angles.cos() + torch.cat([-other, one], -1) * angles.sin()


class Layers(Module):
    """The layers from `first` to `last` of the model in `folder`, with adapters of some `rank` for the matrices named.

    They are those of Qwen2 (Qwen team, 2024). `head` is the width of one head; `adapted` are the two matrices of each
    adapter, by layer and name, which are the parameters.
    """

    def __init__(self, folder: Path, first: int, last: int, names: Sequence[str], rank: int) -> None:
        super().__init__()
        import openvino

        model = openvino.Core().read_model(folder / "openvino_model.xml")
        found = {number: layer(model, number) for number in range(first, last + 1)}
        attention = back(found[first].o.input_value(0), "ScaledDotProductAttention")
        self.head = attention.get_output_partial_shape(0)[-1].get_length()
        turned = back(attention.input_value(0), "Multiply")
        self.rope = Rope(numbers(back(turned.input_value(1), "Constant").output(0)).flatten())
        self._weights = {number: _weights(each) for number, each in found.items()}
        self.adapted: dict[tuple[int, str], tuple[Parameter, Parameter]] = {}
        for number, each in self._weights.items():
            for name in names:
                outputs, inputs = each[name].shape
                down = torch.randn(rank, inputs) / math.sqrt(inputs)
                self.adapted[number, name] = Parameter(down), Parameter(torch.zeros(outputs, rank))
        self._trained = ParameterList(part for parts in self.adapted.values() for part in parts)

    def adapters(self) -> Mapping[tuple[int, str], Adapter]:
        """As they are now."""
        return {key: Adapter(*(part.detach().numpy() for part in parts)) for key, parts in self.adapted.items()}

    def take(self, adapters: Mapping[tuple[int, str], Adapter]) -> None:
        """Go on with these adapters, which have to be of the same matrices."""
        for key, parts in self.adapted.items():
            for part, values in zip(parts, adapters[key], strict=True):
                part.data = torch.from_numpy(values)

    def forward(self, past: Sequence[Past], kept: Sequence[int]) -> Tensor:
        """The states of the last tokens as they leave the layers that are `kept`, [prompts, layers, hidden]."""
        return torch.stack([states for number, states in self._states(past) if number in kept], 1)

    def _states(self, past: Sequence[Past]) -> Iterator[tuple[int, Tensor]]:
        x, places = torch.cat([each.entering for each in past]), torch.cat([each.place for each in past])[:, None]
        sizes = [len(each) for each in past]
        for at, (number, weights) in enumerate(self._weights.items()):
            y = _norm(x, weights["before"])
            q, k, v = (
                (self._product(number, name, y) + weights[f"{name}_bias"]).unflatten(1, (-1, self.head))
                for name in ("q", "k", "v")
            )
            mine = (part.split(sizes) for part in (self.rope(q, places), self.rope(k, places), v))
            attended = [each.attended(at, *parts) for each, *parts in zip(past, *mine, strict=True)]
            x = x + self._product(number, "o", torch.cat(attended))
            y = _norm(x, weights["between"])
            mixed = f.silu(self._product(number, "gate", y)) * self._product(number, "up", y)
            x = x + self._product(number, "down", mixed)
            yield number, x

    def _product(self, number: int, name: str, x: Tensor) -> Tensor:
        product = f.linear(x.bfloat16(), self._weights[number][name]).float()
        if (number, name) in self.adapted:
            down, up = self.adapted[number, name]
            product = product + f.linear(f.linear(x, down), up)
        return product


def odds(probe: Probe, states: np.ndarray) -> np.ndarray:
    """The log-odds that a probe tells of states that leave its layers, [prompts, layers, hidden]."""
    told: np.ndarray = np.einsum("plh,lh->p", states, probe.weights) + probe.bias
    return told


def _norm(x: Tensor, weight: Tensor) -> Tensor:
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + EPSILON) * weight


def _weights(nodes: Any) -> dict[str, Tensor]:
    """The matrices of a layer in half precision, the biases, and the weights of the two norms."""
    found = {name: numbers(node.input_value(1)).bfloat16() for name, node in nodes._asdict().items()}
    found |= {f"{name}_bias": numbers(_biased(getattr(nodes, name)).input_value(1)).flatten() for name in "qkv"}
    norms = {"before": nodes.q, "between": nodes.gate}
    return found | {
        name: numbers(node.input_value(0).get_node().input_value(1)).flatten() for name, node in norms.items()
    }


def _biased(product: Any) -> Any:
    """The node that adds the bias to a product, over its adapter where it has one. Raises ValueError without a bias."""
    reader = next(iter(product.output(0).get_target_inputs())).get_node()
    if reader.get_type_name() != "Add":
        raise ValueError("the matrix has no bias: these are not the layers of Qwen2")
    constant = reader.input_value(1).get_node()
    while constant.get_type_name() == "Convert":
        constant = constant.input_value(0).get_node()
    return reader if constant.get_type_name() == "Constant" else _biased(reader)


def numbers(constant: Any) -> Tensor:
    """What an output without inputs is."""
    import openvino

    compiled = openvino.Core().compile_model(openvino.Model([constant], []), "CPU")
    return torch.from_numpy(np.array(compiled([])[0], np.float32))
