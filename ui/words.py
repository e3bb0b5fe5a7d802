"""Numbers, sizes, times and places as a person reads them (pure): in English, or as `say` translates them."""

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from pathlib import PurePath
from typing import Literal, Protocol

from storage.anchors import Cells, Lines, Spot
from storage.records import Citation, Hit, Message
from ui import spots

Paging = Literal["pages", "slides", "sheets", "messages", "cells", ""]
_PAGING: dict[str, Paging] = {
    **dict.fromkeys(("pptx", "pptm", "ppsx", "ppt", "odp"), "slides"),
    **dict.fromkeys(("xlsx", "xlsm", "xls", "xlsb", "ods"), "sheets"),
    **dict.fromkeys(("png", "jpg", "jpeg", "webp", "bmp", "gif"), ""),
    "mbox": "messages",
    "ipynb": "cells",
}
_ATTACHMENT = "Attachment: "  # so a reader of mails names what they carry


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


def place(of: Citation | Hit, say: Say = english, hits: Sequence[Hit] = ()) -> str:
    """Where a quote or a passage stands: "Handbook, page 3", "notes.txt, lines 12–15", "Prices, sheet “2024”, A5:D5".

    A citation of a sheet knows its number alone; it has its name from the passage it comes from, one of `hits`.
    """
    name = PurePath(of.path.replace("\\", "/"))
    passage = of if isinstance(of, Hit) else _passage(of, hits)
    heading = passage.chunk.heading if passage else ""
    page, spot = (of.chunk.page, None) if isinstance(of, Hit) else (of.page, of.spot)
    title = name.name if isinstance(spot, Lines) and of.title == name.stem else of.title
    stands = standing(_format(of.path), page, heading, spot, say)
    return say("{title}, {place}", title=title, place=stands) if stands else title


def standing(format: str, page: int | None, heading: str, spot: Spot | None, say: Say = english) -> str:
    """Where in a file of this format something stands: "page 3", "slide 4", "lines 12–15"; empty where nobody knows.

    The first part of the `heading` path names a sheet, and a file inside an archive or a mail.
    """
    parts = [f"“{heading.split(' > ')[0].removeprefix(_ATTACHMENT)}”"] if _named(format, heading) == "file" else []
    if page is not None:
        parts.append(_page(format, page, heading, say))
    if isinstance(spot, Lines):
        one = spot.first == spot.last
        parts.append(
            say("line {n}", n=spot.first) if one else say("lines {first}–{last}", first=spot.first, last=spot.last)
        )
    elif isinstance(spot, Cells):
        parts.append(spots.written(spot))
    said = [part for part in parts if part]
    return reduce(lambda one, other: say("{title}, {place}", title=one, place=other), said) if said else ""


def _page(format: str, page: int, heading: str, say: Say) -> str:
    match paging(format):
        case "slides":
            return say("slide {n}", n=page)
        case "sheets":
            name = heading.split(" > ")[0]
            return say("sheet “{name}”", name=name) if name else say("sheet {n}", n=page)
        case "messages":
            return say("message {n}", n=page)
        case "cells":
            return say("cell {n}", n=page)
        case "pages":
            return say("page {n}", n=page)
    return ""


def _named(format: str, heading: str) -> Literal["sheet", "file", ""]:
    """What the first part of a heading path names."""
    if not heading:
        return ""
    if paging(format) == "sheets":
        return "sheet"
    held = format == "zip" or (format in ("eml", "msg") and heading.startswith(_ATTACHMENT))
    return "file" if held else ""


def under(hit: Hit) -> str:
    """The headings above a passage that its place does not name."""
    heading = hit.chunk.heading
    return heading.partition(" > ")[2] if _named(_format(hit.path), heading) else heading


def _format(path: str) -> str:
    return PurePath(path.replace("\\", "/")).suffix.lower().removeprefix(".")


def paging(format: str) -> Paging:
    """What the pages of a format are; "" where it has but one and it is all of the file."""
    return _PAGING.get(format, "pages")


def _passage(citation: Citation, hits: Sequence[Hit]) -> Hit | None:
    for hit in hits:
        chunk = hit.chunk
        if chunk.document_id == citation.document_id and chunk.start <= citation.start < chunk.end:
            return hit
    return None


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
