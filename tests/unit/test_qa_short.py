"""The bare phrase, or nothing."""

import pytest

from qa.short import short_answer
from storage.records import Citation


def cited(quote: str) -> list[Citation]:
    return [Citation(1, "d", "t", "/t", None, 0, len(quote), quote, 0, 1)]


@pytest.mark.parametrize(
    ("answer", "question", "quote", "expected"),
    [
        ("The warranty lasts 24 months.", "How long does the warranty last?", "It is 24 months.", "24 months"),
        (
            "The library opens at 9:30 on Sundays.",
            "When does the library open on Sundays?",
            "Sundays: 9:30 to 17",
            "9:30",
        ),
        (
            "The warranty of the washing machine is two years.",
            "How long is the warranty?",
            "The warranty of the washing machine is two years.",
            "two years",
        ),
        ("员工的年假是十天。", "员工的年假有几天？", "员工的年假为十天。", "十天"),
        (
            "缺点是容易产生错误和无意义的内容。",
            "生成式模型的缺点是什么？",
            "但其缺点是容易产生错误和无意义的内容",
            "容易产生错误和无意义的内容",
        ),
        (
            "推荐 Hugging Face、TensorFlow 和 PyTorch。",
            "推荐什么？",
            "Hugging Face TensorFlow PyTorch 和",
            "Hugging Face、TensorFlow 和 PyTorch",
        ),
        ("自注意力机制能捕捉长程依赖关系。", "自注意力机制能捕捉什么？", "捕捉序列中的长程依赖关系", "长程依赖关系"),
    ],
)
def test_the_news_of_one_sentence(answer: str, question: str, quote: str, expected: str) -> None:
    assert short_answer(answer, question, cited(quote)) == expected


def test_several_sentences_or_no_citation_have_none() -> None:
    assert short_answer("One thing. Another thing.", "What?", cited("One thing. Another thing.")) is None
    assert short_answer("24 months.", "How long?", []) is None


def test_a_phrase_that_stands_in_no_passage_is_none() -> None:
    assert short_answer("It lasts two years.", "How long does it last?", cited("24 months")) is None
