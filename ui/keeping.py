"""An answer is kept in history while it is written: nothing that was shown is lost."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingest.progress import Progress, Report
from qa.answer import Answer, Delta, Event, Evidence
from storage.conversations import Conversations
from storage.errors import FootnoteError
from storage.records import Message
from ui.turns import answered

_SAVE_EVERY = 1.0  # seconds between two savings of an answer that is being written


@dataclass(frozen=True, slots=True)
class Saved:
    """The first event of a question: where it and its answer are kept."""

    conversation: str
    message: str


Told = Saved | Progress | Report | Event  # what comes of a question; progress and a report where files came with it


def keep(
    conversations: Conversations, conversation: str, message: Message, stream: Iterator[Progress | Report | Event]
) -> Iterator[Told]:
    """Pass the events on and save in `message` what they say; however it ends, the message says how."""
    saved = time.monotonic()
    message = replace(message, status="interrupted")
    try:
        yield Saved(conversation, message.id)
        for event in stream:
            message = _grown(message, event)
            if isinstance(event, Answer) or time.monotonic() - saved > _SAVE_EVERY:
                conversations.update(message if isinstance(event, Answer) else replace(message, status="writing"))
                saved = time.monotonic()
            yield event
        if message.status == "interrupted":  # it was stopped before there was an answer
            message = replace(message, status="stopped")
    except GeneratorExit:
        message = message if message.status == "done" else replace(message, status="stopped")
        raise
    except FootnoteError as exc:
        if not message.text:  # else what had come is kept as it is
            message = replace(message, status="failed", text=str(exc))
        raise
    finally:
        if message.status != "done":
            conversations.update(message)


def _grown(message: Message, event: Progress | Report | Event) -> Message:
    if isinstance(event, Evidence):
        return replace(message, hits=event.hits)
    if isinstance(event, Delta):
        return replace(message, text=message.text + event.text)
    return answered(message, event) if isinstance(event, Answer) else message
