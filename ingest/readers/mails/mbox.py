"""Mailboxes (.mbox): many mails in one file, each on the "page" of its number."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from ingest.clean import Piece, Reading
from ingest.readers.archives.enclosed import Within
from ingest.readers.mails import mail
from ingest.readers.mails.letter import message
from storage.errors import UnreadableFile

_FIELD = re.compile(rb"(?:[!-9;-~]{1,80}:|>?From )")
_DATED = re.compile(rb"From \S+ +[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d")
_LARGE = 20_000_000  # bytes
_MOST_BYTES = 100_000_000  # of one message


def read(path: Path, inside: Within) -> Reading:
    """The mails one after the other; of the bytes of a large mailbox no more than one mail is in memory."""
    number = sum(1 for _ in _messages(path))
    if not number:
        raise UnreadableFile("is no mailbox: it has no line that begins a message (From ...).")
    pieces = _pieces(path, inside, number)
    return Reading("", pieces if path.stat().st_size > _LARGE else tuple(pieces), number)


def _pieces(path: Path, inside: Within, total: int) -> Iterator[Piece]:
    for number, (data, whole) in enumerate(_messages(path), start=1):
        inside.told(number - 1, total)
        try:
            yield from message(mail.parse(BytesIO(data)), inside, number)
        except RecursionError:  # parts within parts without end: of this one message nothing is known
            yield Piece("", number, "(This message is nested too deep to be read.)")
        if not whole:
            yield Piece("", number, "(The rest of this message is left out: it is too large.)")


def _messages(path: Path) -> Iterator[tuple[bytes, bool]]:
    """The bytes of each message, without the line before it, and whether these are all: of a large one it is the
    beginning."""
    lines: list[bytes] = []
    size = 0
    begun, whole = False, True
    with path.open("rb") as file:
        blank, ahead = True, file.readline()
        while line := ahead:
            ahead = file.readline()
            if line.startswith(b"From ") and (blank or _DATED.match(line)) and _FIELD.match(ahead):
                if begun:
                    yield b"".join(lines), whole
                lines, size, begun, whole = [], 0, True, True
            elif begun and size >= _MOST_BYTES:
                whole = False
            elif begun:
                size += len(line)
                lines.append(line[1:] if line.startswith(b">") and line.lstrip(b">").startswith(b"From ") else line)
            blank = not line.strip()
    if begun:
        yield b"".join(lines), whole
