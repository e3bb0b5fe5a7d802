"""Train the yes or no of the default chat model (storage/models/probe.py): does a passage answer a question?

    FOOTNOTE_MODELS=... python -m tests.quality.probe read FOLDER [SECONDS]   the model's states, into FOLDER
    FOOTNOTE_MODELS=... python -m tests.quality.probe fit FOLDER              writes the probe, and tells how good it is

Asked are, passage by passage and in the very prompt that an answer asks by: SQuAD 2.0's own questions, those without an
answer included; one of another passage of the article; and questions with one word altered. In Chinese those of DRCD
and CMRC 2018. Every fourth article is kept to measure on. `read` goes on where it was, and takes half an hour.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from qa.chat.model import turns
from qa.evidence.training.altered import altered
from qa.evidence.training.questions import Question, asked, held_out
from qa.prompt import confirm_messages
from storage.language import language
from storage.models.catalogue import DEFAULT_CHAT, entries, find
from storage.models.probe import FOLDER, left
from storage.models.store import ModelStore
from storage.models.weights import HOW
from storage.records import Chunk, Hit
from ui.settings import read_settings

DATA = Path("../shared/data/qa")
# Passages of each set, and questions of other passages that are asked of each.
SETS = {"squad_dev_half": (800, 1), "drcd_dev": (75, 3), "cmrc2018_train": (75, 3)}
LAYERS = (15, 16, 17, 18, 19, 20, 21)  # that are read, of 28 ...
USED = (16, 18, 19, 20)  # ... and those that the probe is for: the best four (LOG.md)
OWN, ALTERED = 12, 3  # questions of a passage at most
ELSEWHERE = 8  # passages that an altered question may take its word from
RIDGE = 0.03  # times the square of the weights, beside the mean loss
ASKS, STANDS_FOR = "<|fim_pad|>", "\n"
YES, NO = "Yes", "No"
LEAD = 25.0  # by which yes and no together are likelier than any other word (natural logarithm)

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a passage, and whether that answers it."""

    question: str
    answers: bool
    kind: str  # "own", "near" or "altered"


def groups() -> Iterator[tuple[Question, list[Asked]]]:
    """Passages in a fixed random order, each given as one of its questions, with what is asked of it."""
    draw, found = Random(11), []
    for name, (count, others) in SETS.items():
        passages, articles = defaultdict(list), defaultdict(set)
        for question in asked(DATA, name):
            passages[question.passage].append(question)
            articles[question.title].add(question.passage)
        every = sorted(passages)
        for passage in draw.sample(every, count):
            own = draw.sample(passages[passage], min(OWN, len(passages[passage])))
            rows = [Asked(question.text, question.answerable, "own") for question in own]
            elsewhere = draw.sample(every, ELSEWHERE)
            texts = [altered(each, passage, elsewhere, draw) for each in own if each.answerable]
            rows += [Asked(text, False, "altered") for text in list(filter(None, texts))[:ALTERED]]
            near = sorted(articles[own[0].title] - {passage}) or elsewhere
            for _ in range(others):
                other = draw.choice(passages[draw.choice(near)])
                rows += [Asked(other.text, False, "near")] if not other.answered_in(passage) else []
            found.append((own[0], rows))
    yield from draw.sample(found, len(found))


class States:
    """A chat model's states at the end of prompts, as they leave `layers`; nothing is computed of what comes after."""

    def __init__(self, folder: Path, layers: Sequence[int] = LAYERS) -> None:
        import openvino
        import openvino_genai

        core = openvino.Core()
        model = core.read_model(folder / "openvino_model.xml")
        model.remove_result(model.get_results()[0])
        model.add_outputs([left(model, layer) for layer in layers])
        self._layers = len(layers)
        self._request = core.compile_model(model, "CPU", HOW).create_infer_request()
        self._tokenizer = openvino_genai.Tokenizer(folder)

    def of(self, prompts: Sequence[Sequence[dict[str, str]]]) -> Floats:
        """At the last token of each prompt, [prompts, layers, hidden]. What they have in common is read once."""
        ids = [self._ids(prompt) for prompt in prompts]
        same = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, zip(*ids, strict=False)))
        same = min(same, min(map(len, ids)) - 1)
        self._request.reset_state()
        self._infer(np.array([ids[0][:same]]), np.ones((1, same), np.int64), 0)
        rest = [row[same:] for row in ids]
        most = max(map(len, rest))
        padded = np.array([[*row, *[0] * (most - len(row))] for row in rest])
        mask = np.array([[1] * (same + len(row)) + [0] * (most - len(row)) for row in rest])
        out = self._infer(padded, mask, same)
        return np.stack([out[:, row, len(ids) - 1] for row, ids in enumerate(rest)])

    def _ids(self, prompt: Sequence[dict[str, str]]) -> list[int]:
        how = {"add_generation_prompt": True, "extra_context": {"enable_thinking": False}}  # as the engine reads it
        text = self._tokenizer.apply_chat_template(list(prompt), **how)
        return [int(n) for n in self._tokenizer.encode(text, add_special_tokens=False).input_ids.data[0]]

    def _infer(self, ids: Any, mask: Any, start: int) -> Floats:
        rows, tokens = ids.shape
        places = np.tile(np.arange(start, start + tokens), (rows, 1))
        beams = np.zeros(rows, np.int32)  # every row goes on from the one that was read first
        out = self._request.infer({"input_ids": ids, "attention_mask": mask, "position_ids": places, "beam_idx": beams})
        return np.stack([np.array(out[at], np.float32) for at in range(self._layers)])


