"""Bytes of unknown encoding to text."""

import re

from charset_normalizer import from_bytes

from storage.errors import UnreadableFile

_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32"),  # before UTF-16: its mark begins with the same two bytes
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SAMPLE = 100_000
# Punctuation and the frequent characters, GB 2312 level 1 and Big5 level 1: real text is nearly all made of these.
_FREQUENT = {"gb18030": re.compile(rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]"), "big5": re.compile(rb"[\xa1-\xc6].")}


def decode(data: bytes) -> str:
    """Text of unknown encoding: byte order mark, UTF-8, UTF-16 and UTF-32 by their zero bytes, Chinese, then a guess.

    Raises UnreadableFile if it is no text at all.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if (text := _utf8(data)) is not None:
        return text
    encoding = _wide(data[:_SAMPLE]) or _chinese(data[:_SAMPLE]) or _guess(data[:_SAMPLE])
    return data.decode(encoding, errors="replace")


def _utf8(data: bytes) -> str | None:
    """UTF-8, with a few bytes wrong or the end cut off at most."""
    text = data.decode("utf-8", errors="replace")
    wrong = text.count("\ufffd")
    foreign = sum(ord(character) > 127 for character in text) if wrong else 0
    cut = wrong == 1 and foreign > 1 and text.endswith("\ufffd")
    if text.count("\0") * 100 > len(text) or (wrong * 100 > foreign and not cut):
        return None
    return text.replace("\0", "")


def _wide(sample: bytes) -> str | None:
    zeros = [sample[at::4].count(0) / max(1, len(sample) // 4) for at in range(4)]
    if sum(zeros) < 0.1:
        return None
    if min(zeros[:2]) > 0.9 or min(zeros[2:]) > 0.9:
        return "utf-32-be" if zeros[0] > 0.9 and zeros[3] < 0.9 else "utf-32-le"
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    encoding = "utf-16-be" if even > odd else "utf-16-le"
    text = sample.decode(encoding, errors="replace")
    strange = sum(not (character.isprintable() or character.isspace()) or character == "\ufffd" for character in text)
    if strange > 0.02 * len(text) + 1:
        raise UnreadableFile("is not text: it holds binary data. Check what kind of file it is.")
    return encoding


def _chinese(sample: bytes) -> str | None:
    best, most = None, 0.8
    for encoding, frequent in _FREQUENT.items():
        text = sample.decode(encoding, errors="replace")
        foreign = [character for character in text if ord(character) > 127]
        codes = [character.encode(encoding, errors="replace") for character in foreign]
        share = sum(frequent.fullmatch(code) is not None for code in codes) / max(1, len(codes))
        if share > most:
            best, most = encoding, share
    return best


def _guess(sample: bytes) -> str:
    if sum(byte < 32 and byte not in b"\t\n\r\f\x1a\x1b" for byte in sample) > 0.01 * len(sample):
        raise UnreadableFile("is not text: it holds binary data. Check what kind of file it is.")
    found = from_bytes(sample).best()
    text = str(found or "")
    # A guess between western code pages says nothing: they look alike to it. Nor does one from two or three characters.
    foreign = sum(ord(character) > 0x24F and character.isalpha() for character in text)
    return found.encoding if found and foreign >= 8 else "cp1252"
