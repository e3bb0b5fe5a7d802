"""A backup: one file with all that a person cannot make again.

It holds a consistent copy of the database, the settings and the files that were dropped on the pages. Models and
indexes are not in it: they can be fetched and made again.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Connection, text

from storage.database import Database
from storage.errors import BadSettings, DatabaseUnavailable

MANIFEST, DATABASE, SETTINGS, UPLOADS = "manifest.json", "database.sqlite", "settings.toml", "uploads"
# In UPLOADS, with the files that are attached to conversations; hidden, so that no ingest of a folder above finds them.
ATTACHED = ".attached"
FORMAT = 1
PAGES = 2000  # of the database, copied at a time
PIECE = 1 << 20  # bytes read at a time


@dataclass(frozen=True, slots=True)
class Step:
    """How far a backup or a restore is, in bytes of the present stage."""

    stage: Literal["copying", "packing", "checking", "keeping", "restoring"]
    done: int
    total: int


Progress = Callable[[Step], None]  # it may raise to end the work, which then leaves everything as it was


@dataclass(frozen=True, slots=True)
class Part:
    """A file in a backup."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `uploads` is the folder in which the dropped files lay."""

    footnote: str
    revision: str
    created: datetime
    uploads: str
    parts: tuple[Part, ...]

    def dumped(self) -> str:
        """As JSON."""
        return json.dumps({"format": FORMAT, **asdict(self), "created": self.created.isoformat()}, indent=1)


def silent(step: Step) -> None:
    """A progress that tells nobody."""


def backup(database: Database, home: Path, file: Path, progress: Progress = silent) -> Manifest:
    """Write a backup of `home` and its database to `file`, while others go on reading and writing.

    A file that is there already is replaced once the new one is whole. Raises BadSettings where `file` cannot be
    written or the database is not SQLite, DatabaseUnavailable.
    """
    only_sqlite(database)
    part = file.with_name(f".{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".backup-", dir=file.parent) as folder:
            copy = Path(folder) / DATABASE
            revision = _copied(database, copy, progress)
            manifest = _packed(part, _files(home, copy), revision, home / UPLOADS, progress)
        part.replace(file)
    except OSError as exc:
        raise BadSettings(f"The backup {file} cannot be written: {exc.strerror}. Choose another place.") from exc
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return manifest


def only_sqlite(database: Database) -> None:
    """Raises BadSettings for a database of a server, which has its own backups."""
    if database.engine.dialect.name != "sqlite":
        raise BadSettings(f"Footnote backs up SQLite alone. Back {database.name} up, or restore it, with: pg_dump")


def driver(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection below one of SQLAlchemy's."""
    raw: Any = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def copied(source: sqlite3.Connection, target: sqlite3.Connection, stage: Callable[[int, int], None]) -> None:
    """All pages from one database to another; `stage` is told bytes done and in all, and may raise to end it."""
    size = source.execute("PRAGMA page_size").fetchone()[0]

    def report(status: int, remaining: int, total: int) -> None:
        stage((total - remaining) * size, total * size)

    source.backup(target, pages=PAGES, progress=report, sleep=0.1)


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """A database file of our own making, without SQLAlchemy."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        yield connection


def hidden(parts: Sequence[str]) -> bool:
    """Whether a path in a home is hidden. The folder of the attached files is so too, but not to us."""
    own = tuple(parts[:2]) == (UPLOADS, ATTACHED)
    return any(part.startswith(".") for part in (parts[2:] if own else parts))


def _copied(database: Database, copy: Path, progress: Progress) -> str:
    """Copy the database as it is now, and return its revision.

    The open transaction holds this state: what others write meanwhile neither gets in nor makes the copy begin anew.
    """
    try:
        with database.reading() as connection, opened(copy) as target:
            revision = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
            copied(driver(connection), target, lambda done, total: progress(Step("copying", done, total)))
            target.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
    except sqlite3.Error as exc:
        raise DatabaseUnavailable(
            f"The database {database.name} cannot be copied ({exc}). See: footnote doctor"
        ) from exc
    return revision


def _files(home: Path, copy: Path) -> list[tuple[str, Path]]:
    """What goes into a backup, by its name there. Links are left out: they lead elsewhere."""
    found = [(DATABASE, copy)]
    if (home / SETTINGS).is_file():
        found.append((SETTINGS, home / SETTINGS))
    for path in sorted((home / UPLOADS).rglob("*")):
        name = path.relative_to(home)
        if path.is_file() and not path.is_symlink() and not hidden(name.parts):  # a hidden file is being written
            found.append((name.as_posix(), path))
    return found


def _packed(file: Path, files: list[tuple[str, Path]], revision: str, uploads: Path, progress: Progress) -> Manifest:
    total = sum(path.stat().st_size for _, path in files)
    done, parts = 0, []
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, path in files:
            digest, size = sha256(), 0
            with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
                while piece := source.read(PIECE):
                    target.write(piece)
                    digest.update(piece)
                    size += len(piece)
                    progress(Step("packing", min(done + size, total), total))
            done += size
            parts.append(Part(name, size, digest.hexdigest()))
        manifest = Manifest(version("footnote"), revision, datetime.now(UTC), str(uploads), tuple(parts))
        archive.writestr(MANIFEST, manifest.dumped())
    return manifest
