"""The story of a question: stand alone, retrieve, show the evidence, write, cite, judge."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean
from threading import Event as Flag

import numpy as np
from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable
from numpy.typing import NDArray

from qa.chat.model import ChatModel, stoppable
from qa.cite import Cited, cite
from qa.condense import condense
from qa.evidence import Marked, mark
from qa.gate import REFUSALS, Reason, Threshold, Verdict, beside, judge, relevant
from qa.prompt import answer_messages, fitting
from qa.retrieve import retrieve
from qa.short import short_answer
from storage.indexes import Found, Indexes
from storage.language import language
from storage.records import Citation, Hit, Message, Timings

REWRITTEN_TOKENS = 80  # at most, of a follow-up as it stands alone


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """How a question is answered. Every token of the prompt costs time on a CPU, so passages are few and short."""

    candidates: int = 30  # hits asked of each index
    passages: int = 5  # hits shown and handed to the chat model at most
    budget: int = 750  # tokens of passages in the prompt
    max_tokens: int = 256  # of the answer
    seconds: float = 300.0  # that the chat model may take for it
    threshold: Threshold = field(default_factory=Threshold)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The first beat: the question as it was searched, the passages, and the sentence that most likely answers."""

    question: str
    hits: tuple[Hit, ...]
    marked: Marked | None


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The second beat. `found` is False when the documents do not say; `reason` then tells how that was decided.

    `stopped` is True when the person ended it; `text` is what had come. `unsupported` are spans of `text`. `logprob` is
    the mean log-probability of the tokens that the chat model wrote, where it tells them: how sure it was.
    """

    text: str
    found: bool
    short_answer: str | None = None
    citations: tuple[Citation, ...] = ()
    unsupported: tuple[tuple[int, int], ...] = ()
    hits: tuple[Hit, ...] = ()
    model: str = ""
    backend: str = ""
    timings: Timings = Timings()
    reason: Reason = ""
    stopped: bool = False
    logprob: float | None = None


Event = Evidence | Delta | Answer


@dataclass(frozen=True, slots=True)
class Answerer:
    """What answers questions about the collections of one home, and how."""

    indexes: Indexes
    chat: BaseChatModel
    options: AnswerOptions = field(default_factory=AnswerOptions)

    def stream(
        self, question: str, collection: str, history: Sequence[Message] = (), cancel: Flag | None = None
    ) -> Iterator[Event]:
        """Evidence, then the answer's text piece by piece, then the whole Answer.

        Setting `cancel`, or closing the iterator, ends the writing. Raises NotFound, IndexMismatch, ModelUnavailable.
        """
        clock, cancel = Clock(), cancel or Flag()
        alone = condense(question, history, self._bounded(cancel, REWRITTEN_TOKENS))
        found = self.indexes.search(collection, alone, self.options.candidates)
        embedder = self.indexes.embedder(collection)  # one for the whole answer, also where another takes its place
        hits = fitting(retrieve(found, self.options.passages), self.options.budget)
        clock.lap("retrieve")
        evidence = Evidence(alone, hits, mark(alone, hits, embedder))
        clock.lap("evidence")
        yield evidence
        if not self._relevant(found):
            yield self._refusal(question, hits, "nothing relevant", clock)
            return
        draft = Draft()
        for chunk in self._bounded(cancel, self.options.max_tokens).stream(answer_messages(alone, hits)):
            if cancel.is_set():
                break
            draft = draft.with_more(chunk)
            if piece := str(chunk.text):
                clock.lap("first_token")
                yield Delta(piece)
        yield self._judged(draft, evidence, embedder, clock, stopped=cancel.is_set())

    def _relevant(self, found: Found) -> bool:
        similarity = max(found.similarity.values(), default=0.0)
        return relevant(similarity, max(found.coverage.values(), default=0.0), self.options.threshold)

    def _bounded(self, cancel: Flag, max_tokens: int) -> Runnable[LanguageModelInput, AIMessage]:
        return stoppable(self.chat, cancel, max_tokens, self.options.seconds)

    def _judged(
        self, draft: "Draft", evidence: Evidence, embedder: Embeddings, clock: "Clock", *, stopped: bool
    ) -> Answer:
        text, question, hits = draft.text.strip(), evidence.question, evidence.hits
        cited = cite(text, question, hits, partial(_embed, embedder))
        verdict = judge(text, question, hits, cited)
        threshold = self.options.threshold
        if verdict.found and beside(question, cited, hits, _nearest(question, cited, embedder), threshold):
            verdict = Verdict(False, "beside the question")
        if not verdict.found and not stopped:
            return self._refusal(question, hits, verdict.reason, clock)
        return Answer(
            text, verdict.found, short_answer(text, question, cited.citations), cited.citations, cited.unsupported,
            hits, self.model, self.backend, clock.timings(), verdict.reason, stopped, draft.logprob,
        )  # fmt: skip

    def _refusal(self, question: str, hits: tuple[Hit, ...], reason: Reason, clock: "Clock") -> Answer:
        return Answer(
            REFUSALS[language(question)], found=False, hits=hits, model=self.model, backend=self.backend,
            timings=clock.timings(), reason=reason,
        )  # fmt: skip

    @property
    def model(self) -> str:
        """The chat model's id, recorded with every answer."""
        return self.chat.id if isinstance(self.chat, ChatModel) else type(self.chat).__name__

    @property
    def backend(self) -> str:
        """What the chat model runs on, recorded with every answer."""
        return self.chat.backend if isinstance(self.chat, ChatModel) else "langchain"


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


def _nearest(question: str, cited: Cited, embedder: Embeddings) -> float:
    quotes = _embed(embedder, [citation.quote for citation in cited.citations])
    return float(np.max(quotes @ np.array(embedder.embed_query(question), np.float32)))


def _embed(embedder: Embeddings, texts: list[str]) -> NDArray[np.float32]:
    return np.array(embedder.embed_documents(texts), np.float32)


class Clock:
    """Seconds since a question was asked, noted once for each name."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Note the time at which `name` was reached first."""
        self._laps.setdefault(name, round(time.perf_counter() - self._start, 3))

    def timings(self) -> Timings:
        """All that was noted, and the time now as the total."""
        self.lap("total")
        return Timings(**self._laps)
