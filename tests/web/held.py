"""Documents put into a library by hand, with the places that a reader has seen their text at, and answers from them."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np

from ingest.chunk import ChunkOptions, split
from ingest.clean import Piece, join
from storage.entries import Entry
from storage.records import Citation, Document, File, Message
from storage.spots import placed
from ui.app import App


def read(path: Path, *pieces: Piece, pages: int | None = None) -> Document:
    """A document whose file is there, with this text in place of what its reader would say."""
    text, sections, anchors = join(pieces)
    status = path.stat()
    return Document(
        sha256(path.name.encode()).hexdigest()[:16], str(path), path.stem, sha256(path.read_bytes()).hexdigest(), text,
        sections, path.suffix.removeprefix("."), "en", status.st_size, status.st_mtime, pages, anchors=anchors,
    )  # fmt: skip


def keep(app: App, document: Document, *copies: str, part_of: str | None = None, last: bool = True) -> None:
    """Put a document, or a part of one, into the library; `copies` are paths of more files with the same content."""
    chunks = split(document, ChunkOptions())
    vectors = np.ones((len(chunks), 64), np.float32) / 8
    files = tuple(File(path, document.sha256, document.size, None) for path in (document.path, *copies) if last)
    app.library.replace("default", [Entry(document, chunks, vectors, app.embedder.id, files=files, part_of=part_of)])


def answer(app: App, *quotes: tuple[str, str]) -> str:
    """A conversation whose answer has a sentence and a footnote for each (file, quote)."""
    citations = []
    text = ""
    for marker, (name, quote) in enumerate(quotes, 1):
        document = app.library.document(name)
        start = document.text.index(quote)
        page = next((s.page for s in document.sections if s.start <= start < s.end), None)
        said = len(text)
        text += f"Sentence {marker}. "
        citations.append(
            Citation(marker, document.id, document.title, document.path, page, start, start + len(quote), quote,
                     said, len(text) - 1)
        )  # fmt: skip
    conversation = app.conversations.start("t", "default")
    now = datetime.now(UTC)
    app.conversations.append(conversation.id, Message("q", "user", "What?", now))
    spots = placed(app.library.database, citations)
    app.conversations.append(conversation.id, Message("a", "assistant", text, now, found=True, citations=spots))
    return conversation.id
