"""Align each sentence of an answer to the span of a passage that supports it (pure).

Citations are computed after the text, not asked of the model, so they are the same whatever model wrote it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qa.facts import figures, names, numbers, stem
from qa.orders import without_orders
from storage.keywords import content_words
from storage.language import language, sentences
from storage.records import Citation, Hit
from storage.rows import passage_text

Embed = Callable[[list[str]], NDArray[np.float32]]

SUPPORTED = 0.5  # share of a sentence's weight that its spans must hold
PLAIN = 0.75  # the same for a bare yes or no, of the question's weight, and for a sentence with no word of its own
ADDS = 0.15  # share that a further span must add to be cited beside the best one
MOST = 4  # spans cited for one sentence: an answer that lists what stands in several places
ASKED = 0.25  # what a word weighs that the question had already: repeating it proves nothing
ECHO = 0.2  # what holding all of the question's words weighs: of spans that hold as much, the one that was asked about
# Across languages: twice the cosine less what is usual among the passages must reach ALIKE. AGREES is added where the
# sentence's figures all stand in the span, and taken away where one does not.
ALIKE = 0.86
AGREES = 0.04
UNLIKE = 0.78  # cosine of texts that have nothing to do with each other
WIDER = 0.02  # what two sentences must say more nearly than the one of them that does so best
TELLING = 3  # words of a span that says something
FEW = 4  # words of a phrase that is too short for its vector to tell more than the subject

# What stands in brackets behind a short form, as in "LRU (least recently used)": it says the short form once more, and
# chat models add it where the passage does not.
_GLOSS = re.compile(r"(?<=[A-Z]{2})\s?[(（][^()（）\n]+[)）]")


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


@dataclass(frozen=True, slots=True)
class _Claim:
    """A sentence of an answer, or a question answered by a bare yes or no, as the words and numbers that it holds.

    `asked` are those of the question, `news` the claim's own, `runs` the pairs of news that follow each other. `facts`
    are names in Latin letters, and numbers beyond doubt: what other languages write alike.
    """

    text: str
    weights: dict[str, float]
    asked: frozenset[str]
    news: frozenset[str]
    runs: frozenset[frozenset[str]]
    facts: frozenset[str]

    def weigh(self, held: Iterable[str]) -> float:
        """The weight of what is held, 0 to `self.weigh(self.weights)`."""
        return sum(self.weights[word] for word in held)

    def holds(self, span: "Span", marks: frozenset[str]) -> "_Holding":
        """What a span with these marks holds of this claim: in another language its facts alone."""
        shared = self.weights.keys() & marks
        if language(span.text) != language(self.text):
            shared &= self.facts
        return _Holding(span, frozenset(shared), len(self.asked & marks) / max(len(self.asked), 1))


@dataclass(frozen=True, slots=True)
class _Holding:
    """A span, what it holds of a claim, and its share (0..1) of the question's words."""

    span: Span
    words: frozenset[str]
    echo: float


def cite(answer: str, question: str, hits: Sequence[Hit], embed: Embed) -> Cited:
    """For each sentence of `answer` the few spans of passages that support it, if any do.

    Sentences are compared by the words they share; what the question already said weighs little. Where the
    languages differ, by the vectors of `embed` (texts to unit vectors). What was kept from the model supports nothing.
    """
    spans = [span for hit in hits for span in split(hit) if not asks(span.text) and without_orders(span.text, question)]
    marks = [_marks(span.text) for span in spans]
    asked = _marks(question)
    citations: list[Citation] = []
    unsupported: list[tuple[int, int]] = []
    markers: dict[tuple[str, int, int], int] = {}
    told = [(start, end) for start, end in sentences(answer) if content_words(answer[start:end])]
    # A bare yes or no says nothing of its own: it stands on what holds nearly all of the question.
    bare = [] if told else sentences(answer)[:1]
    for start, end in told or bare:
        claim = _claim(question, frozenset()) if bare else _claim(answer[start:end], asked)
        holdings = [claim.holds(span, held) for span, held in zip(spans, marks, strict=True)]
        found = _cover(claim, holdings, SUPPORTED if claim.news and not bare else PLAIN) or (
            [] if bare else _across(claim, spans, embed)
        )
        if not found:
            unsupported.append((start, end))
        for span in _joined(found):
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


def _claim(text: str, asked: frozenset[str]) -> _Claim:
    """What each word weighs: numbers most, the question's own words and those of a gloss least."""
    words = _words(text)
    written = {f"#{number}" for word in words if not any(map(str.isdigit, word)) for number in numbers(word)}
    stated = {f"#{number}" for number in figures(text)}
    weights = dict.fromkeys([*words, *written], 1.0) | dict.fromkeys(stated, 2.0)
    named = {part for name in names(text) for part in _words(name)}
    facts = frozenset(stated | named | {word for word in words if word.isdigit()})
    light = asked | set(words).difference(_words(_GLOSS.sub(" ", text)), facts)
    weights = {word: weight * ASKED if word in light else weight for word, weight in weights.items()}
    news = frozenset(weights.keys() - asked)
    runs = frozenset(run for run in _runs(words) if run <= news)
    return _Claim(text, weights, asked, news, runs, facts)


