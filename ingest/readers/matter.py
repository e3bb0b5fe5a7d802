"""What a text says of itself: the front matter of Markdown; names, dates and keywords as people write them (pure)."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from ingest.clean import normalise

_MATTER = re.compile(r"---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_TITLE = re.compile(r"(?m)^title:\s*[\"']?(.+?)[\"']?\s*$")
_FIELD = r"(?im)^(?:{keys})[ \t]*:[ \t]*(.*)((?:\n(?:[ \t]+\S|-[ \t]).*)*)"
_AUTHORS = re.compile(_FIELD.format(keys="authors?|作者"))
_DATE = re.compile(_FIELD.format(keys="date|created|published|pubdate|publish_?date|日期"))
_TAGS = re.compile(_FIELD.format(keys="tags?|keywords|标签|关键词"))
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})")
_ITEM = re.compile(r"\s*(?:(?:-\s*)?name\s*:\s*(\S.*)|-\s*(?!\w+:\s)(\S.*))")
_MOST, _LONGEST = 20, 80  # names or keywords, and characters of each


class Matter(NamedTuple):
    """The fields of a front matter, its text without the marks around it, and where it ends."""

    title: str = ""
    authors: tuple[str, ...] = ()
    created: datetime | None = None
    tags: tuple[str, ...] = ()
    text: str = ""
    end: int = 0


def of(source: str) -> Matter:
    """The YAML that a text begins with, between lines of dashes: a few fields of it, in the forms they usually have."""
    found = _MATTER.match(source)
    if not found:
        return Matter()
    text = found[1]
    title = _TITLE.search(text)
    authors = (name for value in _values(_AUTHORS, text) for name in names(value))
    tags = (tag for value in _values(_TAGS, text) for tag in keywords(value))
    dates = filter(None, map(dated, _values(_DATE, text)))
    return Matter(title[1] if title else "", few(authors), next(dates, None), few(tags), text, found.end())


def _values(field: "re.Pattern[str]", text: str) -> list[str]:
    """The values of a field: on its line, in brackets, or as a list below it."""
    found = field.search(text)
    if not found:
        return []
    line = found[1].strip()
    if line.startswith("["):
        return [_bare(value) for value in (line + found[2]).strip("[]").split(",")]
    if line and not line.startswith(("|", ">")):
        return [_bare(line)]
    items = (_ITEM.match(item) for item in found[2].split("\n"))
    return [_bare(item[1] or item[2]) for item in items if item]


def _bare(value: str) -> str:
    return value.strip().strip("\"'").strip()


def names(value: str) -> list[str]:
    """The persons that a text names. One comma may part a family name from a first name; it then parts no persons."""
    value = re.sub(r"\s*(?:<[^<>]*@[^<>]*>|\(\s*https?:[^()]*\))", "", value)
    persons = re.split(r"\s*(?:;|；|、|\n|\s(?:and|&)\s)\s*", value)
    return [name for person in persons for name in (person.split(",") if _listed(person) else [person])]


def _listed(person: str) -> bool:
    parts = person.split(",")
    return len(parts) > 2 or all(" " in part.strip() for part in parts)


def keywords(value: str) -> list[str]:
    """Keywords between commas or semicolons."""
    return re.split(r"[,;，；、\n]", value)


def few(values: Iterable[str]) -> tuple[str, ...]:
    """Names or keywords as they are kept: each once, none of them long, and not too many."""
    bare = (" ".join(normalise(value).split()).strip("#\"' ") for value in values)
    return tuple(dict.fromkeys(value for value in bare if 0 < len(value) <= _LONGEST))[:_MOST]


def dated(value: str) -> datetime | None:
    """The time that a text names first, in the forms of ISO, of e-mail, or as a day only; UTC where it has no zone."""
    value = value.strip()
    for read in (datetime.fromisoformat, parsedate_to_datetime, _day):
        with suppress(ValueError, TypeError, IndexError, OverflowError):
            found = read(value)
            if found.year != 1970:  # the time of a clock that was never set
                return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _day(value: str) -> datetime:
    year, month, day = map(int, _DAY.findall(value)[0])
    return datetime(year, month, day, tzinfo=UTC)