def read(folder: Path, seconds: float) -> None:
    """Read passage after passage, a file each, for so long."""
    states, until, work = States(_model()), time.monotonic() + seconds, list(groups())
    for number, (question, rows) in enumerate(work):
        file = folder / f"{number:05}.npz"
        if time.monotonic() > until:
            return
        if rows and not file.exists():
            hit = _hit(question)
            prompts = [turns(confirm_messages(row.question, [hit])) for row in rows]
            facts = [{"answers": row.answers, "kind": row.kind, "held": held_out(question.title)} for row in rows]
            told = json.dumps([{**fact, "lang": language(question.text)} for fact in facts])
            np.savez(file.with_suffix(".part.npz"), states=states.of(prompts).astype(np.float16), rows=told)
            file.with_suffix(".part.npz").replace(file)
            print(f"{number + 1} of {len(work)}", file=sys.stderr)


def fit(folder: Path) -> None:
    """Fit the probe on all but the articles kept, tell its AUROC on those, and write it."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    files = [np.load(file) for file in sorted(folder.glob("[0-9]*.npz")) if ".part" not in file.name]
    rows = [row for file in files for row in json.loads(str(file["rows"]))]
    used = [LAYERS.index(layer) for layer in USED]
    x = np.concatenate([file["states"][:, used] for file in files]).astype(np.float32).reshape(len(rows), -1)
    y, held = np.array([row["answers"] for row in rows]), np.array([row["held"] for row in rows])
    mean, scale = x[~held].mean(0), x[~held].std(0) + 1e-6
    strength = 1 / (2 * RIDGE * (~held).sum())
    model = LogisticRegression(C=strength, max_iter=500).fit((x[~held] - mean) / scale, y[~held])
    weights = (model.coef_[0] / scale).astype(np.float32)
    bias = float(model.intercept_[0] - mean @ weights)
    odds = x @ weights + bias
    for lang, kind in (("en", "own"), ("en", "near"), ("en", "altered"), ("zh", "near"), ("zh", "altered")):
        some = held & [row["lang"] == lang and (row["answers"] or row["kind"] == kind) for row in rows]
        print(f"{lang} {kind}: {some.sum()} questions, AUROC {roc_auc_score(y[some], odds[some]):.3f}")
    folder = _model()
    yes, no, asks, stands_for = _tokens(folder, YES, NO, ASKS, STANDS_FOR)
    base, step = steering(folder, yes, no)
    facts = {"layers": json.dumps(USED), "bias": str(bias), "asks": str(asks), "stands_for": str(stands_for)}
    tensors = {"weights": weights.reshape(len(USED), -1), "base": base, "step": step}
    gguf = find(DEFAULT_CHAT, entries()).file
    save_file(tensors, FOLDER / f"{Path(gguf).stem}.safetensors", metadata=facts)


def steering(folder: Path, yes: int, no: int) -> tuple[Floats, Floats]:
    """What the matrix that makes a model's words has to be given [hidden]: `base`, so that it makes two tokens alike
    and no other; `step` more of it for one more of the log-odds of `yes`.
    """
    import openvino
    from openvino import opset13 as op

    core = openvino.Core()
    result = core.read_model(folder / "openvino_model.xml").output(0).get_node()
    matrix = result.input_value(0).get_node().input_value(1)
    two = core.compile_model(openvino.Model([op.gather(matrix, [yes, no], 0)], []), "CPU")([])[0].astype(np.float64)
    differ, both = two[0] - two[1], two.sum(0)
    step = differ / (differ @ differ)
    both -= (both @ step) * differ
    states = op.parameter([1, len(both)], np.float32)
    words = core.compile_model(openvino.Model([op.matmul(states, matrix, False, True)], [states]), "CPU")
    likely = words([both[None].astype(np.float32)])[0][0]
    lead = min(likely[[yes, no]]) - np.delete(likely, [yes, no]).max()
    return (both * LEAD / lead).astype(np.float32), step.astype(np.float32)


def _tokens(folder: Path, *texts: str) -> list[int]:
    import openvino_genai

    tokenizer = openvino_genai.Tokenizer(folder)
    return [int(tokenizer.encode(text, add_special_tokens=False).input_ids.data[0, 0]) for text in texts]


def _hit(question: Question) -> Hit:
    title = question.title.replace("_", " ")
    chunk = Chunk(1, title, 0, question.passage, 0, len(question.passage), "", None)
    return Hit(chunk, title, title, 1, 1.0, "fused")


def _model() -> Path:
    return ModelStore(read_settings().models).path(DEFAULT_CHAT)


if __name__ == "__main__":
    command, where = sys.argv[1], Path(sys.argv[2])
    where.mkdir(parents=True, exist_ok=True)
    if command == "read":
        read(where, float(sys.argv[3]) if len(sys.argv) > 3 else 1e9)
    else:
        fit(where)
