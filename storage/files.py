"""The files that documents were read from. Those with the same content share a document, which goes with the last."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, func, insert, or_, select, update

from storage import schema as t
from storage.records import File, Known
from storage.statements import batches, id_of, next_generation

_F, _D = t.files.c, t.documents.c
whole_id = func.coalesce(_D.part_of, _D.id)  # the id of a document's first part, which its files name


@dataclass(frozen=True, slots=True)
class Filing:
    """What becomes of the files of a collection without reading them.

    `moved` have another path than the one given with each, `joined` hold what the document of the given id holds;
    `dropped` are paths that count no more, `touched` only look different from outside.
    """

    moved: tuple[tuple[str, File], ...] = ()
    joined: tuple[tuple[str, File], ...] = ()
    dropped: tuple[str, ...] = ()
    touched: tuple[File, ...] = ()


def known(collection: str, attached_to: str | None) -> Select[Any]:
    """What was read into a collection, or is attached to a conversation: the document's id, then a `File`."""
    return (
        select(_F.document_id, _F.path, _F.sha256, _F.size, _F.modified, _F.named)
        .join(t.documents)
        .where(_F.collection_id == id_of(collection), _D.attached_to.is_not_distinct_from(attached_to))
    )


def unfinished(collection: str, path: str | None = None) -> Select[Any]:
    """Documents that were begun and not stored to their end, at a path or anywhere: path and id."""
    at = _D.collection_id == id_of(collection), *([_D.path == path] if path else [])
    return select(_D.path, _D.id).where(*at, _D.part_of.is_(None), ~_filed())


def _filed() -> ColumnElement[bool]:
    """Whether a document has a file, as all have whose every part is stored."""
    return select(_F.document_id).where(_F.document_id == _D.id).exists()


def as_known(row: Any) -> Known:
    """A row of what `known` selects."""
    document_id, path, sha256, size, modified, named = row
    return Known(document_id, File(path, sha256, size, modified, named))


def refile(connection: Connection, collection_id: int, filing: Filing) -> None:
    """Change the files of a collection, and its documents with them. What has vanished meanwhile is passed over."""
    before = _documents_at(connection, collection_id, [path for path, _ in filing.moved])
    before |= _documents_at(connection, collection_id, [file.path for _, file in filing.joined])
    before |= _documents_at(connection, collection_id, filing.dropped)
    there = _present(connection, {document_id for document_id, _ in filing.joined})
    placed = [(before[path], file) for path, file in filing.moved if path in before]
    placed += [(document_id, file) for document_id, file in filing.joined if document_id in there]
    over = _documents_at(connection, collection_id, [file.path for _, file in placed])
    _forget(connection, collection_id, {*before, *over})
    _insert(connection, collection_id, placed)
    _touch(connection, collection_id, filing.touched)
    heirs = {before[file.path]: document_id for document_id, file in filing.joined if file.path in before}
    renamed = {path: file.path for path, file in filing.moved}
    settle(connection, {*before.values(), *over.values(), *there}, renamed, heirs)


def put(connection: Connection, collection_id: int, document_id: str, files: Sequence[File]) -> None:
    """These files hold this document from now on."""
    before = _documents_at(connection, collection_id, [file.path for file in files])
    _forget(connection, collection_id, before)
    _insert(connection, collection_id, [(document_id, file) for file in files])
    settle(connection, {*before.values()} - {document_id})


def give_way(connection: Connection, collection_id: int, path: str, document_id: str) -> None:
    """Another document comes to a path: one that is there stays only if it has another file to be shown under."""
    others = connection.scalars(
        select(whole_id)
        .where(_D.collection_id == collection_id, _D.path == path, whole_id != document_id, _D.part > 0)
        .distinct()
    ).all()
    if others:
        mine = _F.collection_id == collection_id
        connection.execute(delete(t.files).where(mine, _F.path == path, _F.document_id.in_(others)))
        settle(connection, set(others))


