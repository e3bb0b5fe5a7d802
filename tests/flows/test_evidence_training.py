"""The training of the evidence model in miniature: the whole command, killed, resumed, gone on from, and measured."""

import gzip
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load_file

from qa.evidence.pairs import Pairs
from qa.evidence.training.export import first_round, load
from qa.evidence.training.network import Network
from qa.evidence.training.questions import development, drawn, learnt, left
from qa.evidence.training.train import Recipe
from qa.evidence.training.work import Plan, Work
from qa.evidence.weights import adapted, head
from qa.evidence.weights import load as load_weights
from storage.errors import BadSettings
from storage.models import bert, e5, graph
from tests import tiny_e5

ROOT = Path(__file__).resolve().parents[2]
COLOURS = "red blue green grey black white brown pink".split()
QUESTIONS, STEPS = 840, 105


class Place(NamedTuple):
    """What a training needs: the question sets, and an embedder."""

    data: Path
    model: Path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("training")
    data, model = folder / "data", folder / "multilingual-e5-small"
    data.mkdir()
    model.mkdir()
    embedder = e5.read(tiny_e5.write(folder / "tiny.bin", layers=6))
    bert.write(embedder, model)
    graph.save(embedder.shape, embedder.tensors, model)
    (model / "manifest.json").write_text('{"id": "multilingual-e5-small", "role": "embedder", "sha256": "00ff"}')
    for name, rows in question_sets(Random(5)).items():
        with gzip.open(data / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return Place(data, model)


def question_sets(draw: Random) -> dict[str, list[dict[str, Any]]]:
    """Rows in the form of the real sets, by the name of the file."""
    chinese = {"cmrc2018_train": 150, "cmrc2018_trial": 20, "drcd_dev": 60, "cmrc2018_dev_half": 12}
    english = {"nq_open_oracle_half": 100, "squad_dev_half": 400, "selqa_sentence_selection": 60}
    sets = {
        name: [row(draw, "天气很好。{}是{}。气好。", "{}天") for _ in range(count)] for name, count in chinese.items()
    }
    sets |= {
        name: [row(draw, "the rock. {} is {} there. the layer.", "colour of {}") for _ in range(count)]
        for name, count in english.items()
    }
    sets["qamr_sentences"] = [row(draw, "{} is {} layer", "what colour was the rock of {}") for _ in range(400)]
    for every in sets["squad_dev_half"][::3]:
        every |= {"answerable": False, "answers": [], "answer_starts": [], "question": "who saw it"}
    for every in sets["squad_dev_half"][1::3]:
        every["question"] = f"first {every['question']}"
    return sets


def row(draw: Random, passage: str, question: str) -> dict[str, Any]:
    """A question on a thing of three letters, which has a colour."""
    thing, colour = "".join(draw.choices("abcdefghij", k=3)), draw.choice(COLOURS)
    context = passage.format(thing, colour)
    return {
        "question": question.format(thing), "context": context, "title": f"title {thing[0]}", "answerable": True,
        "answers": [colour], "answer_starts": [context.index(colour)],
    }  # fmt: skip


def command(place: Place, work: Path, *more: str) -> list[str]:
    """The command that trains, into `work`."""
    return [
        sys.executable, "-m", "qa.evidence.training", "--data", str(place.data), "--model", str(place.model),
        "--work", str(work), "--out", str(work / "evidence.safetensors"), "--questions", str(QUESTIONS), *more,
    ]  # fmt: skip


def environment() -> dict[str, str]:
    return os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT)}


