"""How well the evidence model does on the development questions, each figure with its 95 % interval.

Passages are read whole, under their title, up to 512 tokens: those of the questions, not a collection's chunks.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from qa.evaluation.gold import exact, token_f1
from qa.evaluation.intervals import Figure, mean, share
from qa.evidence.pairs import Pair, Pairs, best_span
from qa.evidence.training.network import Network, Outputs
from qa.evidence.training.questions import Question

LONGEST = 512  # tokens of a pair: all that the encoder has positions for
_RIVALS = 7  # passages beside the right one
_RESAMPLES = 1000

Values = NDArray[np.float64]
Passage = tuple[str, str]  # title and text


class Measured(NamedTuple):
    """What was measured, of how many questions."""

    name: str
    figure: Figure
    questions: int


@dataclass(slots=True)
class _Seen:
    """What was found so far, question by question."""

    first: list[bool] = field(default_factory=list)
    f1: list[float] = field(default_factory=list)
    exact: list[bool] = field(default_factory=list)
    answers: list[tuple[float, bool]] = field(default_factory=list)


def near(asked: Sequence[Question], every: Sequence[Question], embedder: Embeddings) -> Iterator[list[Passage]]:
    """For each of the questions its own passage and the seven nearest others of the whole set, with their titles."""
    passages = list({question.passage: question.title for question in every}.items())
    vectors = np.array(embedder.embed_documents([passage for passage, _ in passages]), np.float32)
    for question in asked:
        vector = np.array(embedder.embed_query(question.text), np.float32)
        order = [passages[i] for i in np.argsort(-(vectors @ vector))[: _RIVALS + 1]]
        others = [(title, passage) for passage, title in order if passage != question.passage][:_RIVALS]
        yield [(question.title, question.passage), *others]


def measure(
    network: Network,
    pairs: Pairs,
    questions: Sequence[tuple[Question, list[Passage]]],
    report: Callable[[int], None],
) -> list[Measured]:
    """The figures of one set of questions, with the passages of `near`. `report` is told how many are done.

    Where every question has an answer, one and its nearest other passage count as not answerable.
    """
    seen, both = _Seen(), all(question.answerable for question, _ in questions)
    network.eval()
    for done, (question, shown) in enumerate(questions, start=1):
        read = pairs.pairs(question.text, shown)
        with torch.inference_mode():
            outputs = network(read)
        relevance, answers = (value.cpu().numpy() for value in (outputs.relevance, outputs.answers))
        seen.answers.append((float(answers[0]), question.answerable))
        if both and len(shown) > 1:
            seen.answers.append((float(answers[1]), False))
        if question.answerable:
            seen.first.append(bool(relevance[0] >= relevance.max()))
            _span(question, _phrase(question, read[0], outputs), seen)
        report(done)
    against = "the nearest other passage" if both else "questions without an answer"
    asked = len(seen.first)
    return [
        Measured("own passage first of eight", share(seen.first), asked),
        Measured("F1 of the answer in its passage", mean(seen.f1), asked),
        Measured("exact answer in its passage", share(seen.exact), asked),
        Measured(f"AUROC of answering against {against}", auroc(np.array(seen.answers)), len(seen.answers)),
    ]


def auroc(scores: Values) -> Figure:
    """How often a row whose second column is 1 has a higher score, its first, than one where it is 0.

    With the bootstrap's percentile interval (Efron, 1979); an empty figure where one of the two kinds is missing.
    """
    if len(set(scores[:, 1])) < 2:
        return Figure()
    draw = np.random.default_rng(0)
    drawn = (scores[draw.integers(len(scores), size=len(scores))] for _ in range(_RESAMPLES))
    low, high = np.quantile([_above(rows) for rows in drawn if len(set(rows[:, 1])) == 2], (0.025, 0.975))
    return Figure(*(round(float(number), 4) for number in (_above(scores), low, high)))


def _above(scores: Values) -> float:
    """The statistic of Mann and Whitney (1947) as a share; ties count half."""
    right, wrong = scores[scores[:, 1] == 1, 0], np.sort(scores[scores[:, 1] == 0, 0])
    below = np.searchsorted(wrong, right, "left") + np.searchsorted(wrong, right, "right")
    return float(below.mean() / 2 / len(wrong))


def _phrase(question: Question, pair: Pair, outputs: Outputs) -> str:
    """The likeliest answer in the first passage, which is the question's own."""
    inside = np.array(pair.inside, bool)
    inside[0] = False
    places = (outputs.start, outputs.end)
    first, last, _ = best_span(*(np.where(inside, place[0, : len(inside)].cpu().numpy(), -np.inf) for place in places))
    return question.passage[pair.spans[first][0] : pair.spans[last][1]]


def _span(question: Question, said: str, seen: _Seen) -> None:
    golds = [question.passage[start:end] for start, end in question.spans]
    seen.f1.append(token_f1(said, golds))
    seen.exact.append(exact(said, golds))
