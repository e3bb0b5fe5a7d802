"""Bytes of unknown encoding to text."""

import codecs
import re
from pathlib import Path

from charset_normalizer import from_bytes

from storage.errors import UnreadableFile

_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32"),  # before UTF-16: its mark begins with the same two bytes
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# Encodings that are ASCII but for these marks, after which other characters follow.
_SHIFTS = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$B", "iso2022_jp"), (b"\x1b$@", "iso2022_jp"))
_SAMPLE = 100_000
_PAIR = re.compile(rb"[\xa1-\xfe][\xa1-\xfe]")
_PAIRS = re.compile(rb"(?:[\x00-\x7f]|[\xa1-\xfe][\xa1-\xfe])*+[\xa1-\xfe]?")
_BLOCK = 4_000_000  # bytes
_FOREIGN = re.compile(rb"[\x80-\xff]")
# No text has these; it may have bells, backspaces, form feeds, the escapes of a terminal and the end mark of DOS.
_CONTROLS = bytes({*range(32), 127} - {*b"\a\b\t\n\v\f\r\x1a\x1b"})
# Punctuation and the frequent characters, GB 2312 level 1 and Big5 level 1: real text is nearly all made of these.
_FREQUENT = {"gb18030": re.compile(rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]"), "big5": re.compile(rb"[\xa1-\xc6].")}


def decode(data: bytes) -> str:
    """Text of unknown encoding: byte order mark, UTF-8, UTF-16 and UTF-32 by their zero bytes, Chinese, then a guess.

    Raises UnreadableFile if it is no text at all.
    """
    if encoding := _marked(data) or _shifted(data[:_SAMPLE]):
        return data.decode(encoding, errors="replace")
    utf8 = _Utf8()
    text = utf8.take(data.rstrip(b"\0"), final=True)  # a log that a crash cut off often ends in zeros
    if utf8.fits:
        _refuse_binary(data[:_SAMPLE].rstrip(b"\0"), most=0.05)
        return text.replace("\0", "")
    encoding = _wide(data[:_SAMPLE]) or _narrow(data[_from(utf8.foreign_at) :][:_SAMPLE])
    return data.decode(encoding, errors="replace")


def detect(path: Path) -> str:
    """The encoding of a file too large to be held, as `decode` would find it. Raises UnreadableFile as it does."""
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
        if encoding := _marked(head) or _shifted(head) or _wide(head):
            return encoding
        _refuse_binary(head, most=0.05)  # before all of it is gone through
        file.seek(0)
        utf8 = _Utf8()
        while block := file.read(_BLOCK):
            utf8.take(block)
        utf8.take(b"", final=True)
        if utf8.fits:
            return "utf-8"
        file.seek(_from(utf8.foreign_at))
        return _narrow(file.read(_SAMPLE))


def _marked(data: bytes) -> str | None:
    return next((encoding for mark, encoding in _BOMS if data.startswith(mark)), None)


def _shifted(sample: bytes) -> str | None:
    if not sample.isascii():
        return None
    return next((encoding for mark, encoding in _SHIFTS if mark in sample), None)


class _Utf8:
    """Decodes bytes as UTF-8 and counts what is none."""

    def __init__(self) -> None:
        self.foreign_at = 0  # where the first byte is that is not ASCII
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._bytes = self._characters = self._foreign = self._wrong = self._zeros = 0
        self._cut = False

    def take(self, block: bytes, final: bool = False) -> str:
        """The text of the next bytes."""
        text = self._decoder.decode(block, final)
        if not self._foreign and (found := _FOREIGN.search(block)):
            self.foreign_at = self._bytes + found.start()
        self._bytes += len(block)
        self._characters += len(text)
        self._zeros += text.count("\0")
        if not text.isascii():
            self._foreign += len(text) - len(text.encode("ascii", errors="ignore"))
            self._wrong += text.count("\ufffd")
            self._cut = text.endswith("\ufffd")
        return text

    @property
    def fits(self) -> bool:
        """Whether a few bytes are wrong, or the end is cut off, at most."""
        cut = self._wrong == 1 and self._foreign > 1 and self._cut
        return self._zeros * 100 <= self._characters and (self._wrong * 100 <= self._foreign or cut)


def _from(foreign_at: int) -> int:
    """Where the bytes begin that tell the encoding: at the start, unless all is ASCII there."""
    return foreign_at if foreign_at >= _SAMPLE else 0


def _wide(sample: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte order mark."""
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
        raise _binary()
    return encoding


def _narrow(sample: bytes) -> str:
    """An encoding with one or two bytes for each character."""
    if encoding := _japanese_or_korean(sample) or _chinese(sample):
        return encoding
    _refuse_binary(sample, most=0.01)
    found = from_bytes(sample).best()
    text = str(found or "")
    # A guess between western code pages says nothing: they look alike to it. Nor does one from two or three characters.
    foreign = sum(ord(character) > 0x24F and character.isalpha() for character in text)
    return found.encoding if found and foreign >= 8 else "cp1252"


def _japanese_or_korean(sample: bytes) -> str | None:
    """The Unix encodings of both, which could be Chinese too: told by their kana, and by the range of the Hangul."""
    if not _PAIRS.fullmatch(sample):
        return None
    pairs = [ord(pair[:1]) for pair in _PAIR.findall(sample)]
    letters = [lead for lead in pairs if lead >= 0xB0]
    if len(pairs) < 20:
        return None
    if sum(lead in (0xA4, 0xA5) for lead in pairs) > 0.2 * len(pairs):
        return "euc_jp"
    return "cp949" if sum(lead <= 0xC8 for lead in letters) > 0.97 * len(letters) > 0.7 * len(pairs) else None


def _chinese(sample: bytes) -> str | None:
    best, most = None, 0.8
    for encoding, frequent in _FREQUENT.items():
        text = sample.decode(encoding, errors="replace")
        foreign = [character for character in text if ord(character) > 127]
        if text.count("\ufffd") > max(1, len(foreign) // 50):
            continue
        codes = [character.encode(encoding, errors="replace") for character in foreign]
        share = sum(frequent.fullmatch(code) is not None for code in codes) / max(1, len(codes))
        if share > most:
            best, most = encoding, share
    return best


def _refuse_binary(sample: bytes, most: float) -> None:
    if len(sample) - len(sample.translate(None, _CONTROLS)) > most * len(sample):
        raise _binary()


def _binary() -> UnreadableFile:
    return UnreadableFile("is not text: it holds binary data. Check what kind of file it is.")
