"""What the tree of messages promises: each variant keeps what was said after it."""

from storage.branches import Place, branch, end_of

# 1 asks, 2 answers; 3 is 2 once more; 4 goes on from 3; 5 is 1 edited, answered by 6.
TREE = [Place("1", None), Place("2", "1"), Place("3", "1"), Place("4", "3"), Place("5", None), Place("6", "5")]


def test_a_branch_runs_from_the_beginning_to_its_end() -> None:
    assert [shown.id for shown in branch(TREE, "4")] == ["1", "3", "4"]
    assert [shown.id for shown in branch(TREE, "6")] == ["5", "6"]


def test_a_message_knows_what_stands_in_its_place() -> None:
    assert [shown.variants for shown in branch(TREE, "4")] == [("1", "5"), ("2", "3"), ()]


def test_an_end_that_is_not_there_shows_nothing() -> None:
    assert branch(TREE, None) == branch(TREE, "9") == branch([], "1") == []


def test_a_branch_goes_on_by_its_newest_messages() -> None:
    assert [end_of(TREE, start) for start in ("1", "2", "3", "5", "6")] == ["4", "2", "4", "6", "6"]
