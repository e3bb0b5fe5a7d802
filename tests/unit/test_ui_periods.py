"""A list of conversations is cut by when they were last used."""

from datetime import date, datetime

from storage.records import Conversation
from ui.periods import Period, by_period

TODAY = date(2026, 3, 2)


def used(*when: int, pinned: bool = False) -> Conversation:
    moment = datetime(*when).astimezone()  # type: ignore[arg-type]  # of this machine's clock
    return Conversation("c", "t", "default", moment, moment, pinned=pinned)


def test_periods_follow_the_calendar_and_pinned_ones_stand_apart() -> None:
    held = [
        used(2025, 1, 1, pinned=True), used(2026, 3, 2, 0, 1), used(2026, 3, 1, 23, 59), used(2026, 2, 28),
        used(2026, 2, 23), used(2026, 2, 22, 23, 59), used(2026, 2, 1), used(2025, 2, 1),
    ]  # fmt: skip
    assert [(period, len(each)) for period, each in by_period(held, TODAY)] == [
        (Period("pinned"), 1), (Period("today"), 1), (Period("yesterday"), 1), (Period("week"), 2),
        (Period("month", date(2026, 2, 1)), 2), (Period("month", date(2025, 2, 1)), 1),
    ]  # fmt: skip


def test_a_clock_that_was_set_back_hides_nothing() -> None:
    assert by_period([used(2026, 3, 9)], TODAY)[0][0] == Period("today")
