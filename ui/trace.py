"""What a trace says, in words and one table (pure): the terminal and the page show the same, each in its language."""

from collections.abc import Iterable
from dataclasses import dataclass

from qa.passages import USED
from storage.records import Candidate, Fate, Filter, Trace
from ui.words import Say, english, moment

Facts = tuple[tuple[str, str], ...]
_NONE = "–"  # a stage did not see the passage


@dataclass(frozen=True, slots=True)
class Row:
    """A passage that was looked at: what became of it, where it stands, and what each stage said of it.

    `used` tells that the chat model read it.
    """

    fate: str
    used: bool
    title: str
    place: str
    numbers: dict[str, str]


def searched(trace: Trace, say: Say = english) -> Facts:
    """What was searched, where and with what."""
    facts = [(say("Question"), trace.question)]
    if trace.translation:
        facts.append((say("In the other language"), trace.translation))
    facts.append((say("Searched"), f"{trace.collection} ({_chunks(trace.chunks, say)})"))
    if only := _only(trace.filter, say):
        facts.append((say("Only"), "; ".join(only)))
    facts += [(say("Embedder"), trace.embedder), (say("Reranker"), trace.reranker or say("none"))]
    return tuple(facts)


def rows(trace: Trace, say: Say = english) -> tuple[Row, ...]:
    """The passages that were looked at, best first; all rows have the same numbers."""
    reranked = any(each.relevance is not None for each in trace.candidates)
    return tuple(_row(each, reranked, say) for each in trace.candidates)


def decided(trace: Trace, say: Say = english) -> Facts:
    """What the gate weighed and came to, and how long each stage took."""
    facts = [(say("Signals"), _numbers(trace.signals, say))] if trace.signals else []
    if trace.probability is None:
        facts.append((say("Gate"), say("not asked")))
    else:
        gate = say("probability {p}", p=f"{trace.probability:.3f}")
        least = "" if trace.least is None else say(", at least {p} needed", p=f"{trace.least:.3f}")
        facts.append((say("Gate"), gate + least))
    return (*facts, (say("Seconds"), _numbers(trace.seconds, say))) if trace.seconds else tuple(facts)


def _chunks(number: int, say: Say) -> str:
    return say("{n} chunk", n=number) if number == 1 else say("{n} chunks", n=f"{number:,}")


def _row(each: Candidate, reranked: bool, say: Say) -> Row:
    numbers = {
        say("meaning"): _rank(each.vectors),
        say("words"): _rank(each.keywords),
        say("cosine"): f"{each.similarity:.3f}",
        say("coverage"): f"{each.coverage:.2f}",
        say("fused"): f"{each.fused:.3f}",
    }
    if reranked:
        numbers[say("relevance")] = _NONE if each.relevance is None else f"{each.relevance:.3f}"
    return Row(_fate(each.fate, say), each.fate in USED, each.title, f"{each.start:,}–{each.end:,}", numbers)


def _fate(fate: Fate, say: Say) -> str:
    return {
        "chosen": say("chosen"),
        "joined": say("joined"),
        "not needed": say("not needed"),
        "duplicate": say("duplicate"),
        "no room": say("no room"),
        "passed over": say("passed over"),
    }[fate]


def _rank(rank: int | None) -> str:
    return _NONE if rank is None else str(rank)


def _numbers(named: Iterable[tuple[str, float]], say: Say) -> str:
    names = _names(say)
    return ", ".join(f"{names.get(name, name)} {value:.3f}" for name, value in named)


def _names(say: Say) -> dict[str, str]:
    """The signals and the stages as a person reads them; what is not here, as of an older trace, keeps its name."""
    return {
        "similarity": say("similarity"),
        "coverage": say("coverage"),
        "answers": say("answers"),
        "sure": say("sure"),
        "relevance": say("relevance"),
        "second": say("second"),
        "near": say("near"),
        "length": say("length"),
        "shared": say("shared"),
        "lacking": say("lacking"),
        "agreed": say("agreed"),
        "cited": say("cited"),
        "logprob": say("logprob"),
        "confirmed": say("confirmed"),
        "condense": say("condense"),
        "search": say("search"),
        "translate": say("translate"),
        "read": say("read"),
        "confirm": say("confirm"),
        "retrieve": say("retrieve"),
        "evidence": say("evidence"),
        "first_token": say("first_token"),
        "write": say("write"),
        "cite": say("cite"),
        "judge": say("judge"),
        "total": say("total"),
    }


def _only(filter: Filter, say: Say) -> list[str]:
    parts = {
        say("documents"): ", ".join(filter.documents),
        say("folder"): filter.folder,
        say("formats"): ", ".join(filter.formats),
        say("languages"): ", ".join(filter.languages),
        say("tags"): ", ".join(filter.tags),
        say("changed since"): moment(filter.since, say=say) if filter.since else "",
        say("changed until"): moment(filter.until, say=say) if filter.until else "",
    }
    return [f"{name} {value}" for name, value in parts.items() if value]


def looked_through(trace: Trace, say: Say = english) -> str:
    """What was searched before it was said that the documents don't say, on one line."""
    one, n = trace.chunks == 1, f"{trace.chunks:,}"
    passages = say("{n} passage", n=n) if one else say("{n} passages", n=n)
    values = {"passages": passages, "collection": trace.collection, "question": " ".join(trace.question.split())}
    if not _only(trace.filter, say):
        return say("Searched {passages} of {collection} for: {question}", **values)
    return say("Searched {passages} of {collection} that fit the filter for: {question}", **values)
