"""Records to table rows and back (pure)."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import Row

from storage.anchors import Anchor, packed, unpacked
from storage.records import Candidate, Chunk, Document, Filter, Section, Trace
from storage.vectors import Vectors

_DOCUMENT = ("sections", "anchors", "authors", "tags")  # what a row keeps in another form


def passage_text(title: str, heading: str, text: str) -> str:
    """What is embedded and indexed for a chunk: what it stands under says half of what it means."""
    return "\n".join(line for line in (title, heading, text) if line)


def document_values(document: Document, collection_id: int) -> dict[str, Any]:
    """A document as a row of `documents`."""
    plain = {name: getattr(document, name) for name in document.__slots__ if name not in _DOCUMENT}
    return plain | {
        "sections": section_values(document.sections),
        "anchors": anchor_values(document.anchors),
        "authors": list(document.authors),
        "collection_id": collection_id,
        "ingested": datetime.now(UTC),
    }


def document(row: Row[Any], tags: Sequence[str]) -> Document:
    """A row of `documents` as a document."""
    return Document(
        **{name: getattr(row, name) for name in Document.__slots__ if name not in _DOCUMENT},
        sections=sections(row.sections),
        anchors=anchors(row.anchors),
        authors=tuple(row.authors),
        tags=tuple(tags),
    )


def section_values(sections: Sequence[Section]) -> list[list[Any]]:
    """Sections as JSON keeps them."""
    return [[each.heading, each.page, each.start, each.end] for each in sections]


def sections(values: Sequence[Sequence[Any]]) -> tuple[Section, ...]:
    """Sections read back from JSON."""
    return tuple(Section(*section) for section in values)


def anchor_values(anchors: Sequence[Anchor]) -> list[list[Any]]:
    """Anchors as JSON keeps them."""
    return [[each.start, each.end, *packed(each.spot)] for each in anchors]


def anchors(values: Sequence[Sequence[Any]]) -> tuple[Anchor, ...]:
    """Anchors read back from JSON."""
    return tuple(Anchor(start, end, unpacked(spot)) for start, end, *spot in values)


def chunk_values(chunk: Chunk, vector: Vectors) -> dict[str, Any]:
    """A chunk and its vector as a row of `chunks`."""
    return asdict(chunk) | {"embedding": vector_bytes(vector)}


def chunk(row: Row[Any]) -> Chunk:
    """A row of `chunks` as a chunk."""
    return Chunk(**{name: getattr(row, name) for name in Chunk.__slots__})


def vector_bytes(vector: Vectors) -> bytes:
    """A vector as SQL keeps it: float32, little-endian."""
    return vector.astype("<f4").tobytes()


def vectors(blobs: Sequence[bytes], dimension: int) -> Vectors:
    """Vectors as SQL keeps them, one row each."""
    return np.frombuffer(b"".join(blobs), "<f4").astype(np.float32, copy=False).reshape(-1, dimension)


def trace_values(trace: Trace) -> dict[str, Any]:
    """A trace as JSON keeps it: moments in ISO 8601, pairs as lists."""
    moments = {"since": _iso(trace.filter.since), "until": _iso(trace.filter.until)}
    return asdict(trace) | {"filter": asdict(trace.filter) | moments}


def trace(values: dict[str, Any]) -> Trace:
    """A trace read back from JSON. What a later version of Footnote has put in besides is passed over."""
    whole = _known(Trace, values)
    return Trace(**whole | {
        "filter": _filter(_known(Filter, whole["filter"])),
        "candidates": tuple(Candidate(**_known(Candidate, each)) for each in whole["candidates"]),
        "signals": tuple((name, value) for name, value in whole["signals"]),
        "seconds": tuple((name, value) for name, value in whole["seconds"]),
    })  # fmt: skip


def _filter(values: dict[str, Any]) -> Filter:
    lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    moments = {name: datetime.fromisoformat(values[name]) for name in ("since", "until") if values[name]}
    return Filter(**values | lists | moments)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _known(record: type[Any], values: dict[str, Any]) -> dict[str, Any]:
    return {field.name: values[field.name] for field in fields(record) if field.name in values}
