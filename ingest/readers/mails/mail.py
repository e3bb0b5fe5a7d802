"""Mails (.eml): the header, the text and the attachments of an Internet message."""

from contextlib import suppress
from email import message_from_binary_file, policy
from email.message import Message
from mimetypes import guess_extension
from pathlib import Path
from typing import BinaryIO

from ingest.clean import Piece, Reading
from ingest.readers.archives.enclosed import Within, plain_suffix
from ingest.readers.mails.headers import decoded, file_name, header, sender, told
from ingest.readers.mails.letter import Attachment, Letter, body, calendar, is_sealed, reading
from ingest.readers.web import html
from ingest.readers.web.charset import declared
from ingest.readers.web.meta import moment
from storage.errors import UnreadableFile

_HEADERS = ("Subject", "From", "To", "Cc", "Bcc", "Reply-To", "Date")
_ENCRYPTED = ("multipart/encrypted", "application/pgp-encrypted")
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
_REPORTS = ("message/delivery-status", "message/disposition-notification", "text/rfc822-headers")
_MOST_PARTS = 1000
_DEEPEST = 20  # parts within parts
_DEEPEST_MAIL = 5  # and mails within mails
_RICHER = 3  # times as long is another form of a text, if the first one only stands in for it

Texts = dict[str, str]  # of the kinds of text, by "plain" and "html"


def read(path: Path, inside: Within) -> Reading:
    """The title is the subject, the author the sender, the date that of sending."""
    with path.open("rb") as file:
        return reading(parse(file), inside)


def parse(file: BinaryIO) -> Letter:
    """A message as the Internet carries it. Whatever is malformed is taken as far as it can be understood."""
    return _letter(parsed(file), 1)


def parsed(file: BinaryIO) -> Message:
    """The parts of a message, which is not held beside them. Blank lines before it do not count."""
    at = 0
    while (line := file.readline(80)) and not line.strip(b"\r\n"):
        at = file.tell()
    file.seek(at)
    return message_from_binary_file(file, policy=policy.compat32)


def _letter(message: Message, depth: int) -> Letter:
    parts = _Parts(depth)
    parts.add(message)
    headers = {name: header(message, name) for name in _HEADERS}
    if sent := moment(headers["Date"]):
        headers["Date"] = told(sent)
    return Letter(
        headers["Subject"],
        sender(message),
        tuple((name, value) for name, value in headers.items() if value),
        sent,
        tuple(parts.pieces),
        tuple(parts.attachments),
        parts.sealed and not parts.pieces,
    )


