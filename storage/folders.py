"""The folders that collections are kept up to date with, and the patterns that say which of their files count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, delete, insert, select, update

from storage import schema as t
from storage.database import Database
from storage.errors import NotFound


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that a collection is linked with.

    `include` and `exclude` are patterns as in a .gitignore file. `watched` tells whether its changes are followed,
    `synced` when the collection was last brought up to date with it.
    """

    collection: str
    path: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    watched: bool = False
    synced: datetime | None = None


class Folders:
    """Reads and writes the links. A collection may be linked before it holds anything."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def folders(self, collection: str | None = None) -> tuple[Folder, ...]:
        """The linked folders of one collection, or of all, by collection and path."""
        f = t.folders.c
        query = select(f.collection, f.path, f.include, f.exclude, f.watched, f.synced).order_by(f.collection, f.path)
        if collection is not None:
            query = query.where(f.collection == collection)
        with self._database.reading() as connection:
            return tuple(
                Folder(r.collection, r.path, tuple(r.include), tuple(r.exclude), r.watched, r.synced)
                for r in connection.execute(query)
            )

    def link(
        self,
        collection: str,
        path: str,
        include: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
    ) -> None:
        """Link a folder, by its absolute path; of one that is linked, None keeps the patterns it has."""
        given = {"include": include, "exclude": exclude}
        patterns = {name: list(value) for name, value in given.items() if value is not None}
        with self._database.writing() as connection:
            if connection.scalar(select(t.folders.c.path).where(*_this(collection, path))) is None:
                new = {"collection": collection, "path": path, "include": [], "exclude": [], "watched": False}
                connection.execute(insert(t.folders), new | patterns)
            elif patterns:
                connection.execute(update(t.folders).where(*_this(collection, path)).values(**patterns))

    def watch(self, collection: str, path: str, on: bool) -> None:
        """Say whether a linked folder's changes are to be followed. Raises NotFound."""
        with self._database.writing() as connection:
            changed = connection.execute(update(t.folders).where(*_this(collection, path)).values(watched=on))
            if not changed.rowcount:
                raise NotFound(f"{path} is not linked with {collection!r}. See: footnote documents folders")

    def unlink(self, collection: str, path: str) -> None:
        """Forget a link, and keep the documents. Does nothing where there is none."""
        with self._database.writing() as connection:
            connection.execute(delete(t.folders).where(*_this(collection, path)))

    def synced(self, collection: str, path: str) -> None:
        """The collection is up to date with this folder now, if it is linked."""
        with self._database.writing() as connection:
            now = datetime.now(UTC)
            connection.execute(update(t.folders).where(*_this(collection, path)).values(synced=now))


def _this(collection: str, path: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return t.folders.c.collection == collection, t.folders.c.path == path
