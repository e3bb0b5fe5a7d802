"""A question that asks for several things, taken apart (pure): each part is searched, answered and judged by itself.

Asked as one, a small model that misses half of the answer tends to give none of it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qa.condense import points_back
from storage.keywords import content_words
from storage.language import language
from storage.records import Citation

MISSING = {"en": "The documents don't say: {part}", "zh": "文档中没有说明：{part}"}

_MOST = 3  # parts; what asks for more is left whole

_AUXILIARY = r"(?:is|are|was|were|do|does|did|can|could|may|might|must|shall|should|will|would|has|have|had)"
_SUBJECT = r"(?:it|they|there|the|an?|i|you|we|he|she|this|that|these|those|my|our|your)"
_ASKS = re.compile(rf"^(?:\w+ )?(?:what|who|whom|whose|which|when|where|why|how|{_AUXILIARY})\b", re.IGNORECASE)
# What begins another question. After "when" and its like comes the verb: "when payment is due" is no question.
_NEXT = re.compile(
    r"(?:[,;]\s*|\s+)and\s+(?:also\s+)?(?=(?:(?:at|by|for|from|in|of|on|to|with|under|until)\s+)?(?:"
    r"(?:what|who|whom|whose|which)\b"
    rf"|(?:when|where|why)(?:\s+{_AUXILIARY}\b|\s*[?.]*$)|how\b(?:(?:\s+[\w'-]+){{0,4}}?\s+{_AUXILIARY}\b|\s*[?.]*$)"
    rf"|{_AUXILIARY}\s+{_SUBJECT}\b))",
    re.IGNORECASE,
)
_ASKS_CHINESE = re.compile("谁|什么|多少|几(?!乎)|哪|何|怎么|怎样|如何|是否|能否|可否|多[久长大高]|吗")
_NEXT_CHINESE = re.compile("[，,；;]\\s*(?:以及|并且|而且|还有|另外|同时|又|还)?|以及|并且|还有")
_CONDITION = re.compile("^(?:如果|假如|若|当|在)|(?:[下时后前中里]|的话|情况)$")
_END = re.compile("(?<=[?？])(?![」』”’》\"'])\\s*")
_ENOUGH = 2  # content words of a part that can be understood by itself


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a question: what to search and judge it by, and what to ask the chat model."""

    text: str
    searched: str
    asked: str


def parts(question: str) -> tuple[Part, ...]:
    """The parts of a question, in its order; a question that asks for one thing is its only part.

    A part that cannot be understood by itself ("and who pays it?") is searched and asked with the whole question.
    """
    whole = question.strip()
    texts = [text for sentence in _questions(whole) for text in _clauses(sentence)]
    if not 1 < len(texts) <= _MOST:
        return (Part(question, question, question),)
    first, *others = texts
    return (Part(first, first, first), *(_part(text, whole) for text in others))


def _part(text: str, whole: str) -> Part:
    if not points_back(text) and len(set(content_words(text))) >= _ENOUGH:
        return Part(text, text, text)
    only = f"{whole} 只回答：{text}" if language(whole) == "zh" else f"{whole} Answer only this: {text}"
    return Part(text, whole, only)


def _questions(text: str) -> list[str]:
    """The sentences that ask, each with the statements before it."""
    pieces = [piece.strip() for piece in _END.split(text) if re.search(r"\w", piece)]
    if len(pieces) > 1 and not pieces[-1].endswith(("?", "？")):  # what follows the last question belongs to it
        pieces[-2:] = [f"{pieces[-2]} {pieces[-1]}"]
    return pieces


def _clauses(sentence: str) -> Iterator[str]:
    chinese = language(sentence) == "zh"
    mark = "？" if chinese else "?"
    start = 0
    for found in (_NEXT_CHINESE if chinese else _NEXT).finditer(sentence):
        left, right = sentence[start : found.start()], sentence[found.end() :]
        if (_both_ask_chinese if chinese else _both_ask)(left, right):
            yield f"{left.strip()}{mark}"
            start = found.end()
    rest = sentence[start:].strip()
    yield (rest[0].upper() + rest[1:] if start and not chinese else rest)


def _both_ask(left: str, right: str) -> bool:
    return len(left.split()) >= 3 and bool(_ASKS.match(left.strip())) and bool(right.strip(" ?."))


def _both_ask_chinese(left: str, right: str) -> bool:
    left = left.strip()
    asks = _ASKS_CHINESE.search(left) and _ASKS_CHINESE.search(right)
    return len(left) >= 4 and bool(asks) and not _CONDITION.search(left)


def joined(cited: Sequence[tuple[str, Sequence[Citation]]]) -> tuple[str, tuple[Citation, ...], tuple[int, ...]]:
    """The texts of several answers as one, their citations with it, and where each text begins.

    A span that is cited twice has one marker; markers count in the order of the text.
    """
    text, starts, citations = "", [], []
    markers: dict[tuple[str, int, int], int] = {}
    for part, cites in cited:
        text += "\n\n" if text else ""
        starts.append(start := len(text))
        text += part
        for each in sorted(cites, key=lambda citation: citation.answer_end):
            marker = markers.setdefault((each.document_id, each.start, each.end), len(markers) + 1)
            begins, ends = each.answer_start + start, each.answer_end + start
            citations.append(replace(each, marker=marker, answer_start=begins, answer_end=ends))
    return text, tuple(citations), tuple(starts)