def _cover(claim: _Claim, holdings: Sequence[_Holding], least: float) -> list[Span]:
    """The fewest spans, chosen greedily, that hold `least` of a claim's weight together; none if they do not."""
    covered, chosen = set[str](), list[int]()
    while len(chosen) < MOST:
        gains = [
            _gain(claim, holding, covered) if not chosen or _adds(claim, holdings, place, chosen) else 0.0
            for place, holding in enumerate(holdings)
        ]
        best = int(np.argmax(gains)) if gains else 0
        if not gains or not gains[best]:
            break
        chosen.append(best)
        covered |= holdings[best].words
    found = [holdings[place].span for place in sorted(chosen)]
    enough = found and claim.weigh(covered) >= least * claim.weigh(claim.weights)
    return found if enough and _stands(claim, covered, found) else []


def _gain(claim: _Claim, holding: _Holding, covered: set[str]) -> float:
    gain = claim.weigh(holding.words - covered)
    return gain + ECHO * holding.echo if gain and claim.news else gain


def _adds(claim: _Claim, holdings: Sequence[_Holding], place: int, chosen: Sequence[int]) -> bool:
    """Whether a span beside those chosen says a part of the claim that they leave out, and not just words of it.

    Next to one of them, any words will do, such as what a "this" there stands for. Elsewhere they must be news; in
    another passage also a fact, or words that follow each other there as in the claim, and stand nowhere in the
    passages that are cited already.
    """
    hit = holdings[place].span.hit
    fresh = holdings[place].words.difference(*(holdings[other].words for other in chosen))
    beside = claim.news and any(abs(place - other) == 1 and hit is holdings[other].span.hit for other in chosen)
    if not beside:
        fresh &= claim.news
    if claim.weigh(fresh) < ADDS * claim.weigh(claim.weights):
        return False
    hits = [holdings[other].span.hit for other in chosen]
    if beside or any(_near(hit, other) for other in hits):
        return True
    fresh -= _marks("\n".join(_whole(other) for other in hits))
    there = _runs(_words(holdings[place].span.text))
    return bool(fresh & claim.facts) or any(run <= fresh and run in there for run in claim.runs)


def _near(one: Hit, other: Hit) -> bool:
    """Whether two hits are the same passage, or follow each other."""
    return one.chunk.document_id == other.chunk.document_id and abs(one.chunk.position - other.chunk.position) <= 1


def _stands(claim: _Claim, covered: set[str], found: Sequence[Span]) -> bool:
    """Whether the claim's own numbers stand in the spans, and its own names, where the script is the same, in their
    passages."""
    if any(fact[0] == "#" for fact in (claim.facts & claim.news) - covered):
        return False
    passages = "\n".join(_whole(span.hit) for span in found)
    if "zh" in (language(claim.text), language(passages)):
        return True
    known, solid = _marks(passages), "".join(passages.lower().split())
    own = [name for name in names(claim.text) if stem(name) not in claim.asked]
    return all(known.issuperset(_words(name)) or name in solid for name in own)


def _across(claim: _Claim, spans: Sequence[Span], embed: Embed) -> list[Span]:
    """The span in another language that says most nearly the same, if it stands out and the numbers agree."""
    says = len(claim.news) >= FEW or claim.asked & claim.weights.keys()
    spoken = language(claim.text)
    foreign = [span for span in spans if language(span.text) != spoken and _tells(span.text)]
    if not (foreign and claim.news and says):
        return []
    vectors = embed([claim.text, *(span.text for span in foreign)])
    alike = vectors[1:] @ vectors[0]
    usual = float(np.median([*alike, UNLIKE, UNLIKE]))
    stated = figures(claim.text)

    def score(span: Span, cosine: float) -> float:
        return 2 * cosine - usual + (AGREES if stated <= numbers(span.text) else -AGREES) * bool(stated)

    singles = [score(span, cosine) for span, cosine in zip(foreign, alike, strict=True)]
    place = int(np.argmax(singles))
    best, most = foreign[place], singles[place]
    for wider in (_joined(foreign[max(place - 1, 0) : place + 1]), _joined(foreign[place : place + 2])):
        if len(wider) == 1 and wider[0] != foreign[place]:
            more = score(wider[0], float(embed([wider[0].text])[0] @ vectors[0])) - WIDER
            best, most = (wider[0], more) if more > most else (best, most)
    return [best] if most >= ALIKE and _translates(claim.text, best.hit) else []


def _tells(text: str) -> bool:
    """Whether a span says something: headings and code only name a subject, and are near all that is said of it."""
    return text[0] not in "#>|`$" and len(content_words(text)) >= TELLING


def _translates(sentence: str, hit: Hit) -> bool:
    """Numbers survive translation, and so do names where the passage writes them in Latin letters."""
    passage = hit.chunk.text
    latin = names(sentence) if language(passage) == "en" else set()
    return figures(sentence) <= numbers(passage) and all(name in passage.lower() for name in latin)


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


def _whole(hit: Hit) -> str:
    return passage_text(hit.title, hit.chunk.heading, hit.chunk.text)


def _words(text: str) -> list[str]:
    return [stem(word) for word in content_words(text)]


def _runs(words: Sequence[str]) -> set[frozenset[str]]:
    """Words that follow each other, by twos; the parts of a Chinese word follow it, and are no second word."""
    return {frozenset((a, b)) for a, b in pairwise(words) if a not in b and b not in a}


def _marks(text: str) -> frozenset[str]:
    """The words of a text by which it is compared, and its numbers, each as "#12"."""
    return frozenset([*_words(text), *(f"#{number}" for number in numbers(text))])
