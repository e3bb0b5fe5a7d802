"""Answer or refuse (pure): decided outside the model's goodwill, from what stands in the passages.

First by rules, which hold for any model: it is no refusal, nothing is made up, passages support what is said. Then by
how likely it is that the documents answer, which `gate.toml` weighs from the signals of `qa/signals.py`; it was fitted
on question sets by tests/quality/gate.py.
"""

import functools
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from qa.cite import Cited
from qa.facts import figures, names, numbers
from storage.keywords import content_words
from storage.language import language, sentences
from storage.records import Hit
from storage.rows import passage_text

REFUSALS = {"en": "The documents don't say.", "zh": "文档中没有说明。"}

# What a model says when it finds nothing, in its own words: it speaks of the documents, not of the subject.
_REFUSING = re.compile(
    r"\b(?:documents?|passages?|text|context|information|sources?|article|files?)\b[^.]{0,60}?"
    r"\b(?:not|n't|no)\b[^.]{0,30}?\b(?:say|state|mention|specif|contain|provide|include|give|indicate|answer|discuss)"
    r"|don't say\b|\bno (?:\w+ )?(?:information|mention|answer)\b"
    r"|\bnot (?:\w+ )?(?:mentioned|stated|specified|provided|given|found|available) (?:in|by) (?:the|these|any)"
    r"|(?:can ?not|unable to) (?:be )?(?:find|found|answer|answered|determine|determined)\b"
    r"|(?:文档|文章|文中|资料|段落|材料|上下文|内容|信息|原文|文本|文件)[^。]{0,20}?(?:没有|未|并未|不)[^。]{0,8}?"
    r"(?:说明|提及|提到|提供|指出|包含|涉及|给出|明确|记载|说)"
    r"|没有(?:找到|提及|提到|说明|相关|关于)|(?:未|并未)(?:提及|提到|说明)|无法(?:回答|确定|得知|找到|从)",
    re.IGNORECASE,
)


# A refusal however near its words come to a passage, as it may name what was asked for: "The documents do not say
# anything about Form B."
_BARE = re.compile(
    r"(?:the |these )?(?:provided |given )?(?:documents?|passages?|context) (?:do not|don't|does not|doesn't) "
    r"(?:say|state|mention|specify|provide|contain|give|indicate|include)\b"
    r"|(?:文档|段落|资料)中?(?:没有|未|并未)(?:说明|提及|提到|提供|给出)",
    re.IGNORECASE,
)

# "unlikely": by the signals the documents do not answer, whatever was written, if anything was. "quoted" is an answer:
# what was written is none, made up or another, and a sentence of the passages stands in its place.
Reason = Literal["", "refused", "nothing relevant", "unsupported", "made up", "unlikely", "quoted"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the answer may stand, and if not, why."""

    found: bool
    reason: Reason = ""


Stage = Literal["retrieved", "confirmed", "written"]


@dataclass(frozen=True, slots=True)
class Weighing:
    """A logistic regression over signals, each less its mean and over its scale; and the probability to be reached.

    That is fitted for each language of a question, as the signals tell more in one than in the other. The first signal
    has to be known; another one that is not is taken to be as usual, and weighs nothing.
    """

    bias: float
    least: Mapping[str, float]
    signals: Mapping[str, tuple[float, float, float]]  # mean, scale, weight

    def knows(self, signals: Mapping[str, float]) -> bool:
        """Whether enough is known to weigh."""
        return next(iter(self.signals)) in signals

    def probability(self, signals: Mapping[str, float]) -> float:
        """How likely it is, by these signals, that the documents answer."""
        total = self.bias
        for name, (mean, scale, weight) in self.signals.items():
            total += weight * (signals[name] - mean) / scale if name in signals else 0.0
        return 1 / (1 + math.exp(-total))


def weighing(stage: Stage, signals: Mapping[str, float]) -> Weighing | None:
    """What decides by these signals once passages are retrieved, confirmed by the chat model, and an answer is written.

    "unread" is without an evidence model's readings, "alone" by the chat model's word, as of passages in a language
    that the question is not in. None where nothing is known, or the chat model gave no word to weigh.
    """
    if stage == "confirmed" and stage not in signals:
        return None
    names = (stage, f"{stage}_unread", f"{stage}_alone")
    known = (_fitted()[name] for name in names if name in _fitted())
    return next((weighing for weighing in known if weighing.knows(signals)), None)


@functools.cache
def _fitted() -> Mapping[str, Weighing]:
    tables = tomllib.loads(Path(__file__).with_name("gate.toml").read_text(encoding="utf-8"))
    return {
        name: Weighing(table["bias"], table["least"], {key: tuple(value) for key, value in table["signals"].items()})
        for name, table in tables.items()
    }


def judge(answer: str, question: str, hits: Sequence[Hit], cited: Cited) -> Verdict:
    """Whether an answer stands: it is no refusal, passages support at least half of its sentences that say something,
    and none of its numbers and names is made up. A sentence that only sounds like a refusal, as of a rule that says
    "not included", stands if a passage supports it.
    """
    spans = sentences(answer)
    if not spans:
        return Verdict(False, "refused")
    first = next((span for span in spans if content_words(answer[slice(*span)])), spans[0])  # past a bare "Yes."
    supported = {(citation.answer_start, citation.answer_end) for citation in cited.citations}
    sentence = answer[slice(*first)]
    speaks_of_documents = sentence in REFUSALS.values() or _BARE.match(sentence)
    if speaks_of_documents or (refuses(sentence) and first not in supported):
        return Verdict(False, "refused")
    if invented(answer, question, hits):
        return Verdict(False, "made up")
    enough = supported and len(supported) >= len(cited.unsupported)
    return Verdict(True) if enough else Verdict(False, "unsupported")


def admitted(answer: str, cited: Cited) -> Cited:
    """The citations of an answer by half: beside a supported sentence another may say that the rest is not there."""
    if not cited.citations:
        return cited
    return replace(cited, unsupported=tuple(span for span in cited.unsupported if not refuses(answer[slice(*span)])))


def refuses(sentence: str) -> bool:
    """Whether a sentence says that the documents do not say."""
    return bool(_REFUSING.search(sentence))


def invented(answer: str, question: str, hits: Sequence[Hit]) -> set[str]:
    """The numbers and names of an answer that stand neither in the passages nor in the question.

    Names are compared only where a passage is in the answer's language: another script writes them otherwise.
    """
    passages = [passage_text(hit.title, hit.chunk.heading, hit.chunk.text) for hit in hits]
    text = "\n".join([question, *passages])
    unknown = figures(_unnumbered(answer)) - numbers(text)
    if any(language(passage) == language(answer) for passage in passages) or language(answer) == "zh":
        known = set(content_words(text))
        unknown |= {name for name in names(answer) if not known.issuperset(content_words(name))}
    return unknown


def _unnumbered(answer: str) -> str:
    """The answer without the numbers of its list items, which count lines and claim nothing."""
    return re.sub(r"(?m)^\s*\(?\d{1,2}[.)、．]\s*", "", answer)
