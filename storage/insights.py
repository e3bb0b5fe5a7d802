"""What the history tells about a library, in numbers: what was asked, what was answered, what is missing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, distinct, exists, func, select

from storage import schema as t
from storage.database import Database

Outcome = Literal["answered", "refused", "stopped", "failed"]
OUTCOMES: tuple[Outcome, ...] = ("answered", "refused", "stopped", "failed")

_M, _C, _D = t.messages.c, t.conversations.c, t.documents.c


@dataclass(frozen=True, slots=True)
class Day:
    """One day's questions, and how many of its answers came out how, in the order of `OUTCOMES`."""

    day: date
    questions: int
    outcomes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cited:
    """A document, by how many answers cite it. `here` is whether the library still holds it."""

    document_id: str
    title: str
    path: str
    answers: int
    here: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that the documents do not answer, and the document that came nearest; empty where none did."""

    question: str
    asked: datetime
    conversation_id: str
    collection: str
    document_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds that half of the answers needed at most, and nine of ten. `answers` is how many were counted."""

    median: float
    ninetieth: float
    answers: int


@dataclass(frozen=True, slots=True)
class Rated:
    """What a person thinks of an answer: `score` is 1 or -1."""

    score: int
    comment: str
    question: str
    conversation_id: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it. `days` has each day from the first to the last that saw a question, `cited` those cited most first.

    `times` are those until the evidence was shown, the first word and the whole answer.
    """

    days: tuple[Day, ...] = ()
    cited: tuple[Cited, ...] = ()
    never: tuple[Cited, ...] = ()
    gaps: tuple[Gap, ...] = ()
    times: tuple[Spread | None, ...] = (None, None, None)
    rated: tuple[Rated, ...] = ()

    @property
    def questions(self) -> int:
        """How many were asked."""
        return sum(day.questions for day in self.days)

    @property
    def outcomes(self) -> tuple[int, ...]:
        """How many answers came out how, in the order of `OUTCOMES`."""
        return tuple(sum(day.outcomes[at] for day in self.days) for at in range(len(OUTCOMES)))


class Insights:
    """Reads the history. Conversations in the bin do not count."""

    def __init__(self, database: Database, zone: tzinfo | None = None) -> None:
        """`zone` is where a day begins; None is where this machine is."""
        self._database, self._zone = database, zone

    def collections(self) -> tuple[str, ...]:
        """The collections that something was asked of, by name."""
        query = _messages(_C.collection).distinct().where(_C.deleted.is_(None), _M.role == "user")
        with self._database.reading() as connection:
            return tuple(connection.scalars(query.order_by(_C.collection)))

    def overview(self, collection: str | None = None, since: datetime | None = None) -> Overview:
        """What was asked of one collection, or of all, since a moment, or ever."""
        counted: ColumnElement[bool] = _C.deleted.is_(None)
        if collection is not None:
            counted = and_(counted, _C.collection == collection)
        if since is not None:
            counted = and_(counted, _M.created >= since)
        with self._database.reading() as connection:
            asked = connection.scalars(_messages(_M.created).where(counted, _M.role == "user")).all()
            answers = connection.execute(
                _messages(_M.created, _M.status, _M.found, _M.timings).where(counted, _M.role == "assistant")
            ).all()
            cited = _cited(connection, counted)
            return Overview(
                self._days(asked, answers),
                cited,
                _never(connection, collection, {each.document_id for each in cited}),
                _gaps(connection, counted),
                _times([row.timings for row in answers if row.status == "done"]),
                _rated(connection, counted),
            )

    def _days(self, asked: Sequence[datetime], answers: Iterable[Any]) -> tuple[Day, ...]:
        questions = Counter(self._day(moment) for moment in asked)
        outcomes = Counter(
            (self._day(row.created), outcome) for row in answers if (outcome := _outcome(row.status, row.found))
        )
        if not questions and not outcomes:
            return ()
        seen = {*questions, *(day for day, _ in outcomes)}
        every = (date.fromordinal(number) for number in range(min(seen).toordinal(), max(seen).toordinal() + 1))
        return tuple(Day(day, questions[day], tuple(outcomes[day, each] for each in OUTCOMES)) for day in every)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()


def _messages(*columns: Any) -> Any:
    return select(*columns).select_from(t.messages.join(t.conversations))


def _outcome(status: str, found: bool | None) -> Outcome | None:
    """How an answer came out; None for one that is being written."""
    if status == "done":
        return "answered" if found else "refused"
    return {"stopped": "stopped", "failed": "failed", "interrupted": "failed"}.get(status)  # type: ignore[return-value]


def _cited(connection: Connection, counted: ColumnElement[bool]) -> tuple[Cited, ...]:
    c = t.citations.c
    answers = func.count(distinct(c.message_id))
    title = func.coalesce(func.max(_D.title), func.max(c.title)).label("title")
    path = func.coalesce(func.max(_D.path), func.max(c.path)).label("path")
    query = (
        select(c.document_id, title, path, answers.label("answers"), func.max(_D.id).label("held"))
        .select_from(t.citations.join(t.messages).join(t.conversations).outerjoin(t.documents, _D.id == c.document_id))
        .where(counted)
        .group_by(c.document_id)
        .order_by(answers.desc(), title, c.document_id)
    )
    return tuple(
        Cited(row.document_id, row.title, row.path, row.answers, here=row.held is not None)
        for row in connection.execute(query)
    )


def _never(connection: Connection, collection: str | None, cited: set[str]) -> tuple[Cited, ...]:
    """The documents that no answer cites, by title. What was attached to a conversation is no part of the library."""
    query = (
        select(_D.id, _D.title, _D.path)
        .join(t.collections)
        .where(_D.attached_to.is_(None), *([t.collections.c.name == collection] if collection is not None else []))
        .order_by(_D.title, _D.path)
    )
    return tuple(
        Cited(row.id, row.title, row.path, answers=0, here=True)
        for row in connection.execute(query)
        if row.id not in cited
    )


def _gaps(connection: Connection, counted: ColumnElement[bool]) -> tuple[Gap, ...]:
    """Questions that were refused, the latest first; not those that another answer in the same place did find."""
    question, other = t.messages.alias(), t.messages.alias()
    mended = exists().where(other.c.parent_id == _M.parent_id, other.c.found.is_(True))
    query = (
        select(
            question.c.text, question.c.created, _C.id, _C.collection,
            func.coalesce(_M.hits[(0, "chunk", "document_id")].as_string(), ""),
            func.coalesce(_M.hits[(0, "title")].as_string(), ""), question.c.id,
        )
        .select_from(t.messages.join(t.conversations).join(question, question.c.id == _M.parent_id))
        .where(counted, _M.status == "done", _M.found.is_(False), ~mended)
        .order_by(question.c.created.desc(), _M.position)
    )  # fmt: skip
    gaps = {row[-1]: Gap(*row[:-1]) for row in connection.execute(query)}  # one for each question: its latest refusal
    return tuple(gaps.values())


def _rated(connection: Connection, counted: ColumnElement[bool]) -> tuple[Rated, ...]:
    question, f = t.messages.alias(), t.feedback.c
    query = (
        select(f.score, f.comment, func.coalesce(question.c.text, ""), _C.id, f.created)
        .select_from(
            t.feedback.join(t.messages).join(t.conversations).outerjoin(question, question.c.id == _M.parent_id)
        )
        .where(counted)
        .order_by(f.created.desc(), f.message_id)
    )
    return tuple(Rated(*row) for row in connection.execute(query))


def _times(timings: Sequence[dict[str, float]]) -> tuple[Spread | None, ...]:
    """Of what came at all: a refusal before the model was asked has no first word."""
    return tuple(
        spread([each[name] for each in timings if each.get(name)]) for name in ("evidence", "first_token", "total")
    )


def spread(seconds: Sequence[float]) -> Spread | None:
    """Median and 90th percentile by nearest rank; None of nothing."""
    ordered = sorted(seconds)
    if not ordered:
        return None
    return Spread(ordered[(len(ordered) - 1) // 2], ordered[-(-9 * len(ordered) // 10) - 1], len(ordered))
