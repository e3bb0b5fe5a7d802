"""What speaks for an answer, as numbers that a fitted gate can weigh (pure).

They are told of passages for which there is the question in their language, as it was asked or translated. Across
languages cosines are lower, words are not shared, and the evidence model, which was trained on no such pair, is sure of
nothing: the gate would take that for no answer.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from qa.cite import Cited
from qa.evidence.model import Reading
from qa.facts import full_names
from qa.translate import SURE
from storage.asked import Asked
from storage.indexes import Found
from storage.keywords import content_words
from storage.language import language
from storage.records import Hit
from storage.rows import passage_text

Signals = dict[str, float]

COSINES = frozenset({"similarity", "near"})  # the signals that every embedder has on a scale of its own


def retrieved(asked: Asked, hits: Sequence[Hit], found: Found, readings: Sequence[Reading]) -> Signals:
    """Before a word is written: how near the best passages are, and what was read in them.

    `similarity`, `coverage`: the best of each; `answers` (log-odds), `sure` and `relevance`: the best reading;
    `second`: how far the second best relevance lies below. Without readings only the first two. Where one of the
    passages is in a language that the question is not in, and no other surely answers, nothing is told: that one may.
    """
    heard = [reading for reading in readings if spoken(asked, [reading.hit])]
    answered = any(reading.answers >= SURE for reading in heard)
    if not hits or not (answered or all(spoken(asked, [hit]) for hit in hits)):
        return {}
    signals = {
        "similarity": max(found.similarity.values(), default=0.0),
        "coverage": max(found.coverage.values(), default=0.0),
    }
    if heard:
        best = sorted((reading.relevance for reading in heard), reverse=True)
        signals["answers"] = max(log_odds(reading.answers) for reading in heard)
        signals["sure"] = max(reading.sure for reading in heard)
        signals["relevance"] = best[0]
        signals["second"] = best[0] - best[1] if len(best) > 1 else 0.0
    return signals


def written(asked: Asked, cited: Cited, hits: Sequence[Hit], near: float) -> Signals:
    """Of the citations of an answer, which are at least one.

    `near`: cosine of the question to the nearest quote.
    `shared` and `lacking`: the share of the question's words that the cited passages hold, and of its names that they
    lack. Of passages in a language that the question is not in nothing is told.
    """
    passages = _cited(cited, hits)
    if not spoken(asked, passages):
        return {}
    question = asked.of(language(passages[0].chunk.text))
    texts = [f"{Path(h.path).stem}\n{passage_text(h.title, h.chunk.heading, h.chunk.text)}" for h in passages]
    words, there, names = set(content_words(question)), set(content_words("\n".join(texts))), full_names(question)
    missing = [name for name in names if not any(there.issuperset(content_words(word)) for word in name)]
    return {
        "near": near,
        "shared": len(words & there) / max(1, len(words)),
        "lacking": len(missing) / max(1, len(names)),
    }


def agreeing(answer: str, asked: Asked, cited: Cited, readings: Sequence[Reading]) -> Signals:
    """How far the evidence model and the chat model agree.

    `agreed`: the share of a read phrase's words that the answer holds, of the phrase where that and how sure it was are
    greatest together; of phrases in the answer's language. `cited`: the best log-odds of answering among the passages
    that are cited.
    """
    passages = _cited(cited, [reading.hit for reading in readings])
    if not spoken(asked, passages):
        return {}
    said, ids = set(content_words(answer)), {hit.chunk.id for hit in passages}
    signals = {"cited": max(log_odds(reading.answers) for reading in readings if reading.hit.chunk.id in ids)}
    comparable = [reading for reading in readings if language(reading.hit.chunk.text) == language(answer)]
    if any(reading.hit.chunk.id in ids for reading in comparable):
        signals["agreed"] = max(held(reading, said) / (1 + math.exp(-reading.sure)) for reading in comparable)
    return signals


def spoken(asked: Asked, hits: Sequence[Hit]) -> bool:
    """Whether there is the question in the language of any of the passages."""
    return any(asked.speaks(language(hit.chunk.text)) for hit in hits)


def held(reading: Reading, said: set[str]) -> float:
    """The share of a read phrase's words that are among `said`."""
    words = set(content_words(reading.phrase)) or {reading.phrase}
    return len(words & said) / len(words)


def log_odds(probability: float) -> float:
    """The natural logarithm of a probability over its opposite, within a million to one."""
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))


def _cited(cited: Cited, hits: Sequence[Hit]) -> list[Hit]:
    places: Mapping[str, list[int]] = {
        citation.document_id: [c.start for c in cited.citations if c.document_id == citation.document_id]
        for citation in cited.citations
    }
    return [
        hit
        for hit in hits
        if any(hit.chunk.start <= start < hit.chunk.end for start in places.get(hit.chunk.document_id, ()))
    ]
