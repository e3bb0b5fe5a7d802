"""A Filter as a condition on `documents`, and which documents of a collection fit it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from storage import schema as t
from storage.errors import NotFound
from storage.files import whole_id
from storage.records import Filter


def fitting(connection: Connection, collection: Row[Any], filter: Filter) -> list[str]:
    """The ids of the documents of a collection, given as its row, that fit. Raises NotFound where none does.

    What is attached to the filter's conversation fits whatever else is wished; what is attached to another never does.
    """
    d = t.documents.c
    fits = or_(and_(d.attached_to.is_(None), *conditions(filter)), d.attached_to == filter.conversation)
    query = select(d.id).where(d.collection_id == collection.id, fits)
    found = list(connection.scalars(query))
    if not found:
        raise NotFound(
            f"No document of {collection.name!r} fits ({'; '.join(_said(filter))}). "
            "See them with: footnote documents list"
        )
    return found


def conditions(filter: Filter) -> Iterator[ColumnElement[bool]]:
    """What a document has to fulfil, apart from its collection."""
    d = t.documents.c
    for column, wanted in ((d.id, filter.documents), (d.format, filter.formats), (d.language, filter.languages)):
        if wanted:
            yield column.in_(wanted)
    if filter.folder:
        folder = filter.folder.rstrip("/\\")
        ends = [folder + separator for separator in "/\\"]
        others = select(t.files.c.document_id).where(or_(*(_begins(t.files.c.path, each) for each in ends)))
        yield or_(*(_begins(d.path, each) for each in ends), whole_id.in_(others))
    if filter.tags:
        yield d.id.in_(select(t.document_tags.c.document_id).where(t.document_tags.c.tag.in_(filter.tags)))
    if filter.since:
        yield d.modified >= filter.since.timestamp()
    if filter.until:
        yield d.modified <= filter.until.timestamp()


def _begins(path: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether a path begins so, to the letter: LIKE would take signs for wildcards, and on SQLite "A" for "a"."""
    return func.substr(path, 1, len(text)) == text


def _said(filter: Filter) -> Iterator[str]:
    """What was asked for, in words."""
    named = {
        "document": filter.documents, "folder": (filter.folder,) if filter.folder else (), "type": filter.formats,
        "language": filter.languages, "tag": filter.tags,
    }  # fmt: skip
    yield from (f"{name} {' or '.join(values)}" for name, values in named.items() if values)
    yield from (f"{name} {day:%Y-%m-%d}" for name, day in (("since", filter.since), ("until", filter.until)) if day)
