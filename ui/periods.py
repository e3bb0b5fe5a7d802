"""Conversations by when they were last used (pure)."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Literal, NamedTuple

from storage.records import Conversation


class Period(NamedTuple):
    """A stretch of time that a list of conversations is cut into; `first` is the first day of a month."""

    kind: Literal["pinned", "today", "yesterday", "week", "month"]
    first: date | None = None


def by_period(conversations: Iterable[Conversation], today: date) -> list[tuple[Period, tuple[Conversation, ...]]]:
    """Conversations in their order, cut where the period changes; days are those of this machine's clock."""
    cut = groupby(conversations, lambda each: period(each, today))
    return [(name, tuple(held)) for name, held in cut]


def period(conversation: Conversation, today: date) -> Period:
    """The period of a conversation: a pinned one stands apart; "week" are the seven days before today."""
    if conversation.pinned:
        return Period("pinned")
    day = conversation.updated.astimezone().date()
    if day >= today:
        return Period("today")
    if day == today - timedelta(days=1):
        return Period("yesterday")
    return Period("week") if day >= today - timedelta(days=7) else Period("month", day.replace(day=1))
