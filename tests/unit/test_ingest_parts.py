"""A text in parts loses nothing, keeps its lines, and comes through JSON as it was."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.chunk import ChunkOptions
from ingest.clean import Piece, Reading
from ingest.parts import as_json, from_json, parts, stretches
from storage.anchors import Box, Cells, Lines, spot_of

PIECES = st.lists(st.builds(Piece, st.just(""), st.none(), st.text("ab \n", max_size=60)), max_size=12)


@given(PIECES, st.integers(45, 200))
def test_stretches_hold_every_piece_in_order_and_none_is_too_long(pieces: list[Piece], most: int) -> None:
    runs = list(stretches(pieces, most))
    assert "".join(piece.text for run in runs for piece in run) == "".join(piece.text for piece in pieces)
    assert all(run for run in runs)
    assert all(len(run) == 1 or sum(len(piece.text) for piece in run) <= most for run in runs)
    assert all(len(piece.text) <= most for run in runs for piece in run)


def test_many_tiny_pieces_fill_a_part_too() -> None:
    runs = list(stretches((Piece("", None, "x") for _ in range(1000)), 4000))
    assert max(map(len, runs)) <= 100


def test_a_piece_that_is_cut_keeps_its_lines() -> None:
    lines = [f"line {n}" for n in range(1, 501)]
    reading = Reading("T", (Piece("", None, "\n".join(lines), Lines(1, 500), verbatim=True),))
    made = [part for part, _ in parts(reading, ChunkOptions(), 1000)]
    assert len(made) > 3
    for part in made:
        for line in part.joined.text.split("\n"):
            start = (
                part.joined.text.index(f"{line}\n") if f"{line}\n" in part.joined.text else part.joined.text.index(line)
            )
            number = int(line.split()[1])
            assert spot_of(part.joined.text, part.joined.anchors, start, start + len(line)) == Lines(number, number)


def test_pieces_are_taken_as_they_are_wanted() -> None:
    taken = []

    def pieces() -> Iterator[Piece]:
        for number in range(100):
            taken.append(number)
            yield Piece("", None, f"Paragraph {number} is here. " * 4)

    made = parts(Reading("T", pieces()), ChunkOptions(), 500)
    assert next(made)[1] is False
    assert len(taken) < 15
    assert [last for _, last in made][-1] is True


def test_what_holds_no_text_makes_no_part() -> None:
    assert list(parts(Reading("T", (Piece("", None, " \n "),)), ChunkOptions())) == []


@pytest.mark.parametrize("spot", [Lines(1, 2), Cells(1, 2, 3, 4), Box(0.1, 0.2, 0.3, 0.4), None])
def test_json_brings_a_part_through(spot: Lines | Cells | Box | None) -> None:
    when = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
    pieces = (
        Piece("A > B", 2, "文字 and text.\n\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), spot),
    )
    ((part, last),) = parts(Reading("标题", pieces, 3, ("Ada",), when, ("tag",)), ChunkOptions())
    assert last
    assert from_json(json.loads(json.dumps(as_json(part)))) == part


@pytest.mark.parametrize("values", [{}, {"text": 1}, {"title": "t", "text": "x", "sections": [[1]], "anchors": []}])
def test_what_is_no_part_is_refused(values: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_json(values)
