"""Large amounts, told as the other language counts them (pure).

English counts by thousands, Chinese by ten thousands. Small chat models carry the figure over as it stands: they make
14.51亿 of "14.51 billion", and "145.1 billion" of 145.1亿. Only what surely is one amount is put otherwise: no end of a
range, whose unit is that of both ends, no part of a longer numeral, no vague one ("几百万"), and no name ("2018万科").
"""

import re
from collections.abc import Callable
from decimal import Decimal

_LEAST = 10_000  # what is smaller is counted alike
_ENGLISH = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_CHINESE = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_COUNTED = {  # largest first
    "en": ((10**12, " trillion"), (10**9, " billion"), (10**6, " million"), (1, "")),
    "zh": ((10**12, "万亿"), (10**8, "亿"), (10**4, "万")),
}
_FIGURE = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_IN_ENGLISH = re.compile(rf"(?<![\w.,:])({_FIGURE})[\s-]?(thousand|million|billion|trillion)\b", re.IGNORECASE)
_PART = "零〇一二三四五六七八九两十百千万亿"  # of a numeral
_ENDS = rf"(?![\d{_PART}]|\s?分之)"
_IN_CHINESE = re.compile(rf"(?<![A-Za-z\d.,:几数多近{_PART}])({_FIGURE})\s?([十百千]?[万亿]|万亿){_ENDS}")
_NUMERAL = re.compile(
    rf"(?<![\d.,几数多近点上{_PART}])((?:[一二两三四五六七八九](?:十[一二三四五六七八九]?|[百千])?|十[一二三四五六七八九]?)[万亿]){_ENDS}"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_COUNTABLE = re.compile(
    r"[元人名位个次吨户亩辆件册家台套股美欧日英港平公千立册篇条份多余\s，。、；！？（）)(,.;]|$"
)  # may follow an amount
_RANGE = re.compile(r"[\d一二三四五六七八九十百千]\s*(?:[-–—~～至到或、]|to|and|or)\s*[$€£¥￥]?\s*$")


def amounts_in(text: str, spoken: str) -> str:
    """A text in which each large amount that the other language counts in its way is told as in `spoken`, "en" or "zh":
    "$14.51 billion" as "$145.1亿", "5000万元" as "50 million 元".
    """
    if spoken == "zh":
        return _put(_IN_ENGLISH, text, spoken, lambda match: Decimal(_plain(match[1])) * _ENGLISH[match[2].lower()])
    text = _put(_IN_CHINESE, text, spoken, _figured)
    return _put(_NUMERAL, text, spoken, lambda match: Decimal(_value(match[1])))


def _put(pattern: re.Pattern[str], text: str, spoken: str, amount_of: Callable[[re.Match[str]], Decimal]) -> str:
    def told(match: re.Match[str]) -> str:
        amount = amount_of(match)
        if amount < _LEAST or _RANGE.search(text[max(0, match.start() - 12) : match.start()]):
            return match[0]
        unit, word = next((unit, word) for unit, word in _COUNTED[spoken] if amount >= unit)
        apart = " " if spoken == "en" and text[match.end() : match.end() + 1].isalnum() else ""
        return f"{(amount / unit).normalize():{',f' if spoken == 'en' else 'f'}}{word}{apart}"

    return pattern.sub(told, text)


def _figured(match: re.Match[str]) -> Decimal:
    """5000万; nothing for a year before a name, as in 2018万科."""
    named = _YEAR.fullmatch(match[1]) and len(match[2]) == 1
    if named and not _COUNTABLE.match(match.string, match.end()):
        return Decimal(0)
    return Decimal(_plain(match[1])) * _value(match[2])


def _plain(figure: str) -> str:
    return figure.replace(",", "")


def _value(numeral: str) -> int:
    """五千万, 十二万, 三十五亿; units alone, as of "5000万", count once."""
    total, digit = 0, 0
    for c in numeral:
        if c in _DIGITS:
            digit = _DIGITS[c]
        elif _CHINESE[c] < _LEAST:
            total, digit = total + max(digit, 1) * _CHINESE[c], 0
        else:
            total, digit = max(total + digit, 1) * _CHINESE[c], 0
    return total + digit
