"""The BERT encoder as an OpenVINO graph, built from its weights: token ids in, unit vectors out.

Built by hand because `openvino.convert_model` needs torch and reports its use. The architecture is that of "BERT"
(Devlin et al., 2019): post-norm transformer, exact GELU; then the mean over the tokens, brought to length one.
"""

from pathlib import Path
from typing import Any

import numpy as np

from storage.models.e5 import Shape, Tensors

NAME = "openvino_encoder.xml"


def save(shape: Shape, tensors: Tensors, folder: Path) -> None:
    """Write the encoder into `folder`, weights in half precision."""
    import openvino

    openvino.save_model(build(shape, tensors), folder / NAME, compress_to_fp16=True)


def build(shape: Shape, tensors: Tensors) -> Any:
    """The graph: `input_ids` and `attention_mask`, both i64 [texts, tokens]; `embedding` f32 [texts, hidden]."""
    import openvino
    from openvino import opset13 as op

    ids = op.parameter([-1, -1], np.int64, name="input_ids")
    mask = op.parameter([-1, -1], np.int64, name="attention_mask")
    encoder = _Encoder(shape, tensors)
    states = encoder.embed(ids)
    visible = op.convert(op.unsqueeze(mask, [1, 2]), "boolean")  # [texts, 1, 1, tokens]
    for layer in range(shape.layers):
        states = encoder.layer(f"encoder.layer.{layer}", states, visible)
    counted = op.convert(op.unsqueeze(mask, [2]), "f32")
    mean = op.divide(
        op.reduce_sum(op.multiply(states, counted), np.int64(1)), op.reduce_sum(counted, np.int64(1)), name="mean"
    )
    embedding = op.normalize_l2(mean, np.array([1], np.int64), 1e-12, "max", name="embedding")
    embedding.output(0).get_tensor().set_names({"embedding"})
    return openvino.Model([embedding], [ids, mask], "encoder")


class _Encoder:
    """Layers over named weights; `op` calls read as the formulas of the paper."""

    def __init__(self, shape: Shape, tensors: Tensors) -> None:
        from openvino import opset13

        self._op, self._shape, self._tensors = opset13, shape, tensors

    def embed(self, ids: Any) -> Any:
        """Word, position and (all zero) token-type embeddings, normalised."""
        op = self._op
        positions = self._tensors["embeddings.position_embeddings.weight"]
        types = self._tensors["embeddings.token_type_embeddings.weight"][0]
        length = op.gather(op.shape_of(ids), np.int64(1), np.int64(0))
        words = op.gather(op.constant(self._tensors["embeddings.word_embeddings.weight"]), ids, np.int64(0))
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
