"""Documents as they enter the library: whole ones many at a time, those of long files part by part."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, literal, select, update

from storage import files, rows
from storage import schema as t
from storage.errors import NotFound
from storage.records import Chunk, Document, File
from storage.statements import batches, tags_of
from storage.vectors import Vectors

_D = t.documents.c
_TAGS = t.document_tags


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as it enters the library: with its chunks and one unit vector for each, in the same order.

    `embedder` is the id of what made the vectors. A long file has a document for each of its parts. While those of a
    changed file come, they stand beside the document that was made of it before, and then take its place.
    """

    document: Document
    chunks: tuple[Chunk, ...]
    vectors: Vectors
    embedder: str
    attached_to: str | None = None  # the conversation that alone reads it
    files: tuple[File, ...] = ()  # those it was read from, given with its last part
    part_of: str | None = None  # the id of the first part
    becomes: str | None = None  # of every part, the id of that document before, which the first then has


@dataclass(frozen=True, slots=True)
class Stored:
    """What is there of a document: the hash of its file, the ids of its chunks, and whether every part was stored."""

    sha256: str
    chunks: tuple[int, ...]
    finished: bool


def stored(connection: Connection, document_id: str) -> Stored | None:
    """What is there under this id."""
    finished = select(t.files.c.path).where(t.files.c.document_id == files.whole_id).exists()
    row = connection.execute(select(_D.sha256, finished).where(_D.id == document_id)).one_or_none()
    if row is None:
        return None
    chunks = select(t.chunks.c.id).where(t.chunks.c.document_id == document_id).order_by(t.chunks.c.position)
    return Stored(row[0], tuple(connection.scalars(chunks)), row[1])


def put(connection: Connection, collection_id: int, entries: Sequence[Entry]) -> None:
    """Store documents in place of what was known under their ids or paths.

    Raises NotFound for a part whose first one is gone: somebody has removed the document meanwhile.
    """
    first = [entry for entry in entries if not entry.part_of and not entry.becomes]
    _give_way(connection, collection_id, first)
    _insert(connection, collection_id, first)
    for entry in first:
        files.put(connection, collection_id, entry.document.id, entry.files)
    for entry in entries:
        if entry.becomes:
            _put_beside(connection, collection_id, entry, entry.becomes)
        elif entry.part_of:
            _there(connection, entry)
            _insert(connection, collection_id, [entry])
            _end(connection, collection_id, entry, entry.part_of)


def _put_beside(connection: Connection, collection_id: int, entry: Entry, becomes: str) -> None:
    """Until they take another's place, parts have negative numbers."""
    _there(connection, entry)
    _insert(connection, collection_id, [entry], sign=-1)
    if entry.files:
        _give_way(connection, collection_id, [entry], becomes)
        _take_place(connection, entry.part_of or entry.document.id, becomes)
        _end(connection, collection_id, entry, becomes)


def _there(connection: Connection, entry: Entry) -> None:
    if entry.part_of and connection.scalar(select(_D.id).where(_D.id == entry.part_of)) is None:
        raise NotFound("was removed while it was being read: ingest it again if it is to be kept.")


def _end(connection: Connection, collection_id: int, entry: Entry, first: str) -> None:
    """After the last part nothing more belongs to the document."""
    if entry.files:
        parts = (_D.id == first) | (_D.part_of == first)
        connection.execute(delete(t.documents).where(parts, func.abs(_D.part) > entry.document.part))
        connection.execute(update(t.documents).where(parts).values(part=func.abs(_D.part)))
        files.put(connection, collection_id, first, entry.files)


def _give_way(connection: Connection, collection_id: int, entries: Sequence[Entry], to: str | None = None) -> None:
    """Take other documents from the paths of these."""
    owners = {entry.document.path: to or entry.part_of or entry.document.id for entry in entries}
    for some in batches(list(owners)):
        here = (_D.collection_id == collection_id) & _D.path.in_(some) & (_D.part > 0)
        for path, owner in connection.execute(select(_D.path, files.whole_id).where(here).distinct()).all():
            if owner != owners[path]:
                files.give_way(connection, collection_id, path, owners[path])


def _insert(connection: Connection, collection_id: int, entries: Sequence[Entry], sign: int = 1) -> None:
    """Put in documents with their chunks and tags, in place of those with the same ids, whose tags they keep."""
    if not entries:
        return
    ids = [entry.document.id for entry in entries]
    tags = tags_of(connection, _TAGS.c.document_id, [*ids, *filter(None, (entry.part_of for entry in entries))])
    for some in batches(ids):
        connection.execute(delete(t.documents).where(_D.id.in_(some)))
    connection.execute(insert(t.documents), [
        rows.document_values(entry.document, collection_id)
        | {"attached_to": entry.attached_to, "part_of": entry.part_of, "part": sign * entry.document.part}
        for entry in entries
    ])  # fmt: skip
    chunks = [
        rows.chunk_values(chunk, vector)
        for entry in entries
        for chunk, vector in zip(entry.chunks, entry.vectors, strict=True)
    ]
    if chunks:
        connection.execute(insert(t.chunks), chunks)
    tagged = [
        {"document_id": entry.document.id, "tag": tag}
        for entry in entries
        for tag in {*tags.get(entry.document.id, ()), *tags.get(entry.part_of or "", ()), *entry.document.tags}
    ]
    if tagged:
        connection.execute(insert(_TAGS), tagged)


def _take_place(connection: Connection, first: str, becomes: str) -> None:
    """Let the parts of one document have the id and the tags of another, which goes."""
    tags = tags_of(connection, _TAGS.c.document_id, [first, becomes])
    connection.execute(delete(t.documents).where(_D.id == becomes))
    new = {"id": literal(becomes), "part": func.abs(_D.part)}
    copy = select(*(new.get(column.name, column) for column in t.documents.c)).where(_D.id == first)
    connection.execute(insert(t.documents).from_select([column.name for column in t.documents.c], copy))
    connection.execute(update(t.chunks).where(t.chunks.c.document_id == first).values(document_id=becomes))
    connection.execute(update(t.documents).where(_D.part_of == first).values(part_of=becomes))
    connection.execute(delete(t.documents).where(_D.id == first))
    parts = [becomes, *connection.scalars(select(_D.id).where(_D.part_of == becomes))]
    kept = {*tags.get(first, ()), *tags.get(becomes, ())}
    connection.execute(delete(_TAGS).where(_TAGS.c.document_id.in_(parts)))
    if kept:
        connection.execute(insert(_TAGS), [{"document_id": each, "tag": tag} for each in parts for tag in sorted(kept)])
