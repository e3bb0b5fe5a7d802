"""Pairs of question and passage: every token knows its characters, and what is too long is cut."""

from pathlib import Path

import numpy as np
import pytest

from qa.evidence.pairs import Pair, Pairs, best_span
from storage.models import bert, e5
from tests import tiny_e5

ENGLISH = "the rock layer  is old"
CHINESE = "天气很好。rock 天气"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("tiny-e5")
    bert.write(e5.read(tiny_e5.write(target / "tiny.bin")), target)
    return target


def said(pair: Pair, text: str) -> str:
    """Return the passage as its tokens have it, one after the other; the mark of a first word has a letter of it."""
    spans = [span for span, inside in zip(pair.spans[1:], pair.inside[1:], strict=True) if inside]
    assert spans == sorted(spans)
    return "".join(text[i] for i in sorted({i for start, end in spans for i in range(start, end)}))


@pytest.mark.parametrize("lead", ["", "title > heading", "天气"])
@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_every_character_but_blanks_belongs_to_a_token(folder: Path, text: str, lead: str) -> None:
    (pair,) = Pairs(folder).pairs("which rock", [(lead, text)])
    assert said(pair, text) == text.replace(" ", "")
    assert all(end == start for (start, end), inside in zip(pair.spans, pair.inside, strict=True) if not inside)


def test_a_whole_word_keeps_its_place_without_the_blank_before_it(folder: Path) -> None:
    (pair,) = Pairs(folder).pairs("x", [("", ENGLISH)])
    token = tiny_e5.PIECES.index("▁rock")
    start, end = pair.spans[pair.ids.index(token)]
    assert ENGLISH[start:end] == "rock"


def test_question_and_passage_stand_apart(folder: Path) -> None:
    (pair,) = Pairs(folder).pairs("天", [("", "气")])
    day, air = (tiny_e5.PIECES.index(piece) for piece in "天气")
    assert [token for token in pair.ids if token != tiny_e5.PIECES.index("▁")] == [0, day, 2, 2, air, 2]
    assert pair.inside[0] == 1  # where no answer stands
    assert len(pair.ids) == len(pair.inside) == len(pair.spans) == len(pair.mask)


def test_a_long_question_leaves_room_for_the_passage(folder: Path) -> None:
    (pair,) = Pairs(folder).pairs("why " * 300, [("", ENGLISH)])
    assert pair.ids.index(2) == 1 + 64
    assert said(pair, ENGLISH) == ENGLISH.replace(" ", "")


@pytest.mark.parametrize("longest", [40, 100])
def test_a_long_passage_is_cut(folder: Path, longest: int) -> None:
    text = "a rock layer " * 200
    (pair,) = Pairs(folder, longest).pairs("which rock", [("the title", text)])
    assert len(pair.ids) == longest
    assert pair.ids[-1] == 2
    whole = text.replace(" ", "")
    assert whole.startswith(read := said(pair, text))
    assert 0 < len(read) < len(whole)


def test_several_passages_are_read_for_themselves(folder: Path) -> None:
    pairs = Pairs(folder)
    together = pairs.pairs("which rock", [("", ENGLISH), ("t", CHINESE)])
    assert together == [*pairs.pairs("which rock", [("", ENGLISH)]), *pairs.pairs("which rock", [("t", CHINESE)])]


def scores(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Return the scores of some tokens."""
    return np.array(values, np.float32)


def test_an_answer_never_ends_before_it_starts() -> None:
    starts, ends = scores(0, 1, 9), scores(9, 3, 0)
    assert best_span(starts, ends) == (2, 2, 9)
    assert best_span(scores(5, 1, 4), ends) == (0, 0, 14)
    assert best_span(scores(0, 4, 1), scores(0, 1, 6)) == (1, 2, 10)


def test_an_answer_is_no_longer_than_a_phrase() -> None:
    starts, ends = np.zeros(100, np.float32), np.zeros(100, np.float32)
    starts[10], ends[90], ends[20] = 5, 5, 1
    assert best_span(starts, ends)[:2] == (10, 20)


def test_where_nothing_can_be_an_answer_nothing_is_sure() -> None:
    assert best_span(scores(-np.inf, -np.inf), scores(-np.inf, -np.inf))[2] == -np.inf
