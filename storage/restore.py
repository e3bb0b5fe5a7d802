"""Bring back what a backup holds, after a check that it is whole and harmless."""

import json
import re
import shutil
import sqlite3
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from zipfile import BadZipFile, ZipFile, ZipInfo

from sqlalchemy import func, select, update

from storage import schema as t
from storage.backup import (
    DATABASE,
    FORMAT,
    MANIFEST,
    PIECE,
    SETTINGS,
    UPLOADS,
    Manifest,
    Part,
    Progress,
    Step,
    backup,
    copied,
    driver,
    hidden,
    only_sqlite,
    opened,
    silent,
)  # fmt: skip
from storage.database import MIGRATIONS, Database
from storage.errors import BadSettings, DatabaseUnavailable, UnreadableFile

_MOST_MANIFEST = 50_000_000  # bytes
_MOST_TIMES = 100  # a backup unpacks to so many times its size at most,
_SPARED = 100_000_000  # but for so many bytes: an empty database packs well
_WITH_PATHS = (
    (t.documents, "id"), (t.files, "collection_id"), (t.folders, "collection"), (t.failures, "collection_id"),
)  # fmt: skip
_NAME = re.compile(r"[^\x00-\x1f\\:*?\"<>|]+")


def read(file: Path) -> Manifest:
    """What a backup says of itself, for a person to decide. Raises UnreadableFile where it is none or not ours."""
    with _archive(file) as archive:
        return _manifest(file, archive)


def restore(
    file: Path, database: Database, home: Path, accept: Callable[[str], None], progress: Progress = silent
) -> str:
    """Put a backup in the place of the database and the dropped files, and return its settings as text.

    `accept` is given that text before anything changes; what it raises ends the restore.

    Everything is checked before anything changes. What is there now is kept first, as a backup in the folder
    `backups` of `home`. All collections get a new generation, so that every index catches up. Raises UnreadableFile
    for a backup that cannot be used, BadSettings, DatabaseUnavailable; then everything is as it was.
    """
    only_sqlite(database)
    try:
        with TemporaryDirectory(prefix=".restore-", dir=home) as name:
            folder = Path(name)
            with _archive(file) as archive:
                manifest = _manifest(file, archive)
                _room(file, manifest, home)
                _unpack(file, archive, manifest, folder, progress)
            copy = folder / DATABASE
            _check(file, copy, manifest)
            settings = _settings(file, folder)
            accept(settings)
            _prepare(copy, database, manifest.uploads, home / UPLOADS)
            kept = home / "backups" / f"before-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.zip"
            backup(database, home, kept, lambda step: progress(Step("keeping", step.done, step.total)))
            with _uploads(folder, home):
                _into(copy, database, progress)
        return settings
    except OSError as exc:
        raise BadSettings(f"{home} cannot be written: {exc.strerror}. Free some space, or get the right to.") from exc


@contextmanager
def _archive(file: Path) -> Iterator[ZipFile]:
    try:
        with ZipFile(file) as archive:
            yield archive
    except (BadZipFile, zlib.error, EOFError, NotImplementedError) as exc:
        raise UnreadableFile(f"{file.name} is damaged or no backup ({exc}). Choose another one.") from exc
    except FileNotFoundError as exc:
        raise UnreadableFile(f"There is no backup {file}. Check the spelling.") from exc


def _manifest(file: Path, archive: ZipFile) -> Manifest:
    members = archive.infolist()
    names = [member.filename for member in members]
    if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > _MOST_MANIFEST:
        raise UnreadableFile(f"{file.name} is no backup of Footnote. Choose another one.")
    try:
        told = json.loads(archive.read(MANIFEST))
        if told.pop("format") != FORMAT:
            raise UnreadableFile(f"{file.name} was made by a newer Footnote. Update Footnote first.")
        parts = tuple(Part(str(p["name"]), int(p["bytes"]), str(p["sha256"])) for p in told.pop("parts"))
        created = datetime.fromisoformat(told.pop("created"))
        manifest = Manifest(**{name: str(value) for name, value in told.items()}, created=created, parts=parts)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as exc:
        raise UnreadableFile(f"{file.name} is damaged: its list of parts cannot be read. Choose another one.") from exc
    if manifest.revision not in _revisions():
        raise UnreadableFile(f"{file.name} was made by a newer Footnote. Update Footnote first.")
    told_sizes = sorted((part.name, part.bytes) for part in manifest.parts)
    held = sorted((member.filename, member.file_size) for member in members if member.filename != MANIFEST)
    if told_sizes != held or names.count(MANIFEST) != 1 or len(set(names)) != len(names) or DATABASE not in names:
        raise UnreadableFile(f"{file.name} is damaged: it does not hold what it lists. Choose another one.")
    if any(not _harmless(member) for member in members):
        raise UnreadableFile(f"{file.name} holds files that a backup never has. Choose another one.")
    return manifest


def _revisions() -> set[str]:
    return {path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("*_*.py")}


