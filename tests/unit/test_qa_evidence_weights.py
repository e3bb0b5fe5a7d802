"""The trained weights: merged as peft merges them, and refused in plain words where they do not load."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from qa.evidence.training.export import export, load
from qa.evidence.training.network import SCALE, Network
from qa.evidence.training.train import Recipe
from qa.evidence.training.work import Plan
from qa.evidence.weights import adapted, head
from qa.evidence.weights import load as load_weights
from storage.errors import ModelUnavailable
from storage.models import bert, e5
from tests import tiny_e5

PLAN = Plan("tiny", "00ff", 12, Recipe())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("tiny-e5")
    bert.write(e5.read(tiny_e5.write(target / "tiny.bin", layers=6)), target)
    return target


@pytest.fixture
def network(folder: Path) -> Network:
    """A network whose adapters and head are not what they begin as."""
    network = Network(folder)
    with torch.no_grad():
        for tensor in network.learnt().values():
            tensor.normal_(std=0.05, generator=torch.Generator().manual_seed(1))
    return network


@pytest.fixture
def file(network: Network, tmp_path: Path) -> Path:
    export(network, PLAN, tmp_path / "new" / "evidence.safetensors")
    return tmp_path / "new" / "evidence.safetensors"


def test_the_adapters_merge_as_peft_merges_them(folder: Path, network: Network, file: Path) -> None:
    load(network, file)  # what half precision left of it
    theirs = network.encoder.merge_and_unload().state_dict()
    ours = adapted({name: t.astype(np.float32) for name, t in load_file(folder / "model.safetensors").items()},
                   load_weights(file))  # fmt: skip
    changed = 0
    for name, tensor in ours.items():
        assert np.abs(tensor - theirs[name].numpy()).max() < 1e-6, name
        changed += bool(np.abs(tensor - load_file(folder / "model.safetensors")[name].astype(np.float32)).max() > 1e-3)
    assert changed == 2 * 6  # two layers of six matrices


def test_the_file_says_what_it_was_made_of(network: Network, file: Path) -> None:
    weights = load_weights(file)
    assert (weights.base, weights.sha256, weights.scale) == ("tiny", "00ff", SCALE)
    assert {tuple(t.shape) for n, t in weights.tensors.items() if n.startswith("encoder.layer.5.output.dense")} == {
        (32, tiny_e5.WIDE), (tiny_e5.HIDDEN, 32)
    }  # fmt: skip
    matrix, bias = head(weights)
    np.testing.assert_allclose(matrix, network.head.weight.detach().numpy(), atol=1e-4)
    np.testing.assert_allclose(bias, network.head.bias.detach().numpy(), atol=1e-4)


def test_an_encoder_of_another_shape_is_not_adapted(file: Path) -> None:
    with pytest.raises((KeyError, ValueError)):
        adapted({"encoder.layer.4.attention.self.query.weight": np.zeros((3, 3), np.float32)}, load_weights(file))


@pytest.mark.parametrize("content", [None, b"", b"no tensors at all"])
def test_weights_that_do_not_load_say_so(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "evidence.safetensors").write_bytes(content)
    with pytest.raises(ModelUnavailable, match="Install Footnote again"):
        load_weights(tmp_path / "evidence.safetensors")


def test_any_other_safetensors_file_is_no_evidence_model(tmp_path: Path) -> None:
    save_file({"weight": np.zeros(3, np.float32)}, tmp_path / "other.safetensors")
    with pytest.raises(ModelUnavailable, match="other"):
        load_weights(tmp_path / "other.safetensors")
