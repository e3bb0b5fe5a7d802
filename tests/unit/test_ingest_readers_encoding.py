"""Bytes of any usual encoding become the text that was written."""

import codecs

import pytest

from ingest.readers.encoding import decode
from storage.errors import UnreadableFile

SIMPLIFIED = "第一条 为了完善劳动合同制度，明确双方当事人的权利和义务，制定本法。\n"
TRADITIONAL = "中文繁體字的排版方式，與簡體字大致相同，但標點符號的位置不同。\n"
GERMAN = "Können Sie die Straße nach Überlingen zeigen? Natürlich!\n"
FRENCH = "L'été dernier, nous avons mangé des crêpes à la forêt — déjà vu.\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "gbk"),
        (SIMPLIFIED * 20, "gb18030"),
        ("你好", "gbk"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL * 20, "big5"),
        (SIMPLIFIED, "utf-16"),
        (SIMPLIFIED * 20, "utf-16-le"),
        (GERMAN * 5, "utf-16-be"),
        (GERMAN, "utf-32"),
        (GERMAN, "utf-32-le"),
        (GERMAN, "utf-32-be"),
        (GERMAN, "latin-1"),
        ("äöüß", "latin-1"),
        (FRENCH, "cp1252"),
        (GERMAN, "utf-8-sig"),
        ("plain", "ascii"),
    ],
)
def test_decodes_what_was_written(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_one_bad_byte_does_not_cost_the_rest() -> None:
    assert decode(SIMPLIFIED.encode("gb18030") * 50 + b"\xff\n").startswith(SIMPLIFIED * 50)


@pytest.mark.parametrize("spoil", [b"\xff", b"\x00"])
def test_utf8_with_one_wrong_byte_is_still_utf8(spoil: bytes) -> None:
    text = decode((SIMPLIFIED * 10).encode() + spoil + (SIMPLIFIED * 10).encode())
    assert text.replace("\ufffd", "") == SIMPLIFIED * 20


def test_cut_utf8_is_still_utf8() -> None:
    assert decode(("a" + SIMPLIFIED).encode()[:-2]).startswith("a" + SIMPLIFIED[:-2])


def test_utf32_mark_is_not_taken_for_utf16() -> None:
    assert decode(codecs.BOM_UTF32_LE + "Zürich".encode("utf-32-le")) == "Zürich"


@pytest.mark.parametrize("data", [bytes(range(256)) * 40, b"\x7fELF\x02\x01\x01" + bytes(64) + b"\x90\xfe\x01" * 40])
def test_binary_data_is_no_text(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="binary"):
        decode(data)
