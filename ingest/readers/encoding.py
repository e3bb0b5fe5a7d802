"""Bytes of unknown encoding to text."""

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
# Lead bytes of the frequent characters: GB 2312 level 1 and Big5 level 1. Real text is nearly all made of these.
_FREQUENT = {"gb18030": (0xA1, 0xD7), "big5": (0xA1, 0xC6)}


def decode(data: bytes) -> str:
    """Text of unknown encoding: byte order mark, UTF-8, UTF-16 and UTF-32 by their zero bytes, Chinese, then a guess.

    Raises UnreadableFile if it is no text at all.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end >= len(data) - 1 and error.reason == "unexpected end of data":
            return data.decode("utf-8", errors="replace")
    else:
        if "\0" not in text[:_SAMPLE]:
            return text
    encoding = _wide(data[:_SAMPLE]) or _chinese(data[:_SAMPLE]) or _guess(data[:_SAMPLE])
    return data.decode(encoding, errors="replace")


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
    for encoding, (first, last) in _FREQUENT.items():
        text = sample.decode(encoding, errors="replace")
        foreign = [character for character in text if ord(character) > 127]
        leads = [character.encode(encoding, errors="replace")[0] for character in foreign]
        share = sum(first <= lead <= last for lead in leads) / max(1, len(leads))
        if share > most:
            best, most = encoding, share
    return best


def _guess(sample: bytes) -> str:
    if sum(byte < 32 and byte not in b"\t\n\r\f\x1a\x1b" for byte in sample) > 0.01 * len(sample):
        raise UnreadableFile("is not text: it holds binary data. Check what kind of file it is.")
    found = from_bytes(sample).best()
    if found is None:
        return "cp1252"
    # A single-byte guess says little: the western code pages look alike to it. Cyrillic and the like are clear.
    western = found.encoding.startswith(("cp125", "latin", "iso8859", "mac_", "cp437", "cp85", "hp_", "cp775"))
    others = any(ord(character) > 0x24F and character.isalpha() for character in str(found))
    return "cp1252" if western and not others else found.encoding
