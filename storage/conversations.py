"""Conversations in SQL: what was asked and answered, with the citations as they were."""

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from storage import schema as t
from storage.database import Database
from storage.errors import NotFound
from storage.records import Chunk, Citation, Conversation, Found, Hit, Message, Timings
from storage.rows import trace, trace_values

_EXCERPT = 60  # characters shown on each side of a match


class Conversations:
    """Save, list, open, search conversations. Safe to share between threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, title: str, collection: str) -> Conversation:
        """A new, empty conversation."""
        now = datetime.now(UTC)
        conversation = Conversation(uuid4().hex[:16], title, collection, now, now)
        values = {name: getattr(conversation, name) for name in ("id", "title", "collection", "created", "updated")}
        with self._database.writing() as connection:
            connection.execute(insert(t.conversations), values)
        return conversation

    def append(self, conversation_id: str, message: Message) -> None:
        """Add a message at the end. Raises NotFound."""
        where = t.messages.c.conversation_id == conversation_id
        with self._database.writing() as connection:
            _touch(connection, conversation_id)
            last = connection.scalar(select(func.max(t.messages.c.position)).where(where))
            place = {"conversation_id": conversation_id, "position": 0 if last is None else last + 1}
            connection.execute(insert(t.messages), _values(message) | place)
            _cite(connection, message)

    def update(self, message: Message) -> None:
        """A message that was being written has grown or is done. Raises NotFound if it was deleted meanwhile."""
        values = _values(message)
        with self._database.writing() as connection:
            if not connection.execute(update(t.messages).where(t.messages.c.id == message.id).values(values)).rowcount:
                raise NotFound("The conversation was deleted while its answer was written.")
            connection.execute(delete(t.citations).where(t.citations.c.message_id == message.id))
            _cite(connection, message)

    def interrupt(self) -> None:
        """Answers that were being written when the program ended will not go on: say so, keep what had come."""
        writing = t.messages.c.status == "writing"
        with self._database.writing() as connection:
            connection.execute(update(t.messages).where(writing).values(status="interrupted"))

    def conversation(self, conversation_id: str) -> Conversation:
        """A conversation with its messages. Raises NotFound."""
        with self._database.reading() as connection:
            row = connection.execute(_conversations().where(t.conversations.c.id == conversation_id)).one_or_none()
            if row is None:
                raise _missing(conversation_id)
            return replace(_conversation(row), messages=_messages(connection, conversation_id))

    def conversations(self, limit: int | None = None) -> tuple[Conversation, ...]:
        """Conversations without their messages, the latest first."""
        query = _conversations().order_by(t.conversations.c.updated.desc(), t.conversations.c.id).limit(limit)
        with self._database.reading() as connection:
            return tuple(_conversation(row) for row in connection.execute(query))

    def search(self, text: str, limit: int = 50) -> tuple[Found, ...]:
        """Messages that contain `text`, in any letter case, the latest first; titles count too."""
        m, c = t.messages.c, t.conversations.c
        inside = m.text.icontains(text, autoescape=True)
        titled = c.title.icontains(text, autoescape=True) & (m.position == 0)
        query = (
            select(c.id, c.title, m.id, m.role, m.text, m.created)
            .join(t.conversations)
            .where(inside | titled)
            .order_by(m.created.desc(), m.position.desc())
            .limit(limit)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(Found(*row[:4], excerpt(row[4], text), row[5]) for row in rows)

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title. Raises NotFound."""
        with self._database.writing() as connection:
            _touch(connection, conversation_id, title=title)

    def delete(self, conversation_id: str) -> None:
        """Forget a conversation with its messages, citations and feedback. Raises NotFound."""
        with self._database.writing() as connection:
            if not connection.execute(delete(t.conversations).where(t.conversations.c.id == conversation_id)).rowcount:
                raise _missing(conversation_id)

    def rate(self, message_id: str, score: int, comment: str = "") -> None:
        """Remember what a person thinks of an answer: 1 or -1, in place of what was said before; 0 takes it back."""
        with self._database.writing() as connection:
            connection.execute(delete(t.feedback).where(t.feedback.c.message_id == message_id))
            if score:
                values = {"message_id": message_id, "score": score, "comment": comment, "created": datetime.now(UTC)}
                connection.execute(insert(t.feedback), values)


def excerpt(text: str, match: str) -> str:
    """The first place where `match` stands in `text`, with its surroundings, on one line."""
    at = max(text.lower().find(match.lower()), 0)
    start, end = max(at - _EXCERPT, 0), min(at + len(match) + _EXCERPT, len(text))
    inside = " ".join(text[start:end].split())
    return ("…" if start else "") + inside + ("…" if end < len(text) else "")


def _missing(conversation_id: str) -> NotFound:
    return NotFound(f"No conversation {conversation_id!r}. See them with: footnote history list")


def _touch(connection: Connection, conversation_id: str, **values: str) -> None:
    where = t.conversations.c.id == conversation_id
    if not connection.execute(
        update(t.conversations).where(where).values(updated=datetime.now(UTC), **values)
    ).rowcount:
        raise _missing(conversation_id)


def _conversations() -> Any:
    c = t.conversations.c
    return select(c.id, c.title, c.collection, c.created, c.updated)


def _conversation(row: Row[Any]) -> Conversation:
    return Conversation(row.id, row.title, row.collection, row.created, row.updated)


def _values(message: Message) -> dict[str, Any]:
    plain = ("id", "role", "text", "created", "status", "found", "short_answer", "model", "backend")
    return {name: getattr(message, name) for name in plain} | {
        "unsupported": [list(span) for span in message.unsupported],
        "hits": [asdict(hit) for hit in message.hits],
        "timings": asdict(message.timings),
        "trace": message.trace and trace_values(message.trace),
    }


def _cite(connection: Connection, message: Message) -> None:
    if message.citations:
        values = [
            asdict(citation) | {"message_id": message.id, "position": position}
            for position, citation in enumerate(message.citations)
        ]
        connection.execute(insert(t.citations), values)


def _messages(connection: Connection, conversation_id: str) -> tuple[Message, ...]:
    m = t.messages.c
    mine = m.conversation_id == conversation_id
    cited: dict[str, list[Citation]] = {}
    query = select(t.citations).join(t.messages).where(mine).order_by(t.citations.c.message_id, t.citations.c.position)
    for row in connection.execute(query):
        cited.setdefault(row.message_id, []).append(Citation(**{n: getattr(row, n) for n in Citation.__slots__}))
    with_feedback = select(t.messages, t.feedback.c.score).outerjoin(t.feedback).where(mine).order_by(m.position)
    return tuple(_message(row, tuple(cited.get(row.id, ()))) for row in connection.execute(with_feedback))


def _message(row: Row[Any], citations: tuple[Citation, ...]) -> Message:
    plain = ("id", "role", "text", "created", "status", "found", "short_answer", "model", "backend")
    return Message(
        **{name: getattr(row, name) for name in plain},
        citations=citations,
        unsupported=tuple((start, end) for start, end in row.unsupported),
        hits=tuple(Hit(**hit | {"chunk": Chunk(**hit["chunk"])}) for hit in row.hits),
        timings=Timings(**row.timings),
        feedback=row.score,
        trace=row.trace and trace(row.trace),
    )
