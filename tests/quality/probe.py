"""Train the yes or no of the default chat model (storage/models/probe.py): does a passage answer a question?

    FOOTNOTE_MODELS=... python -m tests.quality.probe read FOLDER [SECONDS]   what the model reads, into FOLDER (9 GB)
    FOOTNOTE_MODELS=... python -m tests.quality.probe fit FOLDER              writes the probe, and tells how good it is

Asked are, passage by passage and in the very prompt that an answer asks by: SQuAD 2.0's own questions, those without an
answer included; one of another passage of the article; and questions with one word altered. In Chinese those of DRCD
and CMRC 2018. Every fourth article is kept to measure on. On two cores reading takes a quarter of an hour, and goes on
where it was; fitting half of that, with all that was read in memory.
"""

import json
import math
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import Module, Parameter
from torch.nn import functional as f

from qa.chat.model import turns
from qa.evidence.training.altered import altered
from qa.evidence.training.questions import Question, asked, held_out
from qa.prompt import confirm_messages
from storage.language import language
from storage.models.catalogue import DEFAULT_CHAT, entries, find
from storage.models.probe import FOLDER, Numbers, Probe, Tokens, save
from storage.models.store import ModelStore
from storage.records import Chunk, Hit
from tests.quality.layers import Layers, Past, Read, Reader, numbers
from ui.settings import read_settings

DATA = Path("../shared/data/qa")
# Passages of each set, and questions of other passages that are asked of each.
SETS = {"squad_dev_half": (800, 1), "drcd_dev": (75, 3), "cmrc2018_train": (75, 3)}
OWN, ALTERED = 12, 3  # questions of a passage at most
ELSEWHERE = 8  # passages that an altered question may take its word from
FIRST, LAST = 8, 20  # layers with adapters, of 28 ...
ADAPTED, RANK = ("q", "o"), 8  # ... of these matrices
PROBED = (16, 18, 19, 20)  # layers that the probe reads (LOG.md)
RIDGE = 3.0  # times the square of the weights that are begun with, beside the mean loss: they leave much to be learnt
EPOCHS, BATCH = 4, 4  # passages
RATE, RATE_OF_WEIGHTS = 1e-3, 1e-4
WARMING, LEAST = 20, 0.02  # steps; share of the rate at the end
DECAY = 0.01
SEED = 0
ASKS, STANDS_FOR = "<|fim_pad|>", "\n"
YES, NO = "Yes", "No"
LEAD = 25.0  # by which yes and no together are likelier than any other word (natural logarithm)


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


class Passage:
    """What was read of a passage with its questions, and what is known of these."""

    def __init__(self, file: Path, layers: Layers) -> None:
        with np.load(file) as kept:
            self.rows: list[dict[str, Any]] = json.loads(str(kept["rows"]))
            self.past = Past(Read(**{name: kept[name] for name in kept.files if name != "rows"}), layers)

    @property
    def answers(self) -> Tensor:
        """Whether it does, of each question."""
        return torch.tensor([float(row["answers"]) for row in self.rows])


class Trained(Module):
    """The layers with their adapters, and the weights of the states that leave some of them.

    It begins with a ridge logistic regression over the states as they are without adapters.
    """

    def __init__(self, layers: Layers, passages: Sequence[Passage]) -> None:
        from sklearn.linear_model import LogisticRegression

        super().__init__()
        self.layers = layers
        with torch.no_grad():
            states = torch.cat([layers([each.past], PROBED) for each in passages]).flatten(1)
        self._mean, self._scale = states.mean(0), states.std(0)
        answers = torch.cat([each.answers for each in passages]).numpy()
        model = LogisticRegression(C=1 / (2 * RIDGE * len(answers)), max_iter=500)
        model.fit(((states - self._mean) / self._scale).numpy(), answers)
        self.weights = Parameter(torch.from_numpy(model.coef_[0]).float())
        self.bias = Parameter(torch.from_numpy(model.intercept_).float())

    def forward(self, passages: Sequence[Passage]) -> Tensor:
        """The log-odds of an answer, of each question."""
        states = self.layers([each.past for each in passages], PROBED).flatten(1)
        odds: Tensor = ((states - self._mean) / self._scale) @ self.weights + self.bias
        return odds

    def probe(self, folder: Path) -> Probe:
        """As it is built into the model of a folder."""
        yes, no, *tokens = _tokens(folder, YES, NO, ASKS, STANDS_FOR)
        weights = (self.weights / self._scale).detach()
        bias = float(self.bias.detach() - self._mean @ weights)
        each = weights.reshape(len(PROBED), -1).numpy()
        return Probe(PROBED, each, bias, Tokens(*tokens), *steering(folder, yes, no), self.layers.adapters())


