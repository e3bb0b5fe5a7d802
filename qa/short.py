"""The bare phrase an answer comes down to, where it comes down to one (pure)."""

import re
from collections.abc import Sequence

from storage.keywords import STOP_WORDS, content_words
from storage.language import language, sentences
from storage.records import Citation

_TOKEN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W_]+(?:[.,'%/:-][^\W_]+)*%?")
_NUMERAL = re.compile(r"\d|[零一二三四五六七八九十百千万亿两]")
_LONGEST = {"en": 8, "zh": 16}  # words or characters of a phrase


def short_answer(answer: str, question: str, citations: Sequence[Citation]) -> str | None:
    """The longest run of a one-sentence answer that is new to the question and stands in a cited passage.

    None where the answer has several sentences, or its news are no single phrase.
    """
    spans = sentences(answer)
    if len(spans) != 1 or not citations:
        return None
    quotes = " ".join(citation.quote for citation in citations).lower()
    runs = _new_runs(answer, question)
    best = max(runs, key=len, default="")
    longest = _LONGEST[language(answer)]
    size = len(best) if language(best) == "zh" else len(best.split())
    if not best or size > longest or best.lower() not in quotes:
        return None
    rest = sum(len(content_words(run)) for run in runs if run != best)
    return best if rest <= len(content_words(best)) else None


def _new_runs(answer: str, question: str) -> list[str]:
    """The stretches of the answer whose words the question does not have; a unit stays with its number."""
    asked = {_stem(token) for token in _TOKEN.findall(question)}
    runs: list[str] = []
    start = end = None
    number = False
    for match in _TOKEN.finditer(answer):
        word = match.group()
        new = number or _stem(word) not in asked
        number = bool(_NUMERAL.search(word))
        if not new or (start is None and word.lower() in STOP_WORDS):
            start = None
        elif start is None or end is None or answer[end : match.start()].strip():
            start, end = match.start(), match.end()
            runs.append(answer[start:end])
        else:
            end = match.end()
            runs[-1] = answer[start:end]
    return [_trimmed(run) for run in runs]


def _stem(word: str) -> str:
    """A word without the commonest English endings, so that "lasts" in an answer is the question's "last"."""
    return re.sub(r"(?<=[a-z]{3})(?:ing|ed|es|s|e)$", "", word.lower())


def _trimmed(run: str) -> str:
    """A phrase without the stop words at its end."""
    parts = run.split(" ")
    while len(parts) > 1 and parts[-1].lower() in STOP_WORDS:
        parts.pop()
    return " ".join(parts)
