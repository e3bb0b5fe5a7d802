"""What is right: texts compared with gold answers as SQuAD does, and passages with what a question tells (pure)."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from qa.evaluation.questions import Question
from storage.language import sentences

_WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_INSIDE = re.compile(r"(?<=\w)[.,'’](?=\w)")  # 1,000 and 1000, U.S and US, don't and dont are the same
_ARTICLES = {"a", "an", "the"}
_TELLING = 5  # tokens of a sentence that two texts do not share by chance


def tokens(text: str) -> list[str]:
    """Words without case, punctuation and articles; of Chinese each character."""
    words = _WORD.findall(_INSIDE.sub("", unicodedata.normalize("NFKC", text).lower()))
    return [word for word in words if word not in _ARTICLES] or words


def contains(text: str, gold: str) -> bool:
    """Whether the tokens of `gold` stand in `text`, one after the other."""
    return f" {' '.join(tokens(gold))} " in f" {' '.join(tokens(text))} "


def right(question: Question, text: str) -> bool:
    """Whether an answer's text holds what it must."""
    if question.must_contain:
        return all(contains(text, gold) for gold in question.must_contain)
    return any(contains(text, gold) for gold in question.answers)


def golds(question: Question) -> tuple[str, ...]:
    """The texts that an answer is compared with as a whole."""
    return question.answers or (" ".join(question.must_contain),)


def exact(text: str, answers: Sequence[str]) -> bool:
    """Whether the text is one of the gold answers, token for token."""
    said = tokens(text)
    return any(said == tokens(gold) for gold in answers)


def token_f1(text: str, answers: Sequence[str]) -> float:
    """The best F1 of shared tokens with any of the gold answers; of Chinese it counts characters."""
    said = Counter(tokens(text))
    scores = [0.0]
    for gold in answers:
        wanted = Counter(tokens(gold))
        if shared := (said & wanted).total():
            scores.append(2 * shared / (said.total() + wanted.total()))
    return max(scores)


def locatable(question: Question) -> bool:
    """Whether a question tells enough to know its gold passage by: it is answerable, and names more than that."""
    told = question.answers, question.must_contain, question.document, question.context, question.evidence
    return question.answerable and any(told)


def is_gold(question: Question, name: str, text: str) -> bool:
    """Whether a passage of the file called `name` is where a question's answer stands. It must meet all that is told:

    - `document`: the file has this name;
    - `evidence`: the passage holds these words, or lies within them;
    - `context`: one of the two lies within the other, or they share a sentence of five words or more;
    - `answers` or `must_contain`, unless there is evidence: the passage holds one of the answers, or all that it must.
    """
    if question.document and name != question.document:
        return False
    if question.context and not _overlap(text, question.context):
        return False
    if question.evidence:
        return _within(question.evidence, text) or _within(text, question.evidence)
    if not (question.answers or question.must_contain):
        return True
    return right(question, text) or any(contains(text, answer) for answer in question.answers)


def _overlap(text: str, context: str) -> bool:
    if _within(text, context) or _within(context, text):
        return True
    shared = (context[start:end] for start, end in sentences(context))
    return any(len(tokens(sentence)) >= _TELLING and _within(sentence, text) for sentence in shared)


def _within(part: str, whole: str) -> bool:
    return bool(tokens(part)) and contains(whole, part)
