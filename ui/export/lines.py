"""The few lines that every export for people has, whatever its format (pure)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from storage.records import Conversation, Message
from ui.blocks import Block, Run, blocks
from ui.render import printable
from ui.words import Say, duration

DAGGER = "†"  # after what no passage supports


def about(conversation: Conversation, say: Say) -> str:
    """What stands under the title."""
    collection = say("Collection: {name}", name=conversation.collection)
    return f"{collection} · {stamp(conversation.created)}"


def ended(message: Message, say: Say) -> str:
    """How an answer ended that did not come whole; empty where it did."""
    return {
        "stopped": say("Stopped before its end."),
        "interrupted": say("Cut off when Footnote ended."),
        "writing": say("Still being written."),
        "failed": say("This answer failed."),
    }.get(message.status, "")


def answer(message: Message) -> tuple[Block, ...]:
    """An answer's blocks without the characters that would turn text round or steer whatever shows it."""
    whole = blocks(message.text, message.citations, message.unsupported)
    return tuple(replace(block, lines=tuple(_printable(line) for line in block.lines)) for block in whole)


def _printable(line: Sequence[Run]) -> tuple[Run, ...]:
    return tuple(replace(run, text=printable(run.text)) for run in line)


def unsupported(say: Say) -> str:
    """What the dagger means."""
    return say("No passage supports this.")


def facts(message: Message, say: Say) -> str:
    """When an answer was written, by which model on what, and how long it took."""
    total = say("total {time}", time=duration(message.timings.total, say)) if message.timings.total else ""
    return " · ".join(part for part in (stamp(message.created), message.model, message.backend, total) if part)


def stamp(when: datetime) -> str:
    """A moment on this machine's clock that reads the same on any later day."""
    return f"{when.astimezone():%Y-%m-%d %H:%M}"
