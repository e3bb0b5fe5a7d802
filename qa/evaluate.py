"""How well questions were answered: gold answers compared as SQuAD does, refusals, citations, time (pure)."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from statistics import median
from typing import TYPE_CHECKING, Any

from storage.errors import UnreadableFile

if TYPE_CHECKING:
    from qa.answer import Answer

_WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_INSIDE = re.compile(r"(?<=\w)[.,'’](?=\w)")  # 1,000 and 1000, U.S and US, don't and dont are the same
_ARTICLES = {"a", "an", "the"}


@dataclass(frozen=True, slots=True)
class Question:
    """A line of a question file. `document` is the name of the file that holds the answer, "" where none is named.

    All of `must_contain` belong in a right answer; without it, any one of `answers` does. `history` holds role and
    text of the turns before.
    """

    id: str
    question: str
    answers: tuple[str, ...] = ()
    answerable: bool = True
    must_contain: tuple[str, ...] = ()
    document: str = ""
    history: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question and its answer; `exact` counts the citations whose quote is what the document says there."""

    question: Question
    answer: "Answer"
    exact: int


def read_questions(lines: Iterable[str]) -> tuple[Question, ...]:
    """The questions of a JSON Lines file. Raises UnreadableFile naming the first line that is no question."""
    questions: list[Question] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                questions.append(_question(json.loads(line), number))
            except (ValueError, KeyError, TypeError, AttributeError) as exc:
                what = f"has no {exc}" if isinstance(exc, KeyError) else f"is no question ({exc})"
                raise UnreadableFile(
                    f'Line {number} {what}. Write {{"id", "question", "answers", "answerable"}}.'
                ) from exc
    return tuple(questions)


def _question(row: Any, number: int) -> Question:
    answers, must = row.get("answers") or [], row.get("must_contain") or []
    if not all(isinstance(text, str) for text in [row["question"], *answers, *must]):
        raise ValueError("question, answers and must_contain hold text")
    history = tuple((str(turn["role"]), str(turn["text"])) for turn in row.get("history") or [])
    answerable = row.get("answerable", bool(answers or must))
    if not isinstance(answerable, bool):
        raise ValueError("answerable is true or false")
    name = PurePath(str(row.get("document") or row.get("doc") or "")).name
    return Question(str(row.get("id", number)), row["question"], tuple(answers), answerable, tuple(must), name, history)


def tokens(text: str) -> list[str]:
    """Words without case, punctuation and articles; of Chinese each character."""
    words = _WORD.findall(_INSIDE.sub("", unicodedata.normalize("NFKC", text).lower()))
    return [word for word in words if word not in _ARTICLES] or words


def contains(text: str, gold: str) -> bool:
    """Whether the tokens of `gold` stand in `text`, one after the other."""
    return f" {' '.join(tokens(gold))} " in f" {' '.join(tokens(text))} "


def right(question: Question, text: str) -> bool:
    """Whether an answer's text holds what it must."""
    if question.must_contain:
        return all(contains(text, gold) for gold in question.must_contain)
    return any(contains(text, gold) for gold in question.answers)


def token_f1(text: str, answers: Sequence[str]) -> float:
    """The best F1 of shared tokens with any of the gold answers."""
    said = Counter(tokens(text))
    scores = [0.0]
    for gold in answers:
        wanted = Counter(tokens(gold))
        if shared := (said & wanted).total():
            scores.append(2 * shared / (said.total() + wanted.total()))
    return max(scores)


def metrics(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """All figures of an evaluation. Shares are 0..1, times seconds; None where nothing can be counted.

    correct, f1 and false_refusals are shares of the answerable questions, refusal_recall of the unanswerable,
    refusal_precision of the refusals; citation_precision counts where the question names its document.
    """
    answerable = [o for o in outcomes if o.question.answerable]
    unanswerable = [o for o in outcomes if not o.question.answerable]
    refused = [o for o in outcomes if not o.answer.found]
    named = [o for o in outcomes if o.question.document]
    citations = [c for o in outcomes for c in o.answer.citations]
    expected = [(_name(c.path) == o.question.document) for o in named for c in o.answer.citations]
    answered = len(outcomes) - len(refused)
    return {
        "questions": len(outcomes),
        "answered": answered,
        "refused": len(refused),
        "correct": _mean(o.answer.found and right(o.question, o.answer.text) for o in answerable),
        "f1": _mean(_f1(o) for o in answerable),
        "found_accuracy": _mean(o.answer.found == o.question.answerable for o in outcomes),
        "false_refusals": _mean(not o.answer.found for o in answerable),
        "refusal_recall": _mean(not o.answer.found for o in unanswerable),
        "refusal_precision": _mean(not o.question.answerable for o in refused),
        "citations": len(citations),
        "citation_precision": _mean(expected),
        "quote_exactness": _ratio(sum(o.exact for o in outcomes), len(citations)),
        "hit_rate": _mean(any(_name(h.path) == o.question.document for h in o.answer.hits) for o in named),
        "gold_in_hits": _mean(right(o.question, "\n".join(h.chunk.text for h in o.answer.hits)) for o in answerable),
        "seconds": {
            "evidence": _times(outcomes, lambda a: a.timings.evidence),
            "first_token": _times(outcomes, lambda a: a.timings.first_token),
            "total": _times(outcomes, lambda a: a.timings.total),
        },
    }


def failures(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """The questions that were answered wrongly, or not, or although nothing says it."""
    return tuple(
        o
        for o in outcomes
        if o.answer.found != o.question.answerable or (o.answer.found and not right(o.question, o.answer.text))
    )


def _f1(outcome: Outcome) -> float:
    answer = outcome.answer
    golds = outcome.question.answers or (" ".join(outcome.question.must_contain),)
    return token_f1(answer.short_answer or answer.text, golds) if answer.found else 0.0


def _times(outcomes: Sequence[Outcome], of: Callable[["Answer"], float]) -> dict[str, float | None]:
    """Median and 90th percentile; a refusal that needed no model has no first token."""
    seconds = sorted(second for o in outcomes if (second := of(o.answer)))
    if not seconds:
        return {"median": None, "p90": None}
    return {"median": round(median(seconds), 3), "p90": round(seconds[int(0.9 * (len(seconds) - 1) + 0.5)], 3)}


def _name(path: str) -> str:
    return re.split(r"[\\/]", path)[-1]


def _mean(values: Iterable[float]) -> float | None:
    counted = list(values)
    return _ratio(sum(counted), len(counted))


def _ratio(part: float, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
