"""The story of a question: stand alone, retrieve, show the evidence, confirm that it answers, write, cite, judge."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Event as Flag

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable

from qa.chat.model import ChatModel, stoppable
from qa.cite import cite
from qa.condense import condense
from qa.confirm import TOKENS, confirmed
from qa.evidence.mark import Marked, mark, mark_read
from qa.evidence.model import EvidenceModel, Reading
from qa.gate import REFUSALS, Reason, Verdict, admitted, judge
from qa.parts import MISSING, Part, joined, parts
from qa.passages import chosen
from qa.prompt import answer_messages
from qa.retrieve import UNREAD, Ranked, Reranker, name_of, rank
from qa.short import phrase_of, short_answer
from qa.signals import retrieved
from qa.style import PLAIN, Style
from qa.translate import Translate, needed, translated
from qa.work import Clock, Draft, Work, together
from storage.asked import Asked
from storage.indexes import EVERYTHING, Indexes
from storage.records import Citation, Filter, Hit, Message, Timings, Trace

REWRITTEN_TOKENS = 80  # at most, of a follow-up as it stands alone, or of a question in the other language
NOTHING = Draft()
_UNQUOTED: tuple[Reason, ...] = ("unlikely", "unsupported")  # no sentence of the passages answers in place of these


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """How a question is answered. Every token of the prompt costs time on a CPU, so passages are few and short."""

    candidates: int = 30  # hits asked of each index
    translate: Translate = "auto"  # a question, where passages in its own language do not surely answer it
    passages: int = 4  # hits shown and handed to the chat model at most
    budget: int = 500  # tokens of passages in the prompt
    max_tokens: int = 256  # of the answer
    seconds: float = 300.0  # that the chat model may take for it
    least: float = 0.0  # probability of being right that an answer needs to stand; 0: the one that was fitted


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
    """The second beat. `found` is False when the documents do not say; `reason` then tells how that was decided. Where
    it is "quoted", `text` is a sentence of the passages: the chat model found nothing or something else, and the
    evidence is that sure.

    `stopped` is True when the person ended it; `text` is what had come. `unsupported` are spans of `text`. `logprob` is
    the mean log-probability of the tokens that the chat model wrote, where it tells them: how sure it was. `draft` is
    what the chat model wrote, also where it was withdrawn.
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
    trace: Trace | None = None
    draft: str = ""


Event = Evidence | Delta | Answer


@dataclass(frozen=True, slots=True)
class _Run:
    """What is searched for a question, since when, what ends it early, and how many hits are asked of each index."""

    collection: str
    filter: Filter
    clock: Clock
    cancel: Flag
    candidates: int


