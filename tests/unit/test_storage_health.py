"""The health of a collection: what SQL holds against what its index files hold, without opening an embedder."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import health
from storage.database import Database
from tests.flows.place import fake_app, fill


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    app = fake_app(home)
    fill(app, tmp_path / "notes")
    app.close()
    return home


def look(home: Path) -> health.Health:
    database = Database(f"sqlite:///{(home / 'footnote.sqlite').as_posix()}")
    (found,) = health.collections(database, home / "indexes")
    database.close()
    return found


def test_indexes_that_hold_what_sql_holds_are_ready(home: Path) -> None:
    found = look(home)
    assert (found.name, found.documents, found.embedder) == ("default", 2, "fake-embedder")
    for index in (found.vectors, found.keywords):
        assert (index.state, index.chunks, index.generation) == ("ready", found.chunks, found.generation)
        assert index.bytes > 0


def test_indexes_that_lag_are_behind_not_damaged(home: Path, tmp_path: Path) -> None:
    app = fake_app(home)
    app.library.remove([app.library.documents()[0].id])
    app.close()
    found = look(home)
    assert {found.vectors.state, found.keywords.state} == {"behind"}


def test_a_file_that_cannot_be_read_is_damaged_and_one_that_is_not_there_missing(home: Path) -> None:
    (vectors,) = (home / "indexes").glob("*.faiss")
    vectors.write_bytes(b"nonsense")
    for file in (home / "indexes").glob("*.keywords*"):
        file.unlink()
    found = look(home)
    assert (found.vectors.state, found.vectors.file) == ("damaged", vectors)
    assert found.keywords.state == "missing"


def test_an_index_of_sqls_generation_that_holds_something_else_is_damaged(home: Path) -> None:
    (vectors,) = (home / "indexes").glob("*.faiss")
    app = fake_app(home)
    app.library.remove([app.library.documents()[0].id])
    app.close()
    lagging = look(home)
    vectors.rename(vectors.with_name(f"{vectors.stem.rpartition('-')[0]}-{lagging.generation}.faiss"))
    assert look(home).vectors.state == "damaged"


def test_looking_changes_nothing(home: Path) -> None:
    def files() -> dict[str, int]:
        there = (home / "indexes").iterdir()
        return {path.name: path.stat().st_mtime_ns for path in there if not path.name.endswith(("-shm", "-wal"))}

    before = files()
    look(home)
    assert files() == before


def test_a_database_is_checked(home: Path) -> None:
    database = Database(f"sqlite:///{(home / 'footnote.sqlite').as_posix()}")
    assert health.check(database) == "ok"
    assert (health.file_size(database) or 0) > 1000
    database.close()


def test_an_index_that_is_being_written_is_not_called_damaged(home: Path) -> None:
    (keywords,) = (home / "indexes").glob("*.keywords")
    with closing(sqlite3.connect(keywords)) as writer:
        writer.execute("PRAGMA locking_mode=EXCLUSIVE")
        writer.execute("BEGIN EXCLUSIVE")
        assert look(home).keywords.state == "behind"
    assert look(home).keywords.state == "ready"
