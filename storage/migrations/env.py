"""Alembic's entry: runs the revisions on the engine that storage.database opened."""

from alembic import context
from sqlalchemy import Engine, text

from storage.schema import metadata

engine: Engine = context.config.attributes["engine"]
sqlite = engine.dialect.name == "sqlite"

with engine.execution_options(writes=True).connect() as connection:
    if sqlite:
        # Batch mode copies a table and drops the old one; with foreign keys on, that would delete the children's rows.
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")
    with connection.begin():
        if not sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(7030671)"))  # two starts at once: one waits
        context.configure(
            connection=connection, target_metadata=metadata, render_as_batch=sqlite, transactional_ddl=True
        )
        with context.begin_transaction():
            context.run_migrations()
    if sqlite:
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=ON")
