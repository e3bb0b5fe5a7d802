"""The parts of a file that was too long for one document."""

from sqlalchemy import select

from storage import schema as t
from storage.database import Database
from storage.files import whole_id


def parts(database: Database, document_id: str) -> tuple[str, ...]:
    """The ids of all documents that the file of this one has become, in their order; of most files it is one."""
    d = t.documents.c
    whole = select(whole_id).where(d.id == document_id).scalar_subquery()
    with database.reading() as connection:
        return tuple(connection.scalars(select(d.id).where(whole_id == whole).order_by(d.part)))
