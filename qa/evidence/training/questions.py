"""The question sets that the evidence model learns from and is measured on; all may be shipped (see the model card)."""

import gzip
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from storage.language import tokens

_SPANS = ("cmrc2018_train", "cmrc2018_trial", "drcd_dev", "nq_open_oracle_half")
_SQUAD, _SECTIONS, _QAMR = "squad_dev_half", "selqa_sentence_selection", "qamr_sentences"
_CHINESE = "cmrc2018_dev_half"
LEARNT = (*_SPANS, _SQUAD, _SECTIONS, _QAMR)  # files that are learnt from; of SQuAD the articles not held out
_SINGLE = 3000  # questions on single sentences that are used
_TELLING = 6  # words that such a question needs to be about its sentence and no other
_SENTENCES = 4  # that make a passage for them
_SECTION = 300  # tokens of a section at most: all of it is read
_HELD_OUT = 4  # every fourth article of SQuAD is kept for development


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the passage it was asked of.

    `spans` are its answers in `passage`; none where it has no answer there, or where only `answerable` is known.
    """

    text: str
    passage: str
    title: str
    answerable: bool
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def answers(self) -> frozenset[str]:
        """Its answers in lower case."""
        return frozenset(self.passage[start:end].lower() for start, end in self.spans)

    def answered_in(self, text: str) -> bool:
        """Whether a text holds one of its answers."""
        return any(answer in text.lower() for answer in self.answers)


def learnt(data: Path) -> list[Question]:
    """The questions to learn from. Raises FileNotFoundError where `data` lacks a set."""
    found = [question for name in _SPANS for question in asked(data, name)]
    found += [question for question in asked(data, _SQUAD) if not held_out(question.title)]
    return [*found, *_on_sections(data), *_on_sentences(data)]


def drawn(questions: Sequence[Question], count: int, seed: int) -> list[Question]:
    """So many of the questions by chance, or all of them in another order."""
    return Random(seed).sample(questions, min(count, len(questions)))


def left(data: Path, taken: Collection[Question], count: int, seed: int) -> list[Question]:
    """For a second round: SQuAD's questions without an answer again, and `count` with a known one that are not `taken`.

    SQuAD's come first, as only they stand beside such questions. Raises FileNotFoundError where `data` lacks a set.
    """
    deceiving = [question for question in asked(data, _SQUAD) if not held_out(question.title)]
    every = learnt(data)
    beside = {question.passage for question in deceiving}
    rest = [question for question in drawn(every, len(every), seed) if question.spans and question not in taken]
    rest.sort(key=lambda question: question.passage not in beside)
    return [*(question for question in deceiving if not question.answerable), *rest[:count]]


def development(data: Path) -> dict[str, list[Question]]:
    """By language, questions on articles that are not learnt from. Raises FileNotFoundError where a set is missing."""
    english = [question for question in asked(data, _SQUAD) if held_out(question.title)]
    return {"en": english, "zh": list(asked(data, _CHINESE))}


def held_out(title: str) -> bool:
    """Whether an article is kept for development."""
    return int(sha256(title.encode()).hexdigest(), 16) % _HELD_OUT == 0


def asked(data: Path, name: str) -> Iterator[Question]:
    """The questions of one set, as it gives them."""
    for row in _rows(data, name):
        spans = tuple((start, start + len(a)) for a, start in zip(row["answers"], row["answer_starts"], strict=True))
        yield Question(row["question"], row["context"], row["title"], row["answerable"], spans)


def _on_sections(data: Path) -> Iterator[Question]:
    """Questions whose answer is a whole sentence: that it answers is known, and in which words is not."""
    for row in _rows(data, _SECTIONS):
        if tokens(row["context"]) <= _SECTION:
            yield Question(row["question"], row["context"], row["title"], answerable=True)


def _on_sentences(data: Path) -> Iterator[Question]:
    """Questions on one sentence, set among others by chance, so that it has to be found."""
    rows, draw = list(_rows(data, _QAMR)), Random(0)
    sentences = sorted({row["context"] for row in rows})
    telling = [row for row in rows if len(row["question"].split()) >= _TELLING]
    for row in draw.sample(telling, min(_SINGLE, len(telling))):
        others = draw.sample(sentences, _SENTENCES - 1)
        before = draw.randrange(_SENTENCES)
        lead = "".join(f"{sentence} " for sentence in others[:before])
        text = lead + " ".join([row["context"], *others[before:]])
        start = len(lead) + row["answer_starts"][0]
        yield Question(row["question"], text, "", answerable=True, spans=((start, start + len(row["answers"][0])),))


def _rows(data: Path, name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
