"""A model's folder that lost a file is told with the name of the file."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from storage.models.catalogue import Role
from storage.models.damage import damage, listed, outdated
from storage.models.probe import FOLDER, PROBE, Tokens, load, note, noted

OPENVINO = [f"openvino_{part}.{end}" for part in ("model", "tokenizer", "detokenizer") for end in ("xml", "bin")]
TRANSFORMERS = ["config.json", "model.safetensors", "tokenizer.json"]
ENCODER = ["config.json", "tokenizer.json", "openvino_encoder.xml", "openvino_encoder.bin"]


def folder_of(folder: Path, names: list[str]) -> Path:
    for name in names:
        (folder / name).write_bytes(b"{}")
    return folder


@pytest.mark.parametrize(
    ("names", "role"),
    [(OPENVINO, "chat"), (TRANSFORMERS, "chat"), (ENCODER, "embedder"), ([*TRANSFORMERS, "modules.json"], "embedder")],
)
def test_a_whole_folder_is_not_damaged_and_each_file_counts(tmp_path: Path, names: list[str], role: Role) -> None:
    assert damage(folder_of(tmp_path, names), role) == ()
    for name in names:
        (tmp_path / name).unlink()
        assert damage(tmp_path, role), f"nobody missed {name}"
        (tmp_path / name).write_bytes(b"{}")


def test_every_part_of_weights_in_many_files_is_needed(tmp_path: Path) -> None:
    folder_of(tmp_path, [*TRANSFORMERS, "b.safetensors"])
    index = {"weight_map": {"first": "a.safetensors", "second": "b.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    assert damage(tmp_path, "chat") == ("a.safetensors",)


def test_a_file_that_was_cut_off_after_the_pull_is_told(tmp_path: Path) -> None:
    folder_of(tmp_path, OPENVINO)
    (tmp_path / "extra").mkdir()
    (tmp_path / "extra" / "template.jinja").write_bytes(b"12345")
    (tmp_path / "manifest.json").write_text(json.dumps({"files": listed(tmp_path)}), encoding="utf-8")
    assert damage(tmp_path, "chat") == ()
    (tmp_path / "openvino_model.bin").write_bytes(b"")
    (tmp_path / "extra" / "template.jinja").unlink()
    assert damage(tmp_path, "chat") == ("extra/template.jinja", "openvino_model.bin")


def test_a_chat_model_from_before_its_probe_was_trained_is_outdated(tmp_path: Path) -> None:
    (trained,) = FOLDER.glob("*.safetensors")
    folder_of(tmp_path, OPENVINO)
    manifest = {"file": f"{trained.stem}.gguf", "files": listed(tmp_path)}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert damage(tmp_path, "chat") == () and outdated(tmp_path)
    probe = load(trained)
    (tmp_path / PROBE).write_text('{"asks": 9, "stands_for": 2}', encoding="utf-8")  # as the first ones were noted
    assert outdated(tmp_path) and noted(tmp_path) == Tokens(9, 2)
    note(replace(probe, id="an earlier one"), tmp_path)
    assert outdated(tmp_path)
    note(probe, tmp_path)
    assert not outdated(tmp_path)


def test_a_model_that_no_probe_is_for_is_not_outdated(tmp_path: Path) -> None:
    folder_of(tmp_path, OPENVINO)
    (tmp_path / "manifest.json").write_text('{"file": "other.gguf"}', encoding="utf-8")
    assert not outdated(tmp_path)
