"""A mail as every format of mails gives it, and its text: who, to whom, when, about what, then what it says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ingest.clean import Piece, Reading, headed
from ingest.readers.archives.enclosed import Unread, Within, as_heading
from ingest.readers.mails.wrapped import unwrapped
from ingest.readers.web import html
from storage.errors import UnreadableFile

SEALED = "is encrypted: open it in your mail program, save its text and attachments, and ingest these."
_STUB = 600  # characters: a longer plain text is no stub
_LONGEST_LINE = 1500  # characters of a header line: the names of hundreds of recipients say little
_DEEPEST = 4  # mails within mails
_INVITATION = {
    "SUMMARY": "Event", "DTSTART": "Start", "DTEND": "End", "LOCATION": "Place", "DESCRIPTION": "Description",
}  # fmt: skip
_ESCAPED = re.compile(r"\\([,;nN\\])")
_ALONE = re.compile(r"\s*-----BEGIN PGP MESSAGE-----")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file, or a mail, that a mail carries."""

    name: str
    content: "bytes | Letter"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail. `headers` are names and values as a person reads them; `sealed` tells that it is encrypted."""

    subject: str = ""
    sender: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    sent: datetime | None = None
    body: tuple[Piece, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    sealed: bool = False


def reading(letter: Letter, inside: Within) -> Reading:
    """A file that is one mail. Raises UnreadableFile if it is encrypted."""
    if letter.sealed:
        raise UnreadableFile(SEALED)
    unread = Unread()
    pieces = list(_pieces(letter, "", inside, unread))
    pieces.append(Piece("", None, unread.line))
    return Reading(
        letter.subject, tuple(pieces), authors=(letter.sender,) if letter.sender else (), created=letter.sent
    )


def message(letter: Letter, inside: Within, number: int) -> Iterator[Piece]:
    """A mail among others: all of it below its subject, on the page of its number."""
    unread = Unread()
    heading = as_heading(letter.subject or "(no subject)")
    for piece in _pieces(letter, heading, inside, unread):
        yield replace(piece, page=number)
    yield Piece(heading, number, unread.line)


def body(plain: str, source: str, flowed: bool = False) -> tuple[Piece, ...]:
    """The text of a mail: the plain one, or the HTML where that is absent or only says that there is HTML."""
    said = plain.strip()
    if source.strip() and len(said) < _STUB:
        pieces = headed(html.shown_lines(html.parsed(source)))
        if sum(len(piece.text) for piece in pieces) > 3 * len(said):
            return pieces
    return (Piece("", None, unwrapped(plain, flowed)),) if said else ()


def is_sealed(plain: str) -> bool:
    """Whether a text is an encrypted one."""
    return _ALONE.match(plain) is not None


def calendar(source: str) -> str:
    """What an invitation says, line by line: what, when, where."""
    lines = re.sub(r"\r?\n[ \t]", "", source).splitlines()
    said = []
    for line in lines:
        name, _, value = line.partition(":")
        if label := _INVITATION.get(name.partition(";")[0].upper()):
            said.append(f"{label}: {_ESCAPED.sub(_unescaped, value)}")
    return "\n".join(said)


def _unescaped(found: re.Match[str]) -> str:
    return " " if found[1] in "nN" else found[1]


def _pieces(letter: Letter, heading: str, inside: Within, unread: Unread, depth: int = 1) -> Iterator[Piece]:
    lines = [f"{name}: {_cut(value)}" for name, value in letter.headers if value]
    if names := ", ".join(as_heading(attachment.name) for attachment in letter.attachments):
        lines.append(f"Attachments: {_cut(names)}")
    yield Piece(heading, None, "\n".join(lines))
    if letter.sealed:
        yield Piece(heading, None, "(This message is encrypted.)")
    for piece in letter.body:
        yield replace(piece, heading=" > ".join(filter(None, (heading, piece.heading))))
    for attachment in letter.attachments:
        below = " > ".join(filter(None, (heading, f"Attachment: {as_heading(attachment.name)}")))
        try:
            yield from _attached(attachment, below, inside, unread, depth)
        except UnreadableFile as error:
            unread.add(as_heading(attachment.name), error)


def _attached(attachment: Attachment, heading: str, inside: Within, unread: Unread, depth: int) -> Iterator[Piece]:
    content = attachment.content
    if isinstance(content, bytes):
        return inside.pieces(attachment.name, heading, (content,))
    if depth == _DEEPEST:
        raise UnreadableFile("lies too deep in other files: take it out and ingest it alone.")
    return _pieces(content, heading, inside, unread, depth + 1)


def _cut(value: str) -> str:
    value = " ".join(value.split())
    if len(value) <= _LONGEST_LINE:
        return value
    kept = value[:_LONGEST_LINE].rpartition(",")[0] or value[:_LONGEST_LINE]
    return f"{kept}, and {value.count(',') - kept.count(',')} more"
