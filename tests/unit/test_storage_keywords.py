"""Keyword search knows words as they are written, bent, joined and dated, in English and in Chinese."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.keywords import KeywordIndex, asked_words, words

PASSAGES = [
    "The company reimburses travelling employees.",
    "公司为出差员工报销住宿费用。",
    "圖書館的開放時間是早上九點。",
    "Call getUserName() from e5-small.bin, see config.yaml and max_tokens.",
    "Revenue was 1,234,567 dollars; the code is AB-1024.",
    "The contract ends on May 1, 2024.",
    "会议定于2023年11月5日举行。",
    "A bicycle chain wants oil.",
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> KeywordIndex:
    made = KeywordIndex(tmp_path_factory.mktemp("index"), "words")
    made.update(enumerate(PASSAGES), [], 1)
    return made


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("Which employee travels get a reimbursement?", 0),
        ("出差的住宿费用", 1),
        ("住宿報銷", 1),
        ("图书馆几点开放", 2),
        ("getusername", 3),
        ("What is e5-small.bin?", 3),
        ("small.bin", 3),
        ("config.yaml", 3),
        ("max_tokens", 3),
        ("1234567", 4),
        ("1,234,567", 4),
        ("１２３４５６７", 4),
        ("ab-1024", 4),
        ("2024-05-01", 5),
        ("2024年5月1日", 5),
        ("on the 1st of May 2024", 5),
        ("2024/5/1", 5),
        ("in May 2024", 5),
        ("2024年5月", 5),
        ("5月1日", 5),
        ("2023-11-05", 6),
        ("November 5, 2023", 6),
        ("5 Nov. 2023", 6),
        ("2023.11.5", 6),
    ],
)
def test_the_passage_is_found_by(index: KeywordIndex, question: str, best: int) -> None:
    first, *_ = index.search(question, 3)
    assert first.chunk_id == best


def test_a_date_in_another_form_counts_as_the_whole_of_what_was_asked(index: KeywordIndex) -> None:
    first, *_ = index.search("2024-05-01", 1)
    assert first.coverage == pytest.approx(1.0)


@pytest.mark.parametrize(
    "text", ["5/1/2024", "2024-13-01", "version 1.2024.5.1", "section 3 may be", "in 12月", "2024.5"]
)
def test_what_may_be_no_date_is_taken_as_it_is_written(text: str) -> None:
    assert not [word for word in words(text) if word.startswith("2024") and len(word) > 4 and word.isdigit()]
    assert set(asked_words(text)) <= set(words(text))


def test_a_chinese_question_covers_an_english_passage_by_its_dates(index: KeywordIndex) -> None:
    first, *_ = index.search("2024年5月1日结束的合同", 1)
    assert first.chunk_id == 5 and first.coverage == pytest.approx(1.0)


def test_only_some_chunks_are_searched_and_none_of_theirs_is_lost(tmp_path: Path) -> None:
    index = KeywordIndex(tmp_path, "words")
    index.update(((n, f"whales {'sea ' * (n % 7)}") for n in range(3000)), [], 1)
    among = [n for n in range(3000) if n % 3 == 0]
    every = [hit for hit in index.search("whales sea", 3000) if hit.chunk_id % 3 == 0]
    assert index.search("whales sea", 50, among) == every[:50]
    assert {hit.chunk_id for hit in index.search("whales", 3000, among)} == set(among)
    assert index.search("whales", 50, []) == []


def test_an_index_that_was_cut_by_older_rules_is_made_anew(tmp_path: Path) -> None:
    index = KeywordIndex(tmp_path, "words")
    index.update([(1, "whales")], [], 7)
    index.close()
    assert KeywordIndex(tmp_path, "words").generation == 7
    with closing(sqlite3.connect(tmp_path / "words.keywords")) as connection:
        connection.execute("PRAGMA application_id = 0")
    again = KeywordIndex(tmp_path, "words")
    assert (again.generation, again.ids()) == (-1, set())
