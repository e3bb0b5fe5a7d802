"""What a trace says, in words and one table (pure): the terminal and the page show the same."""

from collections.abc import Iterable
from dataclasses import dataclass

from storage.records import Candidate, Filter, Trace
from ui.words import count, moment

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


def searched(trace: Trace) -> Facts:
    """What was searched, where and with what."""
    facts = [("Question", trace.question), ("Searched", f"{trace.collection} ({count(trace.chunks, 'chunk')})")]
    if trace.filter != Filter():
        facts.append(("Only", "; ".join(_only(trace.filter))))
    facts += [("Embedder", trace.embedder), ("Reranker", trace.reranker or "none")]
    return tuple(facts)


def rows(trace: Trace) -> tuple[Row, ...]:
    """The passages that were looked at, best first; all rows have the same numbers."""
    reranked = any(each.relevance is not None for each in trace.candidates)
    return tuple(_row(each, reranked) for each in trace.candidates)


def decided(trace: Trace) -> Facts:
    """What the gate weighed and came to, and how long each stage took."""
    facts = [("Signals", _numbers(trace.signals))] if trace.signals else []
    if trace.probability is None:
        facts.append(("Gate", "not asked"))
    else:
        least = "" if trace.least is None else f", at least {trace.least:.3f} needed"
        facts.append(("Gate", f"probability {trace.probability:.3f}{least}"))
    return (*facts, ("Seconds", _numbers(trace.seconds))) if trace.seconds else tuple(facts)


def _row(each: Candidate, reranked: bool) -> Row:
    numbers = {
        "meaning": _rank(each.vectors),
        "words": _rank(each.keywords),
        "cosine": f"{each.similarity:.3f}",
        "coverage": f"{each.coverage:.2f}",
        "fused": f"{each.fused:.3f}",
    }
    if reranked:
        numbers["relevance"] = _NONE if each.relevance is None else f"{each.relevance:.3f}"
    return Row(each.fate, each.fate in ("chosen", "joined"), each.title, f"{each.start:,}–{each.end:,}", numbers)


def _rank(rank: int | None) -> str:
    return _NONE if rank is None else str(rank)


def _numbers(named: Iterable[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in named)


def _only(filter: Filter) -> list[str]:
    parts = {
        "documents": ", ".join(filter.documents),
        "folder": filter.folder,
        "formats": ", ".join(filter.formats),
        "languages": ", ".join(filter.languages),
        "tags": ", ".join(filter.tags),
        "changed since": moment(filter.since) if filter.since else "",
        "changed until": moment(filter.until) if filter.until else "",
    }
    return [f"{name} {value}" for name, value in parts.items() if value]


def looked_through(trace: Trace) -> str:
    """What was searched before it was said that the documents don't say, on one line."""
    some = " that fit the filter" if trace.filter != Filter() else ""
    return (
        f"Searched {count(trace.chunks, 'passage')} of {trace.collection}{some} for: {' '.join(trace.question.split())}"
    )
