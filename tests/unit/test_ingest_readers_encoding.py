"""Bytes of any usual encoding become the text that was written."""

import codecs
from pathlib import Path
from time import monotonic

import pytest

from ingest.readers.encoding import decode, detect
from storage.errors import UnreadableFile

SIMPLIFIED = "第一条 为了完善劳动合同制度，明确双方当事人的权利和义务，制定本法。\n"
TRADITIONAL = "中文繁體字的排版方式，與簡體字大致相同，但標點符號的位置不同。\n"
GERMAN = "Können Sie die Straße nach Überlingen zeigen? Natürlich!\n"
JAPANESE = "東京は日本の首都であり、最大の都市です。電車でどこへでも行けます。\n"
KOREAN = "서울은 대한민국의 수도이자 최대 도시이다. 한강이 도시를 가로지른다.\n"
RUSSIAN = "Москва является столицей России и крупнейшим городом страны.\n"
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
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (KOREAN, "euc_kr"),
        (KOREAN, "iso2022_kr"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN * 30, "koi8_r"),
        ("Invoice 发票 No. 5, total 100 元\n", "gbk"),
    ],
)
def test_decodes_what_was_written(tmp_path: Path, text: str, encoding: str) -> None:
    data = text.encode(encoding)
    assert decode(data) == text
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    assert data.decode(detect(path)) == text  # as a file too large to be held is read


def test_the_encoding_is_told_by_the_first_bytes_that_are_not_ascii() -> None:
    text = "plain words only\n" * 20_000 + SIMPLIFIED * 20
    assert decode(text.encode("gb18030")) == text


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


def test_a_log_that_ends_in_zeros_is_text() -> None:
    assert decode(b"10:00 started\n" + bytes(4096)) == "10:00 started\n"


def test_hostile_bytes_take_no_time() -> None:
    started = monotonic()
    for data in (b"a" * 99_000 + b"\x80" * 1000, b"a\xb0\xb0" * 30_000 + b"\x81", b"\xb0" * 200_001):
        decode(data)
    assert monotonic() - started < 5


@pytest.mark.parametrize(
    "data",
    [bytes(range(256)) * 40, bytes(range(1, 127)) * 40, b"\x7fELF\x02\x01\x01" + bytes(64) + b"\x90\xfe\x01" * 40],
)
def test_binary_data_is_no_text(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="binary"):
        decode(data)
