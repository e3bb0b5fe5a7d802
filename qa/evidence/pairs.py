"""Question and passage as the one sequence of tokens that the evidence model reads (pure)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LONGEST = 320  # tokens of a pair in training; the rest of the passage is cut off
_QUESTION = 64  # tokens of a question at most
_ANSWER = 40  # tokens of an answer at most
_NEAR = 20  # starts that are tried
_BEGIN, _END, PAD = 0, 2, 1  # of XLM-R's vocabulary (Conneau et al., 2020)


@dataclass(frozen=True, slots=True)
class Pair:
    """`<s> question </s></s> lead passage </s>`: token ids, and for each token its characters of the passage.

    `inside` is 1 at the tokens of the passage and at the first one; `spans` counts in the passage's text.
    """

    ids: tuple[int, ...]
    inside: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    @property
    def mask(self) -> tuple[int, ...]:
        """Every token is read."""
        return (1,) * len(self.ids)


class Pairs:
    """Makes pairs of at most `longest` tokens with the tokenizer of an embedder's folder."""

    def __init__(self, folder: Path, longest: int = LONGEST) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_buffer((folder / "tokenizer.json").read_bytes())
        self._longest = longest

    def pairs(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Pair]:
        """A pair for each passage, given as what stands above it (title and heading, or nothing) and its text."""
        texts = [question, *(f"{lead}\n{text}" if lead else text for lead, text in passages)]
        asked, *read = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        before = [_BEGIN, *asked.ids[:_QUESTION], _END, _END]
        return [
            _pair(before, encoding, (lead, text), self._longest - len(before) - 1)
            for encoding, (lead, text) in zip(read, passages, strict=True)
        ]


def _pair(before: list[int], read: Any, passage: tuple[str, str], room: int) -> Pair:
    """`before` and as many tokens of what was read as there is room for."""
    lead, text = passage
    offset = len(lead) + 1 if lead else 0
    spans = [_bare(text, start - offset, end - offset) for start, end in read.offsets[:room]]
    nothing = [(0, 0)] * len(before)
    inside = [int(end > start) for start, end in spans]
    return Pair(
        (*before, *read.ids[:room], _END),
        (1, *[0] * (len(before) - 1), *inside, 0),
        (*nothing, *spans, (0, 0)),
    )


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """A token's characters of the passage without the blank before a word; nothing for a token of the lead."""
    start = max(start, 0)
    while start < end and text[start].isspace():
        start += 1
    return start, max(end, start)


def best_span(starts: NDArray[np.float32], ends: NDArray[np.float32]) -> tuple[int, int, float]:
    """The likeliest first and last token of an answer, and their scores together, from the scores of each token.

    Tokens that cannot stand in an answer score -inf; where none can, the sum is -inf too.
    """
    best = (0, 0, -math.inf)
    for first in np.argsort(-starts)[:_NEAR].tolist():
        last = first + int(np.argmax(ends[first : first + _ANSWER]))
        best = max(best, (first, last, float(starts[first] + ends[last])), key=lambda found: found[2])
    return best
