"""A conversation as a Markdown file (pure)."""

import re

from storage.records import Conversation, Message
from ui import render
from ui.words import place, small_print


def as_markdown(conversation: Conversation) -> str:
    """Title, questions, answers with their footnotes, and the quotes they rest on."""
    parts = [f"# {_inert(conversation.title)}", f"Collection: {_inert(conversation.collection)}"]
    for number, message in enumerate(conversation.messages):
        parts += [f"## {_inert(message.text)}"] if message.role == "user" else _answer(message, f"{number}-")
    return "\n\n".join(parts) + "\n"


def file_name(title: str) -> str:
    """A file name for a conversation."""
    words = re.sub(r"[^\w\- ]", "", title).strip()[:60].strip()
    return f"{words or 'conversation'}.md"


def _inert(text: str) -> str:
    """Text in which no link, image or HTML acts: a picture in it would be fetched by whatever shows the file."""
    return re.sub(r"[\[<]", r"\\\g<0>", text)


def _answer(message: Message, prefix: str) -> list[str]:
    pieces, at = [], 0
    for end, marker in sorted({(each.answer_end, each.marker) for each in message.citations}):
        pieces += [_inert(message.text[at:end]), f"[^{prefix}{marker}]"]
        at = end
    parts = ["".join([*pieces, _inert(message.text[at:])])] if message.text else []
    if message.status != "done":
        parts.append(f"*({message.status})*")
    for citation in render.footnotes(message.citations):
        quote = _inert(" ".join(citation.quote.split()))
        source = f"{_inert(place(citation.title, citation.page))} (`{citation.path}`)"
        parts.append(f"[^{prefix}{citation.marker}]: {source}: “{quote}”")
    return [*parts, f"<sub>{small_print(message)}</sub>"]
