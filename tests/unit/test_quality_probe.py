"""The training of the default chat model's yes or no, in miniature: read, fitted, and read again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from qa.evidence.training.questions import Question
from storage.models.convert import convert
from storage.models.probe import Probe, load
from tests.quality import probe
from tests.quality.layers import Layers, odds
from tests.quality.probe import Asked
from tests.tiny_gguf import tiny_gguf

PASSAGES = {
    "Rivers": "The Rhine rises in the Alps and flows to the North Sea.",
    "Towers": "The lighthouse of Marnay was built by Ines Calder in 1871.",
    "Rules": "Staff get 25 days of leave a year.",
    "Kept": "The harbour closes at six.",
}
ASKED = ("Where does it begin?", "Who made it?", "How many?", "When is it shut?", "What colour has it?", "Why?")


def groups() -> Iterator[tuple[Question, list[Asked]]]:
    """Of every passage the same questions; each answers some of them."""
    for number, (title, passage) in enumerate(PASSAGES.items()):
        rows = [Asked(text, (at + number) % 3 == 0, "own") for at, text in enumerate(ASKED)]
        yield Question(ASKED[0], passage, title, answerable=True), rows


def test_a_tiny_model_learns_what_its_passages_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "model"
    convert(tiny_gguf(tmp_path, "qwen2", "Q8_0", layers=3), model, 10_000_000)
    small = {"FIRST": 1, "LAST": 2, "PROBED": (1, 2), "YES": "a", "NO": "b", "ASKS": "<|endoftext|>", "EPOCHS": 40}
    changed = small | {"FOLDER": tmp_path, "_model": lambda: model, "groups": groups}
    changed |= {"held_out": lambda title: title == "Kept", "RATE": 1e-2, "RATE_OF_WEIGHTS": 1e-2}
    for name, value in changed.items():
        monkeypatch.setattr(probe, name, value)
    read = tmp_path / "read"
    read.mkdir()
    probe.read(read, 60)
    kept = {file: file.stat().st_mtime_ns for file in read.iterdir()}
    probe.read(read, 60)
    assert len(kept) == len(PASSAGES) and {file: file.stat().st_mtime_ns for file in read.iterdir()} == kept
    probe.fit(read)
    assert "over 6 questions: en own" in capsys.readouterr().out.splitlines()[-1]

    (file,) = tmp_path.glob("*.safetensors")
    yes, answers = told(load(file), model, read)
    assert yes[answers].min() > 0 > yes[~answers].max()


def told(trained: Probe, model: Path, read: Path) -> tuple[Any, Any]:
    """The log-odds that a probe gives the questions it has learnt from, and whether they are answered."""
    layers = Layers(model, 1, 2, ("q", "o"), 8)
    layers.take(trained.adapters)
    passages = [probe.Passage(file, layers) for file in sorted(read.iterdir())]
    learnt = [each for each in passages if not each.rows[0]["held"]]
    with torch.no_grad():
        states = layers([each.past for each in learnt], trained.layers).numpy()
    return odds(trained, states), torch.cat([each.answers for each in learnt]).numpy() > 0
