"""Files that could not be read, with the reason, until they are read or gone."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from storage import schema as t
from storage.records import Failure
from storage.statements import batches, id_of

_F = t.failures.c


def remember(
    connection: Connection, collection_id: int, failures: Sequence[Failure], looks: Mapping[str, tuple[int, int]]
) -> None:
    """Put these in place of what was remembered for their paths."""
    now = datetime.now(UTC)
    latest = {failure.path: failure for failure in failures}
    _forget(connection, collection_id, list(latest))
    values = []
    for failure in latest.values():
        size, modified = looks.get(failure.path, (None, None))
        values.append(
            {"collection_id": collection_id, "path": failure.path, "reason": failure.reason, "at": now}
            | {"size": size, "modified": modified}
        )
    connection.execute(insert(t.failures), values)


def forget(connection: Connection, collection: str, paths: Sequence[str]) -> None:
    """These files read again, or are gone."""
    collection_id = connection.scalar(select(t.collections.c.id).where(t.collections.c.name == collection))
    if collection_id is not None:
        _forget(connection, collection_id, paths)


def remembered(connection: Connection, collection: str) -> tuple[Failure, ...]:
    """All of a collection, by path."""
    query = select(_F.path, _F.reason).where(_F.collection_id == id_of(collection)).order_by(_F.path)
    return tuple(Failure(*row) for row in connection.execute(query))


def looks(connection: Connection, collection: str) -> dict[str, tuple[int, int]]:
    """The sizes and times that the files had then, by path, where they are known."""
    query = select(_F.path, _F.size, _F.modified).where(_F.collection_id == id_of(collection), _F.size.is_not(None))
    return {row.path: (row.size, row.modified) for row in connection.execute(query)}


def _forget(connection: Connection, collection_id: int, paths: Sequence[str]) -> None:
    for some in batches(paths):
        connection.execute(delete(t.failures).where(_F.collection_id == collection_id, _F.path.in_(some)))
