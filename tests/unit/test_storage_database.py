"""The database opens ready for use, whatever state it was left in."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from storage import schema as t
from storage.database import MIGRATIONS, Database, migrate
from storage.errors import BadSettings, DatabaseUnavailable
from tests.unit.test_storage_library import Place


def test_a_new_file_has_exactly_the_tables_of_the_schema(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new' / 'f.sqlite'}")
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, t.metadata) == []


def test_the_schema_names_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == t.REVISION


def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'f.sqlite'}"
    fill(Database(url))
    assert names(Database(url)) == ["mine"]


def test_migrating_down_and_up_again_works_with_rows_in_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'f.sqlite'}")
    fill(database)
    migrate(database.engine, back_to="base")
    assert inspect(database.engine).get_table_names() == ["alembic_version"]
    migrate(database.engine)
    fill(database)
    assert names(database) == ["mine"]


def test_a_database_of_the_first_schema_keeps_its_rows(tmp_path: Path) -> None:
    place = Place(tmp_path)
    document = place.put("a.txt", "whales sing")
    migrate(place.database.engine, back_to="0001")
    assert not inspect(place.database.engine).has_table("staged")
    again = Place(tmp_path)
    assert again.library.document(document.id) == document and again.found("whales") == {"whales sing"}


def test_many_threads_open_and_write_one_new_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'f.sqlite'}"

    def work(number: int) -> None:
        database = Database(url)
        for step in range(10):
            fill(database, f"{number}-{step}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert len(names(Database(url))) == 40


def test_foreign_keys_hold_and_cascade(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'f.sqlite'}")
    with database.reading() as connection:
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"


@pytest.mark.parametrize("url", ["nonsense", "oracledb9://x/y", "sqlite+nothing:///x"])
def test_a_url_that_names_no_database_says_how_one_looks(url: str) -> None:
    with pytest.raises(BadSettings, match="postgresql://"):
        Database(url)


def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "f.sqlite"
    file.write_bytes(b"this is a letter, not a database" * 100)
    with pytest.raises(DatabaseUnavailable, match=r"f\.sqlite cannot be used"):
        Database(f"sqlite:///{file}")


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnavailable, match="cannot be used"):
        Database(f"sqlite:///{tmp_path / 'file' / 'f.sqlite'}")


def test_a_block_that_fails_changes_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'f.sqlite'}")
    with pytest.raises(RuntimeError), database.writing() as connection:
        connection.execute(t.conversations.insert(), row("half"))
        raise RuntimeError
    assert names(database) == []


def row(title: str) -> dict[str, object]:
    from datetime import UTC, datetime
    from uuid import uuid4

    now = datetime.now(UTC)
    return {"id": uuid4().hex[:16], "title": title, "collection": "c", "created": now, "updated": now}


def fill(database: Database, title: str = "mine") -> None:
    with database.writing() as connection:
        connection.execute(t.conversations.insert(), row(title))


def names(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.scalars(select(t.conversations.c.title)))
