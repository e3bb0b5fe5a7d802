"""A conversation as Markdown (pure)."""

import re

from storage.records import Conversation, Message
from ui.blocks import Block, Run
from ui.export import lines
from ui.render import footnotes
from ui.words import Say, english, place


def as_markdown(conversation: Conversation, say: Say = english) -> str:
    """Title, questions, answers with their footnotes, and the quotes they rest on."""
    parts = [f"# {_inert(_line(conversation.title))}", _inert(lines.about(conversation, say))]
    for number, message in enumerate(conversation.messages):
        parts += (
            [f"## {_inert(_line(message.text))}"] if message.role == "user" else _answer(message, f"{number}-", say)
        )
    return "\n\n".join(parts) + "\n"


def _answer(message: Message, prefix: str, say: Say) -> list[str]:
    parts = [_block(block, prefix) for block in lines.answer(message)]
    if message.unsupported:
        parts.append(f"{lines.DAGGER} {lines.unsupported(say)}")
    if end := lines.ended(message, say):
        parts.append(f"*{end}*")
    for citation in footnotes(message.citations):
        source = f"{_inert(_line(place(citation, say, message.hits)))} ({_code(_line(citation.path))})"
        parts.append(f"[^{prefix}{citation.marker}]: {source}: “{_inert(_line(citation.quote))}”")
    return [*parts, f"<sub>{_inert(lines.facts(message, say))}</sub>"]


def _block(block: Block, prefix: str) -> str:
    if block.kind == "code":
        notes = "".join(_run(run, prefix) for line in block.lines for run in line if run.marker)
        text = "\n".join("".join(run.text for run in line) for line in block.lines)
        fence = _fence(text, 3)
        return f"{fence}\n{text}\n{fence}" + (f"\n\n{notes}" if notes else "")
    told = ["".join(_run(run, prefix) for run in line) for line in block.lines]
    if block.kind == "bullets":
        return "\n".join(f"- {line}" for line in told)
    if block.kind == "numbers":
        return "\n".join(f"{number}. {line}" for number, line in enumerate(told, block.number))
    return f"### {told[0]}" if block.kind == "heading" else "  \n".join(told)


def _run(run: Run, prefix: str) -> str:
    if run.marker:
        return f"[^{prefix}{run.marker}]"
    text = _code(run.text) if run.code else _inert(run.text)
    return (f"**{text}**" if run.bold else text) + (lines.DAGGER if run.last else "")


def _inert(text: str) -> str:
    """Text in which no link, image or HTML acts: a picture in it would be fetched by whatever shows the file."""
    return re.sub(r"[\\`\[<]", r"\\\g<0>", text)


def _code(text: str) -> str:
    """Text between more backticks than it has in one place, so that none of its own ends it."""
    fence = _fence(text, 1)
    space = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{space}{text}{space}{fence}"


def _fence(text: str, least: int) -> str:
    longest = max((len(found) for found in re.findall("`+", text)), default=0)
    return "`" * max(longest + 1, least)


def _line(text: str) -> str:
    return " ".join(text.split())
