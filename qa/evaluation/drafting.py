"""A question set drafted from a person's own collection, for the person to correct."""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable

from qa.chat.decode import disarm
from qa.evaluation.gold import contains
from qa.facts import full_names
from qa.prompt import wording
from storage.keywords import content_words
from storage.language import language, tokens
from storage.records import Chunk, Hit
from storage.rows import passage_text

SEED = 20
REPLY_TOKENS = 120  # at most, of a question with its answer
_ONE_IN = 6  # drafts has no answer in the collection
_SHORTEST = 15  # tokens of a passage that a question can be asked of
_WORDS = 3  # of its own a question has at least
_LONGEST = {"en": 80, "zh": 30}  # characters of a short answer
_TRIES = 12  # other names that are tried in a question
_DAYS = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?")  # written like names, and no subject
_QUESTION = re.compile(r"^\W*(?:Question|问题)\W*[:：]\s*(.+)$", re.MULTILINE | re.IGNORECASE)
_ANSWER = re.compile(r"^\W*(?:Answer|答案|回答)\W*[:：]\s*(.+)$", re.MULTILINE | re.IGNORECASE)
_POINTS = re.compile(
    r"\b(?:the|this) (?:passage|text|document|article|table)\b|段落|本文|文中|上文|文档中", re.IGNORECASE
)

Near = Callable[[str], Sequence[Hit]]  # the passages of the collection that are nearest to a question


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that a question can be asked of, with its document's file name and title."""

    name: str
    title: str
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted question. Without an answer it is one on `context` with a name changed, as `note` tells."""

    question: str
    answer: str | None
    document: str
    context: str
    note: str = ""

    def line(self) -> dict[str, Any]:
        """The draft as a line of a question file; what needs a look before it is believed is marked as a draft."""
        digest = blake2b(self.question.encode(), digest_size=4).hexdigest()
        line = {
            "id": digest, "question": self.question, "answers": [] if self.answer is None else [self.answer],
            "answerable": self.answer is not None, "document": self.document, "context": self.context,
        }  # fmt: skip
        return line if self.answer is not None else line | {"draft": True, "note": self.note}


def spread(documents: Iterable[Sequence[Source]]) -> Iterator[Source]:
    """Passages in an order that only chance and the seed decide: of each document one, then of each a second, ..."""
    rng = random.Random(SEED)
    piles = [rng.sample(sources, len(sources)) for sources in documents]
    rng.shuffle(piles)
    while piles:
        for pile in piles:
            if pile:
                yield pile.pop()
        piles = [pile for pile in piles if pile]


def draft(
    sources: Iterable[Source], chat: Runnable[LanguageModelInput, AIMessage], near: Near, made: tuple[int, int]
) -> Iterator[Draft]:
    """Draft questions until the sources run out. `made` counts those there are, and those of them without an answer.

    About one in six has none. Raises ModelUnavailable.
    """
    total, absent = made
    read: list[Source] = []
    bases: list[tuple[str, Source]] = []
    for source in sources:
        if tokens(source.chunk.text) < _SHORTEST:
            continue
        read.append(source)
        if (total + 1) / _ONE_IN - absent > 0.5 and (changed := _changed(bases, read, near)):
            total, absent = total + 1, absent + 1
            yield changed
        pair = parsed(str(chat.invoke(messages(source)).text))
        if pair and usable(*pair, source.chunk.text):
            total += 1
            bases.append((pair[0], source))
            yield Draft(*pair, source.name, source.chunk.text)


def messages(source: Source) -> list[BaseMessage]:
    """What the chat model gets to write a question on a passage, in the passage's language."""
    text = passage_text(source.title, source.chunk.heading, source.chunk.text)
    fenced = f"<passage>\n{disarm(text)}\n</passage>"
    return [SystemMessage(wording("question", language(source.chunk.text))), HumanMessage(fenced)]


def parsed(reply: str) -> tuple[str, str] | None:
    """Question and answer of a reply that has both."""
    question, answer = _QUESTION.search(reply), _ANSWER.search(reply)
    if not question or not answer:
        return None
    return question.group(1).strip(' *"“”'), answer.group(1).strip(' *"“”.。')


def usable(question: str, answer: str, passage: str) -> bool:
    """Whether a draft is worth a person's time: its answer stands in the passage word for word, its question does not
    and does not give the answer away, is in the passage's language and can be understood without it."""
    spoken = language(passage)
    return (
        question.endswith(("?", "？"))
        and language(question) == spoken
        and len(set(content_words(question))) >= _WORDS
        and not _POINTS.search(question)
        and 0 < len(answer) <= _LONGEST[spoken]
        and answer in passage
        and question not in passage
        and not contains(question, answer)
    )


def _changed(bases: list[tuple[str, Source]], read: Sequence[Source], near: Near) -> Draft | None:
    """One of the questions with another name in it, so that nothing answers it; it is taken from `bases`."""
    for place, (question, source) in reversed(list(enumerate(bases))):
        others = [each.chunk.text for each in read if each.chunk.id != source.chunk.id]
        for changed, note in swaps(question, source.chunk.text, others)[:_TRIES]:
            if not _answered(changed, note[1], near(changed)):
                del bases[place]
                return Draft(changed, None, "", source.chunk.text, f"{note[0]} -> {note[1]}")
    return None


def swaps(question: str, passage: str, others: Sequence[str]) -> list[tuple[str, tuple[str, str]]]:
    """The question with one of its names changed for another of that kind from another passage, and which for which."""
    spoken = language(question)
    found = {name: kind for text in others if language(text) == spoken for name, kind in subjects(text)}
    foreign = [(name, kind) for name, kind in found.items() if name.lower() not in f"{passage}\n{question}".lower()]
    random.Random(SEED).shuffle(foreign)
    return [
        (question.replace(old, new), (old, new))
        for old, kind in sorted(subjects(question), key=lambda subject: -len(subject[0]))
        for new, other in foreign
        if other == kind
    ]


def subjects(text: str) -> list[tuple[str, str]]:
    """The names of a text, and of a Chinese one also the nouns, each with its kind."""
    named = [(" ".join(words), "name") for words in full_names(text)]
    found = [(name, kind) for name, kind in named if name in text and not _DAYS.search(name)]
    if language(text) == "en":
        return found
    import rjieba

    return found + [(word, kind) for word, kind in rjieba.tag(text) if kind.startswith("n") and len(word) > 1]


def _answered(question: str, name: str, hits: Sequence[Hit]) -> bool:
    """Whether a passage may answer a question about `name`: it has the name and half of the question's other words."""
    rest = set(content_words(question)) - set(content_words(name))
    return not rest or any(
        contains(text, name) and 2 * len(rest & set(content_words(text))) >= len(rest)
        for text in (passage_text(hit.title, hit.chunk.heading, hit.chunk.text) for hit in hits)
    )
