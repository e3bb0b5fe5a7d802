"""Question, passages and history to messages (pure); the wording is in prompts/*.md."""

import functools
from collections.abc import Sequence
from pathlib import Path

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langchain_core.prompts import ChatPromptTemplate

from qa.amounts import amounts_in
from qa.chat.decode import disarm
from qa.orders import without_orders
from qa.style import PLAIN, Style
from storage.language import language
from storage.records import Hit, Message

_FOLDER = Path(__file__).parent / "prompts"

_ANSWER = ChatPromptTemplate([("system", "{instructions}"), ("human", "{passages}\n\n{question}")])
_CONDENSE = ChatPromptTemplate([("system", "{instructions}"), ("human", "{conversation}\n\n{question}")])


@functools.cache
def wording(name: str, language: str) -> str:
    """The text of prompts/<name>.<language>.md."""
    return (_FOLDER / f"{name}.{language}.md").read_text(encoding="utf-8").strip()


def answer_messages(question: str, hits: Sequence[Hit], style: Style = PLAIN) -> list[BaseMessage]:
    """What the chat model gets for a question: instructions, then the passages, then the question.

    What stays the same over questions stands first, so that a model with a prefix cache reads it once. The instructions
    are in the language to answer in.
    """
    return _read(question, hits, style, _asked(question, style.spoken(question)))


def confirm_messages(question: str, hits: Sequence[Hit], style: Style = PLAIN) -> list[BaseMessage]:
    """What the chat model gets to say whether the passages state the answer: the same up to the end of the question."""
    spoken = style.spoken(question)
    return _read(question, hits, style, f"{_asked(question, spoken)}\n{wording('confirm', spoken)}")


def condense_messages(question: str, history: Sequence[Message]) -> list[BaseMessage]:
    """What the chat model gets to make a follow-up stand alone: the last two turns and the question."""
    spoken = language(question)
    names = {"user": "用户", "assistant": "助手"} if spoken == "zh" else {"user": "User", "assistant": "Assistant"}
    lines = [f"{names[message.role]}: {disarm(message.text)[:300]}" for message in history[-4:]]
    last = f"最后一个问题：{disarm(question)}" if spoken == "zh" else f"Last question: {disarm(question)}"
    values = {"instructions": wording("condense", spoken), "conversation": "\n".join(lines), "question": last}
    return _CONDENSE.format_messages(**values)


def translate_messages(question: str) -> list[BaseMessage]:
    """What the chat model gets to put a question into the other language."""
    return [SystemMessage(wording("translate", language(question))), HumanMessage(disarm(question))]


def _read(question: str, hits: Sequence[Hit], style: Style, last: str) -> list[BaseMessage]:
    instructions = wording("answer", style.spoken(question)).replace("{length}", style.wanted(question))
    read = passages(hits, question, style.spoken(question))
    values = {"instructions": instructions, "passages": read, "question": last}
    return _ANSWER.format_messages(**values)


def _asked(question: str, spoken: str) -> str:
    return f"问题：{disarm(question)}" if spoken == "zh" else f"Question: {disarm(question)}"


def passages(hits: Sequence[Hit], question: str, spoken: str) -> str:
    """Passages as the model reads them, each in its fence, the document of the best hit first.

    Sentences that speak to the model are left out, unless the question is about such things; no text can close its
    fence or speak in another role.

    Hits of one document stand in the order of its text, and neighbours in one fence: a list that was cut between two
    chunks is whole again, and their heading is read once. Large amounts are told as in the language to answer in: small
    models make 14.51亿 of "14.51 billion".
    """
    fenced: list[str] = []
    for run in _runs(hits):
        path = (without_orders(part, question) for part in (run[0].title, *run[0].chunk.heading.split(" > ")))
        under = " > ".join(part for part in path if part)
        text = amounts_in(without_orders("\n".join(hit.chunk.text for hit in run), question), spoken)
        fenced.append(f"<passage>\n{disarm(under)}\n{disarm(text).strip()}\n</passage>")
    return "\n".join(fenced)


def leading(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits of the best passage: the first one, and those among the others that are read in one fence with it."""
    return next((tuple(run) for run in _runs(hits) if hits[0] in run), ())


def _runs(hits: Sequence[Hit]) -> list[list[Hit]]:
    """Hits by document in order of the best, and within it in runs of neighbours under one heading."""
    order = {document: place for place, document in enumerate(dict.fromkeys(hit.chunk.document_id for hit in hits))}
    runs: list[list[Hit]] = []
    for hit in sorted(hits, key=lambda hit: (order[hit.chunk.document_id], hit.chunk.position)):
        last = runs[-1][-1].chunk if runs else None
        follows = last is not None and (last.document_id, last.position + 1, last.heading) == (
            hit.chunk.document_id, hit.chunk.position, hit.chunk.heading,
        )  # fmt: skip
        runs[-1].append(hit) if follows else runs.append([hit])
    return runs
