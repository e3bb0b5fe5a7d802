"""Which sentence of the passages most likely answers the question, before any word is written."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from qa.cite import Span, asks, split
from qa.evidence.model import Reading
from storage.keywords import content_words
from storage.records import Hit

_WORDS = 0.15  # what sharing all words of the question adds to the cosine
_LIMIT = 16  # sentences compared by meaning: what fits into the first half second


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence of a hit's document: `document.text[start:end]`, and how well it fits (higher is better)."""

    hit: Hit
    start: int
    end: int
    text: str
    score: float


def mark(question: str, hits: Sequence[Hit], embedder: Embeddings) -> Marked | None:
    """The sentence that fits the question best by shared words and meaning; None without hits.

    Words that few of the sentences have weigh more. They choose the few sentences whose meaning is compared, so the
    time does not grow with the passages.
    """
    spans = [span for hit in hits for span in split(hit) if not (_heads(span) or asks(span.text))]
    if not spans:
        return None
    shares = _shares(question, [span.text for span in spans])
    likely = sorted(range(len(spans)), key=lambda i: (-shares[i], spans[i].hit.rank))[:_LIMIT]
    vectors = np.array(embedder.embed_documents([spans[i].text for i in likely]), np.float32)
    scores = vectors @ np.array(embedder.embed_query(question), np.float32) + _WORDS * shares[likely]
    best = int(np.argmax(scores))
    span = spans[likely[best]]
    return Marked(span.hit, span.start, span.end, span.text, float(scores[best]))


def mark_read(readings: Sequence[Reading]) -> Marked | None:
    """The sentence with the phrase that the evidence model takes for the answer; None where it takes none for one."""
    best = marking_of(readings)
    if best is None or best.sure <= 0:
        return None
    holding = [span for span in split(best.hit) if span.start < best.end and best.start < span.end]
    start, end = holding[0].start, holding[-1].end
    chunk = best.hit.chunk
    return Marked(best.hit, start, end, chunk.text[start - chunk.start : end - chunk.start], best.sure)


def marking_of(readings: Sequence[Reading]) -> Reading | None:
    """The reading whose phrase most likely is the answer: sure of it, in a relevant passage."""
    return max(readings, key=lambda reading: reading.sure + reading.relevance, default=None)


def _shares(question: str, texts: Sequence[str]) -> NDArray[np.float64]:
    """For each text the share of the question's words that it holds, rare ones among the texts weighing more."""
    held = [set(content_words(text)) for text in texts]
    weights = {
        word: math.log(1 + len(texts) / (1 + sum(word in words for words in held)))
        for word in dict.fromkeys(content_words(question))
    }
    whole = sum(weights.values()) or 1.0
    return np.array([sum(weight for word, weight in weights.items() if word in words) / whole for words in held])


def _heads(span: Span) -> bool:
    """Whether a span is a heading: it repeats the question's words and answers nothing."""
    name = span.text.lstrip("#").strip()
    return span.text.startswith("#") or name in span.hit.chunk.heading.split(" > ")
