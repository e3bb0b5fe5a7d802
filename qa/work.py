"""What is known of a question while it is answered: its passages, the draft, the signals, the time."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import fmean

import numpy as np
from langchain_core.embeddings import Embeddings
from langchain_core.messages import AIMessage
from numpy.typing import NDArray

from qa.cite import Cited
from qa.evidence.model import Reading
from qa.gate import Stage, weighing
from qa.signals import COSINES, Signals, agreeing, written
from storage.models.catalogue import DEFAULT_EMBEDDER
from storage.records import Hit, Timings, Trace


@dataclass(frozen=True, slots=True)
class Work:
    """A question as it was searched, the hits to answer from with what was read in them, and the trace so far."""

    question: str
    hits: tuple[Hit, ...]
    readings: tuple[Reading, ...]
    embedder: Embeddings
    trace: Trace

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of sentences, one a row."""
        return np.array(self.embedder.embed_documents(list(texts)), np.float32)

    def drafted(self, draft: "Draft", cited: Cited) -> "Work":
        """This work with the signals of an answer and its citations."""
        quotes = self.embed([citation.quote for citation in cited.citations])
        near = float(np.max(quotes @ np.array(self.embedder.embed_query(self.question), np.float32)))
        text = draft.text.strip()
        signals = written(text, self.question, cited, self.hits, near) | agreeing(
            text, self.question, cited, self.readings
        )
        if draft.logprob is not None:
            signals["logprob"] = draft.logprob
        return self.with_signals(signals)

    def with_signals(self, signals: Signals) -> "Work":
        """This work with more signals in its trace: cosines only of the embedder by which the gate was fitted."""
        comparable = self.trace.embedder == DEFAULT_EMBEDDER
        known = dict(self.trace.signals) | {
            name: value for name, value in signals.items() if comparable or name not in COSINES
        }
        return replace(self, trace=replace(self.trace, signals=tuple(known.items())))

    def weighed(self, stage: Stage, least: float = 0.0) -> "Work":
        """This work with the probability that the documents answer, and what it has to be: `least`, or as fitted."""
        gate = weighing(stage, read=bool(self.readings))
        probability = gate.probability(dict(self.trace.signals))
        return replace(self, trace=replace(self.trace, probability=probability, least=least or gate.least))

    @property
    def likely(self) -> bool:
        """Whether the documents answer, by what was weighed last."""
        return (self.trace.probability or 0.0) >= (self.trace.least or 0.0)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the chat model has written so far, and the log-probability of each token where it tells them."""

    text: str = ""
    logprobs: tuple[float, ...] = ()

    def with_more(self, chunk: AIMessage) -> "Draft":
        """This draft with the next piece of it."""
        return Draft(self.text + str(chunk.text), (*self.logprobs, *chunk.response_metadata.get("logprobs", ())))

    @property
    def logprob(self) -> float | None:
        """The mean log-probability of a token."""
        return fmean(self.logprobs) if self.logprobs else None


class Clock:
    """Seconds since a question was asked, noted once for each name, in the order of the stages."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Note the time at which `name` was reached first."""
        self._laps.setdefault(name, round(time.perf_counter() - self._start, 3))

    def timings(self) -> Timings:
        """What a person waits for, and the time now as the total."""
        self.lap("total")
        return Timings(**{name: self._laps[name] for name in Timings.__slots__ if name in self._laps})

    def stages(self) -> tuple[tuple[str, float], ...]:
        """How long each stage took."""
        marks = [("", 0.0), *self._laps.items()]
        return tuple((name, round(at - before, 3)) for (_, before), (name, at) in pairwise(marks))
