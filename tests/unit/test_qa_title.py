"""A conversation's title: what it is about, short, and never a broken word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.title import title


@pytest.mark.parametrize(
    ("question", "called"),
    [
        ("What is the torque for the pedals of a bike?", "Torque for the pedals of a bike"),
        ("hi, how do i reset my router to factory settings?", "How to reset my router to factory settings"),
        ("Could you please tell me who keeps the deposit?", "Who keeps the deposit"),
        ("I would like to know when the library opens, thanks!", "When the library opens"),
        ("What does “Staff leave policy” say about annual leave?", "Annual leave: Staff leave policy"),
        ("What are the rules on sick leave in “Staff leave policy”?", "Sick leave: Staff leave policy"),
        ("When is the library open on Saturday?", "When is the library open on Saturday"),
        ("What is it?", "What is it"),
        ("请问出差住宿标准是多少？", "出差住宿标准是多少"),
        ("什么是无固定期限劳动合同？", "无固定期限劳动合同"),
        ("你好，我想知道体检前多久不能吃东西？", "体检前多久不能吃东西"),
        ("关于故障代码，《洗衣机使用说明》是怎么说的？", "故障代码：洗衣机使用说明"),
        ("敏感个人信息有哪些？", "敏感个人信息"),
        ("你好", "你好"),
        ("Thanks!", "Thanks"),
    ],
)
def test_politeness_and_asking_words_are_left_out(question: str, called: str) -> None:
    assert title(question) == called


def test_a_long_question_is_cut_between_words() -> None:
    cut = title("What happens if I use a non-certified filter in the air purifier and it breaks?")
    assert cut == "What happens if I use a non-certified filter in the air…"
    assert title("用人单位在哪些情况下可以单方面解除劳动合同而不需要支付经济补偿？").endswith("不…")


@given(st.text(min_size=1).filter(str.strip))
def test_a_title_is_one_line_that_is_never_empty_or_too_long(question: str) -> None:
    called = title(question)
    assert called.strip() and len(called) <= 60 and called == " ".join(called.split())
