"""Large amounts, told as the other language counts them (pure).

English counts by thousands, Chinese by ten thousands. Small chat models carry the figure over as it stands: they make
14.51亿 of "14.51 billion", and "145.1 billion" of 145.1亿. Only what surely is one amount is put otherwise: no end of a
range, whose unit is that of both ends, no part of a longer numeral, no vague one ("几百万"), and no name ("2018万科").
"""

import re
from decimal import Decimal

from qa.facts import figures

_LEAST = 10_000  # what is smaller is counted alike
_COUNTED = {  # largest first
    "en": ((10**12, " trillion"), (10**9, " billion"), (10**6, " million"), (1, "")),
    "zh": ((10**12, "万亿"), (10**8, "亿"), (10**4, "万")),
}
_FIGURE = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_ENGLISH = re.compile(rf"(?<![\w.,:]){_FIGURE}[\s-]?(?:thousand|million|billion|trillion)\b", re.IGNORECASE)
_PART = "零〇一二三四五六七八九两十百千万亿"  # of a numeral
_ENDS = rf"(?![\d{_PART}]|\s?分之)"
_COUNTABLE = (
    r"[元人名位个次吨户亩辆件册家台套股美欧日英港平公千立篇条份多余\s，。、；！？（）)(,.;]"  # may follow an amount
)
_NAMED = rf"(?:19|20)\d\d\s?(?:万(?!亿)|亿)(?!{_COUNTABLE}|$)"  # a year before a name
_CHINESE = (
    re.compile(rf"(?<![A-Za-z\d.,:几数多近{_PART}])(?!{_NAMED}){_FIGURE}\s?(?:[十百千]?[万亿]|万亿){_ENDS}"),
    re.compile(
        rf"(?<![\d.,几数多近点上{_PART}])"
        rf"(?:[一二两三四五六七八九](?:十[一二三四五六七八九]?|[百千])?|十[一二三四五六七八九]?)[万亿]{_ENDS}"
    ),
)
_RANGE = re.compile(r"[\d一二三四五六七八九十百千]\s*(?:[-–—~～至到或、]|to|and|or)\s*[$€£¥￥]?\s*$")


def amounts_in(text: str, spoken: str) -> str:
    """A text in which each large amount that the other language counts in its way is told as in `spoken`, "en" or "zh":
    "$14.51 billion" as "$145.1亿", "5000万元" as "50 million 元".
    """
    for pattern in (_ENGLISH,) if spoken == "zh" else _CHINESE:
        text = pattern.sub(lambda match: _told(match, spoken), text)
    return text


def _told(match: re.Match[str], spoken: str) -> str:
    text, start, end = match.string, match.start(), match.end()
    amount = max(map(Decimal, figures(match[0].replace("-", " "))))
    if amount < _LEAST or _RANGE.search(text[max(0, start - 12) : start]):
        return match[0]
    unit, word = next((unit, word) for unit, word in _COUNTED[spoken] if amount >= unit)
    count = (amount / unit).normalize()
    if spoken == "zh":
        return f"{count:f}{word}"
    return f"{count:,f}{word}{' ' if text[end : end + 1].isalnum() else ''}"
