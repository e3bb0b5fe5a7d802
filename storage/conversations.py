"""Conversations in SQL: what was asked and answered, with the citations as they were."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, update

from storage import schema as t
from storage.branches import Place, branch, end_of
from storage.database import Database
from storage.errors import NotFound
from storage.insights import Insights
from storage.messages import cite, messages, values
from storage.records import Conversation, Found, Message
from storage.statements import tags_of

_TAGS = t.conversation_tags
_EXCERPT = 60  # characters shown on each side of a match


class Conversations:
    """Save, list, open, search conversations. Safe to share between threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def insights(self) -> Insights:
        """What all of them tell, in numbers."""
        return Insights(self._database)

    def start(self, title: str, collection: str) -> Conversation:
        """A new, empty conversation."""
        now = datetime.now(UTC)
        conversation = Conversation(uuid4().hex[:16], title, collection, now, now)
        values = {name: getattr(conversation, name) for name in ("id", "title", "collection", "created", "updated")}
        with self._database.writing() as connection:
            connection.execute(insert(t.conversations), values)
        return conversation

    def adopt(self, whole: Conversation) -> Conversation:
        """Keep a conversation that comes from elsewhere as a new one of now, whole or not at all: with new ids."""
        now = datetime.now(UTC)
        kept = replace(whole, id=uuid4().hex[:16], updated=now, deleted=None, messages=tuple(
            replace(message, id=uuid4().hex[:16], variants=()) for message in whole.messages
        ))  # fmt: skip
        ids = [message.id for message in kept.messages]
        names = ("id", "title", "collection", "created", "updated", "pinned")
        row = {name: getattr(kept, name) for name in names} | {"shown_id": ids[-1] if ids else None}
        with self._database.writing() as connection:
            connection.execute(insert(t.conversations), row)
            for position, message in enumerate(kept.messages):
                place = {"conversation_id": kept.id, "position": position, "parent_id": ([None, *ids])[position]}
                connection.execute(insert(t.messages), values(message) | place)
                cite(connection, message)
                _think(connection, message.id, message.feedback or 0, message.comment)
            _label(connection, kept.id, kept.tags)
        return kept

    def append(self, conversation_id: str, message: Message, beside: str | None = None) -> None:
        """Add a message at the end of what is shown, or `beside` another: as a variant of it, shown in its place.

        Raises NotFound.
        """
        where = t.messages.c.conversation_id == conversation_id
        with self._database.writing() as connection:
            _touch(connection, conversation_id)
            last = connection.scalar(select(func.max(t.messages.c.position)).where(where))
            after = (
                select(t.conversations.c.shown_id).where(t.conversations.c.id == conversation_id)
                if beside is None
                else select(t.messages.c.parent_id).where(where, t.messages.c.id == beside)
            )
            place = {
                "conversation_id": conversation_id,
                "position": 0 if last is None else last + 1,
                "parent_id": connection.execute(after).scalars().one_or_none(),
            }
            connection.execute(insert(t.messages), values(message) | place)
            _show(connection, conversation_id, message.id)
            cite(connection, message)

    def update(self, message: Message) -> None:
        """A message that was being written has grown or is done. Raises NotFound if it was deleted meanwhile."""
        new = values(message)
        with self._database.writing() as connection:
            if not connection.execute(update(t.messages).where(t.messages.c.id == message.id).values(new)).rowcount:
                raise NotFound("The conversation was deleted while its answer was written.")
            connection.execute(delete(t.citations).where(t.citations.c.message_id == message.id))
            cite(connection, message)

    def choose(self, conversation_id: str, message_id: str) -> None:
        """Show the branch on which a message stands, up to its newest end. Raises NotFound."""
        with self._database.writing() as connection:
            places = _places(connection, conversation_id)
            if message_id not in {place.id for place in places}:
                raise NotFound("This message is no longer there. Open the conversation again.")
            _show(connection, conversation_id, end_of(places, message_id))

    def interrupt(self) -> None:
        """Answers that were being written when the program ended will not go on: say so, keep what had come."""
        writing = t.messages.c.status == "writing"
        with self._database.writing() as connection:
            connection.execute(update(t.messages).where(writing).values(status="interrupted"))

    def conversation(self, conversation_id: str) -> Conversation:
        """A conversation with its messages, also one in the bin. Raises NotFound."""
        with self._database.reading() as connection:
            row = connection.execute(_conversations().where(t.conversations.c.id == conversation_id)).one_or_none()
            if row is None:
                raise _missing(conversation_id)
            shown = branch(_places(connection, conversation_id), row.shown_id)
            whole = _conversation(row, tags_of(connection, _TAGS.c.conversation_id, [conversation_id]))
            return replace(whole, messages=messages(connection, conversation_id, shown))

    def conversations(self, limit: int | None = None, *, deleted: bool = False) -> tuple[Conversation, ...]:
        """Conversations without their messages: the pinned ones first, then the latest; or those in the bin."""
        c = t.conversations.c
        query = (
            _conversations()
            .where(c.deleted.is_not(None) if deleted else c.deleted.is_(None))
            .order_by(c.pinned.desc(), c.updated.desc(), c.id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            tagged = tags_of(connection, _TAGS.c.conversation_id)
            return tuple(_conversation(row, tagged) for row in connection.execute(query))

    def search(self, text: str, limit: int = 50) -> tuple[Found, ...]:
        """Messages that contain every word of `text`, in any letter case, the latest first; titles count too.

        A word is what stands between spaces, so Chinese is found by any stretch of its characters.
        """
        m, c = t.messages.c, t.conversations.c
        words = text.split()
        if not words:
            return ()
        inside = and_(*(m.text.icontains(word, autoescape=True) for word in words))
        titled = and_(m.parent_id.is_(None), *(c.title.icontains(word, autoescape=True) for word in words))
        query = (
            select(c.id, c.title, m.id, m.role, m.text, m.created)
            .join(t.conversations)
            .where(or_(inside, titled), c.deleted.is_(None))
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

    def pin(self, conversation_id: str, pinned: bool) -> None:
        """Keep a conversation above the others, or no longer. Raises NotFound."""
        self._set(conversation_id, pinned=pinned)

    def tag(self, conversation_id: str, tags: Sequence[str]) -> None:
        """Give a conversation these tags in place of its old ones. Raises NotFound."""
        with self._database.writing() as connection:
            _touch(connection, conversation_id, updated=t.conversations.c.updated)
            connection.execute(delete(_TAGS).where(_TAGS.c.conversation_id == conversation_id))
            _label(connection, conversation_id, tags)

    def bin(self, conversation_id: str) -> None:
        """Put a conversation into the bin, where no list or search shows it. Raises NotFound."""
        self._set(conversation_id, deleted=datetime.now(UTC))

    def restore(self, conversation_id: str) -> None:
        """Take a conversation out of the bin. Raises NotFound."""
        self._set(conversation_id, deleted=None)

    def overdue(self, kept: timedelta) -> tuple[str, ...]:
        """The ids of conversations that have been in the bin for longer than `kept`."""
        c = t.conversations.c
        with self._database.reading() as connection:
            return tuple(connection.scalars(select(c.id).where(c.deleted < datetime.now(UTC) - kept)))

    def delete(self, conversation_id: str) -> None:
        """Forget a conversation with its messages, citations and feedback. Raises NotFound."""
        with self._database.writing() as connection:
            if not connection.execute(delete(t.conversations).where(t.conversations.c.id == conversation_id)).rowcount:
                raise _missing(conversation_id)

    def rate(self, message_id: str, score: int, comment: str = "") -> None:
        """Remember what a person thinks of an answer: 1 or -1, in place of what was said before; 0 takes it back."""
        with self._database.writing() as connection:
            connection.execute(delete(t.feedback).where(t.feedback.c.message_id == message_id))
            _think(connection, message_id, score, comment)

    def _set(self, conversation_id: str, **values: Any) -> None:
        """Change what is known of a conversation, which is no use of it: its place among the latest stays."""
        with self._database.writing() as connection:
            _touch(connection, conversation_id, updated=t.conversations.c.updated, **values)


def excerpt(text: str, match: str) -> str:
    """The first place where `match`, or else its first word, stands in `text`, with its surroundings, on one line."""
    places = (text.lower().find(each.lower()) for each in (match, *match.split()))
    at = next((place for place in places if place >= 0), 0)
    start, end = max(at - _EXCERPT, 0), min(at + len(match) + _EXCERPT, len(text))
    inside = " ".join(text[start:end].split())
    return ("…" if start else "") + inside + ("…" if end < len(text) else "")


def _missing(conversation_id: str) -> NotFound:
    return NotFound(f"No conversation {conversation_id!r}. See them with: footnote history list")


def _touch(connection: Connection, conversation_id: str, **values: Any) -> None:
    where = t.conversations.c.id == conversation_id
    new = {"updated": datetime.now(UTC), **values}
    if not connection.execute(update(t.conversations).where(where).values(new)).rowcount:
        raise _missing(conversation_id)


def _show(connection: Connection, conversation_id: str, message_id: str) -> None:
    """Let the branch that is shown end at a message."""
    connection.execute(
        update(t.conversations).where(t.conversations.c.id == conversation_id).values(shown_id=message_id)
    )


def _label(connection: Connection, conversation_id: str, tags: Sequence[str]) -> None:
    rows = [{"conversation_id": conversation_id, "tag": tag} for tag in sorted(set(tags))]
    if rows:
        connection.execute(insert(_TAGS), rows)


def _think(connection: Connection, message_id: str, score: int, comment: str) -> None:
    if score:
        row = {"message_id": message_id, "score": score, "comment": comment, "created": datetime.now(UTC)}
        connection.execute(insert(t.feedback), row)


def _places(connection: Connection, conversation_id: str) -> list[Place]:
    m = t.messages.c
    query = select(m.id, m.parent_id).where(m.conversation_id == conversation_id).order_by(m.position)
    return [Place(*row) for row in connection.execute(query)]


def _conversations() -> Any:
    c = t.conversations.c
    return select(c.id, c.title, c.collection, c.created, c.updated, c.pinned, c.deleted, c.shown_id)


def _conversation(row: Row[Any], tags: dict[str, tuple[str, ...]]) -> Conversation:
    return Conversation(
        row.id, row.title, row.collection, row.created, row.updated,
        pinned=row.pinned, tags=tags.get(row.id, ()), deleted=row.deleted,
    )  # fmt: skip
