"""The embedder's weights file becomes a folder that two libraries load, and nothing around it is touched."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from storage.errors import ModelUnavailable
from storage.models import e5
from storage.models.convert import convert
from tests import tiny_e5

SIZE = 10_000_000


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tiny_e5.write(tmp_path / "tiny.bin")


def test_four_bits_unpack_to_scale_times_nibble_less_eight(source: Path) -> None:
    model = e5.read(source)
    word = model.tensors["embeddings.word_embeddings.weight"]
    assert word.shape == (tiny_e5.ROWS, tiny_e5.HIDDEN)
    raw = tiny_e5._tensors(np.random.default_rng(7))[0][3]
    scale = float(np.frombuffer(raw[:2], "<f2")[0])
    assert word[0, 0] == pytest.approx(scale * ((raw[2] & 15) - 8))
    assert word[0, 16] == pytest.approx(scale * ((raw[2] >> 4) - 8))
    assert word[0, 31] == pytest.approx(scale * ((raw[17] >> 4) - 8))
    assert [piece for piece, _ in model.pieces] == tiny_e5.PIECES


def test_damaged_weights_are_named_so(source: Path) -> None:
    whole = source.read_bytes()
    for damaged in (b"GGUF" + whole[4:], whole[:200], whole[: len(whole) // 2], b"E5S1\x02" + whole[5:]):
        source.write_bytes(damaged)
        with pytest.raises(e5.MalformedWeights):
            e5.read(source)


def test_the_folder_has_every_part(source: Path, tmp_path: Path) -> None:
    assert convert(source, tmp_path / "model", SIZE).startswith("openvino ")
    names = {path.name for path in (tmp_path / "model").iterdir()}
    assert {"model.safetensors", "tokenizer.json", "modules.json", "config.json", "openvino_encoder.xml"} <= names


def test_conversion_touches_nothing_but_its_own_folder(source: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep", encoding="utf-8")
    linked = tmp_path / "elsewhere" / "tiny.bin"
    linked.parent.mkdir()
    linked.symlink_to(source)  # what is beside a link's target is not ours either
    convert(linked, tmp_path / "elsewhere" / "model", SIZE)
    source.write_bytes(b"not weights at all")
    with pytest.raises(ModelUnavailable):
        convert(linked, tmp_path / "elsewhere" / "second", SIZE)
    assert (tmp_path / "mine" / "letter.txt").read_text(encoding="utf-8") == "keep"
    assert source.read_bytes() == b"not weights at all"
    assert {path.name for path in linked.parent.iterdir()} == {"tiny.bin", "tiny.bin.lock", "model"}


def test_a_folder_that_is_there_is_never_overwritten(source: Path, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "letter.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(FileExistsError):
        convert(source, tmp_path / "model", SIZE)
    assert (tmp_path / "model" / "letter.txt").exists()


def test_a_failed_conversion_says_why_in_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "tiny.bin"
    source.write_bytes(b"not weights at all")
    with pytest.raises(ModelUnavailable, match=r"tiny\.bin could not be converted: .*E5S1") as raised:
        convert(source, tmp_path / "model", SIZE)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "model").exists()


def test_a_conversion_is_ended_by_its_report_and_leaves_nothing(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    children: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def sleeping(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        code = "import pathlib, sys, time; pathlib.Path(sys.argv[1], 'half').write_bytes(bytes(1000)); time.sleep(60)"
        children.append(popen([sys.executable, "-c", code, command[-1]], **options))
        return children[0]

    def report(written: int) -> None:
        if written >= 1000:
            raise InterruptedError

    monkeypatch.setattr(subprocess, "Popen", sleeping)
    with pytest.raises(InterruptedError):
        convert(source, tmp_path / "model", SIZE, report)
    assert children[0].returncode, "killed, not left at work"
    assert not (tmp_path / "model").exists() and source.exists()


def test_a_full_disk_is_recognised(tmp_path: Path) -> None:
    source = tmp_path / "tiny.bin"
    source.write_bytes(b"not weights at all")
    with pytest.raises(OSError, match="No space left"):
        convert(source, tmp_path / "model", 1 << 60)  # no disk has that much
    assert not (tmp_path / "model").exists()


def test_running_openvino_reports_to_nobody(tmp_path: Path) -> None:
    """A package of that name that would tell when it is imported, as openvino does wherever it finds one."""
    told = tmp_path / "told"
    spy = tmp_path / "openvino_telemetry" / "__init__.py"
    spy.parent.mkdir()
    spy.write_text(f"open({str(told)!r}, 'w').close(); raise ImportError", encoding="utf-8")

    def run(code: str) -> None:
        path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
        subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": path}, check=True)

    run("import storage.models, openvino, openvino_genai")
    assert not told.exists()
    run("import openvino")
    assert told.exists()  # else this test would watch nothing
