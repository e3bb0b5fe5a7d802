"""How long a chat model will need here: two rates, measured in seconds without any model, and arithmetic.

Reading a prompt is bound by arithmetic, two operations a parameter and token. Writing is bound by memory: every weight
is read once a step ("roofline", Williams et al., 2009). So both can be told before a model is fetched.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from qa.chat.engine import SLICE
from storage.models.weights import HOW, Packed, graph

# The feed-forward matrices of the default model, of which most of it consists. Twelve pairs are 330 MB: more than a
# desktop processor's cache.
_NARROW, _WIDE, _PAIRS = 1536, 8960, 12
_TRY = 1.0  # seconds for each of the two rates

# Prompt lookup writes so many tokens a step where answers quote little; a step that checks takes so much longer.
_GUESSED, _CHECKING = 2.0, 1.2
# Of the rates measured here, in 8 bits: what 4 bits reach when they are read, for opening them takes time, and what
# transformers reach in bfloat16 (1.5 billion parameters: 125 of 175 prompt tokens a second without AMX, 15 of 23 GB of
# weights with it).
_FOUR_BITS, _TRANSFORMERS = 0.75, 0.65


@dataclass(frozen=True, slots=True)
class Rates:
    """What a backend does in a second: operations on a prompt, bytes of weights read; and tokens written in a step."""

    flops: float
    bytes: float
    tokens_per_step: float = _GUESSED / _CHECKING


@dataclass(frozen=True, slots=True)
class Weights:
    """A model's parameters, how many of them a token passes through, and the bytes that one takes."""

    parameters: float
    active: float
    bytes: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """Seconds until an answer's first word, and until all of it is there."""

    first_word: float
    whole: float


def seconds(weights: Weights, rates: Rates, prompt_tokens: int = 600, answer_tokens: int = 40) -> Prediction:
    """What an answer will take with such a model.

    The tokens of a slice go to different experts, so that a mixture of them reads all its weights for every slice.
    """
    slices = math.ceil(prompt_tokens / SLICE)
    reads = rates.bytes * (_FOUR_BITS if weights.bytes < 1 else 1.0)
    first = max(2 * weights.active * prompt_tokens / rates.flops, slices * weights.parameters * weights.bytes / reads)
    step = weights.active * weights.bytes / reads
    return Prediction(first, first + answer_tokens / rates.tokens_per_step * step)


def transformers(rates: Rates) -> Rates:
    """The rates of transformers on the same processor, derived from OpenVINO's."""
    return replace(rates, flops=rates.flops * _TRANSFORMERS, bytes=rates.bytes * _TRANSFORMERS)


def measure() -> Rates:
    """Time 8-bit layers on this processor as the engine runs them: about five seconds, 700 MB while it lasts."""
    import numpy as np

    infer = _compiled()
    weights = 2 * _PAIRS * _NARROW * _WIDE
    write = _best(lambda: infer(np.ones((1, _NARROW), np.float32)))
    read = _best(lambda: infer(np.ones((SLICE, _NARROW), np.float32)))
    return Rates(flops=2 * weights * SLICE / read, bytes=weights / write)


def _best(work: Callable[[], Any]) -> float:
    """The quickest of several tries, in seconds: whatever else runs makes it slower, never quicker."""
    work()  # builds the kernels
    times: list[float] = []
    while sum(times) < _TRY or len(times) < 3:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _compiled() -> Callable[[Any], Any]:
    """Layers that narrow and widen in turn, compiled as the engine compiles a model."""
    import numpy as np
    import openvino
    from openvino import opset13 as op

    noise = np.random.default_rng(0)
    rows = op.parameter([-1, _NARROW], np.float32)
    layers = rows
    for _ in range(_PAIRS):
        for width, height in ((_NARROW, _WIDE), (_WIDE, _NARROW)):
            layers = op.matmul(layers, graph(_weights(height, width, noise)), False, True)
    model = openvino.Model([layers], [rows], "speed")
    request = openvino.Core().compile_model(model, "CPU", HOW).create_infer_request()
    return lambda value: request.infer([value])


def _weights(height: int, width: int, noise: Any) -> Packed:
    import numpy as np

    values = noise.integers(-127, 128, (height, 1, width), dtype=np.int8)
    scales = np.full((height, 1, 1), 0.014 / np.sqrt(width), np.float16)  # which keeps what passes through at its size
    return Packed(values, np.zeros_like(scales, np.int8), scales)
