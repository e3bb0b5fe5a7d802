"""Whether the database and the index files of every collection are whole; looks only, mends nothing, loads no model."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select

from storage import schema as t
from storage.database import Database
from storage.indexes import Files
from storage.statements import chunks_of

State = Literal["ready", "behind", "missing", "damaged"]

_QUICK = 1_000_000_000  # bytes of a database that is checked in a second or two


@dataclass(frozen=True, slots=True)
class Index:
    """One index of a collection: the chunks it holds, and the generation of SQL it is stamped with.

    "behind" and "missing" mend themselves with the next question, as does one that is being written, which is called
    "behind" too; "damaged" says that the file cannot be read, or that it is of SQL's generation without holding SQL's
    chunks.
    """

    state: State
    file: Path | None = None
    chunks: int = 0
    generation: int = -1
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Health:
    """A collection in SQL, and its indexes."""

    name: str
    embedder: str
    documents: int
    chunks: int
    generation: int
    vectors: Index
    keywords: Index


def collections(database: Database, folder: Path) -> tuple[Health, ...]:
    """Every collection, by name. Raises DatabaseUnavailable."""
    with database.reading() as connection:
        rows = connection.execute(select(t.collections).order_by(t.collections.c.name)).all()
        return tuple(_health(connection, row, folder) for row in rows)


def check(database: Database) -> str:
    """ "ok", or what SQLite finds wrong with its file; "not checked" of other databases and of very large files.

    Raises DatabaseUnavailable where the file cannot even be read.
    """
    if not (size := file_size(database)) or size > _QUICK:
        return "not checked"
    with database.reading() as connection:
        return str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())


def file_size(database: Database) -> int | None:
    """The bytes of a SQLite file with its log; None of other databases."""
    name = database.engine.url.database
    if database.engine.dialect.name != "sqlite" or not name:
        return None
    return sum(path.stat().st_size for path in (Path(name), Path(f"{name}-wal")) if path.exists())


def _health(connection: Connection, row: Row[Any], folder: Path) -> Health:
    documents = select(func.count()).select_from(t.documents).where(t.documents.c.collection_id == row.id)
    chunks = select(func.count()).select_from(chunks_of(row.id).subquery())
    there = connection.scalar(chunks) or 0
    files = Files.of(row)
    vectors = max(folder.glob(f"{files.vectors}-*.faiss"), key=_stamp, default=None)
    return Health(
        name=row.name,
        embedder=row.embedder,
        documents=connection.scalar(documents) or 0,
        chunks=there,
        generation=row.generation,
        vectors=_judged(_vectors(vectors), there, row.generation),
        keywords=_judged(_keywords(folder / f"{files.keywords}.keywords"), there, row.generation),
    )


def _judged(index: Index, chunks: int, generation: int) -> Index:
    """The index with its state (pure)."""
    if index.state != "ready" or (index.generation == generation and index.chunks == chunks):
        return index
    state: State = "damaged" if index.generation == generation else "behind"
    return Index(state, index.file, index.chunks, index.generation, index.bytes)


def _stamp(file: Path) -> int:
    stamp = file.stem.rpartition("-")[2]
    return int(stamp) if stamp.isdigit() else -1


def _vectors(file: Path | None) -> Index:
    if file is None:
        return Index("missing")
    import faiss

    size = file.stat().st_size
    try:
        return Index("ready", file, int(faiss.read_index(str(file)).ntotal), _stamp(file), size)
    except RuntimeError:  # what FAISS raises for a file that is none of its own
        return Index("damaged", file, bytes=size)


def _keywords(file: Path) -> Index:
    if not file.is_file():
        return Index("missing")
    size = file.stat().st_size
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=2)) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                return Index("damaged", file, bytes=size)
            chunks = connection.execute("SELECT count(*) FROM words_docsize").fetchone()[0]
            generation = connection.execute("PRAGMA user_version").fetchone()[0] - 1
    except sqlite3.DatabaseError as error:
        locked = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        return Index("behind" if locked else "damaged", file, bytes=size)
    return Index("ready", file, chunks, generation, size)
