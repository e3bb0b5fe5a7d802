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

SUPPORTED = 0.5  # share of a sentence's weight that its spans must hold
PLAIN = 0.75  # the same for a bare yes or no, of the question's weight
ADDS = 0.15  # share that a further span must add to be cited beside the best one
MOST = 4  # spans cited for one sentence: an answer that lists what stands in several places
ASKED = 0.25  # what a word weighs that the question had already: repeating it proves nothing
ALIKE = 0.83  # cosine that counts as support when the passage is in another language


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
    """For each sentence of `answer` the few spans of passages that support it, if any do.

    Sentences are compared by the words they share; what the question already said weighs little. Where the
    languages differ, by the vectors of `embed` (texts to unit vectors).
    """
    spans = [span for hit in hits for span in split(hit)]
    asked = set(content_words(question)) | {f"#{number}" for number in numbers(question)}
    citations: list[Citation] = []
    unsupported: list[tuple[int, int]] = []
    markers: dict[tuple[str, int, int], int] = {}
    told = [(start, end) for start, end in sentences(answer) if content_words(answer[start:end])]
    # A bare yes or no says nothing of its own: it stands on what holds nearly all of the question.
    bare = [] if told else sentences(answer)[:1]
    for start, end in told or bare:
        found = (
            _cover(_weights(question, set()), spans, PLAIN)
            if bare
            else _support(answer[start:end], asked, spans, embed)
        )
        if not found:
            unsupported.append((start, end))
        for span in found:
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


def asks(text: str) -> bool:
    """Whether a sentence is a question: it may repeat the asked one word for word, and supports nothing."""
    return text.rstrip("”’\"') ）").endswith(("?", "？"))


def _support(sentence: str, asked: set[str], spans: Sequence[Span], embed: Embed) -> list[Span]:
    weights = _weights(sentence, asked)
    if chosen := _cover(weights, spans, SUPPORTED):
        return chosen
    spoken = language(sentence)
    foreign = [span for span in spans if language(span.text) != spoken and not asks(span.text)]
    if not foreign:
        return []
    vectors = embed([sentence, *(span.text for span in foreign)])
    alike = vectors[1:] @ vectors[0]
    best = int(np.argmax(alike))
    return [foreign[best]] if alike[best] >= ALIKE and _facts_stand(sentence, foreign[best].hit) else []


def _cover(weights: dict[str, float], spans: Sequence[Span], least: float) -> list[Span]:
    """The fewest spans, chosen greedily, that hold `least` of a sentence's weight together; none if they do not.

    Spans that follow each other become one.
    """
    held = [set[str]() if asks(span.text) else _held(weights, span.text) for span in spans]
    total, covered, chosen = sum(weights.values()), set[str](), list[int]()
    while spans and weights and len(chosen) < MOST:
        gains = [sum(weights[word] for word in words - covered) for words in held]
        best = int(np.argmax(gains))
        if gains[best] < ADDS * total:
            break
        chosen.append(best)
        covered |= held[best]
    if not weights or sum(weights[word] for word in covered) < least * total:
        return []
    return _joined([spans[place] for place in sorted(chosen)])


def _weights(sentence: str, asked: set[str]) -> dict[str, float]:
    """What each word of an answer's sentence weighs: numbers most, the question's own words least."""
    weights = dict.fromkeys(content_words(sentence), 1.0) | {f"#{number}": 2.0 for number in figures(sentence)}
    return {word: weight * ASKED if word in asked else weight for word, weight in weights.items()}


def _held(weights: dict[str, float], text: str) -> set[str]:
    """The words and numbers of an answer's sentence that a span holds."""
    return weights.keys() & {*content_words(text), *(f"#{number}" for number in numbers(text))}


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Spans with those that follow each other in one passage made one."""
    joined: list[Span] = []
    for span in spans:
        last, chunk = joined[-1] if joined else None, span.hit.chunk
        if last and last.hit is span.hit and not chunk.text[last.end - chunk.start : span.start - chunk.start].strip():
            joined[-1] = Span(
                span.hit, last.start, span.end, chunk.text[last.start - chunk.start : span.end - chunk.start]
            )
        else:
            joined.append(span)
    return joined


def _facts_stand(sentence: str, hit: Hit) -> bool:
    """Numbers survive translation, and so do names where the passage writes them in Latin letters."""
    passage = hit.chunk.text
    latin = names(sentence) if language(passage) == "en" else set()
    return figures(sentence) <= numbers(passage) and all(name in passage.lower() for name in latin)
