"""What is suggested can be answered, differs by document, comes again with its seed, and was not asked before."""

from datetime import UTC, datetime

import pytest

from qa.suggest import follow_ups, suggestions
from storage.records import Chunk, Citation, DocumentInfo, Hit, Message

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PROSE = (
    "It is done by the caretaker in the week after you told him of it, and the keys stay with you for the time. " * 2
)
LEAVE = (
    "Full-time staff have 27 days of paid annual leave a year, and part-time staff have the same in proportion. " * 2
)
CHINESE = "整机保修期为两年，电机保修期为五年，均从发票日期起计算。滤芯属于耗材，不在保修范围内。" * 2


class Shelf:
    """A library of documents by title, each with the text under its headings."""

    def __init__(self, **documents: dict[str, str]) -> None:
        self._documents = {name.replace("_", " "): sections for name, sections in documents.items()}
        self.attached: set[str] = set()

    def documents(self, collection: str | None = None) -> tuple[DocumentInfo, ...]:
        return tuple(
            DocumentInfo(
                title, "c", f"/{title}", title, "md", "zh" if title > "z" else "en", 1, None, 1, 1, (), NOW,
                "conversation" if title in self.attached else None,
            )
            for title in self._documents
        )  # fmt: skip

    def chunks(self, document_id: str) -> tuple[Chunk, ...]:
        sections = self._documents.get(document_id, {})
        return tuple(
            Chunk(at, document_id, at, text, 1000 * at, 1000 * at + len(text), heading, None)
            for at, (heading, text) in enumerate(sections.items())
        )


SHELF = Shelf(
    Lease_of_the_flat={"1 Repairs": PROSE, "2 House rules": PROSE, "3 Contents": PROSE, "4 Moving out": PROSE},
    Staff_leave_policy={"Annual leave": LEAVE, "Sick leave": PROSE},
    净化器手册={"一、保修政策": CHINESE, "二、滤芯更换": CHINESE, "目录": CHINESE},
)


def answer(cited: list[int], found: bool = True, document: str = "Lease of the flat", status: str = "done") -> Message:
    chunks = SHELF.chunks(document)
    hits = tuple(Hit(chunk, document, "/", 1, 1.0, "fused") for chunk in chunks[:2])
    citations = tuple(
        Citation(1, document, document, "/", None, chunks[at].start + 5, chunks[at].start + 20, "", 0, 9)
        for at in cited
    )
    return Message("a", "assistant", "…", NOW, status, found, citations=citations, hits=hits)


def asked(text: str) -> Message:
    return Message("q", "user", text, NOW)


def test_each_document_is_asked_about_in_its_language() -> None:
    found = suggestions(SHELF, "c", 3, 1)
    assert len(found) == 3
    assert sum("《净化器手册》" in each for each in found) == 1
    assert sum("“Lease of the flat”" in each for each in found) == 1
    assert not any("Contents" in each or "目录" in each for each in suggestions(SHELF, "c", 20, 1))


def test_more_are_asked_of_few_documents() -> None:
    assert len(suggestions(SHELF, "c", 6, 1)) == 6
    assert suggestions(Shelf(), "c", 4, 1) == ()


def test_a_seed_gives_the_same_and_another_day_others() -> None:
    assert suggestions(SHELF, "c", 3, 5) == suggestions(SHELF, "c", 3, 5)
    assert len({suggestions(SHELF, "c", 3, seed) for seed in range(9)}) > 3


def test_what_a_sentence_answers_comes_before_whole_headings() -> None:
    shelf = Shelf(Lease_of_the_flat={"Repairs": PROSE}, Leave={"": LEAVE})
    assert [suggestions(shelf, "c", 1, seed) for seed in range(5)] == [
        ("How many days of paid annual leave do full-time staff have?",)
    ] * 5


def test_what_is_attached_to_a_conversation_is_not_suggested_to_others() -> None:
    shelf = Shelf(Lease_of_the_flat={"Repairs": PROSE})
    shelf.attached = {"Lease of the flat"}
    assert suggestions(shelf, "c", 4, 1) == ()


def test_follow_ups_go_on_from_what_was_cited_and_skip_what_was_asked() -> None:
    first = asked("Who pays for repairs?")
    assert follow_ups(SHELF, [first, answer([0])]) == (
        "What does “Lease of the flat” say about house rules?",
        "What does “Lease of the flat” say about moving out?",
    )
    before = [asked("What are the house rules?"), answer([1]), first, answer([0])]
    assert follow_ups(SHELF, before) == ("What does “Lease of the flat” say about moving out?",)


def test_after_a_refusal_only_what_shares_a_word_is_suggested() -> None:
    assert follow_ups(SHELF, [asked("Are there rules for cats?"), answer([], found=False)]) == (
        "What does “Lease of the flat” say about house rules?",
    )
    assert follow_ups(SHELF, [asked("Who is the king?"), answer([], found=False)]) == ()


@pytest.mark.parametrize("status", ["writing", "failed", "interrupted"])
def test_nothing_goes_on_from_an_answer_that_is_not_there(status: str) -> None:
    assert follow_ups(SHELF, [asked("Who pays for repairs?"), answer([0], status=status)]) == ()


def test_a_document_that_has_gone_suggests_nothing() -> None:
    assert follow_ups(Shelf(), [asked("Who pays for repairs?"), answer([0])]) == ()
    assert follow_ups(SHELF, []) == ()
