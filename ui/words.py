"""Numbers, sizes and times as a person reads them (pure)."""

from datetime import datetime

from storage.records import Message


def count(number: int, thing: str) -> str:
    """ "1 file", "1,204 files"."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def size(number: int) -> str:
    """Bytes as "640 bytes", "12 kB", "3.4 MB"."""
    if number < 1000:
        return count(number, "byte")
    value, unit = number / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"


def moment(when: datetime, now: datetime | None = None) -> str:
    """A time on this machine's clock: "today 09:58", "24 Nov 2025, 09:58"."""
    local = when.astimezone()
    today = (now or datetime.now().astimezone()).date()
    if local.date() == today:
        return f"today {local:%H:%M}"
    return f"{local.day} {_MONTHS[local.month - 1]} {local:%Y, %H:%M}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # not the locale's


def duration(seconds: float) -> str:
    """ "0.4 s", "38 s", "4 min", "2 h 5 min"."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def place(title: str, page: int | None) -> str:
    """Where a passage stands: "Handbook, page 3"."""
    return title if page is None else f"{title}, page {page}"


def small_print(message: Message) -> str:
    """When an answer was written, by which model on what, and how long it took."""
    parts = [moment(message.created), message.model, message.backend]
    t = message.timings
    if t.evidence:
        parts.append(f"evidence {duration(t.evidence)}")
    if t.first_token:
        parts.append(f"first word {duration(t.first_token)}")
    if t.total:
        parts.append(f"total {duration(t.total)}")
    return " · ".join(part for part in parts if part)
