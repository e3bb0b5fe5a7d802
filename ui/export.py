"""A conversation as a Markdown file (pure)."""

import re

from storage.records import Conversation, Message
from ui import render
from ui.words import place, small_print


def as_markdown(conversation: Conversation) -> str:
    """Title, questions, answers with their footnotes, and the quotes they rest on."""
    parts = [f"# {conversation.title}", f"Collection: {conversation.collection}"]
    for number, message in enumerate(conversation.messages):
        parts += [f"## {message.text}"] if message.role == "user" else _answer(message, f"{number}-")
    return "\n\n".join(parts) + "\n"


def file_name(title: str) -> str:
    """A file name for a conversation."""
    words = re.sub(r"[^\w\- ]", "", title).strip()[:60].strip()
    return f"{words or 'conversation'}.md"


def _answer(message: Message, prefix: str) -> list[str]:
    text = message.text
    for end, marker in sorted({(each.answer_end, each.marker) for each in message.citations}, reverse=True):
        text = f"{text[:end]}[^{prefix}{marker}]{text[end:]}"
    parts = [text] if text else []
    if message.status != "done":
        parts.append(f"*({message.status})*")
    for citation in render.footnotes(message.citations):
        quote = " ".join(citation.quote.split())
        source = f"{place(citation.title, citation.page)} (`{citation.path}`)"
        parts.append(f"[^{prefix}{citation.marker}]: {source}: “{quote}”")
    return [*parts, f"<sub>{small_print(message)}</sub>"]