def read(folder: Path, seconds: float) -> None:
    """Read passage after passage, a file each, for so long."""
    reader, until, work = Reader(_model(), FIRST, LAST), time.monotonic() + seconds, list(groups())
    for number, (question, rows) in enumerate(work):
        file = folder / f"{number:05}.npz"
        if time.monotonic() > until:
            return
        if rows and not file.exists():
            got = reader.read([turns(confirm_messages(row.question, [_hit(question)])) for row in rows])
            facts = [{"answers": row.answers, "kind": row.kind, "held": held_out(question.title)} for row in rows]
            told = json.dumps([{**fact, "lang": language(question.text)} for fact in facts])
            np.savez(file.with_suffix(".part.npz"), rows=told, **asdict(got))
            file.with_suffix(".part.npz").replace(file)
            print(f"{number + 1} of {len(work)}", file=sys.stderr)


def fit(folder: Path) -> None:
    """Train on all but the articles kept, tell the AUROC on those after each round, and write the probe."""
    torch.manual_seed(SEED)
    draw, layers = Random(SEED), Layers(_model(), FIRST, LAST, ADAPTED, RANK)
    every = [Passage(file, layers) for file in sorted(folder.glob("?????.npz"))]
    learnt, held = ([each for each in every if each.rows[0]["held"] is wanted] for wanted in (False, True))
    model = Trained(layers, learnt)
    _tell(model, held)
    slow = {"params": [model.weights, model.bias], "lr": RATE_OF_WEIGHTS}
    optimizer = torch.optim.AdamW([{"params": layers.parameters()}, slow], RATE, (0.9, 0.98), weight_decay=DECAY)
    steps = EPOCHS * math.ceil(len(learnt) / BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _share(step, steps))
    for _ in range(EPOCHS):
        draw.shuffle(learnt)
        for at in range(0, len(learnt), BATCH):
            some = learnt[at : at + BATCH]
            optimizer.zero_grad()
            f.binary_cross_entropy_with_logits(model(some), torch.cat([each.answers for each in some])).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        _tell(model, held)
    gguf = find(DEFAULT_CHAT, entries()).file
    save(model.probe(_model()), FOLDER / f"{Path(gguf).stem}.safetensors")


def _share(step: int, steps: int) -> float:
    """Of the rate of learning: it is warmed, then falls along a cosine."""
    return min(1.0, (step + 1) / WARMING) * max(LEAST, 0.5 * (1 + math.cos(math.pi * step / steps)))


def _tell(model: Trained, held: Sequence[Passage]) -> None:
    from sklearn.metrics import roc_auc_score

    with torch.no_grad():
        odds = torch.cat([model([each]) for each in held]).numpy()
    rows = [row for each in held for row in each.rows]
    told = []
    for lang, kind in (("en", "own"), ("en", "near"), ("en", "altered"), ("zh", "near"), ("zh", "altered")):
        some = [at for at, row in enumerate(rows) if row["lang"] == lang and (row["answers"] or row["kind"] == kind)]
        answers = [rows[at]["answers"] for at in some]
        if len(set(answers)) == 2:
            told.append(f"{lang} {kind} {roc_auc_score(answers, odds[some]):.3f}")
    print(f"AUROC over {len(rows)} questions:", ", ".join(told), flush=True)


def steering(folder: Path, yes: int, no: int) -> tuple[Numbers, Numbers]:
    """What the matrix that makes a model's words has to be given [hidden]: `base`, so that it makes two tokens alike
    and no other; `step` more of it for one more of the log-odds of `yes`.
    """
    import openvino
    from openvino import opset13 as op

    core = openvino.Core()
    result = core.read_model(folder / "openvino_model.xml").output(0).get_node()
    matrix = result.input_value(0).get_node().input_value(1)
    two = numbers(op.gather(matrix, [yes, no], 0).output(0)).double().numpy()
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
    elif command == "fit":
        fit(where)
