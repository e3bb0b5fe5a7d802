"""The figures of the history as a page or a file shows them (pure)."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from storage.insights import OUTCOMES, Day, Gap

Step = Literal["day", "week", "month"]

PERIODS = {"week": 7, "month": 30, "year": 365}  # days, today among them
_BARS = 70  # that a chart holds at most before its steps grow
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with which a cell begins that a spreadsheet would reckon


@dataclass(frozen=True, slots=True)
class Chart:
    """Days, weeks or months in a row without a gap, each under its first day."""

    step: Step
    bars: tuple[Day, ...]


def since(period: str, now: datetime) -> datetime | None:
    """When a period began: a midnight of the zone that `now` is in; None for one without a beginning."""
    if period not in PERIODS:
        return None
    first = now.date() - timedelta(days=PERIODS[period] - 1)
    return datetime.combine(first, time(), now.tzinfo)


def chart(days: Sequence[Day], first: date | None, last: date) -> Chart:
    """The days from `first`, or from the first that has any, to `last`, in steps that leave bars wide enough to see."""
    begin = first or (days[0].day if days else last)
    span = (last - begin).days + 1
    step: Step = "day" if span <= _BARS else "week" if span <= 7 * 2 * _BARS else "month"
    sums: dict[date, Day] = {}
    for number in range(begin.toordinal(), max(last, begin).toordinal() + 1):
        at = _first(date.fromordinal(number), step)
        sums.setdefault(at, Day(at, 0, (0,) * len(OUTCOMES)))
    for day in days:
        at = _first(day.day, step)
        so_far = sums.get(at, Day(at, 0, (0,) * len(OUTCOMES)))
        both = tuple(a + b for a, b in zip(so_far.outcomes, day.outcomes, strict=True))
        sums[at] = Day(at, so_far.questions + day.questions, both)
    return Chart(step, tuple(sums[at] for at in sorted(sums)))


def share(part: int, whole: int) -> str:
    """A share in whole per cent: "83%"; of nothing "–"."""
    return f"{100 * part / whole:.0f}%" if whole else "–"


def gaps_csv(gaps: Sequence[Gap], header: Sequence[str]) -> bytes:
    """The questions that found nothing as a table for a spreadsheet; no cell of it is taken for a formula."""
    file = io.StringIO(newline="")
    table = csv.writer(file)
    table.writerow(header)
    for gap in gaps:
        row = (gap.question, f"{gap.asked.astimezone():%Y-%m-%d %H:%M}", gap.collection, gap.title, gap.conversation_id)
        table.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return file.getvalue().encode("utf-8-sig")  # the mark by which spreadsheets know the encoding


def _first(day: date, step: Step) -> date:
    if step == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if step == "week" else day
