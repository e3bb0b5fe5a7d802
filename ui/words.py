"""Numbers, sizes and times as a person reads them (pure): in English, or as `say` translates them."""

from datetime import datetime
from typing import Protocol

from storage.records import Message


class Say(Protocol):
    """What gives a text in the reader's language; the English text is the key, `values` are put into its braces."""

    def __call__(self, text: str, /, **values: object) -> str:
        """The text as it is to be read."""


def english(text: str, /, **values: object) -> str:
    """The text as it is, for the terminal."""
    return text.format(**values) if values else text


def count(number: int, thing: str) -> str:
    """ "1 file", "1,204 files"."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def size(number: int, say: Say = english) -> str:
    """Bytes as "640 bytes", "12 kB", "3.4 MB"."""
    if number < 1000:
        return say("{n} byte", n=number) if number == 1 else say("{n} bytes", n=number)
    value, unit = number / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"


def moment(when: datetime, now: datetime | None = None, say: Say = english) -> str:
    """A time on this machine's clock: "today 09:58", "24 Nov 2025, 09:58"."""
    local = when.astimezone()
    clock = f"{local:%H:%M}"
    if local.date() == (now or datetime.now().astimezone()).date():
        return say("today {time}", time=clock)
    month = _months(say)[local.month - 1]
    return say("{day} {month} {year}, {time}", day=local.day, month=month, year=local.year, time=clock)


def _months(say: Say) -> tuple[str, ...]:
    return (
        say("Jan"), say("Feb"), say("Mar"), say("Apr"), say("May"), say("Jun"),
        say("Jul"), say("Aug"), say("Sep"), say("Oct"), say("Nov"), say("Dec"),
    )  # fmt: skip  # not the locale's


def duration(seconds: float, say: Say = english) -> str:
    """ "0.4 s", "38 s", "4 min", "2 h 5 min"."""
    if seconds < 60:
        return say("{n} s", n=f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}")
    minutes = round(seconds / 60)
    if minutes < 60:
        return say("{n} min", n=minutes)
    return say("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)


def place(title: str, page: int | None, say: Say = english) -> str:
    """Where a passage stands: "Handbook, page 3"."""
    return title if page is None else say("{title}, page {page}", title=title, page=page)


def small_print(message: Message, say: Say = english) -> str:
    """When an answer was written, by which model on what, and how long it took."""
    parts = [moment(message.created, say=say), message.model, message.backend]
    t = message.timings
    if t.evidence:
        parts.append(say("evidence {time}", time=duration(t.evidence, say)))
    if t.first_token:
        parts.append(say("first word {time}", time=duration(t.first_token, say)))
    if t.total:
        parts.append(say("total {time}", time=duration(t.total, say)))
    return " · ".join(part for part in parts if part)
