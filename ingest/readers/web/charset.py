"""Bytes with a declared encoding to text: a declaration counts only where the bytes fit it, for declarations lie."""

from ingest.readers.encoding import decode

_WESTERN = ("iso-8859-1", "latin1", "windows-1252", "cp1252", "iso-8859-15")
_TELLING = 8  # bytes that are no ASCII: fewer do not show that a text is not in a western encoding
_ASCII_ONLY = ("iso-2022", "hz", "utf-7")  # their bytes are all ASCII: nothing but the declaration tells
_WIDE = ("utf-16", "utf-32", "ucs-2")
_FIRST_OF_THREE_BYTES = "\u0800"  # a word or two in an eastern encoding may look like UTF-8 of two bytes
_FOREIGN = bytes(range(128, 256))
# What programs mean by a name: the larger sets that hold it.
_MEANT = {
    **dict.fromkeys(("gb2312", "gb_2312-80", "gbk", "x-gbk", "cp936", "windows-936", "euc-cn"), ("gb18030",)),
    **dict.fromkeys(("big5", "big-5", "x-x-big5", "big5-eten"), ("cp950", "big5hkscs")),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis"), ("cp932",)),
    **dict.fromkeys(("ks_c_5601-1987", "euc-kr", "ksc5601"), ("cp949",)),
    # These stand there where nobody has thought of it.
    **dict.fromkeys(("", "utf-8", "utf8", "us-ascii", "ascii", "unicode", *_WESTERN), ()),
    # And these are no encodings of texts, or slow on hostile ones.
    **dict.fromkeys(("idna", "punycode", "unicode_escape", "unicode-escape", "raw_unicode_escape", "undefined"), ()),
}
_EASTERN = {"gb18030", "euc-jp", *(name for name, wider in _MEANT.items() if wider)}


def declared(data: bytes, name: str) -> str:
    """The text of bytes that are said to be encoded so. Raises UnreadableFile if they are no text at all."""
    name = name.strip("\"' \t").lower()
    first = (name,) if name.startswith(_ASCII_ONLY) or (name.startswith(_WIDE) and b"\0" in data) else ()
    for encoding in (*first, "utf-8-sig", *_MEANT.get(name, (name,))):
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if encoding != "utf-8-sig" or name not in _EASTERN or max(text, default="") >= _FIRST_OF_THREE_BYTES:
            return text
    if name in _WESTERN and len(data) - len(data.translate(None, _FOREIGN)) < _TELLING:
        return data.decode("cp1252", errors="replace")
    return decode(data)
