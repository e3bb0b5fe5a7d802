"""The bare phrase an answer comes down to, where it comes down to one (pure)."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from qa.evidence.model import Reading
from qa.facts import stem
from storage.keywords import STOP_WORDS
from storage.language import language, sentences
from storage.records import Citation

_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W_\u3400-\u9fff]+(?:[.,'%/:-][^\W_\u3400-\u9fff]+)*%?")
_NUMERAL = re.compile(
    r"\d|[零一二三四五六七八九十百千万亿两]|^(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)$",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"\b(?:how (?:many|much|long|old|often|far)|when|what (?:year|date|time))\b|几|多少|多久|多长|何时|哪一?年", re.I
)
_LINKS = frozenset("is are was were 是 为".split())  # what they join is two phrases
_BETWEEN = re.compile(r"[\s、,，/·“”\"()（）《》]*")  # what may stand between two words of one phrase
_LONGEST = {"en": 10, "zh": 24}  # words or characters of a phrase


def phrase_of(answer: str, readings: Sequence[Reading]) -> str | None:
    """The phrase that the evidence model takes for the answer, where the answer has it too; else None."""
    for reading in sorted(readings, key=lambda reading: -reading.sure):
        if reading.sure > 0 and reading.phrase and reading.phrase.lower() in answer.lower():
            return reading.phrase
    return None


class _Word(NamedTuple):
    text: str
    start: int
    end: int


def short_answer(answer: str, question: str, citations: Sequence[Citation]) -> str | None:
    """The longest run of a one-sentence answer that is new to the question and stands in a cited passage.

    None where the answer has several sentences, or its news are no single phrase.
    """
    spans = sentences(answer)
    if len(spans) != 1 or not citations:
        return None
    runs = _new_runs(answer, question)
    quotes = " ".join(citation.quote for citation in citations).lower()
    amount = bool(_AMOUNT.search(question))
    best = max(runs, key=lambda run: (amount and _counts(run), run[-1].end - run[0].start), default=[])
    if not best or not all(word.text.lower() in quotes for word in best):
        return None
    phrase = answer[best[0].start : best[-1].end]
    size = len(phrase) if language(phrase) == "zh" else len(best)
    rest = sum(len(run) for run in runs) - len(best)
    plain = rest <= len(best) or (amount and _counts(best))
    return phrase if size <= _LONGEST[language(phrase)] and plain else None


def _counts(run: list[_Word]) -> bool:
    return any(_NUMERAL.search(word.text) for word in run)


def _new_runs(answer: str, question: str) -> list[list[_Word]]:
    """The stretches of the answer whose words the question does not have; a unit stays with its number."""
    asked = {stem(word.text) for word in _words(question) if word.text.lower() not in STOP_WORDS}
    runs: list[list[_Word]] = [[]]
    number = False
    for word in _words(answer):
        new = number or stem(word.text) not in asked
        number = bool(_NUMERAL.search(word.text))
        if runs[-1] and not _BETWEEN.fullmatch(answer, runs[-1][-1].end, word.start):
            runs.append([])
        if not new or word.text.lower() in _LINKS:
            runs.append([])
        elif runs[-1] or word.text.lower() not in STOP_WORDS:
            runs[-1].append(word)
    return [trimmed for run in runs if (trimmed := _trimmed(run))]


def _words(text: str) -> list[_Word]:
    """The words of a text with their places; a Chinese run is cut into its words."""
    import rjieba

    found: list[_Word] = []
    for match in _RUN.finditer(text):
        parts = (
            rjieba.tokenize(match.group(), "default") if match.group()[0] >= "\u3400" else [(match.group(), 0, None)]
        )
        for part, start, _ in parts:
            found.append(_Word(part, match.start() + start, match.start() + start + len(part)))
    return found


def _trimmed(run: list[_Word]) -> list[_Word]:
    """A phrase without the stop words at its end."""
    while run and run[-1].text.lower() in STOP_WORDS:
        run = run[:-1]
    return run
