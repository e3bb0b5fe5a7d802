"""A collection gets another name, everywhere at once."""

from sqlalchemy import delete, select, update

from storage import schema as t
from storage.database import Database
from storage.errors import BadSettings, NotFound

LONGEST = 200  # characters of a name


def rename_collection(database: Database, name: str, new: str) -> None:
    """Give a collection and the conversations about it a new name, in one transaction; nothing is embedded again.

    Raises NotFound, or BadSettings for a name that is empty, too long or taken.
    """
    new = new.strip()
    if not new or len(new) > LONGEST:
        raise BadSettings(f"A collection's name has 1 to {LONGEST} characters. Choose another one.")
    with database.writing() as connection:
        if new != name and connection.scalar(select(t.collections.c.id).where(t.collections.c.name == new)):
            raise BadSettings(f"There is a collection called {new!r} already. Choose another name.")
        collections, conversations = t.collections.c.name, t.conversations.c.collection
        if not connection.execute(update(t.collections).where(collections == name).values(name=new)).rowcount:
            raise NotFound(f"No collection called {name!r}. See them with: footnote documents list")
        connection.execute(update(t.conversations).where(conversations == name).values(collection=new))
        connection.execute(delete(t.folders).where(t.folders.c.collection == new))  # of one that never came to be
        connection.execute(update(t.folders).where(t.folders.c.collection == name).values(collection=new))
