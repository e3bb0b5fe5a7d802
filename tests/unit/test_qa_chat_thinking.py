"""The thinking before an answer never shows, however the pieces are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.chat.thinking import WithoutThinking


def answer(*pieces: str) -> str:
    kept = WithoutThinking()
    return "".join([*map(kept.feed, pieces), kept.rest()])


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ("The Rhine.", "The Rhine."),
        ("<think>\nHm. It is\n</think>\n\nThe Rhine.", "The Rhine."),
        ("\n<think></think>莱茵河。\n", "莱茵河。\n"),
        ("  indented", "  indented"),
        ("<thin ice>", "<thin ice>"),
        ("<thi", "<thi"),
        ("Write <think>x</think> for it.", "Write <think>x</think> for it."),
        ("<think>a</think><think>b</think>c", "<think>b</think>c"),
        ("<think>a</think> </think>", "</think>"),
        ("", ""),
    ],
)
def test_the_same_whole_or_character_by_character(reply: str, shown: str) -> None:
    assert answer(reply) == shown
    assert answer(*reply) == shown


def test_a_block_that_is_never_closed_shows_nothing() -> None:
    kept = WithoutThinking()
    assert [kept.feed(piece) for piece in ("<th", "ink>I wonder", " </thin", "k")] == ["", "", "", ""]
    assert kept.thinking
    assert kept.rest() == ""


def test_what_cannot_be_a_tag_is_not_held_back() -> None:
    kept = WithoutThinking()
    assert kept.feed("The ") == "The "
    assert kept.feed("<") == "<"
    assert not kept.thinking


@given(st.lists(st.text(alphabet="<think>/ a\n", max_size=9), max_size=9))
def test_no_cut_changes_what_is_shown(pieces: list[str]) -> None:
    assert answer(*pieces) == answer("".join(pieces))
