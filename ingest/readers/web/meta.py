"""What a page of the web says about itself: title, authors, date and keywords."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from selectolax.lexbor import LexborHTMLParser

_TITLES = ("og:title", "twitter:title", "citation_title", "dc.title")
_AUTHORS = ("author", "article:author", "citation_author", "dc.creator", "dcterms.creator", "parsely-author", "byl")
_DATES = (
    "article:published_time", "citation_publication_date", "citation_date", "date", "dc.date", "dc.date.issued",
    "dcterms.created", "dcterms.issued", "dcterms.date", "pubdate", "publishdate", "publish_date", "datepublished",
    "parsely-pub-date", "sailthru.date", "og:published_time", "created",
)  # fmt: skip
_TAGS = ("keywords", "news_keywords", "article:tag", "dc.subject")
_MOST_TAGS, _LONGEST_NAME = 20, 80
_MOST_JSON = 200_000  # characters


@dataclass(frozen=True, slots=True)
class About:
    """What was found; empty where the page says nothing."""

    title: str
    authors: tuple[str, ...]
    created: datetime | None
    tags: tuple[str, ...]


def about(tree: LexborHTMLParser) -> About:
    """By the page's own marks: meta elements of the usual vocabularies, else JSON-LD of an article."""
    said: dict[str, list[str]] = {}
    for node in tree.css("meta[content]"):
        name = node.attributes.get("name") or node.attributes.get("property") or node.attributes.get("itemprop") or ""
        said.setdefault(name.strip().lower(), []).append(node.attributes.get("content") or "")
    article = _article(tree)
    authors = names([*_all(said, _AUTHORS), *_people(article.get("author"))])
    dates = [*_all(said, _DATES), article.get("datePublished")]
    named = tree.css_first("title")
    title = " ".join(named.text().split()) if named is not None else ""
    words = (word for line in _all(said, _TAGS) for word in re.split("[,;，、；]", line))
    return About(
        title or next((" ".join(text.split()) for text in _all(said, _TITLES) if text.strip()), ""),
        authors,
        next((found for date in dates if isinstance(date, str) and (found := moment(date))), None),
        names(words)[:_MOST_TAGS],
    )


def names(found: Iterable[str]) -> tuple[str, ...]:
    """Each once, on one line, without addresses of pages."""
    tidy = (" ".join(name.split()) for name in found)
    return tuple(dict.fromkeys(name for name in tidy if 0 < len(name) <= _LONGEST_NAME and "://" not in name))


def moment(text: str) -> datetime | None:
    """A date as pages, books and mails write it; in UTC where it names no zone."""
    text = text.strip()
    found: datetime | None = None
    with suppress(ValueError):
        found = datetime.fromisoformat(re.sub(r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})", _dashed, text))
    if found is None:
        with suppress(ValueError, IndexError, OverflowError):
            found = parsedate_to_datetime(text)
    if found is None and re.fullmatch(r"\d{4}(-\d{2})?", text) and text[:4] >= "0001":
        with suppress(ValueError):
            found = datetime.fromisoformat(f"{text}-01" if len(text) == 7 else f"{text}-01-01")
    if found is None:
        return None
    return found if found.utcoffset() is not None else found.replace(tzinfo=UTC)


def _dashed(found: re.Match[str]) -> str:
    return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}"


def _all(said: dict[str, list[str]], keys: Iterable[str]) -> Iterator[str]:
    for key in keys:
        yield from said.get(key, ())


def _article(tree: LexborHTMLParser) -> dict[str, Any]:
    """The first thing in JSON-LD that has an author or a date."""
    for node in tree.css('script[type="application/ld+json"]'):
        text = node.text()
        if len(text) > _MOST_JSON:
            continue
        with suppress(ValueError, RecursionError):
            value = json.loads(text)
            things = (
                value if isinstance(value, list) else value.get("@graph", [value]) if isinstance(value, dict) else []
            )
            for thing in things if isinstance(things, list) else []:
                if isinstance(thing, dict) and ("author" in thing or "datePublished" in thing):
                    return thing
    return {}


def _people(value: Any) -> Iterator[str]:
    for person in value if isinstance(value, list) else [value]:
        name = person.get("name") if isinstance(person, dict) else person
        if isinstance(name, str):
            yield name
