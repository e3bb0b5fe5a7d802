"""The evidence model: what each passage says to a question, read by a small encoder trained for it.

It is the default embedder's encoder with the adapters of `qa/evidence/trained` merged in, and one matrix on top; see
the model card there. Reading is cheap: eight passages take about a tenth of a second on two cores.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from qa.evidence.pairs import Pair, Pairs, best_span
from qa.evidence.weights import adapted, head, load
from storage.errors import ModelUnavailable
from storage.models import graph
from storage.models.catalogue import DEFAULT_EMBEDDER
from storage.models.e5 import Shape
from storage.models.store import ModelStore
from storage.records import Hit

Numbers = NDArray[np.float32]

_BATCH = 8  # pairs; like lengths together
_LONGEST = 512  # tokens of a pair; all positions that the encoder has


@dataclass(frozen=True, slots=True)
class Reading:
    """What a passage says to a question.

    `relevance` ranks passages (higher is better; only differences mean something), `answers` is the probability that it
    states the answer, `document.text[start:end]` the phrase that most likely is the answer, and `sure` by how much that
    phrase is likelier than none (a difference of log-odds).
    """

    hit: Hit
    relevance: float
    answers: float
    start: int
    end: int
    sure: float

    @property
    def phrase(self) -> str:
        """The likeliest answer, as the passage has it."""
        start = self.hit.chunk.start
        return self.hit.chunk.text[self.start - start : self.end - start]


class EvidenceModel:
    """Reads passages for a question; loaded at the first use. Safe to share between threads."""

    id = "evidence"

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder, self._lock = folder, Lock()
        self._loaded: _Loaded | None = None

    @property
    def installed(self) -> bool:
        """Whether its encoder is there: it comes with the default embedder."""
        try:
            return self._loaded is not None or self._folder().is_dir()
        except ModelUnavailable:
            return False

    def read(self, question: str, hits: Sequence[Hit]) -> tuple[Reading, ...]:
        """A reading of each hit, in their order. Raises ModelUnavailable."""
        model = self._load()
        pairs = model.pairs.pairs(question, [(_lead(hit), hit.chunk.text) for hit in hits])
        readings: dict[int, Reading] = {}
        order = sorted(range(len(pairs)), key=lambda i: len(pairs[i].ids))
        for at in range(0, len(order), _BATCH):
            batch = order[at : at + _BATCH]
            for i, told in zip(batch, model.told([pairs[i] for i in batch]), strict=True):
                readings[i] = _reading(hits[i], pairs[i], told[: len(pairs[i].ids)])
        return tuple(readings[i] for i in range(len(hits)))

    def warm(self) -> None:
        """Load it now. Raises ModelUnavailable."""
        self._load()

    def _load(self) -> "_Loaded":
        with self._lock:
            if self._loaded is None:
                folder = self._folder()
                try:
                    self._loaded = _Loaded(folder)
                except (OSError, RuntimeError, ValueError, KeyError) as error:
                    raise ModelUnavailable(
                        f"The evidence model does not load from {folder}: {' '.join(str(error).split())[:200]}. "
                        f"Pull its encoder again: footnote models pull {DEFAULT_EMBEDDER}"
                    ) from error
            return self._loaded


def open_evidence(store: ModelStore) -> EvidenceModel:
    """The evidence model over the encoder in `store`. Loads nothing yet."""
    return EvidenceModel(lambda: store.path(DEFAULT_EMBEDDER))


class _Loaded:
    """The compiled encoder, the table of words on disk, and the head."""

    def __init__(self, folder: Path) -> None:
        weights = load()
        tensors, self._words = _tensors(folder / "model.safetensors")
        self._head, self._bias = head(weights)
        self.pairs = Pairs(folder, _LONGEST)
        self._model = graph.compiled(graph.build_states(_shape(folder), adapted(tensors, weights)))

    def told(self, pairs: Sequence[Pair]) -> Numbers:
        """The head's four numbers for every token: relevance, answers, start, end. [pairs, tokens, 4]"""
        longest = max(len(pair.ids) for pair in pairs)
        ids = np.array([[*pair.ids, *[0] * (longest - len(pair.ids))] for pair in pairs])
        mask = np.array([[1] * len(pair.ids) + [0] * (longest - len(pair.ids)) for pair in pairs], np.int64)
        request = self._model.create_infer_request()  # its own, as one request serves one thread at a time
        states = np.array(request.infer([self._words[ids].astype(np.float32), mask])[0], np.float32)
        told: Numbers = states @ self._head.T + self._bias
        return told


def _reading(hit: Hit, pair: Pair, told: Numbers) -> Reading:
    relevance, answers = told[0, :2].tolist()
    inside = np.array(pair.inside, bool)
    inside[0] = False
    first, last, score = best_span(np.where(inside, told[:, 2], -math.inf), np.where(inside, told[:, 3], -math.inf))
    none = float(told[0, 2] + told[0, 3])
    start, end = (pair.spans[first][0], pair.spans[last][1]) if inside.any() else (0, 0)
    at = hit.chunk.start
    return Reading(hit, relevance, 1 / (1 + math.exp(-answers)), at + start, at + end, score - none)


def _lead(hit: Hit) -> str:
    """What stands above a passage, on one line."""
    return " > ".join(part for part in (hit.title, hit.chunk.heading) if part)


def _shape(folder: Path) -> Shape:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return Shape(
        config["hidden_size"], config["num_hidden_layers"], config["num_attention_heads"], config["intermediate_size"],
        config["vocab_size"], config["max_position_embeddings"], config["type_vocab_size"], config["layer_norm_eps"],
    )  # fmt: skip


def _tensors(file: Path) -> tuple[dict[str, Numbers], NDArray[np.float16]]:
    """The encoder's tensors, and its table of words, which stays on disk: a question needs few of its 250,000 rows."""
    from safetensors import safe_open

    with safe_open(file, "np") as tensors:
        names = [name for name in tensors.keys() if name != graph.WORDS]  # noqa: SIM118
        found = {name: tensors.get_tensor(name).astype(np.float32) for name in names}
    with file.open("rb") as opened:  # the format: u64 length of a JSON header, the header, the bytes of the tensors
        length = int.from_bytes(opened.read(8), "little")
        entry = json.loads(opened.read(length))[graph.WORDS]
    words = np.memmap(file, "<f2", "r", 8 + length + entry["data_offsets"][0], tuple(entry["shape"]))
    return found, words
