"""The turns of a conversation as it is asked on: what a person wishes, what was said before, what is kept (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from qa.answer import Answer
from qa.style import PLAIN, Style
from storage.indexes import EVERYTHING
from storage.records import Conversation, Filter, Message, Role


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a question is to be answered: from which documents, in what style, and in the place of which message.

    `beside` is the id of a question that was edited, or of an answer that is wanted anew; both are kept as variants.
    `files` are copies that `Attachments.keep` made, to be attached to the conversation first.
    """

    filter: Filter = EVERYTHING
    style: Style = PLAIN
    beside: str | None = None
    files: tuple[Path, ...] = ()


NONE = Wishes()


def turn(role: Role, text: str) -> Message:
    """A new message, of now."""
    return Message(uuid4().hex[:16], role, text, datetime.now(UTC))


def before(conversation: Conversation | None, beside: str | None) -> tuple[Message, ...]:
    """The turns before a question; before the one that is edited, or whose answer is wanted anew."""
    messages = conversation.messages if conversation else ()
    ids = [message.id for message in messages]
    if beside not in ids:
        return messages
    at = ids.index(beside)
    return messages[: at - 1 if messages[at].role == "assistant" else at]


def said(history: Sequence[Message]) -> tuple[Message, ...]:
    """The turns that say something: a failed answer's text is an error message."""
    return tuple(message for message in history if message.text and message.status != "failed")


def answered(message: Message, answer: Answer) -> Message:
    """The message with all that the whole answer tells."""
    return replace(
        message, text=answer.text, status="stopped" if answer.stopped else "done", found=answer.found,
        short_answer=answer.short_answer, model=answer.model, backend=answer.backend, citations=answer.citations,
        unsupported=answer.unsupported, hits=answer.hits, timings=answer.timings, trace=answer.trace,
    )  # fmt: skip
