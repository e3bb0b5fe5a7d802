"""Hits made by hand for tests of the pure parts."""

from storage.records import Chunk, Hit


def hit(text: str, rank: int = 1, *, title: str = "Handbook", document: str = "d1", start: int = 100) -> Hit:
    """A passage that stands at `start` of its document."""
    chunk = Chunk(rank * 1000 + start, document, rank, text, start, start + len(text), "Rules", 3)
    return Hit(chunk, title, f"/docs/{title}.pdf", rank, 1 / rank, "fused")
