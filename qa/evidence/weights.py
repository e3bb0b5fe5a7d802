"""The trained part of the evidence model: LoRA adapters for the default embedder's encoder, and the head above it.

The file holds, in half precision, `NAME.a` [rank, inputs] and `NAME.b` [outputs, rank] for each adapted matrix
`NAME.weight` of the encoder, such as `encoder.layer.4.attention.self.query`, then `head.weight` [4, hidden] and
`head.bias`. The head's rows are relevance, answers, start and end. Its metadata says what was trained, and on what.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from storage.errors import ModelUnavailable
from storage.models.e5 import Tensors

FILE = Path(__file__).with_name("trained") / "evidence.safetensors"


@dataclass(frozen=True, slots=True)
class Weights:
    """`base` and `sha256` name the embedder that the adapters were trained on, `scale` multiplies their products."""

    base: str
    sha256: str
    scale: float
    tensors: Tensors


def load(file: Path = FILE) -> Weights:
    """The weights that a training wrote. Raises ModelUnavailable."""
    try:
        with safe_open(file, "numpy") as opened:
            facts = opened.metadata()
            tensors = {name: opened.get_tensor(name).astype(np.float32) for name in opened.keys()}  # noqa: SIM118
        return Weights(facts["base"], facts["base_sha256"], float(facts["scale"]), tensors)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelUnavailable(
            f"The evidence model's weights do not load from {file}: {error}. Install Footnote again."
        ) from error


def head(weights: Weights) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Matrix and bias of the head."""
    return weights.tensors["head.weight"], weights.tensors["head.bias"]


def adapted(tensors: Tensors, weights: Weights) -> Tensors:
    """The encoder's tensors with the adapters merged in, W + scale * B A ("LoRA"; Hu et al., 2021); the rest as it is.

    Raises KeyError or ValueError for the tensors of an encoder that the adapters were not trained on.
    """
    merged = dict(tensors)
    for name in [name.removesuffix(".a") for name in weights.tensors if name.endswith(".a")]:
        product = weights.tensors[f"{name}.b"] @ weights.tensors[f"{name}.a"]
        merged[f"{name}.weight"] = tensors[f"{name}.weight"] + np.float32(weights.scale) * product
    return merged
