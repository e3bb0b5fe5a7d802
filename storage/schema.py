"""The tables. SQL is the truth; the vector and keyword indexes are derived from it."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

REVISION = "0005"  # the newest file in migrations/versions; a test holds the two together

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no time zone, so it is taken off on the way in and put back on the way out."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """To UTC, without the zone."""
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """With the zone again."""
        return value.replace(tzinfo=UTC) if value else None


# 63-bit ids; SQLite makes a column the fast row id only if its type is INTEGER.
ChunkId = BigInteger().with_variant(Integer(), "sqlite")


def _belongs_to(column: str) -> ForeignKey:
    return ForeignKey(column, ondelete="CASCADE")


collections = Table(
    "collections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("embedder", String(200), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("created", UtcDateTime, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("collection_id", Integer, _belongs_to("collections.id"), nullable=False, index=True),
    Column("path", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("format", String(20), nullable=False),
    Column("language", String(20), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("modified", Float, nullable=False),
    Column("pages", Integer),
    Column("text", Text, nullable=False),
    Column("sections", JSON, nullable=False),
    Column("ingested", UtcDateTime, nullable=False),
    Column("attached_to", String(16), index=True),  # the conversation that alone reads it; of most documents none
    Column("anchors", JSON, nullable=False, server_default="[]"),
    Column("authors", JSON, nullable=False, server_default="[]"),
    Column("created", UtcDateTime),
    Column("part", Integer, nullable=False, server_default="1"),
    Column("part_of", String(16), _belongs_to("documents.id"), index=True),  # the first part, of the others
    UniqueConstraint("collection_id", "path", "part"),
)

# The files that documents were read from, once all of a file is stored; those with the same content share a document.
files = Table(
    "files",
    metadata,
    Column("collection_id", Integer, _belongs_to("collections.id"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("document_id", String(16), _belongs_to("documents.id"), nullable=False, index=True),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("modified", BigInteger),  # nanoseconds since the epoch; unknown where it could not tell of a change
    Column("named", Boolean, nullable=False, server_default=false()),  # by the person: it counts whatever patterns say
)

# Folders that a collection is brought up to date with.
folders = Table(
    "folders",
    metadata,
    Column("collection", String(200), primary_key=True),  # a name: it may be linked before it holds anything
    Column("path", Text, primary_key=True),
    Column("include", JSON, nullable=False, server_default="[]"),  # patterns
    Column("exclude", JSON, nullable=False, server_default="[]"),
    Column("watched", Boolean, nullable=False, server_default=false()),
    Column("synced", UtcDateTime),  # when it was last brought up to date
)

document_tags = Table(
    "document_tags",
    metadata,
    Column("document_id", String(16), _belongs_to("documents.id"), primary_key=True),
    Column("tag", String(200), primary_key=True),
)

chunks = Table(
    "chunks",
    metadata,
    Column("id", ChunkId, primary_key=True, autoincrement=False),
    Column("document_id", String(16), _belongs_to("documents.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("heading", Text, nullable=False),
    Column("page", Integer),
    Column("text", Text, nullable=False),
    Column("embedding", LargeBinary, nullable=False),  # float32, little-endian, of unit length
)

# Vectors by another embedder than the collection's, until all of its chunks have one.
staged = Table(
    "staged",
    metadata,
    Column("chunk_id", ChunkId, _belongs_to("chunks.id"), primary_key=True, autoincrement=False),
    Column("embedder", String(200), primary_key=True),
    Column("embedding", LargeBinary, nullable=False),  # as in chunks
)

failures = Table(
    "failures",
    metadata,
    Column("collection_id", Integer, _belongs_to("collections.id"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("size", BigInteger),  # of the file when it failed, as in files: what changed since may be read again
    Column("modified", BigInteger),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("title", Text, nullable=False),
    Column("collection", String(200), nullable=False),  # a name: the conversation outlives its collection
    Column("created", UtcDateTime, nullable=False),
    Column("updated", UtcDateTime, nullable=False, index=True),
    Column("shown_id", String(16)),  # the last message of the branch that is shown
    Column("pinned", Boolean, nullable=False, server_default=false()),
    Column("deleted", UtcDateTime),  # when it was put into the bin
)

conversation_tags = Table(
    "conversation_tags",
    metadata,
    Column("conversation_id", String(16), _belongs_to("conversations.id"), primary_key=True),
    Column("tag", String(200), primary_key=True),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("conversation_id", String(16), _belongs_to("conversations.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),  # in the order of writing
    Column("parent_id", String(16), _belongs_to("messages.id"), index=True),  # the message that it follows
    Column("role", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("status", String(20), nullable=False),
    Column("found", Boolean),
    Column("short_answer", Text),
    Column("model", Text, nullable=False),
    Column("backend", Text, nullable=False),
    Column("unsupported", JSON, nullable=False),
    Column("hits", JSON, nullable=False),
    Column("timings", JSON, nullable=False),
    Column("trace", JSON(none_as_null=True)),  # of answers; those from before there were traces have none
    UniqueConstraint("conversation_id", "position"),
)

citations = Table(
    "citations",
    metadata,
    Column("message_id", String(16), _belongs_to("messages.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("marker", Integer, nullable=False),
    Column("document_id", String(16), nullable=False),  # no foreign key: a citation outlives its document
    Column("title", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("page", Integer),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("quote", Text, nullable=False),
    Column("answer_start", Integer, nullable=False),
    Column("answer_end", Integer, nullable=False),
    Column("spot", JSON(none_as_null=True)),
)

feedback = Table(
    "feedback",
    metadata,
    Column("message_id", String(16), _belongs_to("messages.id"), primary_key=True),
    Column("score", Integer, nullable=False),  # 1 or -1
    Column("comment", Text, nullable=False),
    Column("created", UtcDateTime, nullable=False),
)
