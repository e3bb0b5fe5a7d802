"""Web pages in one file (.mhtml, .mht): the page itself, without the pictures and styles beside it."""

from dataclasses import replace
from email.message import Message
from pathlib import Path

from ingest.clean import Reading
from ingest.readers.mails import mail
from ingest.readers.mails.headers import header
from ingest.readers.web import html
from ingest.readers.web.meta import moment
from storage.errors import UnreadableFile

_PAGES = ("text/html", "application/xhtml+xml")


def read(path: Path) -> Reading:
    """The page that the file was saved for; where that only holds frames, the pages in these.

    The date is the page's own, else the one when it was saved.
    """
    with path.open("rb") as file:
        message = mail.parsed(file)
    parts = [part for part in message.walk() if part.get_content_type() in _PAGES and not part.is_multipart()]
    if not parts:
        data = path.read_bytes()
        if b"<html" in data[:4096].lower():  # a plain page under this name
            return html.page(html.text_of(data))
        raise UnreadableFile("holds no web page: save the page anew.")
    readings = [_page(parts[0])]
    if not readings[0].pieces:
        readings += map(_page, parts[1:])
    first = next((reading for reading in readings if reading.pieces), readings[0])
    return replace(
        first,
        title=first.title or header(message, "Subject"),
        pieces=tuple(piece for reading in readings for piece in reading.pieces),
        created=first.created or moment(header(message, "Date")),
    )


def _page(part: Message) -> Reading:
    data = part.get_payload(decode=True)
    return html.page(html.text_of(data if isinstance(data, bytes) else b"", str(part.get_content_charset() or "")))
