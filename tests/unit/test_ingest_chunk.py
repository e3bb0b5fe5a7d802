"""Chunks hold every character of a document that is not blank, exactly once, at exact offsets."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunk import ChunkOptions, chunk_id, passage_text, split
from ingest.clean import Piece, join
from storage.language import tokens
from storage.records import Chunk, Document

WORDS = [
    "word",
    "Überraschung",
    "合同",
    "劳动者应当履行义务",
    "3.14",
    "e.g.",
    "https://a.example/b?c=d",
    "\U0001f600",
    "x" * 90,
]
MARKS = [" ", "。", "！", ". ", "? ", "，", ", ", "\n", "\n\n", "\n- ", "；", "\t", "```\n", '."', "  "]
TEXTS = st.lists(st.sampled_from(WORDS + MARKS), max_size=200).map("".join)
HEADINGS = st.sampled_from(["", "A", "A > B", "A > B > C", "A > D", "E"])
PIECES = st.lists(st.builds(Piece, HEADINGS, st.sampled_from([None, 1, 2]), TEXTS), max_size=10)
LIMITS = st.sampled_from([20, 60, 200])


def document(*pieces: Piece, title: str = "T") -> Document:
    text, sections, _ = join(pieces)
    return Document("d", "/d.txt", title, "", text, sections, "txt", "en", 0, 0)


def cut(*pieces: Piece, limit: int = 200) -> tuple[Chunk, ...]:
    return split(document(*pieces), ChunkOptions(limit))


@settings(derandomize=True, deadline=None, max_examples=400)
@given(PIECES, LIMITS)
def test_chunks_cover_everything_once(pieces: list[Piece], limit: int) -> None:
    whole = document(*pieces)
    chunks = split(whole, ChunkOptions(limit))
    end = 0
    for position, chunk in enumerate(chunks):
        assert chunk.position == position
        assert whole.text[chunk.start : chunk.end] == chunk.text
        assert chunk.text and chunk.text == chunk.text.strip()
        assert not whole.text[end : chunk.start].strip(), "text between two chunks"
        end = chunk.end
    assert not whole.text[end:].strip(), "text after the last chunk"
    assert len({chunk.id for chunk in chunks}) == len(chunks)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(PIECES, st.sampled_from([60, 200]))
def test_chunks_keep_the_limit(pieces: list[Piece], limit: int) -> None:
    for chunk in cut(*pieces, limit=limit):
        assert tokens(chunk.text) <= limit * 3 // 2 + 1


@settings(derandomize=True, deadline=None, max_examples=200)
@given(PIECES)
def test_page_is_that_of_the_first_character(pieces: list[Piece]) -> None:
    whole = document(*pieces)
    for chunk in split(whole, ChunkOptions(60)):
        (section,) = [s for s in whole.sections if s.start <= chunk.start < s.end]
        assert chunk.page == section.page


def test_a_second_split_gives_the_same_ids() -> None:
    pieces = [Piece("A", 1, "one. " * 300), Piece("B", 2, "二。" * 300)]
    assert cut(*pieces) == cut(*pieces)
    assert 0 <= chunk_id("d", 0, "text") < 2**63
    assert chunk_id("d", 0, "text") != chunk_id("e", 0, "text")


def test_paragraphs_are_kept_whole() -> None:
    paragraphs = [f"Paragraph {n} says one thing. And then it says another thing about it." for n in range(20)]
    chunks = cut(Piece("", None, "\n\n".join(paragraphs)), limit=60)
    assert all(paragraph in "\n\n".join(chunk.text for chunk in chunks).split("\n\n") for paragraph in paragraphs)


@pytest.mark.parametrize(
    ("sentence", "ends"),
    [
        ("The boiler must be checked once a year. ", ". "),
        ("锅炉每年必须检查一次。", "。"),
        ("“谁负责检查？”他问道；", "；"),
    ],
)
def test_long_paragraphs_are_cut_at_sentences(sentence: str, ends: str) -> None:
    for chunk in cut(Piece("", None, sentence * 60), limit=60):
        assert chunk.text.endswith(ends.strip())
        assert chunk.text.startswith(sentence[:4])


def test_a_heading_stays_with_the_text_below() -> None:
    pieces = [
        Piece("A", None, "# A"),
        Piece("A > B", None, "## B\n\n" + "b. " * 10 + "\n\n" + "Long sentence here. " * 60),
    ]
    first = cut(*pieces, limit=60)[0]
    assert first.text.startswith("# A\n\n## B\n\nb.")
    assert first.heading == "A > B"


def test_small_sections_of_one_parent_go_together() -> None:
    pieces = [Piece(f"Hours > {day}", None, f"{day}\n\n9 to 17") for day in ("Monday", "Tuesday", "Friday")]
    (chunk,) = cut(*pieces)
    assert chunk.heading == "Hours"
    assert "Friday\n\n9 to 17" in chunk.text


def test_large_sections_stay_apart() -> None:
    chunks = cut(Piece("A", None, "a. " * 90), Piece("B", None, "b. " * 90))
    assert [chunk.heading for chunk in chunks] == ["A", "B"]


def test_a_chunk_may_run_over_a_page() -> None:
    chunks = cut(Piece("", 4, "The lease"), Piece("", 5, "ends in May."))
    assert [(chunk.page, chunk.text) for chunk in chunks] == [(4, "The lease\nends in May.")]


def test_passage_text_has_title_and_headings() -> None:
    whole = document(Piece("Rent > Deposit", None, "Two months."), title="Lease")
    (chunk,) = split(whole, ChunkOptions())
    assert passage_text(whole, chunk).split("\n") == ["Lease", "Rent > Deposit", "Two months."]


@pytest.mark.parametrize(
    ("text", "low", "high"), [("劳动合同", 3, 5), ("a contract of employment", 4, 8), ("", 0, 0), ("1,234.56", 5, 8)]
)
def test_token_estimate(text: str, low: int, high: int) -> None:
    assert low <= tokens(text) <= high
