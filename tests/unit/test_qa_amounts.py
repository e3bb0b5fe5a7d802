"""Large amounts are told as the language to answer in counts them, and nothing else is touched."""

import pytest

from qa.amounts import amounts_in
from qa.facts import figures


@pytest.mark.parametrize(
    ("spoken", "text", "told"),
    [
        ("zh", "Revenue was $14.51 billion, up from $3.83 Billion.", "Revenue was $145.1亿, up from $38.3亿."),
        ("zh", "35 thousand people, 2 trillion euros, a 30-million fund", "3.5万 people, 2万亿 euros, a 3000万 fund"),
        ("zh", "1,250.5 million in 2023", "12.505亿 in 2023"),
        ("zh", "3 million to 5 million", "300万 to 500万"),
        ("en", "处五千万元以下罚款", "处50 million 元以下罚款"),
        ("en", "5千万元，3.5亿 人，1万亿", "50 million 元，350 million 人，1 trillion"),
        ("en", "十二万人，三十五亿元，一百万次", "120,000 人，3.5 billion 元，1 million 次"),
        ("en", "2000万元，2000万", "20 million 元，20 million"),
        ("en", "5亿-10亿元", "500 million-1 billion 元"),
    ],
)
def test_an_amount_is_told_in_the_other_languages_way(spoken: str, text: str, told: str) -> None:
    assert amounts_in(text, spoken) == told


@pytest.mark.parametrize(
    ("spoken", "text"),
    [
        ("zh", "a million ways; 30 of them, 5000万元, five million"),
        ("zh", "$0 million, 0.0 billion, 1 thousand"),
        ("zh", "$1.2-1.5 billion, $1.2–$1.5 billion, 3 to 5 million, between 3 and 5 million"),
        ("zh", "version v2.3 million"),
        ("en", "一百元，千万不要，万一，5 million，二〇二四年"),
        ("en", "0万元，0.00001万，0亿"),
        ("en", "3-5亿元，三至五亿元，3到5万人"),
        ("en", "2万5千，1亿5000万元，五点三亿，一亿五千万"),
        ("en", "2018万科，2016万达，2020亿纬，晚上8:30万达影城"),
        ("en", "几百万，数千万，亿万富翁，百万富翁，万万没想到，百万分之三，三五千万"),
    ],
)
def test_what_is_no_single_amount_stays(spoken: str, text: str) -> None:
    assert amounts_in(text, spoken) == text


def test_it_is_the_same_number_for_whoever_checks_it() -> None:
    assert figures(amounts_in("$14.51 billion", "zh")) == figures("14.51 billion") == {"14510000000"}
    assert figures(amounts_in("3.5亿元", "en")) == figures("3.5亿元") == {"350000000"}
