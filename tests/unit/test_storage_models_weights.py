"""A chat model's weights, packed anew: nearly the same numbers, the same answers, and what the engine is told."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qa.chat import OpenVinoChat, TransformersChat
from storage.models.convert import convert
from storage.models.weights import GROUP, PRECISION, int4, int8, lay_out
from tests.tiny_gguf import tiny_gguf

RNG = np.random.default_rng(5)
WEIGHTS = RNG.normal(size=(64, 4 * GROUP)).astype(np.float32)


def error(packed: Any, weights: Any) -> float:
    """Relative, in the root mean square."""
    return float(np.linalg.norm(packed.floats() - weights) / np.linalg.norm(weights))


def test_four_bits_stay_near_the_weights() -> None:
    packed = int4(WEIGHTS)
    assert packed.values.max() <= 15
    assert error(packed, WEIGHTS) < 0.11


def test_an_outlier_does_not_spoil_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = WEIGHTS.copy()
    weights[:, 7] *= 2
    clipped = error(int4(weights), weights)
    monkeypatch.setattr("storage.models.weights._CLIPS", (1.0,))
    assert clipped < 0.97 * error(int4(weights), weights)


def test_eight_bits_stay_nearer_and_keep_zero_and_the_sign() -> None:
    weights = WEIGHTS.copy()
    weights[3] = 0
    packed = int8(weights)
    assert error(packed, weights) < 0.01
    assert not packed.floats()[3].any()
    assert (np.sign(packed.floats()) * np.sign(weights) >= 0).all()


@pytest.mark.parametrize(
    ("kind", "bits", "near"), [("qwen3", "Q8_0", 0.05), ("qwen3", "Q4_0", 0.3), ("llama", "Q8_0", 0.05)]
)
def test_a_gguf_becomes_a_folder_that_speaks_like_the_original(
    kind: str, bits: str, near: float, tmp_path: Path
) -> None:
    source = tiny_gguf(tmp_path, kind, bits)
    assert convert(source, tmp_path / "model", 10_000_000).startswith("openvino-genai ")
    assert json.loads((tmp_path / "model" / PRECISION).read_text(encoding="utf-8"))["INFERENCE_PRECISION_HINT"] == "f32"
    converted = OpenVinoChat(id="converted", folder=tmp_path / "model")
    original = TransformersChat(id="original", folder=tmp_path / "original")
    for question in ("The Rhine rises in the Alps.", "莱茵河发源于哪里？"):
        said, expected = (chat.invoke(question, max_tokens=1) for chat in (converted, original))
        assert said.usage_metadata == expected.usage_metadata  # the same tokens in
        assert said.response_metadata["logprobs"] == pytest.approx(expected.response_metadata["logprobs"], abs=near)
    converted.close()
    original.close()


def test_a_model_whose_weights_are_not_packed_is_left_as_it_is(tmp_path: Path) -> None:
    import openvino
    from openvino import opset13 as op

    given = op.parameter([-1, 8], np.float32)
    plain = openvino.Model([op.matmul(given, op.constant(WEIGHTS[:4, :8]), False, True)], [given], "plain")
    openvino.save_model(plain, tmp_path / "openvino_model.xml")
    before = (tmp_path / "openvino_model.bin").read_bytes()
    assert lay_out(tmp_path) == 0
    assert (tmp_path / "openvino_model.bin").read_bytes() == before
    assert not (tmp_path / PRECISION).exists()
