"""Collections of documents in SQL: what ingest writes and what lists show."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import Connection, delete, func, insert, select

from storage import files, rows
from storage import schema as t
from storage.database import Database
from storage.entries import Entry, Stored, put, stored
from storage.errors import NotFound
from storage.failures import forget, looks, remember, remembered
from storage.files import Filing
from storage.folders import Folders
from storage.infos import called, infos
from storage.records import Chunk, Collection, Document, DocumentInfo, Failure, Known
from storage.stage import Stage
from storage.statements import hold, next_generation, tags_of
from storage.vectors import Vectors

if TYPE_CHECKING:
    from storage.embedders import Embedders


_TAGS = t.document_tags


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
    def folders(self) -> Folders:
        """The folders that collections are linked with."""
        return Folders(self._database)

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
            connection.execute(delete(t.folders).where(t.folders.c.collection == name))

    def known(self, collection: str, attached_to: str | None = None) -> tuple[Known, ...]:
        """What the collection holds, or has attached to a conversation, enough to tell what changed; empty if there is
        no such collection yet."""
        with self._database.reading() as connection:
            return tuple(files.as_known(row) for row in connection.execute(files.known(collection, attached_to)))

    def unfinished(self, collection: str, path: str | None = None) -> dict[str, str]:
        """The ids of documents of which not every part was stored, at a path or anywhere, by path."""
        with self._database.reading() as connection:
            return {row.path: row.id for row in connection.execute(files.unfinished(collection, path))}

    def stored(self, document_id: str) -> Stored | None:
        """What is there of a document, or of a part of one, by its id."""
        with self._database.reading() as connection:
            return stored(connection, document_id)

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
        Raises NotFound for a part of a document that was removed meanwhile.
        """
        while entries:
            with self._writing(collection, entries[0].embedder) as (connection, collection_id, embedder):
                if all(entry.embedder == embedder for entry in entries):
                    connection.execute(next_generation().where(t.collections.c.id == collection_id))
                    put(connection, collection_id, entries)
                    return
            entries = [self._made_again(entry, embedder) for entry in entries]

    def refile(self, collection: str, filing: Filing) -> None:
        """Change which files hold the documents, in one transaction; identity, tags and citations of these stay."""
        if filing == Filing():
            return
        with self._database.writing() as connection:
            if row := hold(connection, collection):
                files.refile(connection, row.id, filing)

    def remove(self, document_ids: Sequence[str]) -> None:
        """Forget documents, whole, and their chunks, in one transaction."""
        with self._database.writing() as connection:
            files.remove(connection, document_ids)

    def fail(
        self, collection: str, failures: Sequence[Failure], looked: Mapping[str, tuple[int, int]] | None = None
    ) -> None:
        """Remember why files could not be read, in place of what was remembered for these paths.

        `looked` tells their sizes and times, as in `File`, where they are known.
        """
        if failures:
            with self._writing(collection, self._embedders.in_use.id) as (connection, collection_id, _):
                remember(connection, collection_id, failures, looked or {})

    def forget_failures(self, collection: str, paths: Sequence[str]) -> None:
        """These files read again, or are gone."""
        with self._database.writing() as connection:
            forget(connection, collection, paths)

    def failures(self, collection: str) -> tuple[Failure, ...]:
        """Files of the collection that could not be read, by path."""
        with self._database.reading() as connection:
            return remembered(connection, collection)

    def failed(self, collection: str) -> dict[str, tuple[int, int]]:
        """How files that could not be read looked then: their sizes and times, as in `File`, by path."""
        with self._database.reading() as connection:
            return looks(connection, collection)

    def documents(self, collection: str | None = None, *, attached_to: str | None = None) -> tuple[DocumentInfo, ...]:
        """The documents of one collection, or of all, by path; or those attached to a conversation."""
        where = [t.documents.c.attached_to.is_not_distinct_from(attached_to)]
        if collection is not None:
            where.append(t.collections.c.name == collection)
        with self._database.reading() as connection:
            return tuple(infos(connection, *where))

    def paths(self, document_id: str) -> tuple[str, ...]:
        """The paths of all files that hold a document."""
        with self._database.reading() as connection:
            return next((info.paths for info in infos(connection, ids=[document_id])), ())

    def document(self, name: str) -> Document:
        """A document by its id, or by a path, file name or title of its own; NotFound when none or several have it.

        Of one in parts it is the first. What is attached to a conversation is found by its id alone.
        """
        with self._database.reading() as connection:
            found = called(connection, name)
            if len(found) != 1:
                what = f"{len(found)} documents are" if found else "No document is"
                raise NotFound(f"{what} called {name!r}. See the ids with: footnote documents list")
            row = connection.execute(select(t.documents).where(t.documents.c.id == found[0])).one()
            return rows.document(row, tags_of(connection, _TAGS.c.document_id, found).get(found[0], ()))

    def chunks(self, document_id: str) -> tuple[Chunk, ...]:
        """The chunks of a document in order."""
        query = select(t.chunks).where(t.chunks.c.document_id == document_id).order_by(t.chunks.c.position)
        with self._database.reading() as connection:
            return tuple(rows.chunk(row) for row in connection.execute(query))

    def tag(self, document_id: str, tags: Sequence[str]) -> None:
        """Give a document, with all its parts, these tags in place of its old ones."""
        d = t.documents.c
        whole = select(files.whole_id).where(d.id == document_id).scalar_subquery()
        with self._database.writing() as connection:
            parts = connection.scalars(select(d.id).where((d.id == whole) | (d.part_of == whole))).all()
            connection.execute(delete(_TAGS).where(_TAGS.c.document_id.in_(parts)))
            for part in parts:
                _tag(connection, part, set(tags))

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


def _tag(connection: Connection, document_id: str, tags: set[str]) -> None:
    if tags:
        values = [{"document_id": document_id, "tag": tag} for tag in sorted(tags)]
        connection.execute(insert(t.document_tags), values)
