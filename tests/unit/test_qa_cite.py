"""Each sentence gets the span that supports it, exactly, or is marked."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.cite import Cited, cite
from storage.records import Hit
from tests.fakes import FakeEmbedder
from tests.unit.passages import hit

LEAVE = hit("Staff get 25 days of leave. Unused days expire on 31 March. Ask your manager two weeks before.")
TRIP = hit("出差住宿标准为每晚500元。餐费每天100元，凭发票报销。", 2, title="差旅", document="d2", start=7)


def embed(texts: list[str]) -> np.ndarray:
    return np.array(FakeEmbedder().embed_documents(texts), np.float32)


def quotes(cited: Cited) -> list[str]:
    return [citation.quote for citation in cited.citations]


def exact(cited: Cited, hits: list[Hit]) -> bool:
    chunks = {h.chunk.document_id: h.chunk for h in hits}
    return all(
        chunks[c.document_id].text[c.start - chunks[c.document_id].start : c.end - chunks[c.document_id].start]
        == c.quote
        for c in cited.citations
    )


def test_each_sentence_cites_its_own_span() -> None:
    cited = cite("You get 25 days of leave. They expire on 31 March.", "How much leave is there?", [TRIP, LEAVE], embed)
    assert quotes(cited) == ["Staff get 25 days of leave.", "Unused days expire on 31 March."]
    assert [c.marker for c in cited.citations] == [1, 2]
    assert (cited.citations[0].page, cited.citations[0].path) == (3, "/docs/Handbook.pdf")
    assert exact(cited, [LEAVE]) and not cited.unsupported


def test_chinese_sentences_cite_too() -> None:
    cited = cite("住宿标准为每晚500元。餐费每天100元。", "出差的标准是多少？", [LEAVE, TRIP], embed)
    assert quotes(cited) == ["出差住宿标准为每晚500元。", "餐费每天100元，凭发票报销。"]
    assert exact(cited, [TRIP])


def test_a_list_cites_every_place_it_was_gathered_from() -> None:
    steps = hit("核心步骤：\n1. 分词：把文本切开。\n2. 这一步很重要，不能省略。\n3. 编码：变成向量。", document="d3")
    cited = cite("核心步骤是分词和编码。", "有哪些步骤？", [LEAVE, steps], embed)
    assert quotes(cited) == ["核心步骤：\n1. 分词：把文本切开。", "3. 编码：变成向量。"]
    assert exact(cited, [steps])


def test_a_question_in_a_passage_supports_nothing() -> None:
    faq = hit("Q: Can the pass be lent to others? A: The pass can be lent to others for a day.", document="d4")
    assert quotes(cite("The pass can be lent to others.", "Can it be lent?", [faq], embed)) == [
        "A: The pass can be lent to others for a day."
    ]
    only = hit("Can the pass be lent to others?", document="d5")
    assert cite("The pass can be lent to others.", "Can it be lent?", [only], embed).citations == ()


def test_a_bare_no_is_supported_by_no_other_no() -> None:
    assert cite("不可以预支。", "年假可以预支吗？", [hit("体检前不饮酒，不做剧烈运动。")], embed).citations == ()


def test_the_same_span_keeps_its_marker() -> None:
    cited = cite("There are 25 days of leave. So leave is 25 days.", "?", [LEAVE], embed)
    assert [c.marker for c in cited.citations] == [1, 1]


def test_a_sentence_no_passage_supports_is_marked() -> None:
    answer = "Staff get 25 days of leave. The canteen serves lunch at noon."
    cited = cite(answer, "leave?", [LEAVE], embed)
    assert [answer[start:end] for start, end in cited.unsupported] == ["The canteen serves lunch at noon."]
    assert len(cited.citations) == 1


def test_a_sentence_from_two_sentences_cites_both() -> None:
    cited = cite("Of the 25 days of leave, unused days expire on 31 March.", "?", [LEAVE], embed)
    assert quotes(cited) == ["Staff get 25 days of leave. Unused days expire on 31 March."]


def test_another_language_is_compared_by_meaning_and_numbers_must_stand() -> None:
    def alike(texts: list[str]) -> np.ndarray:
        return np.ones((len(texts), 4), np.float32) / 2

    assert quotes(cite("The limit is 500 yuan a night.", "?", [TRIP], alike)) == ["出差住宿标准为每晚500元。"]
    assert cite("The limit is 700 yuan a night.", "?", [TRIP], alike).citations == ()
    assert cite("The limit is 500 yuan.", "?", [hit("住宿标准是每晚500元吗？")], alike).citations == ()


def test_without_passages_everything_is_unsupported() -> None:
    assert cite("A claim.", "?", [], embed).unsupported == ((0, 8),)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(max_size=200), st.text(max_size=300))
def test_whatever_the_texts_quotes_are_exact_and_no_sentence_is_both_cited_and_unsupported(
    answer: str, passage: str
) -> None:
    hits = [hit(passage)] if passage.strip() else []
    cited = cite(answer, "question", hits, embed)
    assert exact(cited, hits)
    spans = [(c.answer_start, c.answer_end) for c in cited.citations] + list(cited.unsupported)
    assert not set(cited.unsupported) & {(c.answer_start, c.answer_end) for c in cited.citations}
    assert all(answer[start:end].strip() for start, end in spans)
