"""A tiny embedder in the layout of the real one: true architecture, random weights, written by the tests."""

import struct
from pathlib import Path

import numpy as np

HIDDEN, LAYERS, HEADS, WIDE, POSITIONS = 64, 2, 4, 128, 512
PIECES = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "▁",
    *"abcdefghijklmnopqrstuvwxyz:",
    "▁rock",
    "▁layer",
    "天",
    "气",
    "很",
    "好",
    "<mask>",
]
ROWS = len(PIECES) + 7  # the real one has more rows than pieces, too
LINEAR = {"q": (HIDDEN, HIDDEN), "k": (HIDDEN, HIDDEN), "v": (HIDDEN, HIDDEN), "ao": (HIDDEN, HIDDEN)}
LINEAR |= {"fi": (WIDE, HIDDEN), "fo": (HIDDEN, WIDE)}


def write(path: Path, layers: int = LAYERS) -> Path:
    """Write the weights file."""
    random = np.random.default_rng(7)
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, layers, HEADS, WIDE, ROWS, POSITIONS, 2, 1e-12, 32)
    vocabulary = _vocabulary() + struct.pack("<iI", 1, 9) + struct.pack("<IBI", 0xFF21, 1, 0x41)
    tensors = _tensors(random, layers)
    table_bytes = 4 + sum(2 + len(name) + 21 for name, _, _, _ in tensors)
    offset = len(head) + len(vocabulary) + table_bytes
    table = struct.pack("<i", len(tensors))
    for name, kind, count, raw in tensors:
        table += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, count, offset, len(raw))
        offset += len(raw)
    path.write_bytes(head + vocabulary + table + b"".join(raw for *_, raw in tensors))
    return path


def _vocabulary() -> bytes:
    blob = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *map(len, blob)]).astype("<u4")
    scores = -np.arange(len(PIECES), dtype="<f4") / 4
    sizes = struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, int(offsets[-1]))
    return sizes + offsets.tobytes() + scores.tobytes() + b"".join(blob)


def _tensors(random: np.random.Generator, layers: int = LAYERS) -> list[tuple[str, int, int, bytes]]:
    tensors = [_blocks(random, "emb.word", ROWS * HIDDEN), _blocks(random, "emb.pos", POSITIONS * HIDDEN)]
    tensors += [_blocks(random, "emb.type", 2 * HIDDEN), *_norm(random, "emb.ln")]
    for layer in range(layers):
        for name, (rows, columns) in LINEAR.items():
            tensors += [
                _blocks(random, f"l{layer}.{name}.w", rows * columns),
                _floats(random, f"l{layer}.{name}.b", rows),
            ]
        tensors += [*_norm(random, f"l{layer}.aln"), *_norm(random, f"l{layer}.oln")]
    return tensors


def _norm(random: np.random.Generator, name: str) -> list[tuple[str, int, int, bytes]]:
    return [_floats(random, f"{name}.w", HIDDEN, 1.0), _floats(random, f"{name}.b", HIDDEN)]


def _floats(random: np.random.Generator, name: str, count: int, around: float = 0.0) -> tuple[str, int, int, bytes]:
    return name, 0, count, (around + random.normal(0, 0.1, count)).astype("<f4").tobytes()


def _blocks(random: np.random.Generator, name: str, count: int) -> tuple[str, int, int, bytes]:
    blocks = np.zeros(count // 32, [("scale", "<f2"), ("nibbles", "u1", 16)])
    blocks["scale"] = random.uniform(0.01, 0.05, len(blocks))
    blocks["nibbles"] = random.integers(0, 256, (len(blocks), 16))
    return name, 1, count, blocks.tobytes()
