"""Documents as lists show them, read without their texts."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from storage import schema as t
from storage.files import paths_of, whole_id
from storage.records import DocumentInfo
from storage.statements import batches, tags_of


def infos(
    connection: Connection, *where: ColumnElement[bool], ids: Sequence[str] | None = None
) -> Iterator[DocumentInfo]:
    """The documents that fit, by path and part; only those of these ids, where some are given. Parts that will take the
    place of others, once all of them are stored, are not listed yet."""
    d = t.documents.c
    chunks = select(func.count()).where(t.chunks.c.document_id == d.id).scalar_subquery()
    columns = (
        d.id, t.collections.c.name.label("collection"), d.path, d.title, d.format, d.language, d.size, d.pages,
        func.length(d.text).label("characters"), chunks.label("chunks"), d.ingested, d.attached_to, d.authors,
        d.created, d.part, whole_id.label("whole"),
    )  # fmt: skip
    query = select(*columns).join(t.collections).where(*where, d.part > 0).order_by(d.path, d.part)
    for some in [None] if ids is None else batches(ids):
        tags, paths = tags_of(connection, t.document_tags.c.document_id, some), None
        rows = connection.execute(query if some is None else query.where(d.id.in_(some))).all()
        paths = paths_of(connection, None if some is None else sorted({row.whole for row in rows}))
        for row in rows:
            yield _info(row._asdict(), tags, paths)


def _info(row: dict[str, Any], tags: dict[str, tuple[str, ...]], paths: dict[str, tuple[str, ...]]) -> DocumentInfo:
    whole = row.pop("whole")
    return DocumentInfo(
        **row | {"authors": tuple(row["authors"])},
        tags=tags.get(row["id"], ()),
        paths=paths.get(whole, (row["path"],)),
    )


def called(connection: Connection, name: str) -> list[str]:
    """The ids of documents that have this id, or one of whose paths or titles it is; else that have files of the name.

    Of a document in parts it is the first; what is attached to a conversation is found by its id alone.
    """
    d, f = t.documents.c, t.files.c
    own = d.attached_to.is_(None) & d.part_of.is_(None) & (d.part > 0)
    at = select(f.document_id).where(f.path == name)
    exact = select(d.id).where(or_(d.id == name, own & or_(d.path == name, d.title == name, d.id.in_(at))))
    if found := list(connection.scalars(exact)):
        return found
    paths = select(d.id, d.path).where(own, d.path.endswith(name, autoescape=True))
    more = select(d.id, f.path).join_from(t.documents, t.files).where(own, f.path.endswith(name, autoescape=True))
    return sorted({row.id for row in connection.execute(paths.union(more)) if PurePath(row.path).name == name})
