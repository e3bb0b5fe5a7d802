"""Which sentence of the passages most likely answers the question, before any word is written."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qa.cite import Embed, Span, split
from storage.keywords import content_words
from storage.records import Hit

_LIMIT = 16  # sentences compared by meaning: what fits into the first half second


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence of a hit's document: `document.text[start:end]`, and how well it fits (higher is better)."""

    hit: Hit
    start: int
    end: int
    text: str
    score: float


def mark(question: str, hits: Sequence[Hit], embed: Embed) -> Marked | None:
    """The sentence that fits the question best by shared words and meaning; None without hits.

    Words choose the few sentences whose meaning is compared, so the time does not grow with the passages.
    """
    asked = set(content_words(question))
    spans = [(span, _shared(asked, span.text)) for hit in hits for span in split(hit) if not _heads(span)]
    if not spans:
        return None
    spans.sort(key=lambda pair: (-pair[1], pair[0].hit.rank))
    likely = spans[:_LIMIT]
    vectors = embed([question, *(span.text for span, _ in likely)])
    scores = vectors[1:] @ vectors[0] + 0.1 * np.array([share for _, share in likely])
    best = int(np.argmax(scores))
    span = likely[best][0]
    return Marked(span.hit, span.start, span.end, span.text, float(scores[best]))


def _heads(span: Span) -> bool:
    """Whether a span is a heading: it repeats the question's words and answers nothing."""
    name = span.text.lstrip("#").strip()
    return span.text.startswith("#") or name in span.hit.chunk.heading.split(" > ")


def _shared(asked: set[str], text: str) -> float:
    return len(asked & set(content_words(text))) / len(asked) if asked else 0.0
