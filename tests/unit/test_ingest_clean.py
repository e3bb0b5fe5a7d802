"""Cleaning changes how a text is written, never what it says; joining keeps count of where everything is."""

import unicodedata
from itertools import groupby
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.clean import Line, Piece, headed, heading_name, join, normalise, outlined
from storage.anchors import Lines, spot_of

CHARACTERS = st.one_of(
    st.sampled_from("ab Z.。，,;\n\n\t \u3000中文é#-`|~"),
    st.characters(codec="utf-8"),
    st.characters(categories=["Cc", "Cf"]),
)
TEXTS = st.text(CHARACTERS, max_size=300)
PIECES = st.lists(
    st.builds(Piece, st.sampled_from(["", "A", "A > B"]), st.sampled_from([None, 1, 2]), TEXTS), max_size=12
)
PROPERTY = settings(derandomize=True, deadline=None, max_examples=300)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("e\u0301te\u0301", "été"),
        ("全角：ＡＢＣ，１２３", "全角：ＡＢＣ，１２３"),  # NFC, not NFKC
        ("so\u00adft zero\u200bwidth \ufeffmark", "soft zerowidth mark"),
        ("a   b\u00a0\u2003c", "a b c"),
        ("　　第一段。", "第一段。"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("    indented  code", "    indented code"),
        ("```\nx =  1\n```", "```\nx =  1\n```"),
        ("Soil .................... 12", "Soil ... 12"),
        ("bell\x07 lone\ud800", "bell lone"),
        ("👩\u200d👧", "👩\u200d👧"),
    ],
)
def test_normalise(raw: str, clean: str) -> None:
    assert normalise(raw) == clean


@PROPERTY
@given(TEXTS)
def test_normalise_twice_is_normalise_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@PROPERTY
@given(TEXTS)
def test_normalise_keeps_every_visible_character(text: str) -> None:
    def visible(text: str) -> str:
        shown = [c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn")]
        return unicodedata.normalize("NFC", "".join(shown)).replace(".", "").replace("·", "")

    assert visible(normalise(text)) == visible(text)


@PROPERTY
@given(PIECES)
def test_sections_tile_the_text_and_keep_heading_and_page(pieces: list[Piece]) -> None:
    text, sections, _ = join(pieces)
    assert "".join(text[section.start : section.end] for section in sections) == text
    shown = [(piece.heading, piece.page) for piece in pieces if normalise(piece.text)]
    assert [(section.heading, section.page) for section in sections] == [key for key, _ in groupby(shown)]
    at = 0
    for piece in pieces:
        at = text.index(normalise(piece.text), at) + len(normalise(piece.text))


def test_a_sentence_runs_on_over_a_page_without_a_blank_line() -> None:
    text, sections, _ = join([Piece("", 1, "The lease ends"), Piece("", 2, "on 31 May."), Piece("", 3, "Annex")])
    assert text == "The lease ends\non 31 May.\n\nAnnex"
    assert [(section.page, section.start) for section in sections] == [(1, 0), (2, 15), (3, 27)]


def test_headings_make_paths() -> None:
    pieces = headed([(0, "before"), (1, "# A"), (0, "a"), (3, "### C"), (2, "## B"), (0, "b"), (1, "# D")])
    assert [piece.heading for piece in pieces] == ["", "A", "A > C", "A > B", "D"]
    assert pieces[1].text == "# A\n\na"


@PROPERTY
@given(st.lists(st.tuples(st.integers(0, 3), TEXTS), max_size=12))
def test_lines_that_keep_their_spots_make_the_same_text(lines: list[tuple[int, str]]) -> None:
    pieces = outlined(Line(level, text, Lines(1, 1)) for level, text in lines)
    assert join(pieces)[:2] == join(headed(lines))[:2]


def test_a_code_fence_that_paragraphs_share_holds_them_together() -> None:
    lines = [Line(0, "```", Lines(1, 1)), Line(0, "a  b", Lines(3, 3)), Line(0, "```", Lines(5, 5)), Line(0, "c  d")]
    assert [(piece.text, piece.spot) for piece in outlined(lines)] == [
        ("```\n\na  b\n\n```", Lines(1, 5)), ("c  d", None),
    ]  # fmt: skip


def test_anchors_of_lines_that_follow_each_other_become_one_and_stay_exact() -> None:
    pieces = [
        Piece("", None, "one", Lines(1, 1)),
        Piece("", None, "two", Lines(2, 2), tight=True),
        Piece("", None, "four\nfive", Lines(4, 5)),  # a blank line before it, as in the text
        Piece("", None, "nine, which was two lines", Lines(9, 10)),
        Piece("", None, "eleven", Lines(11, 11), tight=True),
        Piece("", None, "nowhere"),
        Piece("", None, "thirteen", Lines(13, 13), tight=True),
    ]
    text, _, anchors = join(pieces)
    assert [anchor.spot for anchor in anchors] == [Lines(1, 5), Lines(9, 10), Lines(11, 11), Lines(13, 13)]
    for word, lines in [
        ("two", Lines(2, 2)),
        ("five", Lines(5, 5)),
        ("eleven", Lines(11, 11)),
        ("which", Lines(9, 10)),
    ]:
        start = text.index(word)
        assert spot_of(text, anchors, start, start + len(word)) == lines


def test_verbatim_pieces_never_run_on_into_the_next_page() -> None:
    pieces = [Piece("", 1, "x = 1", verbatim=True), Piece("", 2, "Then:"), Piece("", 3, "y  =  2", verbatim=True)]
    assert join(pieces).text == "x = 1\n\nThen:\n\ny  =  2"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("## **Bold** `code` ##", "Bold code"),
        ("# [Docs](http://x)", "Docs"),
        ("Title\n=====", "Title"),
        ("第一章  总则", "第一章 总则"),
    ],
)
def test_heading_names_are_plain(line: str, name: str) -> None:
    assert heading_name(line) == name


def test_the_name_of_a_hostile_heading_takes_no_time() -> None:
    started = monotonic()
    heading_name("# a" + " " * 1_000_000 + "[" * 1_000_000)
    assert monotonic() - started < 1