def _harmless(member: ZipInfo) -> bool:
    """Whether a part is one of ours and stays in its folder on every system."""
    parts = PurePosixPath(member.filename).parts
    if member.flag_bits & 0x1 or stat.S_ISLNK(member.external_attr >> 16) or member.is_dir():
        return False
    if member.filename in (MANIFEST, DATABASE, SETTINGS):
        return True
    safe = all(_NAME.fullmatch(part) and part != ".." for part in parts) and not hidden(parts)
    return len(parts) > 1 and parts[0] == UPLOADS and safe and member.filename == "/".join(parts)


def _room(file: Path, manifest: Manifest, home: Path) -> None:
    whole = sum(part.bytes for part in manifest.parts)
    if whole > _SPARED + _MOST_TIMES * file.stat().st_size:
        raise UnreadableFile(f"{file.name} unpacks to far more than a backup does. Choose another one.")
    free = shutil.disk_usage(home).free
    if 3 * whole > free:  # unpacked, put in its place, and what is there now beside it
        needs, there = 3 * whole // 1_000_000, free // 1_000_000
        raise BadSettings(f"Restoring needs about {needs} MB of disk, and {there} MB are free. Free some space.")


def _unpack(file: Path, archive: ZipFile, manifest: Manifest, folder: Path, progress: Progress) -> None:
    total = sum(part.bytes for part in manifest.parts)
    done = 0
    for part in manifest.parts:
        target = folder.joinpath(*PurePosixPath(part.name).parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = sha256()
        with archive.open(part.name) as source, target.open("wb") as written:
            while piece := source.read(PIECE):
                written.write(piece)
                digest.update(piece)
                done += len(piece)
                progress(Step("checking", done, total))
        if digest.hexdigest() != part.sha256:
            raise UnreadableFile(f"{file.name} is damaged: {part.name} is not as it was packed. Choose another one.")


def _check(file: Path, copy: Path, manifest: Manifest) -> None:
    """That a database is whole, of the revision told, and holds tables and indexes alone: nothing that runs."""
    try:
        with opened(copy) as connection:
            (whole,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            revisions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            kinds = connection.execute("SELECT type, coalesce(sql, '') FROM sqlite_master").fetchall()
    except sqlite3.Error as exc:
        raise UnreadableFile(
            f"{file.name} is damaged: its database cannot be read ({exc}). Choose another one."
        ) from exc
    acts = any(kind not in ("table", "index") or "VIRTUAL" in sql.upper().split()[:3] for kind, sql in kinds)
    if whole != "ok" or revisions != [(manifest.revision,)] or acts:
        raise UnreadableFile(f"{file.name} is damaged: its database is not one of Footnote. Choose another one.")


def _settings(file: Path, folder: Path) -> str:
    try:
        return (folder / SETTINGS).read_text(encoding="utf-8") if (folder / SETTINGS).exists() else ""
    except UnicodeDecodeError as exc:
        raise UnreadableFile(f"{file.name} is damaged: its settings are no text. Choose another one.") from exc


def _prepare(copy: Path, database: Database, before: str, now: Path) -> None:
    """Bring the copy to today's schema, with generations and folders that hold here."""
    with database.reading() as connection:
        newest = connection.scalar(select(func.coalesce(func.max(t.collections.c.generation), 0))) or 0
    other = Database(f"sqlite:///{copy.as_posix()}")  # which migrates it
    try:
        with other.writing() as connection:
            later = t.collections.c.generation + newest + 1
            connection.execute(update(t.collections).values(generation=later))
            for table, key in _WITH_PATHS:
                rows = connection.execute(select(table.c[key], table.c.path)).all()
                for identity, path in rows:
                    if moved := _moved(path, before, now):
                        here = (table.c[key] == identity) & (table.c.path == path)
                        connection.execute(update(table).where(here).values(path=moved))
    finally:
        other.close()
    with opened(copy) as connection_:
        connection_.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection_.execute("PRAGMA journal_mode=DELETE")


def _moved(path: str, before: str, now: Path) -> str:
    """Where a dropped file lies here; empty for a file that never lay in the folder of the dropped ones."""
    if not path.startswith((f"{before}/", f"{before}\\")) or str(now) == before:
        return ""
    return str(now.joinpath(*re.split(r"[/\\]", path[len(before) + 1 :])))


@contextmanager
def _uploads(folder: Path, home: Path) -> Iterator[None]:
    """The dropped files in the place of those that are there; and these back again where the rest goes wrong."""
    here, old, new = home / UPLOADS, folder / "old", folder / UPLOADS
    new.mkdir(exist_ok=True)
    if here.exists():
        here.rename(old)
    try:
        new.rename(here)
        yield
    except BaseException:
        if here.exists():
            shutil.rmtree(here)
        if old.exists():
            old.rename(here)
        raise


def _into(copy: Path, database: Database, progress: Progress) -> None:
    """Copy all pages into the database that is open: its other connections see the new state at once."""
    try:
        with opened(copy) as source, database.engine.connect() as connection:
            target = driver(connection)
            copied(source, target, lambda done, total: progress(Step("restoring", done, total)))
    except sqlite3.Error as exc:
        raise DatabaseUnavailable(
            f"The database {database.name} cannot be restored ({exc}). End what uses it and try again."
        ) from exc
