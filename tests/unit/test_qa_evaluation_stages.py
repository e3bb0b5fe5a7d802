"""What each stage of retrieval and the gate contribute."""

from qa.evaluation.outcomes import Outcome
from qa.evaluation.questions import Question
from qa.evaluation.stages import gate, stages, trade_off

KNOWN = Question("1", "q", ("two",))
ABSENT = Question("2", "q", answerable=False)


def test_each_stage_is_counted_where_it_ran() -> None:
    found = stages(
        [
            Outcome(KNOWN, "", True, rankings={"vectors": (False, True), "keywords": (), "fused": (True,)}),
            Outcome(KNOWN, "", True, rankings={"vectors": (True,), "keywords": (True,), "fused": (True,),
                                               "reranked": (True,)}),
            Outcome(ABSENT, "", True),
        ]
    )  # fmt: skip
    assert {stage: (row["recall_at_1"], row["recall_at_5"], row["mrr"]) for stage, row in found.items()} == {
        "vectors": (0.5, 1.0, 0.75), "keywords": (0.5, 0.5, 0.5), "fused": (1.0, 1.0, 1.0), "reranked": (1.0, 1.0, 1.0),
    }  # fmt: skip
    assert found["vectors"]["intervals"].keys() == {"recall_at_1", "recall_at_5", "mrr"}


def test_without_the_gate_what_was_written_stands() -> None:
    outcomes = [
        Outcome(KNOWN, "It is two.", True, draft="It is two."),
        Outcome(KNOWN, "The documents don't say.", False, draft="It is two."),  # the gate was wrong
        Outcome(ABSENT, "The documents don't say.", False, draft="It is nine."),  # the gate was right
        Outcome(ABSENT, "The documents don't say.", False, draft="The documents don't say."),
        Outcome(ABSENT, "The documents don't say.", False),  # the model was not asked
    ]
    found = gate(outcomes)
    names = ("correct", "wrong", "false_refusals", "refusal_recall")
    assert tuple(found["on"][name] for name in names) == (0.5, 0.0, 0.5, 1.0)
    assert tuple(found["off"][name] for name in names) == (1.0, 0.2, 0.0, 0.6667)


def test_nothing_is_said_of_the_gate_where_no_draft_was_kept() -> None:
    assert gate([]) == {}
    assert gate([Outcome(KNOWN, "It is two.", True), Outcome(KNOWN, "-", False, draft="It is two.")]) == {}


def test_the_trade_off_goes_from_refusing_the_fewest_to_refusing_all() -> None:
    outcomes = [
        Outcome(KNOWN, "", True, probability=0.9),
        Outcome(KNOWN, "", True, probability=0.4),
        Outcome(ABSENT, "", False, probability=0.2),
        Outcome(ABSENT, "", True, probability=0.6),
        Outcome(ABSENT, "", False),  # before the gate was asked
    ]
    assert [tuple(round(part, 3) for part in point) for point in trade_off(outcomes)] == [
        (0.2, 0.0, 0.333), (0.4, 0.0, 0.667), (0.6, 0.5, 0.667), (0.9, 0.5, 1.0), (1.0, 1.0, 1.0),
    ]  # fmt: skip


def test_no_trade_off_without_a_probability_or_without_both_kinds() -> None:
    assert trade_off([Outcome(KNOWN, "", True), Outcome(ABSENT, "", False)]) == ()
    assert trade_off([Outcome(KNOWN, "", True, probability=0.5)]) == ()
