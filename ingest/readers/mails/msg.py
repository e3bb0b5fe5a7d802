"""Outlook's mails (.msg): properties in a compound file, as [MS-OXMSG] lays them out."""

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from olefile import OleFileIO

from ingest.clean import Piece, Reading
from ingest.readers.archives.enclosed import Within
from ingest.readers.mails import mail
from ingest.readers.mails.headers import header, told
from ingest.readers.mails.letter import Attachment, Letter, body, is_sealed, reading
from ingest.readers.mails.lzfu import unpacked
from ingest.readers.web import html
from ingest.readers.web.charset import declared
from ingest.readers.web.meta import moment
from storage.errors import UnreadableFile

_CLASS, _SUBJECT, _BODY, _HTML, _RTF = 0x001A, 0x0037, 0x1000, 0x1013, 0x1009
_HEADERS, _SENT, _DELIVERED, _CODE_PAGE = 0x007D, 0x0039, 0x0E06, 0x3FFD
_SENDER_NAMES, _SENDER_ADDRESSES = (0x0C1A, 0x0042), (0x5D01, 0x5D02, 0x0C1F, 0x0065)
_NAME, _ADDRESSES, _KIND, _TO, _CC = 0x3001, (0x39FE, 0x3003), 0x0C15, 0x0E04, 0x0E03
_FILE_NAMES, _DATA, _METHOD, _TYPE, _CONTENT_ID, _HIDDEN = (
    (0x3707, 0x3704, 0x3001),
    0x3701,
    0x3705,
    0x370E,
    0x3712,
    0x7FFE,
)
_EMBEDDED, _LINKED = 5, 7
_DEEPEST = 5  # mails within mails
_CODE_PAGES = {936: "gb18030", 54936: "gb18030", 65001: "utf-8", 20127: "ascii", 28591: "latin1", 950: "big5"}


def read(path: Path, inside: Within) -> Reading:
    """The title is the subject, the author the sender, the date that of sending."""
    with OleFileIO(str(path)) as file:
        if not file.exists("__properties_version1.0"):
            raise UnreadableFile("is no Outlook message: check what kind of file it is.")
        return reading(_letter(_Storage(file, ()), inside, 1), inside)


class _Storage:
    """A message, a recipient or an attachment: its properties by their numbers."""

    def __init__(self, file: OleFileIO, path: tuple[str, ...]) -> None:
        self._file, self._path = file, path
        self._fixed = dict(self._listed())
        self._page = int.from_bytes(self._fixed.get(_CODE_PAGE, b"")[:4], "little")

    def _listed(self) -> Iterator[tuple[int, bytes]]:
        """The properties that have their values in the list: those of a fixed size."""
        data = self._stream("__properties_version1.0")
        begin = 32 if not self._path else 24 if self._path[-1].endswith("000D") else 8
        for at in range(begin, len(data) - 15, 16):
            yield struct.unpack_from("<H", data, at + 2)[0], data[at + 8 : at + 16]

    def _stream(self, name: str) -> bytes:
        path = [*self._path, name]
        if not self._file.exists(path) or self._file.get_type(path) != 2:
            return b""
        data = self._file.openstream(path).read()
        return data if isinstance(data, bytes) else b""

    def data(self, number: int) -> bytes:
        return self._stream(f"__substg1.0_{number:04X}0102")

    def text(self, *numbers: int) -> str:
        """The first of these properties that says anything."""
        for number in numbers:
            wide = self._stream(f"__substg1.0_{number:04X}001F").decode("utf-16-le", "replace")
            narrow = self._stream(f"__substg1.0_{number:04X}001E")
            said = wide or (declared(narrow, _CODE_PAGES.get(self._page, f"cp{self._page}")) if narrow else "")
            if said.strip("\0 \r\n\t"):
                return said.rstrip("\0")
        return ""

    def number(self, property: int) -> int:
        return int.from_bytes(self._fixed.get(property, b"")[:4], "little")

    def moment(self, property: int) -> datetime | None:
        """A date counts tenths of microseconds since 1601."""
        ticks = int.from_bytes(self._fixed.get(property, b""), "little")
        with suppress(OverflowError):
            return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10) if ticks else None
        return None

    def below(self, prefix: str) -> list["_Storage"]:
        """The storages of this kind: recipients, attachments, a message within an attachment."""
        deep = len(self._path)
        names = {
            entry[deep]
            for entry in self._file.listdir(streams=True, storages=True)
            if len(entry) > deep and tuple(entry[:deep]) == self._path and entry[deep].startswith(prefix)
        }
        return [_Storage(self._file, (*self._path, name)) for name in sorted(names)]


