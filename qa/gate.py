"""Answer or refuse (pure): decided outside the model's goodwill, from what stands in the passages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from qa.cite import Cited
from qa.facts import figures, full_names, names, numbers
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


Reason = Literal["", "refused", "nothing relevant", "unsupported", "made up", "beside the question"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the answer may stand, and if not, why."""

    found: bool
    reason: Reason = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """How near is near enough. Cosines are those of the default embedder; coverage is a share of words.

    Below both `similarity` and `coverage`, a passage has nothing to do with the question. A cited sentence less similar
    to the question than `close` answers it only if its passage shares `shared` of the question's words, and its names.
    """

    similarity: float = 0.78
    coverage: float = 0.25
    close: float = 0.84
    shared: float = 0.25


def relevant(similarity: float, coverage: float, least: Threshold) -> bool:
    """Whether the best passage (its cosine to the question, its coverage of its words) may hold an answer."""
    return similarity >= least.similarity or coverage >= least.coverage


def beside(question: str, cited: Cited, hits: Sequence[Hit], similarity: float, least: Threshold) -> bool:
    """Whether the citations are about something else than the question, though they may hold the answer's words.

    `similarity` is the cosine of the question to the nearest cited sentence. Passages in another language cannot
    share the question's words and are taken as they are.
    """
    if similarity >= least.close:
        return False
    texts = [
        f"{Path(h.path).stem}\n{passage_text(h.title, h.chunk.heading, h.chunk.text)}" for h in _cited(cited, hits)
    ]
    alike = [text for text in texts if language(text) == language(question)]
    if not alike or len(alike) < len(texts):
        return False
    held = set(content_words("\n".join(alike)))
    asked = set(content_words(question))
    missing = [name for name in full_names(question) if not any(held.issuperset(content_words(w)) for w in name)]
    return bool(missing) or len(asked & held) < least.shared * len(asked)


def _cited(cited: Cited, hits: Sequence[Hit]) -> list[Hit]:
    places = {(citation.document_id, citation.start) for citation in cited.citations}
    return [
        hit
        for hit in hits
        if any(
            document == hit.chunk.document_id and hit.chunk.start <= start < hit.chunk.end for document, start in places
        )
    ]


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
    if answer[slice(*first)] in REFUSALS.values() or (refuses(answer[slice(*first)]) and first not in supported):
        return Verdict(False, "refused")
    if invented(answer, question, hits):
        return Verdict(False, "made up")
    enough = supported and len(supported) >= len(cited.unsupported)
    return Verdict(True) if enough else Verdict(False, "unsupported")


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
