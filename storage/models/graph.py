"""The BERT encoder as an OpenVINO graph, built from its weights: as an embedder, or for what reads its states.

Built by hand because `openvino.convert_model` needs torch and reports its use. The architecture is that of "BERT"
(Devlin et al., 2019): post-norm transformer, exact GELU.
"""

from pathlib import Path
from typing import Any

import numpy as np

from storage.models.e5 import Shape, Tensors

NAME = "openvino_encoder.xml"
WORDS = "embeddings.word_embeddings.weight"

_PROCESSOR = Path("/proc/cpuinfo")
_VNNI, _AMX = {"avx512_vnni", "avx_vnni"}, {"amx_int8", "amx_bf16"}


def save(shape: Shape, tensors: Tensors, folder: Path) -> None:
    """Write the encoder into `folder`, weights in half precision."""
    import openvino

    openvino.save_model(build(shape, tensors), folder / NAME, compress_to_fp16=True)


def build(shape: Shape, tensors: Tensors) -> Any:
    """The embedder: the mean of the states over the tokens, brought to length one.

    Takes `input_ids` and `attention_mask`, both i64 [texts, tokens]; gives `embedding` f32 [texts, hidden].
    """
    import openvino
    from openvino import opset13 as op

    ids = op.parameter([-1, -1], np.int64, name="input_ids")
    mask = op.parameter([-1, -1], np.int64, name="attention_mask")
    words = op.gather(op.constant(tensors[WORDS]), ids, np.int64(0))
    states = _Encoder(shape, tensors).states(words, mask)
    counted = op.convert(op.unsqueeze(mask, [2]), "f32")
    mean = op.divide(
        op.reduce_sum(op.multiply(states, counted), np.int64(1)), op.reduce_sum(counted, np.int64(1)), name="mean"
    )
    embedding = op.normalize_l2(mean, np.array([1], np.int64), 1e-12, "max", name="embedding")
    embedding.output(0).get_tensor().set_names({"embedding"})
    return openvino.Model([embedding], [ids, mask], "encoder")


def build_states(shape: Shape, tensors: Tensors) -> Any:
    """The encoder alone, for a model that reads the state of every token.

    Takes `words` f32 [texts, tokens, hidden], the rows of the table WORDS, which need not be in memory for it, and
    `attention_mask` i64 [texts, tokens]; gives `states` f32 [texts, tokens, hidden].
    """
    import openvino
    from openvino import opset13 as op

    words = op.parameter([-1, -1, shape.hidden], np.float32, name="words")
    mask = op.parameter([-1, -1], np.int64, name="attention_mask")
    states = _Encoder(shape, tensors).states(words, mask)
    states.output(0).get_tensor().set_names({"states"})
    return openvino.Model([states], [words, mask], "states")


def compiled(encoder: Any) -> Any:
    """An encoder, or the file of one, ready for the processor: in bfloat16 where it computes in that."""
    return _compiled(encoder, {"PERFORMANCE_HINT": "LATENCY"})


def compiled_for_many(file: Path) -> Any:
    """The encoder in a file, ready for many texts: several batches at once, each on some of the cores, are quicker than
    one after the other on all. In 8 bits, on processors that multiply these fastest."""
    import openvino

    model = openvino.Core().read_model(file)
    if in_eight_bits():
        _quantise(model)
    return _compiled(model, {"PERFORMANCE_HINT": "THROUGHPUT", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "128"})


def _compiled(encoder: Any, hints: dict[str, str]) -> Any:
    import openvino

    core = openvino.Core()
    if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):  # twice the speed, the same vectors
        hints = hints | {"INFERENCE_PRECISION_HINT": "bf16"}
    return core.compile_model(encoder, "CPU", hints)