def _letter(message: _Storage, inside: Within, depth: int) -> Letter:
    attachments = [each for each in message.below("__attach_version1.0_#") if not message.number(_HIDDEN)]
    kind = message.text(_CLASS).lower()
    plain = message.text(_BODY)
    sealed = kind == "ipm.note.smime" or is_sealed(plain) or any(map(_seals, attachments))
    sent = moment(header(mail.parsed(BytesIO(message.text(_HEADERS).encode())), "Date"))
    sent = sent or message.moment(_SENT) or message.moment(_DELIVERED)
    letter = Letter(
        message.text(_SUBJECT),
        message.text(*_SENDER_NAMES) or message.text(*_SENDER_ADDRESSES),
        tuple(_headers(message, sent)),
        sent,
        sealed=sealed,
    )
    if sealed:
        return letter
    if kind.endswith("smime.multipartsigned") and attachments:  # all that was signed lies in the first of them
        signed = mail.parse(BytesIO(attachments[0].data(_DATA)))
        return replace(letter, body=signed.body, attachments=signed.attachments)
    return replace(
        letter, body=_body(message, plain, inside), attachments=tuple(_attachments(attachments, inside, depth))
    )


def _seals(attachment: _Storage) -> bool:
    """Whether this is what an encrypted message has in place of its text."""
    name = attachment.text(*_FILE_NAMES).lower()
    return attachment.text(_TYPE).lower() == "application/pgp-encrypted" or name == "message.rpmsg"


def _headers(message: _Storage, sent: datetime | None) -> Iterator[tuple[str, str]]:
    people: dict[int, list[str]] = {}
    for each in message.below("__recip_version1.0_#"):
        people.setdefault(each.number(_KIND), []).append(_person(each.text(_NAME), each.text(*_ADDRESSES)))
    yield "Subject", message.text(_SUBJECT)
    yield "From", _person(message.text(*_SENDER_NAMES), message.text(*_SENDER_ADDRESSES))
    yield "To", ", ".join(people.get(1, ())) or message.text(_TO)
    yield "Cc", ", ".join(people.get(2, ())) or message.text(_CC)
    yield "Bcc", ", ".join(people.get(3, ()))
    yield "Date", told(sent) if sent else ""


def _person(name: str, address: str) -> str:
    """Within a company an address is a path of its directory, which says nothing."""
    if "@" not in address or address == name:
        return name or address
    return f"{name} <{address}>" if name else address


def _body(message: _Storage, plain: str, inside: Within) -> tuple[Piece, ...]:
    page = message.data(_HTML)
    pieces = body(plain, html.text_of(page) if page else message.text(_HTML))
    if not pieces and (packed := message.data(_RTF)):
        with suppress(UnreadableFile):  # a text that only says how it is laid out
            return tuple(inside.pieces("body.rtf", "", (unpacked(packed),)))
    return pieces


def _attachments(attachments: list[_Storage], inside: Within, depth: int) -> Iterator[Attachment]:
    for each in attachments:
        name = each.text(*_FILE_NAMES) or "unnamed"
        if each.number(_METHOD) == _EMBEDDED:
            for message in each.below("__substg1.0_3701000D"):
                letter = _letter(message, inside, depth + 1) if depth < _DEEPEST else Letter()
                yield Attachment(letter.subject or name, letter)
        elif each.text(_CONTENT_ID) and each.text(_TYPE).startswith("image/"):
            continue  # a picture within the text, as logos are
        elif each.number(_METHOD) != _LINKED:
            yield Attachment(name, each.data(_DATA))