class _Parts:
    """Collects the text and the attachments of a message, part by part."""

    def __init__(self, depth: int) -> None:
        self.pieces: list[Piece] = []
        self.attachments: list[Attachment] = []
        self.sealed = False
        self._depth = depth
        self._left = _MOST_PARTS

    def add(self, part: Message, level: int = 0) -> None:
        """Take a part, and what it consists of. A seal, as of PGP, hides all that it holds."""
        self._left -= 1
        if self._left < 0 or level > _DEEPEST:
            return
        kind = part.get_content_type()
        if kind in _ENCRYPTED or (
            kind.endswith("pkcs7-mime") and "signed" not in str(part.get_param("smime-type", ""))
        ):
            self.sealed = True
        elif kind == "multipart/alternative":
            self._alternative(part, level)
        elif kind == "multipart/related":
            self.add_related(part, level)
        elif part.is_multipart() and not kind.startswith("message/"):
            for each in _children(part):
                self.add(each, level + 1)
        elif kind not in _SIGNATURES:
            self._single(part, kind)

    def _single(self, part: Message, kind: str) -> None:
        name, main, shown = file_name(part), part.get_content_maintype(), part.get_content_disposition()
        if kind == "message/rfc822" and (children := _children(part)):
            letter = _letter(children[0], self._depth + 1) if self._depth < _DEEPEST_MAIL else Letter()
            self.attachments.append(Attachment(letter.subject or name or "message", letter))
        elif kind in _REPORTS:
            self._say({"plain": _report(part)}, part)
        elif kind == "text/calendar" and not name:
            self._say({"plain": calendar(_text(part))}, part)
        elif main == "multipart" or (
            kind in ("text/plain", "text/html") and shown != "attachment" and not (name and shown)
        ):
            self._say({"html" if kind == "text/html" else "plain": _text(part)}, part)
        elif main != "image" or shown == "attachment" or (name and not part.get("Content-ID")):
            self.attachments.append(Attachment(_called(part), _content(part)))

    def _say(self, texts: Texts, part: Message) -> None:
        if is_sealed(texts.get("plain", "")):
            self.sealed = True
            return
        flowed = str(part.get_param("format", "")).lower() == "flowed"
        self.pieces += body(texts.get("plain", ""), texts.get("html", ""), flowed)

    def _alternative(self, part: Message, level: int) -> None:
        """The same in several forms: of these one is taken, and what is attached to any."""
        texts: Texts = {}
        shaped = part
        others = _Parts(self._depth)
        others._left = self._left
        for each in _children(part):
            kind = each.get_content_type()
            if kind == "multipart/related" and "html" not in texts:
                others.add_related(each, level + 1, texts)
            elif kind in ("text/plain", "text/html") and each.get_content_disposition() != "attachment":
                texts.setdefault(kind.removeprefix("text/"), _text(each))
                shaped = each if kind == "text/plain" else shaped
            elif kind == "text/calendar" and not file_name(each):
                self._say({"plain": calendar(_text(each))}, each)
            elif each.get_content_maintype() != "text":
                others.add(each, level + 1)
        self._left = others._left
        self.sealed |= others.sealed
        self.attachments += others.attachments
        before = len(self.pieces)
        self._say(texts, shaped)
        if _length(others.pieces) > _RICHER * _length(self.pieces[before:]):
            self.pieces[before:] = others.pieces

    def add_related(self, part: Message, level: int, texts: Texts | None = None) -> None:
        """A page with what it shows: pictures that belong to it, as logos do, are passed over.

        Its text goes to `texts` where there are other forms of it.
        """
        parts = _children(part)
        start = str(part.get_param("start", ""))
        root = next((each for each in parts if start and each.get("Content-ID") == start), parts[0] if parts else part)
        kind = root.get_content_type()
        if texts is not None and kind in ("text/plain", "text/html"):
            texts.setdefault(kind.removeprefix("text/"), _text(root))
        elif root is not part:
            self.add(root, level + 1)
        for each in parts:
            attached = each.get_content_disposition() == "attachment" and not each.get("Content-ID")
            if each is not root and (attached or each.get_content_maintype() not in ("image", "text")):
                self.add(each, level + 1)


def _length(pieces: list[Piece]) -> int:
    return sum(len(piece.text) for piece in pieces)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _content(part: Message) -> bytes:
    """The bytes of a part, which does not hold them any longer."""
    data = part.get_payload(decode=True)
    part.set_payload("")
    return data if isinstance(data, bytes) else b""


def _text(part: Message) -> str:
    charset = str(part.get_content_charset() or "")
    data = _content(part)
    with suppress(UnreadableFile):  # what is called text and is none says nothing
        return html.text_of(data, charset) if part.get_content_type() == "text/html" else declared(data, charset)
    return ""


def _report(part: Message) -> str:
    """What machines say about a message is rows of headers."""
    rows = [each.raw_items() for each in _children(part)]
    said = ("\n".join(f"{name}: {decoded(str(value))}" for name, value in row) for row in rows)
    return "\n\n".join(said) if rows else _text(part)


def _called(part: Message) -> str:
    """The same, with the suffix of its kind where it has none."""
    name = file_name(part) or "unnamed"
    kind = part.get_content_type()
    suffix = "" if plain_suffix(name) or kind == "application/octet-stream" else guess_extension(kind) or ""
    return f"{name}{plain_suffix(f'x{suffix}')}"
