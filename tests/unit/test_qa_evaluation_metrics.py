"""Figures of an evaluation, and that nothing is divided by nothing."""

from qa.evaluation.metrics import failures, metrics
from qa.evaluation.outcomes import Outcome, Quote
from qa.evaluation.questions import Question

RIGHT = Quote("a.pdf", "It is two years.", exact=True)


def small() -> list[Outcome]:
    """Five questions: right, wrong, missed, rightly refused, made up."""
    known = Question("1", "q", ("two years",), document="a.pdf")
    wrong = Question("2", "q", ("ten",), document="a.pdf")
    seconds = {"evidence": 0.2, "first_token": 1.0, "total": 2.0}
    return [
        Outcome(known, "It is two years.", True, "two years", quotes=(RIGHT,), sentences=1, supported=1, named=True,
                holds_gold=True, rankings={"final": (True,)}, seconds=seconds),
        Outcome(wrong, "It is nine. Or so.", True, quotes=(Quote("b.md", "Nine.", exact=False),), sentences=2,
                supported=1, rankings={"final": (False, False, True)}, seconds=seconds | {"first_token": 3.0}),
        Outcome(Question("3", "q", ("six",)), "-", False, rankings={"final": ()}, seconds={"first_token": 0.0}),
        Outcome(Question("4", "q", answerable=False), "-", False),
        Outcome(Question("5", "q", answerable=False), "Seven.", True, sentences=1),
    ]  # fmt: skip


def test_all_figures_of_a_small_evaluation() -> None:
    figures = metrics(small())
    assert figures | {"seconds": None, "intervals": None} == {
        "questions": 5,
        "answered": 3,
        "refused": 2,
        "citations": 2,
        "correct": 0.3333,
        "exact_match": 0.3333,
        "f1": 0.3333,
        "found_accuracy": 0.6,
        "false_refusals": 0.3333,
        "refusal_recall": 0.5,
        "refusal_precision": 0.5,
        "refusal_f1": 0.5,
        "citation_precision": 0.5,
        "quote_exactness": 0.5,
        "support": 0.5,
        "coverage": 0.3333,
        "hit_rate": 0.5,
        "gold_in_hits": 0.3333,
        "recall_at_1": 0.3333,
        "recall_at_5": 0.6667,
        "recall_at_10": 0.6667,
        "mrr": 0.4444,
        "ndcg_at_10": 0.5,
        "seconds": None,
        "intervals": None,
        "stages": {},
        "gate": {},
    }
    assert figures["seconds"]["first_token"] == {"median": 2.0, "p90": 2.8, "p95": 2.9}
    assert [each.question.id for each in failures(small())] == ["2", "3", "5"]


def test_every_share_and_mean_lies_in_its_interval() -> None:
    figures = metrics(small())
    counts = {"questions", "answered", "refused", "citations", "seconds", "stages", "gate", "intervals"}
    assert figures["intervals"].keys() == figures.keys() - counts
    for name, (low, high) in figures["intervals"].items():
        assert 0 <= low <= figures[name] <= high <= 1


def test_without_questions_nothing_is_counted() -> None:
    figures = metrics([])
    assert figures["questions"] == 0
    assert figures["correct"] is None and figures["citation_precision"] is None and figures["mrr"] is None
    assert figures["seconds"]["total"] == {"median": None, "p90": None, "p95": None}
    assert figures["intervals"] == {}


def test_everything_that_must_be_there_counts() -> None:
    both = Question("1", "q", ("a and b",), must_contain=("red", "blue"))
    assert metrics([Outcome(both, "Red and blue.", True)])["correct"] == 1.0
    assert metrics([Outcome(both, "Only red.", True)])["correct"] == 0.0


def test_without_a_short_answer_the_text_is_compared() -> None:
    figures = metrics([Outcome(Question("1", "q", ("Two years",)), "two years.", True)])
    assert (figures["exact_match"], figures["f1"]) == (1.0, 1.0)
