"""Lay a chat model's weights out for speed, once, after the conversion.

openvino-genai keeps a GGUF's weights as they are packed there: 4 bits in groups of 32, or 8 bits in groups of 16.
OpenVINO multiplies them with activations that it rounds to 8 bits group by group, and the smaller the groups, the more
of the work is scaling. So small models get 8 bits and one scale a row, which loses next to nothing, and large ones,
whose time is that of reading their weights, 4 bits in groups of 128.
"""

import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from storage.models.probe import Probe, build_in, note

GROUP = 128  # inputs that share one scale in 4 bits
LARGE = 3_000_000_000  # parameters from which 4 bits stay 4: what is lost by larger groups is less in large models
PRECISION = "precision.json"  # beside the model: what the engine asks OpenVINO for
# With f32 OpenVINO multiplies whole numbers. Where the processor has matrix units, bfloat16 reads a prompt in less time
# still, but its steps take twice as long, and an answer of 40 tokens is later in all (measured).
HOW = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": str(GROUP)}
_CLIPS = (1.0, 0.9, 0.8)  # shares of a group's range: a rare outlier may be cut off for the good of the others
_ROWS = 2048  # taken at a time, to bound memory
_SMALLEST = 1e-7  # a scale, in half precision

Floats = NDArray[np.float32]
Whole = NDArray[np.integer[Any]]


class Packed(NamedTuple):
    """Weights as whole numbers: (values - zeros) * scales; each [rows, groups, inputs of a group], or broadcast."""

    values: Whole
    zeros: Whole
    scales: NDArray[np.float16]

    def floats(self) -> Floats:
        """The weights that are meant, [rows, inputs]."""
        whole = self.values.astype(np.float32) - self.zeros
        return (whole * self.scales.astype(np.float32)).reshape(len(self.values), -1)


def int4(weights: Floats) -> Packed:
    """Weights [rows, inputs] in 4 bits, in groups of GROUP: of three ranges the one that errs least.

    `inputs` must be a multiple of GROUP.
    """
    groups = weights.reshape(len(weights), -1, GROUP)
    low, high = np.minimum(groups.min(2, keepdims=True), 0), np.maximum(groups.max(2, keepdims=True), 0)
    tries = [_in_range(groups, low * clip, high * clip) for clip in _CLIPS]
    errors = [np.square(packed.floats().reshape(groups.shape) - groups).sum(2, keepdims=True) for packed in tries]
    best = np.argmin(errors, 0)
    return Packed(*(np.choose(best, parts) for parts in zip(*tries, strict=True)))


def _in_range(groups: Floats, low: Floats, high: Floats) -> Packed:
    """The 16 numbers from `low` to `high`, of which one is zero."""
    scales = np.maximum((high - low) / 15, _SMALLEST).astype(np.float16)
    zeros = np.clip(np.rint(-low / scales.astype(np.float32)), 0, 15)
    values = np.clip(np.rint(groups / scales.astype(np.float32)) + zeros, 0, 15)
    return Packed(values.astype(np.uint8), zeros.astype(np.uint8), scales)


def int8(weights: Floats) -> Packed:
    """Weights [rows, inputs] in 8 bits with a sign, one scale a row."""
    groups = weights[:, None, :]
    scales = np.maximum(np.abs(groups).max(2, keepdims=True) / 127, _SMALLEST).astype(np.float16)
    values = np.clip(np.rint(groups / scales.astype(np.float32)), -127, 127)
    return Packed(values.astype(np.int8), np.zeros_like(scales, np.int8), scales)


def lay_out(folder: Path, probe: Probe | None = None) -> int:
    """Pack the matrices of the model in `folder` anew, build in its probe, and return how many matrices there were.

    With neither nothing is changed.
    """
    file = folder / "openvino_model.xml"
    count = _save_anew(file, folder / "new.xml", probe)
    if count or probe:  # by now nothing reads the old file any more, which could not be replaced then everywhere
        (folder / "new.bin").replace(file.with_suffix(".bin"))
        (folder / "new.xml").replace(file)
        (folder / PRECISION).write_text(json.dumps(HOW), encoding="utf-8")
    if probe:
        note(probe, folder)
    return count


def _save_anew(file: Path, target: Path, probe: Probe | None) -> int:
    import openvino

    model = openvino.Core().read_model(file)
    packed = [node for node in model.get_ordered_ops() if node.get_type_name() == "MatMul" and _chain(node)]
    large = sum(math.prod(_chain(node)[-1].get_output_shape(0)) for node in packed) >= LARGE
    for node in packed:
        _lay_out(node, large)
    if probe:
        build_in(probe, model)
    if packed or probe:
        openvino.save_model(model, target, compress_to_fp16=False)
    return len(packed)


def _chain(matmul: Any) -> list[Any]:
    """What stands before a matrix that is packed in groups, from its last step to the values; empty for others."""
    chain = [_input(matmul, 1)]
    for kind in ("Convert", "Reshape", "Multiply", "Subtract"):
        if chain[-1].get_type_name() != kind:
            return []
        chain.append(_input(chain[-1], 0))
    return chain


def _lay_out(matmul: Any, large: bool) -> None:
    """Replace the weights of one matrix."""
    _, _, multiply, subtract, values = _chain(matmul)
    old = Packed(_numbers(values), _numbers(_input(subtract, 1)), np.array(_input(multiply, 1).get_data()))
    four = values.input(0).get_element_type().get_type_name() == "u4"
    pack = int4 if large and four and old.values[0].size % GROUP == 0 else int8
    slices = [slice(start, start + _ROWS) for start in range(0, len(old.values), _ROWS)]
    parts = [pack(Packed(old.values[some], old.zeros[some], old.scales[some]).floats()) for some in slices]
    values, zeros, scales = (np.concatenate([part[place] for part in parts]) for place in range(3))
    new = Packed(values, zeros, scales)
    matmul.input(1).replace_source_output(graph(new).output(0))


def _input(node: Any, port: int) -> Any:
    return node.input(port).get_source_output().get_node()


def _numbers(convert: Any) -> Whole:
    """The whole numbers of a constant behind a Convert; two of 4 bits lie in a byte, the low half first."""
    constant = _input(convert, 0)
    data = np.array(constant.get_data()).reshape(-1).view(np.uint8)
    if constant.get_element_type().get_type_name() == "u4":
        data = np.stack([data & 15, data >> 4], -1)
    return data.reshape(list(constant.get_output_shape(0)))


def graph(packed: Packed) -> Any:
    """The form in which OpenVINO recognises packed weights and multiplies them as they are."""
    from openvino import opset13 as op

    values = op.convert(_constant(packed.values), "f16")
    if packed.zeros.any():
        values = op.subtract(values, op.convert(_constant(packed.zeros), "f16"))
    scaled = op.multiply(values, op.constant(packed.scales))
    shape = np.array([len(packed.values), -1], np.int64)
    return op.convert(op.reshape(scaled, shape, special_zero=False), "f32")


def _constant(numbers: Whole) -> Any:
    import openvino
    from openvino import opset13 as op

    if numbers.dtype == np.int8:
        return op.constant(numbers)
    flat = numbers.reshape(-1)
    tensor = openvino.Tensor(openvino.Type.u4, list(numbers.shape))
    tensor.data[:] = flat[0::2] | flat[1::2] << 4
    return openvino.op.Constant(tensor)