def run(line: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(line, env=environment(), capture_output=True, encoding="utf-8", cwd=ROOT, check=False)


@pytest.fixture(scope="module")
def whole(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The folder of a training that nothing disturbed, and what it said."""
    work = tmp_path_factory.mktemp("whole")
    done = run(command(place, work))
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    yield work, done.stderr


def test_the_loss_falls(whole: tuple[Path, str]) -> None:
    said = re.findall(r"Step (\d+) of (\d+), loss ([\d.]+), \d:\d\d:\d\d left", whole[1])
    assert [(int(done), int(steps)) for done, steps, _ in said] == [(50, STEPS), (100, STEPS), (105, STEPS)]
    assert float(said[1][2]) < 0.9 * float(said[0][2])


def test_a_killed_training_goes_on_and_ends_the_same(place: Place, whole: tuple[Path, str], tmp_path: Path) -> None:
    with subprocess.Popen(command(place, tmp_path), env=environment(), stderr=subprocess.DEVNULL, cwd=ROOT) as first:
        while not (tmp_path / "checkpoint.pt").exists():
            assert first.poll() is None
            time.sleep(0.01)
        first.kill()
    assert not (tmp_path / "evidence.safetensors").exists()
    resumed = run(command(place, tmp_path))
    assert resumed.returncode == 0, resumed.stderr
    assert "Step 50" not in resumed.stderr
    assert "Looking for" not in resumed.stderr  # the groups were kept too
    ours, theirs = (load_file(folder / "evidence.safetensors") for folder in (tmp_path, whole[0]))
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        np.testing.assert_array_equal(tensor, theirs[name], name)


def test_what_is_shipped_says_what_was_trained(place: Place, whole: tuple[Path, str]) -> None:
    from transformers import BertModel

    file = whole[0] / "evidence.safetensors"
    network = Network(place.model)
    load(network, file)
    pairs = Pairs(place.model).pairs("colour of abc", [("title a", "the rock. abc is blue there."), ("", "天气很好")])
    with torch.inference_mode():
        told = network(pairs)
    tensors = {name: t.astype(np.float32) for name, t in load_file(place.model / "model.safetensors").items()}
    weights = load_weights(file)
    merged = BertModel.from_pretrained(place.model, local_files_only=True).eval()
    plain, matrix = states(merged, pairs[0].ids), head(weights)[0]
    merged.load_state_dict({name: torch.from_numpy(t) for name, t in adapted(tensors, weights).items()}, strict=False)
    ours = states(merged, pairs[0].ids) @ matrix.T + head(weights)[1]
    theirs = np.array([told.relevance[0], told.answers[0]])
    np.testing.assert_allclose(ours[0, :2], theirs, atol=0.1)  # the network computes in bfloat16
    inside = np.array(pairs[0].inside, bool)
    np.testing.assert_allclose(ours[inside, 2], told.start[0, : len(inside)].numpy()[inside], atol=0.1)
    assert np.abs(plain @ matrix.T + head(weights)[1] - ours).max() > 0.3  # the adapters do change what is told


def states(encoder: Any, ids: tuple[int, ...]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """What the encoder makes of each token."""
    with torch.inference_mode():
        found: np.ndarray[tuple[int, int], np.dtype[np.float32]] = encoder(torch.tensor([ids])).last_hidden_state[0]
    return np.asarray(found)


@pytest.fixture(scope="module")
def second(place: Place, whole: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a second round that went on from the first, and what it said."""
    work = tmp_path_factory.mktemp("second")
    done = run(command(place, work, "--start", str(whole[0] / "evidence.safetensors"), "--questions", "60"))
    assert done.returncode == 0, done.stderr
    return work, done.stderr


def test_a_second_round_goes_on_from_the_first(whole: tuple[Path, str], second: tuple[Path, str]) -> None:
    first, after = (re.findall(r"loss ([\d.]+)", said) for _, said in (whole, second))
    assert float(after[0]) < float(first[0])
    assert "Looking for" not in second[1]
    files = [folder / "evidence.safetensors" for folder, _ in (whole, second)]
    with safe_open(files[1], "np") as opened:
        assert opened.metadata()["start_sha256"] == sha256(files[0].read_bytes()).hexdigest()
    before, now = map(load_file, files)
    assert before.keys() == now.keys()
    moved = np.concatenate([np.abs(now[name] - tensor).ravel() for name, tensor in before.items()])
    assert 0 < moved.max() < 0.2
    assert first_round(files[0]) == (QUESTIONS, Recipe().seed)
    for wrong in (files[1], whole[0] / "groups.jsonl"):
        with pytest.raises(BadSettings, match="first round"):
            first_round(wrong)


def test_what_is_kept_lies_between_the_rounds(place: Place, whole: tuple[Path, str], second: tuple[Path, str]) -> None:
    network = Network(place.model)
    checkpoint = torch.load(second[0] / "checkpoint.pt", map_location="cpu", weights_only=True)
    network.load_state_dict(checkpoint["network"], strict=False)
    before, kept = (load_file(folder / "evidence.safetensors") for folder, _ in (whole, second))
    for name, last in network.trained().items():
        between = 0.3 * before[name].astype(np.float32) + 0.7 * last.numpy()
        np.testing.assert_allclose(kept[name], between, atol=2e-3)


def test_a_second_round_has_altered_questions_and_those_left_over(place: Place, second: tuple[Path, str]) -> None:
    taken = drawn(learnt(place.data), QUESTIONS, Recipe().seed)
    asked = left(place.data, set(taken), 60, Recipe().seed)
    held_out = {question.passage for question in development(place.data)["en"]}
    assert held_out and not held_out & {question.passage for question in asked}
    known = [question for question in asked if question.answerable]
    assert len(known) == 60
    assert not set(known) & set(taken)
    without = [question for question in asked if not question.answerable]
    assert set(without) == {question for question in learnt(place.data) if not question.answerable}
    groups = [json.loads(line) for line in (second[0] / "groups.jsonl").read_text(encoding="utf-8").splitlines()]
    altered = [group for group in groups if group["question"].startswith("last colour")]
    assert altered
    assert len(groups) == len(asked) + len(altered)
    assert not any(read["answers"] for group in altered for read in group["passages"])


def test_measuring_prints_its_figures(place: Place, whole: tuple[Path, str]) -> None:
    measured = run(command(place, whole[0], "--measure"))
    assert measured.returncode == 0, measured.stderr
    figures = re.findall(r"^(en|zh)  ([^:]+): ([\d.]+) \(([\d.]+) to ([\d.]+)\), (\d+) times$", measured.stdout, re.M)
    assert len(figures) == len(measured.stdout.splitlines()) == 8
    assert {name.split(" against ")[-1] for _, name, *_ in figures[3::4]} == {
        "questions without an answer", "the nearest other passage"
    }  # fmt: skip
    for _, _, value, low, high, times in figures:
        assert 0 <= float(low) <= float(value) <= float(high) <= 1
        assert int(times) > 0


def test_a_folder_keeps_to_one_plan(tmp_path: Path) -> None:
    Work(tmp_path, Plan("tiny", "00ff", 12, Recipe()))
    Work(tmp_path, Plan("tiny", "00ff", 12, Recipe()))
    with pytest.raises(BadSettings, match="Name another folder"):
        Work(tmp_path, Plan("tiny", "00ff", 12, Recipe(rate=1e-5)))


def test_what_is_missing_is_said_in_one_line(place: Place, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    done = run(command(Place(tmp_path / "none", place.model), tmp_path / "work"))
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "cmrc2018_train" in done.stderr
