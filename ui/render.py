"""Answers, hits, reports and lists as terminal text (pure). Tables are aligned by what a terminal shows, never cut."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from storage.records import Citation, Collection, Conversation, Document, DocumentInfo, Found, Hit, Message, Trace
from ui.blocks import marks
from ui.trace import decided, looked_through, rows, searched
from ui.words import count, duration, moment, place, size

if TYPE_CHECKING:
    from ingest.progress import Report
    from qa.answer import Answer, Evidence

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
WITHDRAWN = {
    "refused": "What the model wrote was withdrawn: it found nothing in the passages.",
    "unsupported": "What the model wrote was withdrawn: no passage supports it.",
    "made up": "What the model wrote was withdrawn: it has numbers or names that no passage has.",
    "unlikely": "What the model wrote was withdrawn: by what was found, the passages hardly answer the question.",
}
_ENDED = {
    "stopped": "stopped before its end",
    "interrupted": "cut off when Footnote ended",
    "writing": "still being written",
    "failed": "failed",
}


def printable(text: str) -> str:
    """Text of documents and models without the characters that would steer a terminal."""
    return _CONTROL.sub("", text)


def with_markers(text: str, citations: Sequence[Citation]) -> str:
    """The text with [1] right after each cited sentence: after its punctuation, before a line break."""
    for at, marker in reversed(marks(text, citations)):
        text = f"{text[:at]}[{marker}]{text[at:]}"
    return text


def footnotes(citations: Sequence[Citation]) -> tuple[Citation, ...]:
    """One citation for each marker, in their order."""
    return tuple({citation.marker: citation for citation in reversed(citations)}[n] for n in _markers(citations))


def _markers(citations: Sequence[Citation]) -> list[int]:
    return sorted({citation.marker for citation in citations})


def answer(answer: "Answer") -> str:
    """An answer with its footnotes; where the documents do not say, the nearest passages in their place."""
    if answer.found or answer.stopped:
        return printable(_cited(answer.text, answer.citations))
    looked = f"\n{printable(looked_through(answer.trace))}" if answer.trace else ""
    if not answer.hits:
        return f"{answer.text}{looked}"
    return f"{answer.text}{looked}\n\nNearest passages:\n{hits(answer.hits)}"


def _cited(text: str, citations: Sequence[Citation]) -> str:
    notes = [f"[{c.marker}] {place(c.title, c.page)}: {_line(c.quote)}\n    {c.path}" for c in footnotes(citations)]
    return "\n\n".join(part for part in (with_markers(text, citations), "\n".join(notes)) if part)


def evidence(found: "Evidence") -> str:
    """The sentence that most likely answers, and where it stands; empty if there is none."""
    if not (marked := found.marked):
        return ""
    return printable(f"{place(marked.hit.title, marked.hit.chunk.page)}: {_line(marked.text)}")


def trace(kept: Trace | None) -> str:
    """How an answer came about."""
    if kept is None:
        return "No trace of this answer was kept."
    found = rows(kept)
    head = [("FATE", *(name.upper() for name in row.numbers), "PASSAGE") for row in found[:1]]
    table = [*head, *((row.fate, *row.numbers.values(), f"{row.title}, {row.place}") for row in found)]
    blocks = [columns(searched(kept)), columns(table) if table else "Nothing found.", columns(decided(kept))]
    return "\n\n".join(["How this answer came about", *blocks])


def hits(found: Sequence[Hit]) -> str:
    """Passages, the best first, each with its place."""
    blocks = []
    for number, hit in enumerate(found, 1):
        under = f" · {hit.chunk.heading}" if hit.chunk.heading else ""
        first = f"{number:>2}. {place(hit.title, hit.chunk.page)}{under}"
        blocks.append(f"{first}\n    {_line(hit.chunk.text)}\n    {hit.path}:{hit.chunk.start}")
    return printable("\n".join(blocks)) or "Nothing found."


def report(done: "Report") -> str:
    """What an ingest did, and a line for each file that failed."""
    counts = f"{done.added} added, {done.changed} changed, {done.removed} removed, {done.unchanged} unchanged"
    lines = [f"{counts}; {count(done.chunks, 'chunk')} in {duration(done.seconds)}"]
    if done.passed_over:
        lines.append(f"{count(done.passed_over, 'file')} of other formats passed over")
    if done.failures:
        lines.append(f"{count(len(done.failures), 'file')} could not be read:")
        lines.extend(f"  {failure.path}: {_line(failure.reason)}" for failure in done.failures)
    return printable("\n".join(lines))


def documents(found: Sequence[DocumentInfo]) -> str:
    """A list of documents."""
    rows = [
        (d.id, d.collection, f"{d.characters:,}", str(d.pages or ""), " ".join(f"#{tag}" for tag in d.tags), d.path)
        for d in found
    ]
    head = ("ID", "COLLECTION", "CHARACTERS", "PAGES", "TAGS", "PATH")
    return columns([head, *rows]) if rows else "No documents."


def document(found: Document) -> str:
    """A document's facts and its text."""
    pages = f", {count(found.pages, 'page')}" if found.pages else ""
    facts = f"{found.path}\n{found.id}, {found.format}, {found.language}, {size(found.size)}{pages}"
    tags = f"\n{' '.join(f'#{tag}' for tag in found.tags)}" if found.tags else ""
    return printable(f"{found.title}\n{facts}{tags}\n\n{found.text}")


def collections(found: Sequence[Collection]) -> str:
    """A list of collections."""
    rows = [(c.name, str(c.documents), str(c.chunks), c.embedder) for c in found]
    return columns([("COLLECTION", "DOCUMENTS", "CHUNKS", "EMBEDDER"), *rows]) if rows else "No collections."


def conversations(found: Sequence[Conversation]) -> str:
    """A list of conversations."""
    rows = [(c.id, moment(c.updated), c.collection, c.title) for c in found]
    return columns([("ID", "LAST USED", "COLLECTION", "TITLE"), *rows]) if rows else "No conversations yet."


def conversation(found: Conversation, traced: bool = False) -> str:
    """A whole conversation, with footnotes; on demand also how each answer came about."""
    turns = [f"> {m.text}" if m.role == "user" else _turn(m, traced) for m in found.messages]
    return printable("\n\n".join([f"{found.title} ({found.collection}, {moment(found.updated)})", *turns]))


def _turn(message: Message, traced: bool) -> str:
    end = f"\n({_ENDED[message.status]})" if message.status in _ENDED else ""
    text = _cited(message.text, message.citations) + end
    return f"{text}\n\n{trace(message.trace)}" if traced else text


def found(matches: Sequence[Found]) -> str:
    """Messages that matched a search of the history."""
    rows = [(f.conversation_id, moment(f.created), f.role, f"{f.excerpt} ({f.conversation_title})") for f in matches]
    return columns([("CONVERSATION", "WHEN", "WHO", "TEXT"), *rows]) if rows else "Nothing found."


def columns(rows: Iterable[Sequence[str]]) -> str:
    """Rows aligned by the width of what a terminal shows; the last column is as long as it is."""
    cells = [[_line(printable(cell)) for cell in row] for row in rows]
    widths = [max(cell_len(cell) for cell in column) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        padded = [cell + " " * (width - cell_len(cell)) for cell, width in zip(row[:-1], widths, strict=False)]
        lines.append("  ".join([*padded, row[-1]]))
    return "\n".join(lines)


def _line(text: str) -> str:
    return " ".join(text.split())