@dataclass(frozen=True, slots=True)
class Answerer:
    """What answers questions about the collections of one home, and how.

    Without an `evidence` model, or while its encoder is not installed, sentences are marked and answers judged by words
    and vectors alone. `reranker` is that same evidence model, any LangChain document compressor, or None. `style` is
    how the answers are wanted.
    """

    indexes: Indexes
    chat: BaseChatModel
    options: AnswerOptions = field(default_factory=AnswerOptions)
    evidence: EvidenceModel | None = None
    reranker: Reranker = None
    style: Style = PLAIN

    def stream(
        self,
        question: str,
        collection: str,
        history: Sequence[Message] = (),
        cancel: Flag | None = None,
        filter: Filter = EVERYTHING,
    ) -> Iterator[Event]:
        """Evidence, then the answer's text piece by piece, then the whole Answer.

        Setting `cancel`, or closing the iterator, ends the writing. Raises NotFound, IndexMismatch, ModelUnavailable.
        """
        clock, cancel = Clock(), cancel or Flag()
        alone = condense(question, history, self._bounded(cancel, REWRITTEN_TOKENS))
        clock.lap("condense")
        asked, run = parts(alone), _Run(collection, filter, clock, cancel, self.options.candidates)
        works = [self._retrieved(part.searched, run) for part in asked]
        yield Evidence(alone, _hits(works), next((work.marked for work in works if work.marked), None))
        answers: list[Answer] = []
        for part, work in zip(asked, works, strict=True):
            if cancel.is_set() and answers:
                break
            if answers:
                yield Delta("\n\n")
            answers.append((yield from self._written(part, work, clock, cancel)))
        yield answers[0] if len(answers) == 1 else self._joined(asked, answers, alone, clock)

    def retrieve(self, question: str, collection: str, k: int, filter: Filter = EVERYTHING) -> tuple[Hit, ...]:
        """Retrieval alone: the `k` best hits. Raises NotFound, IndexMismatch, ModelUnavailable."""
        run = _Run(collection, filter, Clock(), Flag(), max(k, self.options.candidates))
        return self._ranked(question, run).hits[:k]

    def _written(self, part: Part, work: Work, clock: Clock, cancel: Flag) -> Generator[Delta, None, Answer]:
        """What the chat model writes from the passages, piece by piece, and the Answer that it comes to."""
        if not work.likely:
            return self._refusal(work, "nothing relevant", clock)
        work = confirmed(part.asked, work, self.style, self._bounded(cancel, TOKENS, yes_or_no=True))
        clock.lap("confirm")
        work = work.weighed("confirmed", self.options.least)
        if not (work.likely or cancel.is_set()):
            return self._refusal(work, "unlikely", clock)
        hits = work.leading if work.plain and not self.style.thorough else work.hits
        work, draft = work.written_from(hits), Draft()
        writer = self._bounded(cancel, self.style.tokens(self.options.max_tokens))
        for chunk in writer.stream(answer_messages(part.asked, hits, self.style)):
            if cancel.is_set():
                break
            draft = draft.with_more(chunk)
            if piece := str(chunk.text):
                clock.lap("first_token")
                yield Delta(piece)
        clock.lap("write")
        return self._judged(draft, work, clock, stopped=cancel.is_set())

    def _ranked(self, question: str, run: _Run) -> Ranked:
        """All hits, best first; also by the question in the other language, where those in its own do not suffice."""
        ranked = self._searched(Asked(question), run)
        wanted = self.options.translate == "auto"
        if wanted and needed(question, ranked.found.languages, ranked.readings.values()):
            translation = translated(question, self._bounded(run.cancel, REWRITTEN_TOKENS))
            run.clock.lap("translate")
            if translation:
                ranked = self._searched(Asked(question, translation), run, ranked.readings)
        return ranked

    def _searched(self, asked: Asked, run: _Run, known: Mapping[int, Reading] = UNREAD) -> Ranked:
        found = self.indexes.search(run.collection, asked, run.candidates, run.filter)
        run.clock.lap("search")
        ranked = rank(asked, found, *self._readers(), known)
        run.clock.lap("read")
        return ranked

    def _retrieved(self, question: str, run: _Run) -> Work:
        options, clock = self.options, run.clock
        ranked = self._ranked(question, run)
        asked, found = ranked.asked, ranked.found
        embedder = self.indexes.embedder(run.collection)  # one for the whole answer, also where another takes its place
        most, budget = self.style.passages(options.passages), self.style.passages(options.budget)
        near = self.indexes.neighbours(ranked.hits[: 2 * most])
        hits, fates = chosen(ranked.hits, near, budget, most)
        clock.lap("retrieve")
        readings = tuple(ranked.readings[hit.chunk.id] for hit in hits if hit.chunk.id in ranked.readings)
        marked = mark_read(readings) or mark(question, hits, embedder)
        clock.lap("evidence")
        trace = Trace(
            question, run.collection, found.chunks, embedder.id, name_of(self._readers()[1]), run.filter,
            ranked.candidates(fates), translation=asked.translation,
        )  # fmt: skip
        work = Work(asked, hits, readings, embedder, trace, marked).with_signals(
            retrieved(asked, hits, found, readings)
        )
        return work.weighed("retrieved", options.least)

    def _readers(self) -> tuple[EvidenceModel | None, Reranker]:
        """The evidence model and the reranker as far as they can be used now."""
        evidence = self.evidence if self.evidence and self.evidence.installed else None
        return evidence, evidence if isinstance(self.reranker, EvidenceModel) else self.reranker

    def _bounded(
        self, cancel: Flag, max_tokens: int, *, yes_or_no: bool = False
    ) -> Runnable[LanguageModelInput, AIMessage]:
        return stoppable(self.chat, cancel, max_tokens, self.options.seconds, yes_or_no=yes_or_no)

    def _judged(self, draft: Draft, work: Work, clock: Clock, *, stopped: bool) -> Answer:
        text, question = draft.text.strip(), work.question
        cited = admitted(text, cite(text, question, work.hits, work.embed))
        clock.lap("cite")
        verdict = judge(text, question, work.hits, cited)
        if verdict.found:
            work = work.drafted(draft, cited).weighed("written", self.options.least)
            verdict = verdict if work.likely else Verdict(False, "unlikely")
        clock.lap("judge")
        quoted = "" if stopped or verdict.reason in _UNQUOTED else work.instead_of(text, stands=verdict.found)
        if quoted and (instead := cite(quoted, question, work.hits, work.embed)).citations:
            text, verdict, cited = quoted, Verdict(True, "quoted"), instead
        elif not verdict.found and not stopped:
            return self._refusal(work, verdict.reason, clock, draft)
        short = phrase_of(text, work.readings) or short_answer(text, question, cited.citations)
        return Answer(
            text, verdict.found, short, cited.citations, cited.unsupported, work.hits, self.model, self.backend,
            clock.timings(), verdict.reason, stopped, draft.logprob, replace(work.trace, seconds=clock.stages()),
            draft.text.strip(),
        )  # fmt: skip

    def _refusal(self, work: Work, reason: Reason, clock: Clock, draft: Draft = NOTHING) -> Answer:
        text = REFUSALS[self.style.spoken(work.question)]
        return Answer(
            text, found=False, hits=work.hits, model=self.model, backend=self.backend,
            timings=clock.timings(), reason=reason, logprob=draft.logprob,
            trace=replace(work.trace, seconds=clock.stages()), draft=draft.text.strip(),
        )  # fmt: skip

    def _joined(self, asked: Sequence[Part], answers: Sequence[Answer], question: str, clock: Clock) -> Answer:
        """One answer of the answers to the parts of a question; where some are missing it says which."""
        found = [answer for answer in answers if answer.found]
        missing = MISSING[self.style.spoken(question)]
        texts = [
            answer.text if answer.found or answer.stopped or not found else missing.format(part=part.text)
            for part, answer in zip(asked, answers, strict=False)  # fewer answers where it was stopped
        ]
        whole = found or answers[:1]
        kept = list(zip(texts, answers, strict=True)) if found else [(answers[0].text, answers[0])]
        text, citations, starts = joined([(text, answer.citations) for text, answer in kept])
        unsupported = tuple(
            (start + begin, end + begin)
            for begin, (_, answer) in zip(starts, kept, strict=True)
            for start, end in answer.unsupported
        )
        return replace(
            whole[0], text=text, citations=citations, unsupported=unsupported,
            short_answer=whole[0].short_answer if len(found) == 1 else None,
            hits=_unique(hit for answer in answers for hit in answer.hits),
            timings=clock.timings(), stopped=any(answer.stopped for answer in answers),
            trace=together([answer.trace for answer in answers if answer.trace], question, clock.stages()),
            draft="\n\n".join(answer.draft for answer in answers).strip(),
        )  # fmt: skip

    @property
    def model(self) -> str:
        """The chat model's id, recorded with every answer."""
        return self.chat.id if isinstance(self.chat, ChatModel) else type(self.chat).__name__

    @property
    def backend(self) -> str:
        """What the chat model runs on, recorded with every answer."""
        return self.chat.backend if isinstance(self.chat, ChatModel) else "langchain"


def _hits(works: Iterable[Work]) -> tuple[Hit, ...]:
    return _unique(hit for work in works for hit in work.hits)


def _unique(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    return tuple({hit.chunk.id: hit for hit in hits}.values())
