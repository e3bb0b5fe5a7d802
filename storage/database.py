"""Open the database: engine, pragmas, migrations, short transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from storage.errors import BadSettings, DatabaseUnavailable
from storage.schema import REVISION

MIGRATIONS = Path(__file__).parent / "migrations"
_migrating = Lock()  # Alembic keeps its context in a global
PRAGMAS = ("journal_mode=WAL", "busy_timeout=10000", "synchronous=NORMAL", "foreign_keys=ON")


class Database:
    """A SQLite file or any database SQLAlchemy can reach, migrated to the newest schema on opening.

    Raises BadSettings for a URL that names no database, DatabaseUnavailable when it cannot be opened.
    """

    def __init__(self, url: str) -> None:
        try:
            self.engine = create_engine(url)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as exc:
            raise BadSettings(
                f"FOOTNOTE_DATABASE_URL cannot be used ({exc}). Give a URL such as "
                "sqlite:////folder/footnote.sqlite or postgresql://user@host/name "
                "(the latter after: pip install 'footnote[postgresql]')."
            ) from exc
        self.name = make_url(url).render_as_string(hide_password=True)
        # SQLite's readers see one state of things from their first statement on; others have to ask for it.
        self._snapshot = {} if self.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        if self.engine.dialect.name == "sqlite":
            try:
                Path(self.engine.url.database or "").parent.mkdir(parents=True, exist_ok=True)
            except OSError as exc:
                raise self._unavailable(exc) from exc
            event.listen(self.engine, "connect", _set_pragmas)
            event.listen(self.engine, "begin", _begin)
        with self._mendable():
            migrate(self.engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view of the database; never waits for a writer on SQLite."""
        with self._mendable(), self.engine.execution_options(**self._snapshot).connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, committed when the block ends well. On SQLite it takes the write lock at once."""
        with self._mendable(), self.engine.execution_options(writes=True).begin() as connection:
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    @contextmanager
    def _mendable(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as exc:
            raise self._unavailable(exc.orig) from exc

    def _unavailable(self, why: BaseException | None) -> DatabaseUnavailable:
        return DatabaseUnavailable(
            f"The database {self.name} cannot be used ({why}). "
            "Check that it can be reached, that its disk has room and that you may write to it."
        )


def migrate(engine: Engine, back_to: str | None = None) -> None:
    """Bring the schema to the newest revision, or back to an earlier one ("base": none).

    Where nothing is to be done, Alembic is not even imported.
    """
    with engine.connect() as connection:
        if back_to is None and inspect(connection).has_table("alembic_version"):
            current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            if current == REVISION:
                return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", MIGRATIONS.as_posix().replace("%", "%%"))
    config.attributes["engine"] = engine
    with _migrating:
        command.downgrade(config, back_to) if back_to else command.upgrade(config, "head")


def _set_pragmas(connection: Any, record: object) -> None:
    connection.isolation_level = None  # the driver begins no transactions of its own; _begin does
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A reader that becomes a writer in mid-transaction can fail with "database is locked": take the lock first.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
