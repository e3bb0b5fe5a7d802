"""A question and what came of it, from the line that is written of it: the same now and after a restart (pure)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qa.evaluation.gold import is_gold, locatable, right
from qa.evaluation.questions import Question
from qa.evaluation.ranking import FINAL, orders
from storage.records import Document

TextOf = Callable[[str], Document | None]  # by id; None of a document that is gone
Row = dict[str, Any]
_WEIGHED = ("", "unlikely")  # the reasons of answers that stand or fall by their probability


@dataclass(frozen=True, slots=True)
class Quote:
    """A citation of one sentence of an answer; `exact` where the document says the same at that place."""

    name: str
    text: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question and what came of it. `draft` is what the chat model wrote, "" where it was not asked.

    `sentences` are those of the answer that say something, `supported` those of them with a citation. Of the passages
    shown, `named` tells whether one is from the file that the question names, `holds_gold` whether they hold an answer.
    `rankings` tell, for each stage that ran and for the final order, which passages are gold, best first.
    `probability` is what the gate weighed of what was written and `least` what it had to be; None where something else
    decided. `seconds` are by beat.
    """

    question: Question
    text: str
    found: bool
    short_answer: str | None = None
    draft: str = ""
    quotes: tuple[Quote, ...] = ()
    sentences: int = 0
    supported: int = 0
    named: bool = False
    holds_gold: bool = False
    rankings: Mapping[str, tuple[bool, ...]] = field(default_factory=dict)
    probability: float | None = None
    least: float | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether an answerable question got an answer that holds what it must."""
        return self.question.answerable and self.found and right(self.question, self.text)

    @property
    def failed(self) -> bool:
        """Whether it was answered wrongly, or not, or although nothing says it."""
        return self.found if not self.question.answerable else not self.right


def outcome(question: Question, row: Row, document: TextOf) -> Outcome:
    """What came of a question, by its line: its keys are those of `eval --out`.

    Raises KeyError, TypeError, ValueError where the line is not one of these.
    """
    cited = {each["marker"]: _quote(each, document) for each in row["citations"]}
    markers = [each["markers"] for each in row["sentences"]]
    hits = [(file_name(each["path"]), each["text"]) for each in row["hits"]]
    trace = row["trace"] or {}
    gate = trace if row["draft"] and row["reason"] in _WEIGHED else {}
    return Outcome(
        question, row["text"], row["found"], row["short_answer"], row["draft"],
        tuple(cited[marker] for some in markers for marker in some), len(markers), sum(map(bool, markers)),
        any(name == question.document for name, _ in hits), right(question, "\n".join(text for _, text in hits)),
        _rankings(question, hits, trace.get("candidates"), document) if locatable(question) else {},
        gate.get("probability"), gate.get("least"), row["seconds"],
    )  # fmt: skip


def file_name(path: str) -> str:
    """The last part of a path of any system."""
    return re.split(r"[\\/]", path)[-1]


def _quote(citation: Row, document: TextOf) -> Quote:
    whole = document(citation["document"])
    said = whole.text[citation["start"] : citation["end"]] if whole else None
    return Quote(file_name(citation["path"]), citation["quote"], said == citation["quote"])


def _rankings(
    question: Question, hits: Sequence[tuple[str, str]], candidates: Sequence[Row] | None, document: TextOf
) -> dict[str, tuple[bool, ...]]:
    """Without a trace only the final order is known, as far as it was shown."""
    if candidates is None:
        return {FINAL: tuple(is_gold(question, name, text) for name, text in hits)}
    gold = [_is_gold(question, each, document) for each in candidates]
    return {stage: tuple(gold[place] for place in places) for stage, places in orders(candidates).items()}


def _is_gold(question: Question, candidate: Row, document: TextOf) -> bool:
    whole = document(candidate["document"])
    return whole is not None and is_gold(
        question, file_name(whole.path), whole.text[candidate["start"] : candidate["end"]]
    )
