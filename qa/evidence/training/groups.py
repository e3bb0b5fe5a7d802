"""Questions to groups of passages to tell apart: one that answers, and some that nearly do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import numpy as np
from numpy.typing import NDArray

from qa.evidence.training.altered import altered
from qa.evidence.training.questions import Question
from storage.language import sentences, tokens

Embed = Callable[[list[str]], NDArray[np.float32]]

_NEAR = 10  # passages nearest to a question, of which some are taken that do not answer it
_SHORT = 130  # tokens that a passage is usually cut to: about those of a chunk
_CUT = 0.9  # share of the passages that are
_SEEN = 400  # characters of a passage by which it is found near
_OTHER = 0.1  # share of the groups that get a passage in another language: its language tells nothing
_HOLE = 0.5  # share of the second round's groups whose other passage is the own one without the answer
_TITLED = 0.5  # share of the groups whose passages stand under their title


@dataclass(frozen=True, slots=True)
class Read:
    """A passage of a group. `span` is the answer in `text`; None where there is none or it is not known which."""

    text: str
    title: str
    answers: bool
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A question with the passages to read for it; the one that answers comes first, if any does."""

    question: str
    passages: tuple[Read, ...]


def group(questions: Sequence[Question], embed_query: Embed, embed: Embed, seed: int) -> list[Group]:
    """A group for each question, in their order; the same for the same seed.

    Beside its own passage stand that passage without the sentences that answer, and one of the nearest others by
    `embed`, which is what retrieval would bring.
    """
    draw = Random(seed)
    passages = list(dict.fromkeys(question.passage for question in questions))
    titles = {question.passage: question.title for question in questions}
    vectors = embed([passage[:_SEEN] for passage in passages])
    asked = embed_query([question.text for question in questions])
    groups = []
    for question, vector in zip(questions, asked, strict=True):
        near = np.argsort(-(vectors @ vector))[: 3 * _NEAR]
        others = [
            passages[j] for j in near
            if passages[j] != question.passage and bool(titles[passages[j]]) == bool(question.title)
            and not question.answered_in(passages[j])
        ][:_NEAR]  # fmt: skip
        chosen = draw.sample(others, min(1, len(others)))
        if draw.random() < _OTHER:
            chosen.append(draw.choice(passages))
        titled = draw.random() < _TITLED
        read = [own := _own(question, draw), *_without(question, own, draw)]
        read += [Read(_cut(text, None, draw)[0], titles[text], answers=False) for text in chosen]
        groups.append(Group(question.text, tuple(r if titled else Read(r.text, "", r.answers, r.span) for r in read)))
    return groups


def contrasts(questions: Sequence[Question], seed: int) -> list[Group]:
    """For each question its own passage; where that answers, one that does not, and the question altered, if it can be.

    The altered question is a group of its own and has the same passage, so both are read in one batch as a rule. The
    passage that does not answer is the own one without those sentences, or another of the article, or any for want of
    one. No embedder is asked: what is near was learnt in the first round.
    """
    draw = Random(seed)
    articles: dict[str, list[str]] = {}
    for question in questions:
        if question.passage not in (same := articles.setdefault(question.title, [])):
            same.append(question.passage)
    every = [passage for same in articles.values() for passage in same]
    groups = []
    for question in draw.sample(questions, len(questions)):
        own = _own(question, draw)
        title = question.title if draw.random() < _TITLED else ""
        others = [passage for passage in articles[question.title] if passage != question.passage] or every
        some = draw.sample(others, min(_NEAR, len(others)))
        read = [own]
        if question.answerable:
            read += _without(question, own, draw) if draw.random() < _HOLE else []
            read += _other(question, some, draw) if len(read) == 1 else []
        groups.append(Group(question.text, tuple(Read(r.text, title, r.answers, r.span) for r in read)))
        changed = altered(question, own.text, some, draw) if own.span else None
        if changed:
            groups.append(Group(changed, (Read(own.text, title, answers=False),)))
    return groups


def _other(question: Question, passages: Sequence[str], draw: Random) -> list[Read]:
    """The first of the passages that lacks the question's answers, cut."""
    free = [passage for passage in passages if passage != question.passage and not question.answered_in(passage)]
    return [Read(_cut(free[0], None, draw)[0], "", answers=False)] if free else []


def _own(question: Question, draw: Random) -> Read:
    span = draw.choice(question.spans) if question.spans else None
    known = span is not None or not question.answerable
    text, start = _cut(question.passage, span, draw) if known else (question.passage, 0)
    moved = (span[0] - start, span[1] - start) if span else None
    return Read(text, question.title, question.answerable, moved)


def _without(question: Question, own: Read, draw: Random) -> list[Read]:
    """The question's own passage without the sentences that hold an answer, where any is left."""
    if own.span is None:
        return []
    starts = [0, *(start for start, _ in sentences(own.text)[1:]), len(own.text)]
    parts = [own.text[start:end] for start, end in pairwise(starts)]
    kept = "".join(part for part in parts if not question.answered_in(part)).strip()
    return [Read(kept, own.title, answers=False)] if kept else []


def _cut(text: str, span: tuple[int, int] | None, draw: Random) -> tuple[str, int]:
    """Some sentences of a text in a row, with those of `span`; and where they start."""
    places = sentences(text)
    if draw.random() > _CUT or tokens(text) <= _SHORT or not places:
        return text, 0
    held = [i for i, (start, end) in enumerate(places) if span and start < span[1] and end > span[0]]
    first = last = draw.randrange(len(places))
    if held:
        first, last = held[0], held[-1]
    while True:
        wider = [side for side in ((first - 1, last), (first, last + 1)) if side[0] >= 0 and side[1] < len(places)]
        fitting = [side for side in wider if tokens(text[places[side[0]][0] : places[side[1]][1]]) <= _SHORT]
        if not fitting:
            break
        first, last = draw.choice(fitting)
    start, end = places[first][0], places[last][1]
    if span:
        start, end = min(start, span[0]), max(end, span[1])
    return text[start:end], start
