"""The figures as a page or a file shows them."""

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone

from storage.insights import Day, Gap
from ui.figures import chart, gaps_csv, share, since

ONE = (1, 0, 0, 0)


def test_a_period_begins_at_a_midnight_and_holds_today() -> None:
    now = datetime(2026, 3, 10, 23, 30, tzinfo=timezone(timedelta(hours=8)))
    assert since("week", now) == datetime(2026, 3, 4, tzinfo=now.tzinfo)
    assert since("all", now) is None


def test_days_without_a_question_have_their_place() -> None:
    drawn = chart([Day(date(2026, 3, 8), 2, ONE)], date(2026, 3, 4), date(2026, 3, 10))
    assert drawn.step == "day" and [bar.questions for bar in drawn.bars] == [0, 0, 0, 0, 2, 0, 0]


def test_a_longer_time_is_drawn_in_weeks_and_months() -> None:
    days = [Day(date(2026, 3, 2), 2, ONE), Day(date(2026, 3, 8), 3, ONE), Day(date(2026, 3, 9), 4, ONE)]
    weeks = chart(days, date(2025, 3, 11), date(2026, 3, 10))
    assert weeks.step == "week" and [(bar.day, bar.questions) for bar in weeks.bars if bar.questions] == [
        (date(2026, 3, 2), 5), (date(2026, 3, 9), 4),
    ]  # fmt: skip
    months = chart(days, date(2020, 1, 5), date(2026, 3, 10))
    assert months.step == "month" and months.bars[-1] == Day(date(2026, 3, 1), 9, (3, 0, 0, 0))
    assert months.bars[0].day == date(2020, 1, 1) and len(months.bars) == 75


def test_without_a_beginning_it_begins_with_the_first_question() -> None:
    assert [bar.day for bar in chart([Day(date(2026, 3, 9), 1, ONE)], None, date(2026, 3, 10)).bars] == [
        date(2026, 3, 9), date(2026, 3, 10),
    ]  # fmt: skip
    assert len(chart([], None, date(2026, 3, 10)).bars) == 1


def test_a_question_of_tomorrow_by_a_wrong_clock_is_shown_too() -> None:
    drawn = chart([Day(date(2026, 3, 12), 1, ONE)], date(2026, 3, 9), date(2026, 3, 10))
    assert sum(bar.questions for bar in drawn.bars) == 1


def test_a_share_of_nothing_is_no_number() -> None:
    assert (share(5, 6), share(0, 0)) == ("83%", "–")


def test_no_cell_of_the_table_is_a_formula() -> None:
    gap = Gap('=HYPERLINK("http://x")', datetime(2026, 3, 10, 12, tzinfo=UTC), "c1", "default", "d1", '手册, "neu"')
    written = gaps_csv([gap], ("Question", "Asked", "Collection", "Nearest document", "Conversation"))
    head, row = csv.reader(io.StringIO(written.decode("utf-8-sig")))
    assert head[0] == "Question" and written.startswith(b"\xef\xbb\xbf")
    assert row[0] == '\'=HYPERLINK("http://x")' and row[2:] == ["default", '手册, "neu"', "c1"]
