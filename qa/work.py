"""What is known of a question while it is answered: its passages, the draft, the signals, the time."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np
from langchain_core.embeddings import Embeddings
from langchain_core.messages import AIMessage
from numpy.typing import NDArray

from qa.cite import Cited
from qa.evidence.mark import Marked, marking_of
from qa.evidence.model import Reading
from qa.gate import Stage, weighing
from qa.passages import USED
from qa.prompt import leading
from qa.signals import COSINES, Signals, agreeing, held, spoken, written
from storage.asked import Asked
from storage.keywords import content_words
from storage.language import language
from storage.models.catalogue import DEFAULT_EMBEDDER
from storage.records import Hit, Timings, Trace

# Log-odds of the phrase against none: to quote its sentence for want of an answer, to write from its passage alone, to
# quote it in place of an answer; and of the chat model's yes (tests/quality/LOG.md, "The passage that answers").
_LIKELY, _SURE, _SURER, _CLEAR = 0.5, 2.0, 4.0, 0.5
_AGREED = 0.5  # share of the phrase's words from which an answer says the same


@dataclass(frozen=True, slots=True)
class Work:
    """A question as it was searched, the hits to answer from with what was read in them, and the trace so far.

    `marked` is the sentence that most likely answers.
    """

    asked: Asked
    hits: tuple[Hit, ...]
    readings: tuple[Reading, ...]
    embedder: Embeddings
    trace: Trace
    marked: Marked | None = None

    @property
    def question(self) -> str:
        """As it was asked."""
        return self.asked.text

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of sentences, one a row."""
        return np.array(self.embedder.embed_documents(list(texts)), np.float32)

    def drafted(self, draft: "Draft", cited: Cited) -> "Work":
        """This work with the signals of an answer and its citations."""
        quotes = self.embed([citation.quote for citation in cited.citations])
        vectors = {text: np.array(self.embedder.embed_query(text), np.float32) for text in self.asked.texts}
        asked = np.array([vectors[self.asked.of(language(citation.quote))] for citation in cited.citations])
        near = float(np.max(np.sum(quotes * asked, axis=1)))
        text = draft.text.strip()
        signals = written(self.asked, cited, self.hits, near) | agreeing(text, self.asked, cited, self.readings)
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
        """This work with the probability that the documents answer, and what it has to be: `least`, or as fitted.

        Before there is an answer to be right, `least` may only lower that. Both are None where too little is known to
        weigh.
        """
        signals = dict(self.trace.signals)
        gate = weighing(stage, signals)
        if gate is None:
            return replace(self, trace=replace(self.trace, probability=None, least=None))
        fitted = gate.least[language(self.question)]
        needed = (least if stage == "written" else min(least, fitted)) if least else fitted
        return replace(self, trace=replace(self.trace, probability=gate.probability(signals), least=needed))

    @property
    def likely(self) -> bool:
        """Whether the documents answer, by what was weighed last; where nothing was, the rules alone decide."""
        trace = self.trace
        return trace.probability is None or trace.least is None or trace.probability >= trace.least

    @property
    def leading(self) -> tuple[Hit, ...]:
        """The passage that most likely answers."""
        return leading(self.hits)

    @property
    def plain(self) -> Reading | None:
        """The reading of the leading passage where that surely answers, with one phrase, else None: the evidence model
        is sure of it, and the chat model said so when it was asked.
        """
        return self._answering(_SURE)

    def _answering(self, sure: float) -> Reading | None:
        marking = marking_of(self.readings)
        clear = dict(self.trace.signals).get("confirmed", 0.0) >= _CLEAR
        if marking is None or marking.sure < sure or not (clear and spoken(self.asked, self.hits[:1])):
            return None
        return marking if marking.hit.chunk.id in {hit.chunk.id for hit in self.leading} else None

    def without(self, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """Its hits but for these."""
        return tuple(hit for hit in self.hits if hit not in hits)

    def written_from(self, hits: Sequence[Hit]) -> "Work":
        """This work with it in the trace that the chat model was given only these hits."""
        chunks = {hit.chunk.id for hit in hits}
        candidates = tuple(
            replace(each, fate="not needed") if each.fate in USED and each.chunk_id not in chunks else each
            for each in self.trace.candidates
        )
        return replace(self, trace=replace(self.trace, candidates=candidates))

    def instead_of(self, text: str, *, stands: bool) -> str:
        """The marked sentence where a passage likely answers and the chat model wrote no answer, else "".

        One that `stands` gives way only if it lacks the phrase, and in Chinese: in English the sentence was right no
        more often.
        """
        marking = self._answering(_SURER if stands else _LIKELY)
        if self.marked is None or marking is None:
            return ""
        if stands:
            languages = {language(self.question), language(marking.hit.chunk.text)}
            same = marking.phrase in text or text.rstrip("。") in marking.phrase
            agreed = same or held(marking, set(content_words(text))) >= _AGREED
            if agreed or languages != {"zh"}:
                return ""
        return self.marked.text.strip()


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


def together(traces: Sequence[Trace], question: str, seconds: tuple[tuple[str, float], ...]) -> Trace:
    """The traces of the parts of a question as that of the whole; what was weighed is that of the likeliest part."""
    likeliest = max(traces, key=lambda trace: trace.probability or 0.0)
    candidates = {each.chunk_id: each for trace in reversed(traces) for each in reversed(trace.candidates)}
    return replace(likeliest, question=question, candidates=tuple(candidates.values())[::-1], seconds=seconds)


class Clock:
    """Seconds since a question was asked: when each stage was reached first, and how long it took in all."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._reached: dict[str, float] = {}
        self._spent: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """The time since the last lap was that of `stage`."""
        now = time.perf_counter()
        self._reached.setdefault(stage, round(now - self._start, 3))
        self._spent[stage] = self._spent.get(stage, 0.0) + now - self._last
        self._last = now

    def timings(self) -> Timings:
        """What a person waits for, and the time now as the total."""
        reached = {name: self._reached[name] for name in Timings.__slots__ if name in self._reached}
        return Timings(**reached | {"total": round(time.perf_counter() - self._start, 3)})

    def stages(self) -> tuple[tuple[str, float], ...]:
        """How long each stage took, in their order."""
        return tuple((name, round(seconds, 3)) for name, seconds in self._spent.items())