def in_eight_bits() -> bool:
    """Whether this processor multiplies 8 bits faster than 16. With AMX it was measured in 16 bits only."""
    try:
        flags = next(line for line in _PROCESSOR.read_text().splitlines() if line.startswith("flags")).split()
    except (OSError, StopIteration):  # another system, or another kind of processor
        return False
    return not _AMX.intersection(flags) and bool(_VNNI.intersection(flags))


def _quantise(model: Any) -> None:
    """The weights of linear layers in 8 bits, with a scale for each row; OpenVINO does the same with what they meet."""
    from openvino import opset13 as op

    for node in model.get_ops():
        weight = node.input_value(1).get_node() if node.get_type_name() == "MatMul" else None
        if weight is not None and weight.get_type_name() == "Convert":  # from half precision
            rows = weight.input_value(0).get_node().data.astype(np.float32)
            scale = np.maximum(np.abs(rows).max(axis=1, keepdims=True) / 127, 1e-12)
            whole = op.constant(np.round(rows / scale).astype(np.int8))
            node.input(1).replace_source_output(op.multiply(op.convert(whole, "f32"), op.constant(scale)).output(0))


class _Encoder:
    """Layers over named weights; `op` calls read as the formulas of the paper."""

    def __init__(self, shape: Shape, tensors: Tensors) -> None:
        from openvino import opset13

        self._op, self._shape, self._tensors = opset13, shape, tensors

    def states(self, words: Any, mask: Any) -> Any:
        """The state of each token after all layers; those that `mask` does not count are seen by none."""
        op = self._op
        states = self.embed(words)
        visible = op.convert(op.unsqueeze(mask, [1, 2]), "boolean")  # [texts, 1, 1, tokens]
        for layer in range(self._shape.layers):
            states = self.layer(f"encoder.layer.{layer}", states, visible)
        return states

    def embed(self, words: Any) -> Any:
        """Word, position and (all zero) token-type embeddings, normalised."""
        op = self._op
        positions = self._tensors["embeddings.position_embeddings.weight"]
        types = self._tensors["embeddings.token_type_embeddings.weight"][0]
        length = op.gather(op.shape_of(words), np.int64(1), np.int64(0))
        places = op.gather(
            op.constant(positions + types), op.range(np.int64(0), length, np.int64(1), "i64"), np.int64(0)
        )
        return self._norm("embeddings.LayerNorm", op.add(words, places))

    def layer(self, name: str, states: Any, visible: Any) -> Any:
        """Self-attention, then the feed-forward part, each with its residual and norm."""
        op = self._op
        heads = [self._heads(f"{name}.attention.self.{part}", states) for part in ("query", "key", "value")]
        context = op.transpose(op.scaled_dot_product_attention(*heads, visible), [0, 2, 1, 3])
        context = op.reshape(context, [0, 0, self._shape.hidden], special_zero=True)
        attended = self._linear(f"{name}.attention.output.dense", context)
        states = self._norm(f"{name}.attention.output.LayerNorm", op.add(states, attended))
        wide = op.gelu(self._linear(f"{name}.intermediate.dense", states), "erf")
        return self._norm(f"{name}.output.LayerNorm", op.add(states, self._linear(f"{name}.output.dense", wide)))

    def _heads(self, name: str, states: Any) -> Any:
        size = self._shape.hidden // self._shape.heads
        split = self._op.reshape(self._linear(name, states), [0, 0, self._shape.heads, size], special_zero=True)
        return self._op.transpose(split, [0, 2, 1, 3])

    def _linear(self, name: str, states: Any) -> Any:
        weight = self._op.constant(self._tensors[f"{name}.weight"])
        return self._op.add(self._op.matmul(states, weight, False, True), self._tensors[f"{name}.bias"])

    def _norm(self, name: str, states: Any) -> Any:
        op = self._op
        level = op.mvn(states, np.array([2], np.int64), True, self._shape.epsilon, "inside_sqrt")
        return op.add(op.multiply(level, self._tensors[f"{name}.weight"]), self._tensors[f"{name}.bias"])
