"""Align each sentence of an answer to the span of a passage that supports it (pure).

Citations are computed after the text, not asked of the model, so they are the same whatever model wrote it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.facts import figures, names, numbers
from storage.keywords import content_words
from storage.language import language, sentences
from storage.records import Citation, Hit

Embed = Callable[[list[str]], NDArray[np.float32]]

SUPPORTED = 0.5  # share of a sentence's weight that the span must hold
NEIGHBOUR = 0.15  # what a neighbouring sentence must add before the span is widened by it
ALIKE = 0.86  # cosine that counts as support when the passage is in another language


@dataclass(frozen=True, slots=True)
class Span:
    """A sentence of a passage; `start` and `end` count in the document's text."""

    hit: Hit
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """The citations of an answer, and the spans of its text that no passage supports."""

    citations: tuple[Citation, ...]
    unsupported: tuple[tuple[int, int], ...]


def cite(answer: str, question: str, hits: Sequence[Hit], embed: Embed) -> Cited:
    """For each sentence of `answer` the span of a passage that supports it best, if one does.

    Sentences are compared by the words they share; what the question already said weighs half. Where the
    languages differ, by the vectors of `embed` (texts to unit vectors).
    """
    spans = [span for hit in hits for span in split(hit)]
    asked = set(content_words(question))
    citations: list[Citation] = []
    unsupported: list[tuple[int, int]] = []
    markers: dict[tuple[str, int, int], int] = {}
    for start, end in sentences(answer):
        sentence = answer[start:end]
        if not content_words(sentence):
            continue
        span = _support(sentence, asked, spans, embed)
        if span is None:
            unsupported.append((start, end))
            continue
        chunk = span.hit.chunk
        marker = markers.setdefault((chunk.document_id, span.start, span.end), len(markers) + 1)
        citations.append(
            Citation(marker, chunk.document_id, span.hit.title, span.hit.path, chunk.page,
                     span.start, span.end, span.text, start, end)
        )  # fmt: skip
    return Cited(tuple(citations), tuple(unsupported))


def split(hit: Hit) -> list[Span]:
    """The sentences of a hit's passage."""
    chunk = hit.chunk
    return [
        Span(hit, chunk.start + start, chunk.start + end, chunk.text[start:end]) for start, end in sentences(chunk.text)
    ]


def _support(sentence: str, asked: set[str], spans: Sequence[Span], embed: Embed) -> Span | None:
    weights = _weights(sentence, asked)
    shares = [_share(weights, span.text) for span in spans]
    if shares and max(shares) >= SUPPORTED:
        return _widened(weights, spans, shares, int(np.argmax(shares)))
    spoken = language(sentence)
    foreign = [span for span in spans if language(span.text) != spoken]
    if not foreign:
        return None
    vectors = embed([sentence, *(span.text for span in foreign)])
    alike = vectors[1:] @ vectors[0]
    best = int(np.argmax(alike))
    return foreign[best] if alike[best] >= ALIKE and _facts_stand(sentence, foreign[best].hit) else None


def _weights(sentence: str, asked: set[str]) -> dict[str, float]:
    """What each word of an answer's sentence weighs: numbers most, the question's own words least."""
    weights = {word: 0.5 if word in asked else 1.0 for word in content_words(sentence)}
    return weights | {f"#{number}": 2.0 for number in figures(sentence)}


def _share(weights: dict[str, float], text: str) -> float:
    held = set(content_words(text)) | {f"#{number}" for number in numbers(text)}
    return sum(weight for word, weight in weights.items() if word in held) / sum(weights.values())


def _widened(weights: dict[str, float], spans: Sequence[Span], shares: Sequence[float], best: int) -> Span:
    """The best span, with the sentence before or after it where that one adds to the support."""
    chosen, share = spans[best], shares[best]
    for other in (best - 1, best + 1):
        if 0 <= other < len(spans) and spans[other].hit is spans[best].hit:
            first, last = min(best, other), max(best, other)
            joined = _joined(spans[first], spans[last])
            if _share(weights, joined.text) >= share + NEIGHBOUR:
                chosen, share = joined, _share(weights, joined.text)
    return chosen


def _joined(first: Span, last: Span) -> Span:
    chunk = first.hit.chunk
    return Span(first.hit, first.start, last.end, chunk.text[first.start - chunk.start : last.end - chunk.start])


def _facts_stand(sentence: str, hit: Hit) -> bool:
    """Numbers survive translation, and so do names where the passage writes them in Latin letters."""
    passage = hit.chunk.text
    latin = names(sentence) if language(passage) == "en" else set()
    return figures(sentence) <= numbers(passage) and all(name in passage.lower() for name in latin)
