"""The header of an Internet message: its lines as text, whatever they are encoded in."""

import binascii
import quopri
import re
from contextlib import suppress
from datetime import datetime
from email.message import Message
from email.utils import collapse_rfc2231_value

from ingest.readers.web.charset import declared
from storage.errors import UnreadableFile

_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,40})?\?([bq])\?([^?]*)\?=(?:\s+(?==\?))?", re.IGNORECASE)
_NAMED = re.compile(r"(?P<name>[^<]*)<(?P<address>[^<>]*)>")  # Ada <ada@example.org>
_COMMENTED = re.compile(r"(?P<address>[^\s(]+@[^\s(]+)\s*\((?P<name>[^()]*)\)")  # ada@example.org (Ada)
_LONGEST_SENDER = 1000
_LONGEST_HEADER = 20_000


def header(message: Message, name: str) -> str:
    """All lines of this name as text, decoded."""
    return ", ".join(filter(None, map(decoded, _raw(message, name))))


def decoded(value: str) -> str:
    """Encoded words (RFC 2047) and raw bytes as text, on one line."""
    value = _sound(value[:_LONGEST_HEADER])
    parts: list[str] = []
    run, charset, at = b"", "", 0  # words that follow each other may share a character of several bytes
    for word in _WORD.finditer(value):
        if run and (word.start() != at or word[1].lower() != charset):
            parts.append(_as_text(run, charset))
            run = b""
        parts.append(value[at : word.start()])
        run, charset, at = run + _unpacked(word[2], word[3]), word[1].lower(), word.end()
    return " ".join("".join([*parts, _as_text(run, charset), value[at:]]).split())


def told(sent: datetime) -> str:
    """A moment as a person may ask for it, in the sender's time."""
    zone = f" {sent:%z}" if sent.utcoffset() else ""
    weekday = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[sent.weekday()]
    month = (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    )[sent.month - 1]  # fmt: skip  # not the locale's
    return f"{sent:%Y-%m-%d %H:%M}{zone} ({weekday}, {sent.day} {month} {sent.year})"


def sender(message: Message) -> str:
    """The sender's name, else the address; of several senders the first."""
    value = next(iter(_raw(message, "From")), "")[:_LONGEST_SENDER]
    named = _NAMED.match(value) or _COMMENTED.match(value)
    name = decoded(named["name"]).strip("\"' ") if named else ""
    return name or decoded(named["address"] if named else value)


def file_name(part: Message) -> str:
    """What a part is called, where it stands in the sender's folders left out."""
    for key, parameter in (("Content-Disposition", "filename"), ("Content-Type", "name")):
        for value in _raw(part, key)[:1]:
            alone = Message()
            alone[key] = _sound(value)
            if raw := alone.get_param(parameter, None, key):
                with suppress(LookupError, ValueError):
                    raw = collapse_rfc2231_value(raw)
                return re.split(r"[/\\]", decoded(str(raw)))[-1].strip()
    return ""


def _raw(message: Message, name: str) -> list[str]:
    """With the bytes that are no ASCII as surrogates, which `Message.get` takes for lost."""
    return [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]


def _sound(value: str) -> str:
    """A header with the bytes in it that are no ASCII, which come as surrogates, as the characters they stand for."""
    return _as_text(value.encode("utf-8", "surrogateescape"), "") if re.search("[\udc80-\udcff]", value) else value


def _as_text(data: bytes, charset: str) -> str:
    try:
        return declared(data, charset)
    except UnreadableFile:  # bytes that are no text: what of them is readable remains
        return data.decode("ascii", "replace")


def _unpacked(coding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if coding in "qQ":
        return quopri.decodestring(data, header=True)
    with suppress(binascii.Error):
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
    return data
