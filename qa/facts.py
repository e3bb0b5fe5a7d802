"""The checkable facts of a text: numbers and names, in a form in which two texts can be compared (pure)."""

import math
import re
import unicodedata
from decimal import Decimal

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
# Not those of phrases: "千万不要", "万一", and "三五天", which is vague.
_CHINESE = re.compile(
    r"(?!千万[不别要]|万一|[一二三四五六七八九][一二三四五六七八九](?![零〇十百千万亿\d]))[零一二三四五六七八九〇两壹贰叁十百千万亿]+"
)
_ENGLISH = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100}
_MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sep sept|"
        "october oct|november nov|december dec".split("|"),
        start=1,
    )
    for name in names.split()
}
_NUMBER = re.compile(
    r"(\d+(?::\d\d)+|\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:\s?([百千万亿]+|(?:thousand|million|billion|trillion)\b))?",
    re.IGNORECASE,
)
_SCALE = re.compile(r"[\s-](thousand|million|billion|trillion)\b", re.IGNORECASE)
_SCALES = {"thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000, "trillion": 1_000_000_000_000}
_WORD = re.compile(r"[A-Za-z]+")
# A name: a word with a capital that does not merely begin a sentence. Letters with marks are part of it, as in "Łódź",
# Chinese characters are not.
_LETTERS = [c for c in map(chr, range(0x41, 0x1F00)) if unicodedata.name(c, "").startswith("LATIN ")]
_PART = rf"{''.join(_LETTERS)}0-9"
_NAME = re.compile(rf"(?<![{_PART}])[{_PART}]*[{''.join(filter(str.isupper, _LETTERS))}][{_PART}&'’-]*")
_WITHIN = re.compile(r"[\s.]+(?:(?:of|the|de|von|van)\s)*")  # what may stand between two words of one name
_ENDING = re.compile(r"(?<=[a-z]{3})(?:ing|ed|es|s|e)$")
_BEGINS = re.compile(r"(?:^|[.!?。！？:：\n\"“(（*-]\s*|\d\.\s+)$")


def numbers(text: str) -> set[str]:
    """The numbers of a text, in digits without separators: "1,200", "twelve" and "十二" give 1200, 12 and 12."""
    folded = unicodedata.normalize("NFKC", text)
    found = {reading for match in _NUMBER.finditer(folded) for reading in (_plain(match.group(1)), _scaled(match))}
    for match in _CHINESE.finditer(folded):
        found.add(str(_chinese(match.group())))
    for match in _WORD.finditer(folded.lower()):
        value = _ENGLISH.get(match.group(), _MONTHS.get(match.group()))
        if value is not None:
            scale = _SCALE.match(folded, match.end())
            found |= {str(value), str(value * _SCALES[scale.group(1).lower()])} if scale else {str(value)}
    return found


def figures(text: str) -> set[str]:
    """The numbers that a text states beyond doubt: those in digits, and Chinese ones of two characters or more.

    A single numeral or number word may be part of a phrase ("一些", "one of them") and claims nothing.
    """
    folded = unicodedata.normalize("NFKC", text)
    found = {_scaled(match) for match in _NUMBER.finditer(folded)}
    return found | {str(_chinese(m.group())) for m in _CHINESE.finditer(_NUMBER.sub(" ", folded)) if len(m.group()) > 1}


def names(text: str) -> set[str]:
    """The words in Latin letters that name something, in lower case; those that only begin a sentence are left out."""
    return {word.lower() for name in full_names(text) for word in name}


def full_names(text: str) -> list[tuple[str, ...]]:
    """The names of a text, each with all its words: "New York" is one name of two words."""
    found: list[tuple[str, ...]] = []
    end = None
    for match in _NAME.finditer(text):
        word = match.group().rstrip("'’-")
        begins = word[1:].islower() and _BEGINS.search(text, 0, match.start())
        if begins or word.lower() in _MONTHS or word == "I":
            end = None
            continue
        word = re.sub(r"['’]s$", "", word)
        goes_on = end is not None and _WITHIN.fullmatch(text, end, match.start())
        found[-1:] = [(*found[-1], word)] if goes_on else [*found[-1:], (word,)]
        end = match.end()
    return found


def stem(word: str) -> str:
    """A word in lower case without the commonest English endings: "lasts" and "lasting" are one word with "last"."""
    return _ENDING.sub("", word.lower())


def _plain(number: str) -> str:
    digits = number.replace(",", "")
    if "." in digits:
        return digits.rstrip("0").rstrip(".")
    return digits.lstrip("0") or "0"


def _scaled(match: re.Match[str]) -> str:
    """A number in digits with what multiplies it: "5000万" and "50 million" are 50000000."""
    plain, unit = _plain(match.group(1)), match.group(2)
    if not unit:
        return plain
    scale = _SCALES.get(unit.lower()) or math.prod(_UNITS[c] for c in unit)
    return _plain(f"{Decimal(plain) * scale:f}")


def _chinese(numeral: str) -> int:
    if not any(c in _UNITS for c in numeral):  # read digit by digit, as in 二〇二四
        return int("".join(str(_DIGITS[c]) for c in numeral))
    total = section = digit = 0
    for c in numeral:
        unit = _UNITS.get(c)
        if unit is None:
            digit = _DIGITS[c]
        elif unit >= 10_000:
            total = (total + section + digit or 1) * unit
            section = digit = 0
        else:
            section += (digit or 1) * unit
            digit = 0
    return total + section + digit
