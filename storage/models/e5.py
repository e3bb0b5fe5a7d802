"""Read the embedder's weights file: BERT weights in 4-bit blocks and an XLM-R vocabulary, all little-endian.

    "E5S1", u32 version, i32 x 7 shape, f32 layer-norm epsilon, i32 block
    i32 pieces, bos, eos, pad, unk; u64 bytes; u32 offsets[pieces + 1]; f32 scores[pieces]; UTF-8 pieces
    i32 entries, u32 bytes and a normalisation map (not used: `tokenizers` normalises by itself)
    i32 tensors; each u16 length, name, u8 type, u32 count, u64 offset, u64 bytes

The package that carries the file also carries an engine for it. Only the bytes are read here; nothing of it is run.
"""

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[np.float32]]

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])  # 32 weights: low nibbles first, then high nibbles
_EMBEDDINGS = {"emb.word": "word_embeddings", "emb.pos": "position_embeddings", "emb.type": "token_type_embeddings"}
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_KIND = {"w": "weight", "b": "bias"}


class MalformedWeights(ValueError):
    """The bytes are not what the format says."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a BERT encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class E5File:
    """Shape, vocabulary (pieces with their log-probability; bos, eos, pad, unk ids) and tensors under BERT's names."""

    shape: Shape
    pieces: tuple[tuple[str, float], ...]
    special: tuple[int, int, int, int]
    tensors: Tensors


def read(path: Path) -> E5File:
    """Read and unpack the whole file. Raises MalformedWeights."""
    data = path.read_bytes()
    try:
        if data[:4] != b"E5S1":
            raise MalformedWeights("it does not begin with E5S1")
        (version,), (block,), at = struct.unpack_from("<I", data, 4), struct.unpack_from("<i", data, 40), 44
        if version != 1 or block != 32:
            raise MalformedWeights(f"version {version} with blocks of {block} is not known")
        shape = Shape(*struct.unpack_from("<7if", data, 8))
        special, pieces, at = _vocabulary(data, at)
        map_bytes = struct.unpack_from("<iI", data, at)[1]
        return E5File(shape, pieces, special, _tensors(data, at + 8 + map_bytes, shape))
    except MalformedWeights:
        raise
    except (struct.error, ValueError, KeyError, IndexError) as error:
        raise MalformedWeights(f"it is cut off or damaged: {error}") from error


def _vocabulary(data: bytes, at: int) -> tuple[tuple[int, int, int, int], tuple[tuple[str, float], ...], int]:
    count, bos, eos, pad, unk, size = struct.unpack_from("<5iQ", data, at)
    at += 28
    offsets = np.frombuffer(data, "<u4", count + 1, at).tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at).tolist()
    at += 4 * count
    texts = (data[at + start : at + end].decode() for start, end in pairwise(offsets))
    return (bos, eos, pad, unk), tuple(zip(texts, scores, strict=True)), at + size


def _tensors(data: bytes, at: int, shape: Shape) -> Tensors:
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors: Tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        kind, values, offset, size = struct.unpack_from("<BIQQ", data, at)
        at += 21
        name = _bert_name(name)
        tensors[name] = _unpack(data[offset : offset + size], kind, values).reshape(_dimensions(name, shape, values))
    return tensors


def _bert_name(name: str) -> str:
    if name in _EMBEDDINGS:
        return f"embeddings.{_EMBEDDINGS[name]}.weight"
    first, part, kind = name.split(".")
    if first == "emb":
        return f"embeddings.LayerNorm.{_KIND[kind]}"
    return f"encoder.layer.{int(first[1:])}.{_LAYER[part]}.{_KIND[kind]}"


def _dimensions(name: str, shape: Shape, values: int) -> tuple[int, ...]:
    if name.endswith("bias") or "LayerNorm" in name:
        return (values,)
    columns = shape.feed_forward if name.endswith(".output.dense.weight") and "attention" not in name else shape.hidden
    return (values // columns, columns)


def _unpack(raw: bytes, kind: int, values: int) -> NDArray[Any]:
    if kind == 0:
        return np.frombuffer(raw, "<f4", values)
    if kind != 1:
        raise MalformedWeights(f"tensor type {kind} is not known")
    blocks = np.frombuffer(raw, _BLOCK, values // 32)
    nibbles = blocks["nibbles"]
    weights = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.int8) - 8
    return weights.astype(np.float32) * blocks["scale"][:, None].astype(np.float32)
