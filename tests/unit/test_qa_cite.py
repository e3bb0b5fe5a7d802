"""Each sentence gets the span that supports it, exactly, or is marked."""

from collections.abc import Callable

import numpy as np
import pytest
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


def test_of_spans_that_hold_as_much_the_one_that_was_asked_about_is_cited() -> None:
    year = hit("The house was built in 1862. In 1862 the family moved to Gospic. It was sold in 1862.", document="d6")
    assert quotes(cite("1862", "When did the family move to Gospic?", [year], embed)) == [
        "In 1862 the family moved to Gospic."
    ]


def test_a_span_that_only_repeats_words_of_the_question_is_not_cited_beside_the_answer() -> None:
    model = hit("RocketMQ message model is composed of Producer, Broker and Consumer.", document="d7")
    retries = hit("- 至多重试2次。", 2, document="d8")
    cited = cite("RocketMQ 的 Producer 至多重试两次。", "RocketMQ 的 Producer 至多重试几次？", [model, retries], embed)
    assert quotes(cited) == ["- 至多重试2次。"]


def test_a_word_that_stands_by_chance_in_another_passage_is_no_reason_to_cite_it() -> None:
    warranty = hit("The warranty lasts two years and covers the frame against defects of material.", document="d9")
    upkeep = hit("Bike upkeep - once a year, by a registered workshop.", 2, document="d10")
    answer = "The warranty of the bike lasts two years and covers the frame once registered."
    assert quotes(cite(answer, "How long is the warranty of the bike?", [warranty, upkeep], embed)) == [
        "The warranty lasts two years and covers the frame against defects of material."
    ]


def test_two_facts_of_two_documents_cite_both() -> None:
    retry = hit("Requests time out after five seconds of silence.", document="d11")
    follow = hit("Redirects are never followed by default.", 2, document="d12")
    answer = "Requests time out after five seconds, and redirects are not followed by default."
    assert quotes(cite(answer, "How does the client behave?", [retry, follow], embed)) == [
        "Requests time out after five seconds of silence.",
        "Redirects are never followed by default.",
    ]


def test_a_number_of_the_answer_must_stand_in_what_is_cited() -> None:
    moved = hit("The staff of the office in the north get leave of 25 days and a bonus.", document="d13")
    assert cite("Staff of the north office get a bonus of 40 euros.", "Bonus?", [moved], embed).citations == ()
    assert cite("Staff of the north office get a bonus.", "Bonus?", [moved], embed).citations


def test_a_name_of_the_answer_must_stand_in_the_passage() -> None:
    ruled = hit("The ruling party took over roughly 80% of Afghanistan.", document="d14")
    assert cite("The party took over 80% of Iraq in the end.", "How much?", [ruled], embed).citations == ()


def test_a_short_form_that_is_spelt_out_is_supported_by_the_short_form() -> None:
    cache = hit("写缓存立即释放，读缓存采用可设置的策略进行淘汰（默认LRU）。", document="d19")
    asked = "读缓存默认用什么策略淘汰？"
    assert cite("读缓存默认用LRU（最近最少使用）策略淘汰。", asked, [cache], embed).citations
    assert not cite("读缓存默认用LFU（最近最少使用）策略淘汰。", asked, [cache], embed).citations
    assert not cite("读缓存默认用LRU（最近30天最少使用）策略淘汰。", asked, [cache], embed).citations


def test_a_number_in_words_is_the_number_in_digits() -> None:
    assert quotes(cite("至多重试两次。", "消息至多重试几次？", [hit("- 至多重试2次。", document="d15")], embed)) == [
        "- 至多重试2次。"
    ]


def test_a_sentence_with_no_word_of_its_own_needs_nearly_all_of_them() -> None:
    near = hit("The model is used by applications in the office.", document="d16")
    asked = "Can the model be used for commercial applications in schools?"
    answer = "Yes, the model can be used for commercial applications in schools."
    assert cite(answer, asked, [near], embed).citations == ()


def unit(angle: float) -> list[float]:
    return [float(np.cos(angle)), float(np.sin(angle))]


def test_across_languages_a_span_must_stand_out_from_its_passage() -> None:
    passage = hit("住宿标准由部门规定。早餐不报销。午餐不报销。晚餐不报销。", document="d17")

    def embed_by(angles: dict[str, float], others: float) -> Callable[[list[str]], np.ndarray]:
        return lambda texts: np.array([unit(angles.get(text, others)) for text in texts], np.float32)

    answer = "Each department sets its lodging standard."
    near = {answer: 0.0, "住宿标准由部门规定。": 0.55}
    assert quotes(cite(answer, "Who?", [passage], embed_by(near, 0.75))) == ["住宿标准由部门规定。"]
    assert cite(answer, "Who?", [passage], embed_by(near | {"住宿标准由部门规定。": 0.72}, 0.75)).citations == ()


def test_across_languages_two_sentences_that_hold_the_figures_together_are_cited_as_one() -> None:
    def alike(texts: list[str]) -> np.ndarray:
        return np.ones((len(texts), 4), np.float32) / 2

    garden = hit("花园占地15.5公顷。这里有100多种树木。", document="d18")
    answer = "The garden covers 15.5 ha and holds over 100 kinds of trees."
    assert quotes(cite(answer, "How large?", [garden], alike)) == ["花园占地15.5公顷。这里有100多种树木。"]


@pytest.mark.parametrize("text", ["## 5 Broker Server of the queue", ">>> import httpx from the package", "The end."])
def test_across_languages_headings_and_code_support_nothing(text: str) -> None:
    def alike(texts: list[str]) -> np.ndarray:
        return np.ones((len(texts), 4), np.float32) / 2

    assert cite("它的作者毕业于北京大学。", "作者毕业于哪里？", [hit(text, document="d21")], alike).citations == ()
    told = hit("Its author graduated from Peking University.", document="d22")
    assert cite("它的作者毕业于北京大学。", "作者毕业于哪里？", [told], alike).citations


def test_a_bare_phrase_is_too_short_to_be_compared_by_meaning() -> None:
    def alike(texts: list[str]) -> np.ndarray:
        return np.ones((len(texts), 4), np.float32) / 2

    assert (
        cite("Two months.", "How long did it take?", [hit("两周之内传遍全国。", document="d19")], alike).citations == ()
    )
    assert quotes(cite("QF-A5H", "Which model?", [hit("滤芯的型号为QF-A5H。", document="d20")], alike)) == [
        "滤芯的型号为QF-A5H。"
    ]


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
