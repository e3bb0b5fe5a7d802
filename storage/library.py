"""Collections of documents in SQL: what ingest writes and what lists show."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import Connection, delete, func, insert, select, update

from storage import rows
from storage import schema as t
from storage.database import Database
from storage.errors import NotFound
from storage.records import Chunk, Collection, Document, DocumentInfo, Failure, File, Known
from storage.stage import Stage
from storage.statements import batches, hold, id_of, next_generation, tags_of
from storage.vectors import Vectors

if TYPE_CHECKING:
    from storage.embedders import Embedders


_TAGGED = t.document_tags.c.document_id


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as it enters the library: with its chunks and one unit vector for each, in the same order.

    `embedder` is the id of what made the vectors.
    """

    document: Document
    chunks: tuple[Chunk, ...]
    vectors: Vectors
    embedder: str
    attached_to: str | None = None  # the conversation that alone reads it
    files: tuple[File, ...] = ()  # those it was read from, given with its last part
    part_of: str | None = None  # the id of the first part


class Library:
    """Documents and their chunks. Safe to share between threads and processes.

    It changes SQL only, and raises the collection's generation with every change of its chunks; the indexes follow.
    Without embedders documents can be listed, read, tagged and removed, but none can be stored.
    """

    def __init__(self, database: Database, embedders: "Embedders | None" = None) -> None:
        self._database, self._with = database, embedders

    @property
    def database(self) -> Database:
        """Where it is kept, for those that read what no method here gives."""
        return self._database

    @property
    def _embedders(self) -> "Embedders":
        if self._with is None:
            raise ValueError("this library was opened without embedders: it stores no documents")
        return self._with

    def collections(self) -> tuple[Collection, ...]:
        """All collections, by name; what is attached to conversations is not counted."""
        documents = (
            select(t.documents.c.collection_id, func.count().label("n"))
            .where(t.documents.c.attached_to.is_(None))
            .group_by(t.documents.c.collection_id)
        )
        chunks = documents.join(t.chunks, t.chunks.c.document_id == t.documents.c.id)
        d, c = documents.subquery(), chunks.subquery()
        query = (
            select(
                t.collections,
                func.coalesce(d.c.n, 0).label("documents"),
                func.coalesce(c.c.n, 0).label("chunks"),
            )
            .outerjoin(d, d.c.collection_id == t.collections.c.id)
            .outerjoin(c, c.c.collection_id == t.collections.c.id)
            .order_by(t.collections.c.name)
        )
        with self._database.reading() as connection:
            return tuple(
                Collection(r.id, r.name, r.embedder, r.generation, r.documents, r.chunks)
                for r in connection.execute(query)
            )

    def close(self) -> None:
        """Give the database's connections back; they are shared with all that uses this database."""
        self._database.close()

    def remove_collection(self, name: str) -> None:
        """Forget a collection with all its documents. Raises NotFound."""
        with self._database.writing() as connection:
            if not connection.execute(delete(t.collections).where(t.collections.c.name == name)).rowcount:
                raise NotFound(f"No collection called {name!r}. See them with: footnote documents list")

    def known(self, collection: str, attached_to: str | None = None) -> tuple[Known, ...]:
        """What the collection holds, or has attached to a conversation, enough to tell what changed; empty if there is
        no such collection yet."""
        f = t.files.c
        query = (
            select(f.document_id, f.path, f.sha256, f.size, f.modified)
            .join(t.documents)
            .where(f.collection_id == id_of(collection), t.documents.c.attached_to.is_not_distinct_from(attached_to))
        )
        with self._database.reading() as connection:
            return tuple(Known(row[0], File(*row[1:])) for row in connection.execute(query))

    def ids(self) -> set[str]:
        """The ids of all documents, of whatever collection."""
        with self._database.reading() as connection:
            return set(connection.scalars(select(t.documents.c.id)))

    def embedder(self, collection: str) -> str:
        """The id of the embedder that a collection's documents want: that which made it, or for a new one that in use.

        Raises ModelUnavailable, IndexMismatch where it cannot be used.
        """
        query = select(t.collections.c.embedder).where(t.collections.c.name == collection)
        with self._database.reading() as connection:
            made_with = connection.scalar(query)
        return self._embedders.of(collection, made_with or self._embedders.in_use.id).id

    def embed(self, texts: Sequence[str], embedder: str) -> Vectors:
        """Unit vectors of passages by the embedder of this id, one row each. Raises ModelUnavailable."""
        by = self._embedders.by_id(embedder)
        return np.array(by.embed_documents(list(texts)), np.float32).reshape(-1, by.dimension)

    def replace(self, collection: str, entries: Sequence[Entry]) -> None:
        """Store documents whole, in place of what was known under their ids or paths, in one transaction.

        Where the collection has another embedder by now, as it was embedded anew meanwhile, theirs are made again.
        """
        while entries:
            with self._writing(collection, entries[0].embedder) as (connection, collection_id, embedder):
                if all(entry.embedder == embedder for entry in entries):
                    connection.execute(next_generation().where(t.collections.c.id == collection_id))
                    for entry in entries:
                        _replace(connection, collection_id, entry)
                    return
            entries = [self._made_again(entry, embedder) for entry in entries]

    def rename(self, document_id: str, path: str) -> None:
        """The document's file has moved to `path`; its identity, tags and citations stay."""
        with self._database.writing() as connection:
            connection.execute(update(t.files).where(t.files.c.document_id == document_id).values(path=path))
            connection.execute(update(t.documents).where(t.documents.c.id == document_id).values(path=path))

    def remove(self, document_ids: Sequence[str]) -> None:
        """Forget documents and their chunks, in one transaction."""
        with self._database.writing() as connection:
            for some in batches(document_ids):
                inside = t.documents.c.id.in_(some)
                touched = select(t.documents.c.collection_id).where(inside)
                connection.execute(next_generation().where(t.collections.c.id.in_(touched)))
                connection.execute(delete(t.documents).where(inside))

    def fail(self, collection: str, failures: Sequence[Failure]) -> None:
        """Remember why files could not be read, in place of what was remembered for these paths."""
        if not failures:
            return
        now = datetime.now(UTC)
        with self._writing(collection, self._embedders.in_use.id) as (connection, collection_id, _):
            _forget(connection, collection, [failure.path for failure in failures])
            values = [{"collection_id": collection_id, "path": f.path, "reason": f.reason, "at": now} for f in failures]
            connection.execute(insert(t.failures), values)

    def forget_failures(self, collection: str, paths: Sequence[str]) -> None:
        """These files read again, or are gone."""
        with self._database.writing() as connection:
            _forget(connection, collection, paths)

    def failures(self, collection: str) -> tuple[Failure, ...]:
        """Files of the collection that could not be read, by path."""
        query = select(t.failures.c.path, t.failures.c.reason).where(t.failures.c.collection_id == id_of(collection))
        with self._database.reading() as connection:
            return tuple(Failure(*row) for row in connection.execute(query.order_by(t.failures.c.path)))

    def documents(self, collection: str | None = None, *, attached_to: str | None = None) -> tuple[DocumentInfo, ...]:
        """The documents of one collection, or of all, by path; or those attached to a conversation."""
        d = t.documents.c
        count = select(func.count()).where(t.chunks.c.document_id == d.id).scalar_subquery()
        query = select(d.id, t.collections.c.name, d.path, d.title, d.format, d.language, d.size, d.pages,
                       func.length(d.text), count, d.ingested, d.attached_to).join(t.collections)  # fmt: skip
        query = query.where(d.attached_to.is_not_distinct_from(attached_to)).order_by(d.path)
        if collection is not None:
            query = query.where(t.collections.c.name == collection)
        with self._database.reading() as connection:
            tagged = tags_of(connection, t.document_tags.c.document_id)
            return tuple(
                DocumentInfo(*row[:10], tagged.get(row[0], ()), *row[10:]) for row in connection.execute(query)
            )

    def document(self, name: str) -> Document:
        """A document by its id, path, file name or title; NotFound when none or several have it.

        What is attached to a conversation is found by its id alone.
        """
        d = t.documents.c
        own = d.attached_to.is_(None)
        with self._database.reading() as connection:
            whole = select(t.documents).where((d.id == name) | (own & ((d.path == name) | (d.title == name))))
            found = connection.execute(whole).all()
            if not found:
                ends = connection.execute(select(t.documents).where(own, d.path.endswith(name, autoescape=True)))
                found = [row for row in ends if Path(row.path).name == name]
            if len(found) != 1:
                what = f"{len(found)} documents are" if found else "No document is"
                raise NotFound(f"{what} called {name!r}. See the ids with: footnote documents list")
            return rows.document(
                found[0], tags_of(connection, t.document_tags.c.document_id, [found[0].id]).get(found[0].id, ())
            )

    def chunks(self, document_id: str) -> tuple[Chunk, ...]:
        """The chunks of a document in order."""
        query = select(t.chunks).where(t.chunks.c.document_id == document_id).order_by(t.chunks.c.position)
        with self._database.reading() as connection:
            return tuple(rows.chunk(row) for row in connection.execute(query))

    def tag(self, document_id: str, tags: Sequence[str]) -> None:
        """Give a document these tags in place of its old ones."""
        with self._database.writing() as connection:
            connection.execute(delete(t.document_tags).where(t.document_tags.c.document_id == document_id))
            _tag(connection, document_id, set(tags))

    def reembed(self, collection: str, batch: int = 64) -> Generator[tuple[int, int], None, None]:
        """Embed a collection anew with the embedder in use, yielding chunks done and chunks in all.

        Until the last step the old vectors serve, and documents may come, change and go. Every batch is kept, so that
        it can be stopped at any time and goes on there when it is called again. Raises ModelUnavailable.
        """
        embedder = self._embedders.in_use.id
        stage = Stage(self._database, collection, embedder)
        stage.clear_others()
        whole = False
        while not whole:
            done, missing = stage.missing()
            total = done + len(missing)
            for start in range(0, len(missing), batch):
                yield done + start, total
                passages = stage.passages(missing[start : start + batch])
                stage.put(list(passages), self.embed(list(passages.values()), embedder))
            whole = stage.promote()
        yield total, total

    def _made_again(self, entry: Entry, embedder: str) -> Entry:
        texts = [rows.passage_text(entry.document.title, chunk.heading, chunk.text) for chunk in entry.chunks]
        return replace(entry, vectors=self.embed(texts, embedder), embedder=embedder)

    @contextmanager
    def _writing(self, collection: str, embedder: str) -> Iterator[tuple[Connection, int, str]]:
        """A transaction that holds a collection: its number and embedder. A new one is made with `embedder`."""
        with self._database.writing() as connection:
            row = hold(connection, collection)
            if row is None:
                new = {"name": collection, "embedder": embedder, "generation": 0, "created": datetime.now(UTC)}
                yield (
                    connection,
                    connection.scalars(insert(t.collections).returning(t.collections.c.id), new).one(),
                    embedder,
                )
                return
            yield connection, row.id, row.embedder


