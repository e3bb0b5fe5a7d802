"""Answers, hits, reports and lists as terminal text (pure). Tables are aligned by what a terminal shows, never cut."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from storage.folders import Folder
from storage.records import (
    Citation,
    Collection,
    Conversation,
    Document,
    DocumentInfo,
    Failure,
    Found,
    Hit,
    Message,
    Trace,
)
from ui.blocks import marks
from ui.trace import decided, looked_through, rows, searched
from ui.words import count, duration, moment, paging, place, size, under

if TYPE_CHECKING:
    from ingest.progress import Report
    from qa.answer import Answer, Evidence

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
WITHDRAWN = {
    "refused": "What the model wrote was withdrawn: it found nothing in the passages.",
    "unsupported": "What the model wrote was withdrawn: no passage supports it.",
    "made up": "What the model wrote was withdrawn: it has numbers or names that no passage has.",
    "unlikely": "What the model wrote was withdrawn: by what was found, the passages hardly answer the question.",
    "quoted": "What the model wrote was withdrawn: the sentence that most surely answers stands in its place.",
}
_PAGES = {
    "pages": "page", "slides": "slide", "sheets": "sheet", "messages": "message", "cells": "cell", "": "page",
}  # fmt: skip
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
        return printable(_cited(answer))
    looked = f"\n{printable(looked_through(answer.trace))}" if answer.trace else ""
    if not answer.hits:
        return f"{answer.text}{looked}"
    return f"{answer.text}{looked}\n\nNearest passages:\n{hits(answer.hits)}"


def _cited(said: "Answer | Message") -> str:
    notes = [
        f"[{c.marker}] {place(c, hits=said.hits)}: {_line(c.quote)}\n    {c.path}" for c in footnotes(said.citations)
    ]
    return "\n\n".join(part for part in (with_markers(said.text, said.citations), "\n".join(notes)) if part)


def evidence(found: "Evidence") -> str:
    """The sentence that most likely answers, and where it stands; empty if there is none."""
    if not (marked := found.marked):
        return ""
    return printable(f"{place(marked.hit)}: {_line(marked.text)}")


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
        first = " · ".join(part for part in (place(hit), under(hit)) if part)
        blocks.append(f"{number:>2}. {first}\n    {_line(hit.chunk.text)}\n    {hit.path}:{hit.chunk.start}")
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
        (
            d.id, d.collection, f"{d.characters:,}", str(d.pages or ""), " ".join(f"#{tag}" for tag in d.tags),
            _shown_as(d),
        )
        for d in found
    ]  # fmt: skip
    head = ("ID", "COLLECTION", "CHARACTERS", "PAGES", "TAGS", "PATH")
    return columns([head, *rows]) if rows else "No documents."


def _shown_as(info: DocumentInfo) -> str:
    """Where a document is: its path, which part of the file, and where the same is again."""
    others = [path for path in info.paths if path != info.path]
    part = f" (part {info.part})" if info.part > 1 else ""
    return f"{info.path}{part}" + "".join(f" = {path}" for path in others)


def folders(found: Sequence[Folder]) -> str:
    """A list of linked folders."""
    rows = [
        (
            f.collection, moment(f.synced) if f.synced else "never", "yes" if f.watched else "",
            "; ".join(f"{word} {' '.join(some)}" for word, some in (("only", f.include), ("not", f.exclude)) if some),
            f.path,
        )
        for f in found
    ]  # fmt: skip
    head = ("COLLECTION", "SYNCED", "FOLLOWED", "PATTERNS", "PATH")
    return columns([head, *rows]) if rows else "No folders. Link one with: footnote ingest PATH"


def failures(found: Sequence[tuple[str, Failure]]) -> str:
    """A list of files that could not be read."""
    rows = [(collection, f"{each.path} {each.reason}") for collection, each in found]
    return columns([("COLLECTION", "FILE"), *rows]) if rows else "Every file could be read."


def document(found: Document, paths: Sequence[str] = ()) -> str:
    """A document's facts and its text."""
    pages = f", {count(found.pages, _PAGES[paging(found.format)])}" if found.pages else ""
    facts = f"{found.path}\n{found.id}, {found.format}, {found.language}, {size(found.size)}{pages}"
    lines = [found.title, facts, *(f"also {path}" for path in paths if path != found.path)]
    made = (", ".join(found.authors), moment(found.created) if found.created else "")
    lines += [" ".join(f"#{tag}" for tag in found.tags), ", ".join(each for each in made if each)]
    return printable("\n".join(line for line in lines if line) + f"\n\n{found.text}")


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
    text = _cited(message) + end
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
