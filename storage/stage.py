"""New vectors of a collection that is embedded anew: kept in SQL until they are whole and take the old ones' place."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, exists, func, insert, select, update

from storage import rows
from storage import schema as t
from storage.database import Database
from storage.statements import chunks_of, hold, id_of, next_generation
from storage.vectors import Vectors


class Stage:
    """What one embedder has made for one collection so far. Chunks and all that is staged of them go together.

    A chunk's id derives from all that is embedded, so a staged vector is right for as long as its chunk is there.
    """

    def __init__(self, database: Database, collection: str, embedder: str) -> None:
        self._database, self._collection, self._embedder = database, collection, embedder

    def clear_others(self) -> None:
        """Forget what was staged of this collection for other embedders."""
        with self._database.writing() as connection:
            others = t.staged.c.embedder != self._embedder
            connection.execute(delete(t.staged).where(others, self._here()))

    def missing(self) -> tuple[int, Sequence[int]]:
        """How many chunks have their vector by this embedder, and the ids of those that have not."""
        all_of_it = chunks_of(id_of(self._collection))
        old = select(t.collections.c.id).where(t.collections.c.embedder != self._embedder)
        without = all_of_it.where(t.documents.c.collection_id.in_(old), ~self._staged())
        with self._database.reading() as connection:
            total = connection.scalar(select(func.count()).select_from(all_of_it.subquery())) or 0
            ids = connection.scalars(without).all()
        return total - len(ids), ids

    def passages(self, ids: Sequence[int]) -> dict[int, str]:
        """What is embedded of these chunks, by id; those that are gone are left out."""
        c = t.chunks.c
        query = select(c.id, t.documents.c.title, c.heading, c.text).join(t.documents).where(c.id.in_(ids))
        with self._database.reading() as connection:
            return {row.id: rows.passage_text(row.title, row.heading, row.text) for row in connection.execute(query)}

    def put(self, ids: Sequence[int], vectors: Vectors) -> None:
        """Keep these vectors, but for chunks that went meanwhile and those that another process has put."""
        with self._database.writing() as connection:
            hold(connection, self._collection)  # so that no chunk goes while its vector comes
            wanted = set(connection.scalars(select(t.chunks.c.id).where(t.chunks.c.id.in_(ids), ~self._staged())))
            values = [
                {"chunk_id": chunk_id, "embedder": self._embedder, "embedding": rows.vector_bytes(vector)}
                for chunk_id, vector in zip(ids, vectors, strict=True)
                if chunk_id in wanted
            ]
            if values:
                connection.execute(insert(t.staged), values)

    def promote(self) -> bool:
        """Put the staged vectors in place of the old ones, in one transaction; False where some are still missing."""
        with self._database.writing() as connection:
            collection = hold(connection, self._collection)
            if collection is None:  # removed meanwhile
                return True
            mine = chunks_of(collection.id)
            if collection.embedder != self._embedder:
                if connection.execute(mine.where(~self._staged()).limit(1)).first():
                    return False
                new = select(t.staged.c.embedding).where(
                    t.staged.c.chunk_id == t.chunks.c.id, t.staged.c.embedder == self._embedder
                )
                connection.execute(
                    update(t.chunks).where(t.chunks.c.id.in_(mine)).values(embedding=new.scalar_subquery())
                )
                renewed = next_generation().where(t.collections.c.id == collection.id)
                connection.execute(renewed.values(embedder=self._embedder))
            connection.execute(delete(t.staged).where(self._here()))
            return True

    def _here(self) -> ColumnElement[bool]:
        return t.staged.c.chunk_id.in_(chunks_of(id_of(self._collection)))

    def _staged(self) -> ColumnElement[bool]:
        """Whether the chunk of the query around it has its vector."""
        return exists().where(t.staged.c.chunk_id == t.chunks.c.id, t.staged.c.embedder == self._embedder)
