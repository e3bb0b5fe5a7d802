"""All figures of an evaluation, each share and mean with its interval (pure)."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from qa.evaluation.gold import exact, golds, token_f1
from qa.evaluation.intervals import NONE, Figure, mean, ratio, share
from qa.evaluation.outcomes import Outcome
from qa.evaluation.ranking import FINAL, ndcg, reciprocal_rank
from qa.evaluation.stages import gate, stages, told

_BEATS = ("evidence", "first_token", "total")
_PERCENTILES = {"median": 0.5, "p90": 0.9, "p95": 0.95}


def metrics(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """All figures of an evaluation. Shares are 0..1, times seconds; None where nothing can be counted.

    Shares of the answerable questions are correct, exact_match, f1 and false_refusals, and of those whose passage can
    be known (see `gold.is_gold`) the recalls, mrr and ndcg_at_10; of the unanswerable refusal_recall, of the refusals
    refusal_precision. citation_precision counts where the question names its document, support the sentences of
    answers, coverage the answers whose every sentence is cited. `intervals` holds the ends of each, 95 % between them.
    """
    refused = sum(not each.found for each in outcomes)
    figures = {
        **_answers(outcomes),
        **_refusals(outcomes),
        **_citations(outcomes),
        **_passages(outcomes),
    }
    return {
        "questions": len(outcomes),
        "answered": len(outcomes) - refused,
        "refused": refused,
        "citations": sum(len(each.quotes) for each in outcomes),
        **told(figures),
        "seconds": {beat: _times(each.seconds.get(beat) for each in outcomes) for beat in _BEATS},
        "stages": stages(outcomes),
        "gate": gate(outcomes),
    }


def failures(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """The questions that were answered wrongly, or not, or although nothing says it."""
    return tuple(each for each in outcomes if each.failed)


def _answers(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    answerable = [each for each in outcomes if each.question.answerable]
    return {
        "correct": share(each.right for each in answerable),
        "exact_match": share(each.found and exact(_bare(each), golds(each.question)) for each in answerable),
        "f1": mean(token_f1(_bare(each), golds(each.question)) if each.found else 0.0 for each in answerable),
        "found_accuracy": share(each.found == each.question.answerable for each in outcomes),
    }


def _bare(outcome: Outcome) -> str:
    return outcome.short_answer or outcome.text


def _refusals(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """F1 is twice what was rightly refused, by what was refused and what should have been; without any, it is none."""
    refused = [not each.found for each in outcomes]
    absent = [not each.question.answerable for each in outcomes]
    both = [2.0 * (r and a) for r, a in zip(refused, absent, strict=True)]
    return {
        "false_refusals": share(r for r, a in zip(refused, absent, strict=True) if not a),
        "refusal_recall": share(r for r, a in zip(refused, absent, strict=True) if a),
        "refusal_precision": share(a for r, a in zip(refused, absent, strict=True) if r),
        "refusal_f1": ratio(both, [float(r + a) for r, a in zip(refused, absent, strict=True)])
        if any(absent)
        else NONE,
    }


def _citations(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    named = [each for each in outcomes if each.question.document]
    answered = [each for each in outcomes if each.found]
    return {
        "citation_precision": share(q.name == each.question.document for each in named for q in each.quotes),
        "quote_exactness": share(quote.exact for each in outcomes for quote in each.quotes),
        "support": share(n < each.supported for each in answered for n in range(each.sentences)),
        "coverage": share(0 < each.sentences == each.supported for each in answered),
    }


def _passages(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    ranked = [each.rankings[FINAL] for each in outcomes if FINAL in each.rankings]
    return {
        "hit_rate": share(each.named for each in outcomes if each.question.document),
        "gold_in_hits": share(each.holds_gold for each in outcomes if each.question.answerable),
        **{f"recall_at_{k}": share(any(gold[:k]) for gold in ranked) for k in (1, 5, 10)},
        "mrr": mean(reciprocal_rank(gold) for gold in ranked),
        "ndcg_at_10": mean(ndcg(gold, 10) for gold in ranked),
    }


def _times(seconds: Iterable[float | None]) -> dict[str, float | None]:
    """Percentiles; a refusal that needed no model has no first token."""
    counted = sorted(second for second in seconds if second)
    if not counted:
        return dict.fromkeys(_PERCENTILES)
    return {name: round(float(np.quantile(counted, at)), 3) for name, at in _PERCENTILES.items()}