def _replace(connection: Connection, collection_id: int, entry: Entry) -> None:
    document = entry.document
    same = (t.documents.c.id == document.id) | (
        (t.documents.c.collection_id == collection_id)
        & (t.documents.c.path == document.path)
        & (t.documents.c.part == document.part)
    )
    tags = connection.scalars(
        select(t.document_tags.c.tag).join(t.documents).where(t.documents.c.id == document.id)
    ).all()
    connection.execute(delete(t.documents).where(same))
    values = rows.document_values(document, collection_id)
    connection.execute(insert(t.documents), values | {"attached_to": entry.attached_to, "part_of": entry.part_of})
    _put_files(connection, collection_id, entry)
    if entry.chunks:
        pairs = zip(entry.chunks, entry.vectors, strict=True)
        connection.execute(insert(t.chunks), [rows.chunk_values(chunk, vector) for chunk, vector in pairs])
    _tag(connection, document.id, {*tags, *document.tags})


def _put_files(connection: Connection, collection_id: int, entry: Entry) -> None:
    if entry.files:
        mine = t.files.c.collection_id == collection_id
        for some in batches([file.path for file in entry.files]):
            connection.execute(delete(t.files).where(mine, t.files.c.path.in_(some)))
        of = {"collection_id": collection_id, "document_id": entry.part_of or entry.document.id}
        connection.execute(insert(t.files), [asdict(file) | of for file in entry.files])


def _forget(connection: Connection, collection: str, paths: Sequence[str]) -> None:
    where = t.failures.c.collection_id == id_of(collection)
    for some in batches(paths):
        connection.execute(delete(t.failures).where(where, t.failures.c.path.in_(some)))


def _tag(connection: Connection, document_id: str, tags: set[str]) -> None:
    if tags:
        values = [{"document_id": document_id, "tag": tag} for tag in sorted(tags)]
        connection.execute(insert(t.document_tags), values)
