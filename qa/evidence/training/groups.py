"""Questions to groups of passages to tell apart: one that answers, and some that nearly do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import numpy as np
from numpy.typing import NDArray

from qa.evidence.training.questions import Question
from storage.language import sentences, tokens

Embed = Callable[[list[str]], NDArray[np.float32]]

_NEAR = 10  # passages nearest to a question, of which some are taken that do not answer it
_SHORT = 130  # tokens that a passage is usually cut to: about those of a chunk
_CUT = 0.9  # share of the passages that are
_SEEN = 400  # characters of a passage by which it is found near
_OTHER = 0.1  # share of the groups that get a passage in another language: its language tells nothing
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
        answers = {question.passage[start:end].lower() for start, end in question.spans}
        others = [
            passages[j] for j in near
            if passages[j] != question.passage and bool(titles[passages[j]]) == bool(question.title)
            and not any(answer in passages[j].lower() for answer in answers)
        ][:_NEAR]  # fmt: skip
        chosen = draw.sample(others, min(1, len(others)))
        if draw.random() < _OTHER:
            chosen.append(draw.choice(passages))
        titled = draw.random() < _TITLED
        read = [own := _own(question, draw), *_without(question, own, draw)]
        read += [Read(_cut(text, None, draw)[0], titles[text], answers=False) for text in chosen]
        groups.append(Group(question.text, tuple(r if titled else Read(r.text, "", r.answers, r.span) for r in read)))
    return groups


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
    answers = {question.passage[start:end].lower() for start, end in question.spans}
    starts = [0, *(start for start, _ in sentences(own.text)[1:]), len(own.text)]
    parts = [own.text[start:end] for start, end in pairwise(starts)]
    kept = "".join(part for part in parts if not any(answer in part.lower() for answer in answers)).strip()
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
