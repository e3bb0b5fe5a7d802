"""Statements about collections that several parts of storage make."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, ScalarSelect, Select, Update, select, update

from storage import schema as t

T = TypeVar("T")
BATCH = 500  # ids in one statement: below SQLite's limit of variables


def batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Items in runs that fit one SQL statement."""
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def id_of(collection: str) -> ScalarSelect[int]:
    """The number of a collection by its name."""
    return select(t.collections.c.id).where(t.collections.c.name == collection).scalar_subquery()


def chunks_of(collection_id: int | ScalarSelect[int]) -> Select[int]:
    """The ids of a collection's chunks."""
    return select(t.chunks.c.id).join(t.documents).where(t.documents.c.collection_id == collection_id)


def hold(connection: Connection, collection: str) -> Row[Any] | None:
    """A collection's row, which nobody else can change before this transaction ends; None if there is none.

    SQLite's transactions that write are alone anyway; PostgreSQL locks the row.
    """
    query = select(t.collections).where(t.collections.c.name == collection)
    return connection.execute(query.with_for_update()).one_or_none()


def next_generation() -> Update:
    """The chunks of the collections that are chosen with `where` have changed: indexes must follow."""
    return update(t.collections).values(generation=t.collections.c.generation + 1)
