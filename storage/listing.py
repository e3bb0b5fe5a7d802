"""The documents of a collection as a long table: found, sorted and cut into pages by the database."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sqlalchemy import ColumnElement, func, or_, select

from storage import schema as t
from storage.database import Database
from storage.errors import NotFound
from storage.files import whole_id
from storage.filters import conditions
from storage.infos import infos
from storage.records import DocumentInfo, Filter
from storage.statements import id_of

Order = Literal["title", "format", "pages", "size", "ingested", "language"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents are listed, and in which order: those that fit `filter` and hold every word of `words` in their
    title or path. Those that have no pages come last either way."""

    words: str = ""
    filter: Filter = field(default_factory=Filter)
    order: Order = "title"
    falling: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """What the documents of a collection can be told apart by, with how many have it, the most frequent first.

    `folders` are those that hold documents themselves.
    """

    formats: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    tags: tuple[tuple[str, int], ...]
    folders: tuple[tuple[str, int], ...]


class Listing:
    """Reads the list of a collection's documents without their texts. Attached documents are not listed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self) -> str:
        """The collection that a document came into last. Raises NotFound where there is none."""
        query = (
            select(t.collections.c.name).join(t.documents).where(t.documents.c.attached_to.is_(None))
            .order_by(t.documents.c.ingested.desc()).limit(1)
        )  # fmt: skip
        with self._database.reading() as connection:
            name: str | None = connection.scalar(query)
        if name is None:
            raise NotFound("There are no documents yet. Bring some in with: footnote ingest PATH")
        return name

    def ids(self, collection: str, wanted: Wanted = Wanted()) -> tuple[str, ...]:
        """The ids of all documents that are wanted, in order."""
        query = select(t.documents.c.id).where(*_fits(collection, wanted)).order_by(*_order(wanted))
        with self._database.reading() as connection:
            return tuple(connection.scalars(query))

    def documents(self, collection: str, ids: Sequence[str]) -> tuple[DocumentInfo, ...]:
        """These documents of the collection, in this order; those that are gone are left out."""
        own = (t.documents.c.collection_id == id_of(collection), t.documents.c.attached_to.is_(None))
        with self._database.reading() as connection:
            found = {info.id: info for info in infos(connection, *own, ids=ids)}
        return tuple(found[each] for each in ids if each in found)

    def choices(self, collection: str) -> Choices:
        """What a list of the collection can be narrowed by."""
        d = t.documents.c
        inside = (d.collection_id == id_of(collection), d.attached_to.is_(None))
        tagged = select(t.document_tags.c.tag).join(t.documents).where(*inside)
        paths = select(d.id, d.path).where(*inside, d.part_of.is_(None))
        more = select(d.id, t.files.c.path).join_from(t.documents, t.files).where(*inside)
        with self._database.reading() as connection:
            rows = connection.execute(select(d.format, d.language).where(*inside)).all()
            counted = Counter(connection.scalars(tagged))
            shown = connection.execute(paths.union(more)).all()
        return Choices(
            _counted(Counter(row[0] for row in rows)),
            _counted(Counter(row[1] for row in rows)),
            _counted(counted),
            _counted(Counter(str(Path(path).parent) for _, path in shown)),
        )


def _fits(collection: str, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    d = t.documents.c
    yield d.collection_id == id_of(collection)
    yield d.attached_to.is_(None)
    for word in wanted.words.split():
        elsewhere = select(t.files.c.document_id).where(t.files.c.path.icontains(word, autoescape=True))
        told = (d.title.icontains(word, autoescape=True), d.path.icontains(word, autoescape=True))
        yield or_(*told, whole_id.in_(elsewhere))
    yield from conditions(wanted.filter)


def _order(wanted: Wanted) -> Iterator[ColumnElement[object]]:
    d = t.documents.c
    first = func.lower(d.title) if wanted.order == "title" else d[wanted.order]
    yield (first.desc() if wanted.falling else first.asc()).nulls_last()
    yield func.lower(d.title)
    yield d.path
    yield d.part


def _counted(values: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(values.items(), key=lambda each: (-each[1], each[0])))
