"""Messages as rows, and back again with their citations and what was thought of them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from storage import schema as t
from storage.anchors import packed, unpacked
from storage.branches import Shown
from storage.records import Chunk, Citation, Hit, Message, Timings
from storage.rows import trace, trace_values


def values(message: Message) -> dict[str, Any]:
    """A message as a row of `messages`, but for its place."""
    plain = ("id", "role", "text", "created", "status", "found", "short_answer", "model", "backend")
    return {name: getattr(message, name) for name in plain} | {
        "unsupported": [list(span) for span in message.unsupported],
        "hits": [asdict(hit) for hit in message.hits],
        "timings": asdict(message.timings),
        "trace": message.trace and trace_values(message.trace),
    }


def cite(connection: Connection, message: Message) -> None:
    """Insert the citations of a message."""
    if message.citations:
        rows = [
            asdict(citation)
            | {"spot": citation.spot and packed(citation.spot), "message_id": message.id, "position": position}
            for position, citation in enumerate(message.citations)
        ]
        connection.execute(insert(t.citations), rows)


def messages(connection: Connection, conversation_id: str, shown: Sequence[Shown]) -> tuple[Message, ...]:
    """The messages of a branch, whole and in its order."""
    mine = t.messages.c.conversation_id == conversation_id
    cited: dict[str, list[Citation]] = {}
    query = select(t.citations).join(t.messages).where(mine).order_by(t.citations.c.message_id, t.citations.c.position)
    for row in connection.execute(query):
        values = {name: getattr(row, name) for name in Citation.__slots__}
        citation = Citation(**values | {"spot": row.spot and unpacked(row.spot)})
        cited.setdefault(row.message_id, []).append(citation)
    with_feedback = select(t.messages, t.feedback.c.score, t.feedback.c.comment).outerjoin(t.feedback).where(mine)
    rows = {row.id: row for row in connection.execute(with_feedback)}
    return tuple(_message(rows[each.id], tuple(cited.get(each.id, ())), each.variants) for each in shown)


def _message(row: Row[Any], citations: tuple[Citation, ...], variants: tuple[str, ...]) -> Message:
    plain = ("id", "role", "text", "created", "status", "found", "short_answer", "model", "backend")
    return Message(
        **{name: getattr(row, name) for name in plain},
        citations=citations,
        unsupported=tuple((start, end) for start, end in row.unsupported),
        hits=tuple(Hit(**hit | {"chunk": Chunk(**hit["chunk"])}) for hit in row.hits),
        timings=Timings(**row.timings),
        feedback=row.score,
        trace=row.trace and trace(row.trace),
        comment=row.comment or "",
        variants=variants,
    )
