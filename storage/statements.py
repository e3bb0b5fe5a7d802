"""Statements about collections that several parts of storage make."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Row, ScalarSelect, Select, Update, select, update

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


def tags_of(connection: Connection, of: Column[str], ids: Sequence[str] | None = None) -> dict[str, tuple[str, ...]]:
    """The tags of some, or of all, in their order; `of` is the column of a table of tags that names whose they are."""
    tag = of.table.c.tag
    found: dict[str, tuple[str, ...]] = {}
    for some in [None] if ids is None else batches(ids):
        query = select(of, tag).order_by(tag)
        for owner, name in connection.execute(query if some is None else query.where(of.in_(some))):
            found[owner] = (*found.get(owner, ()), name)
    return found