def settle(
    connection: Connection,
    document_ids: Collection[str],
    renamed: Mapping[str, str] | None = None,
    heirs: Mapping[str, str] | None = None,
) -> None:
    """Show documents under a path that they still have, if it is one of `renamed` under its new name; forget those
    that have none, and give their tags to their heirs."""
    paths = paths_of(connection, sorted(document_ids))
    now: dict[str, str] = {}
    for some in batches(sorted(document_ids)):
        now |= {row.id: row.path for row in connection.execute(select(_D.id, _D.path).where(_D.id.in_(some)))}
    dead = [document_id for document_id in now if document_id not in paths]
    for document_id in dead:
        if heirs and document_id in heirs:
            _inherit(connection, document_id, heirs[document_id])
    remove(connection, dead)
    wanted: dict[str, str] = {}
    for document_id, held in paths.items():
        new = (renamed or {}).get(now[document_id], "")
        if now[document_id] not in held:
            wanted[document_id] = new if new in held else held[0]
    _clear(connection, wanted)
    # No two documents may have one path, not even for a moment: those that stand in the way step aside first.
    aside = {document_id for document_id in wanted if now[document_id] in set(wanted.values())}
    _show_under(connection, {document_id: f"? {document_id}" for document_id in aside})
    _show_under(connection, wanted)


def _clear(connection: Connection, wanted: Mapping[str, str]) -> None:
    """What a run that was stopped has left at these paths gives way."""
    for some in batches(list(wanted.items())):
        ids, paths = zip(*some, strict=True)
        here = set(connection.scalars(select(_D.collection_id).where(_D.id.in_(ids))))
        begun = select(_D.id).where(_D.collection_id.in_(here), _D.path.in_(paths), _D.part_of.is_(None))
        remove(connection, connection.scalars(begun.where(~_filed())).all())


def remove(connection: Connection, document_ids: Sequence[str]) -> None:
    """Forget documents with all their parts and chunks."""
    for some in batches(document_ids):
        inside = _D.id.in_(select(whole_id).where(_D.id.in_(some)))
        touched = select(_D.collection_id).where(_D.id.in_(some))
        connection.execute(next_generation().where(t.collections.c.id.in_(touched)))
        connection.execute(delete(t.documents).where(inside))


def paths_of(connection: Connection, ids: Sequence[str] | None = None) -> dict[str, tuple[str, ...]]:
    """The paths of some documents, or of all, in their order, by the id of the first part."""
    found: dict[str, list[str]] = {}
    for some in [None] if ids is None else batches(ids):
        query = select(_F.document_id, _F.path).order_by(_F.path)
        for owner, path in connection.execute(query if some is None else query.where(_F.document_id.in_(some))):
            found.setdefault(owner, []).append(path)
    return {owner: tuple(paths) for owner, paths in found.items()}


def _documents_at(connection: Connection, collection_id: int, paths: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for some in batches(paths):
        query = select(_F.path, _F.document_id).where(_F.collection_id == collection_id, _F.path.in_(some))
        found |= {path: document_id for path, document_id in connection.execute(query)}
    return found


def _present(connection: Connection, document_ids: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for some in batches(sorted(document_ids)):
        found |= set(connection.scalars(select(_D.id).where(_D.id.in_(some))))
    return found


def _forget(connection: Connection, collection_id: int, paths: Iterable[str]) -> None:
    for some in batches(sorted(paths)):
        connection.execute(delete(t.files).where(_F.collection_id == collection_id, _F.path.in_(some)))


def _insert(connection: Connection, collection_id: int, placed: Sequence[tuple[str, File]]) -> None:
    if placed:
        of = {"collection_id": collection_id}
        values = [_values(file) | of | {"document_id": document_id} for document_id, file in placed]
        connection.execute(insert(t.files), values)


def _touch(connection: Connection, collection_id: int, files: Sequence[File]) -> None:
    if files:
        here = (_F.collection_id == collection_id) & (_F.path == bindparam("at"))
        columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("size", "modified", "named")}
        values = [{"at": file.path} | {f"new_{name}": _values(file)[name] for name in columns} for file in files]
        connection.execute(update(t.files).where(here).values(columns), values)


def _values(file: File) -> dict[str, Any]:
    return {
        "path": file.path,
        "sha256": file.sha256,
        "size": file.size,
        "modified": file.modified if file.settled else None,
        "named": file.named,
    }


def _show_under(connection: Connection, wanted: Mapping[str, str]) -> None:
    if wanted:
        this: Any = bindparam("this")
        statement = update(t.documents).where(or_(_D.id == this, _D.part_of == this)).values(path=bindparam("new"))
        connection.execute(statement, [{"this": each, "new": path} for each, path in wanted.items()])


def _inherit(connection: Connection, document_id: str, heir: str) -> None:
    tag, owner = t.document_tags.c.tag, t.document_tags.c.document_id
    has = set(connection.scalars(select(tag).where(owner == heir)))
    left = set(connection.scalars(select(tag).where(owner == document_id))) - has
    if left and heir != document_id:
        connection.execute(insert(t.document_tags), [{"document_id": heir, "tag": each} for each in sorted(left)])
