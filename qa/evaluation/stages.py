"""What each stage of retrieval and the gate contribute, all from one run (pure)."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from qa.evaluation.gold import right
from qa.evaluation.intervals import Figure, mean, share
from qa.evaluation.outcomes import Outcome
from qa.evaluation.ranking import STAGES, reciprocal_rank
from qa.gate import refuses
from storage.language import sentences


def stages(outcomes: Sequence[Outcome]) -> dict[str, dict[str, Any]]:
    """Recall and rank of the gold passage by each stage's own order; empty where no answer kept its trace."""
    ranked = {stage: [o.rankings[stage] for o in outcomes if stage in o.rankings] for stage in STAGES}
    return {
        stage: told(
            {
                "recall_at_1": share(any(gold[:1]) for gold in golds),
                "recall_at_5": share(any(gold[:5]) for gold in golds),
                "mrr": mean(map(reciprocal_rank, golds)),
            }
        )
        for stage, golds in ranked.items()
        if golds
    }


def gate(outcomes: Sequence[Outcome]) -> dict[str, dict[str, Any]]:
    """What the answers are worth with the gate, and without it: then what the chat model wrote would stand.

    Without it a question counts as refused where the model refused in its own words or was not asked at all. Empty
    where what the model wrote was not kept.
    """
    if not any(each.draft for each in outcomes) or any(each.found and not each.draft for each in outcomes):
        return {}
    return {
        "on": told(_worth(outcomes, lambda each: each.text if each.found else "")),
        "off": told(_worth(outcomes, _ungated)),
    }


def _ungated(outcome: Outcome) -> str:
    first = next(iter(sentences(outcome.draft)), (0, 0))
    return "" if not outcome.found and refuses(outcome.draft[slice(*first)]) else outcome.draft


def _worth(outcomes: Sequence[Outcome], said: Callable[[Outcome], str]) -> dict[str, Figure]:
    """`wrong` is the share of all questions with an answer that is not right."""
    answers = [(each.question, said(each)) for each in outcomes]
    return {
        "correct": share(right(question, text) for question, text in answers if question.answerable),
        "wrong": share(
            bool(text) and not (question.answerable and right(question, text)) for question, text in answers
        ),
        "false_refusals": share(not text for question, text in answers if question.answerable),
        "refusal_recall": share(not text for question, text in answers if not question.answerable),
    }


def told(figures: dict[str, Figure]) -> dict[str, Any]:
    """Figures as objects show them: each value under its name, and the ends of all intervals under `intervals`."""
    values: dict[str, Any] = {name: figure.value for name, figure in figures.items()}
    ends = {name: [figure.low, figure.high] for name, figure in figures.items() if figure.value is not None}
    return values | {"intervals": ends}


class Point(NamedTuple):
    """What refusing below a probability would give: shares of the answerable and of the unanswerable questions."""

    least: float
    false_refusals: float
    refusal_recall: float


def trade_off(outcomes: Sequence[Outcome]) -> tuple[Point, ...]:
    """Every choice the gate had, from refusing the fewest to refusing all; empty where it was not asked.

    A question that was refused before the gate was asked is refused at every choice.
    """
    known = [(o.probability, o.question.answerable) for o in outcomes if o.probability is not None or not o.found]
    least = sorted({p for p, _ in known if p is not None})
    sides = [[-1.0 if p is None else p for p, answerable in known if answerable == side] for side in (True, False)]
    if not least or not all(sides):
        return ()
    shares = [[sum(p < at for p in side) / len(side) for side in sides] for at in (*least, float("inf"))]
    return tuple(Point(at, *both) for at, both in zip((*least, 1.0), shares, strict=True))
