"""Zip archives: what their files say, each under its path, and no harm from any of them."""

import stat
import zipfile
from io import BytesIO
from pathlib import Path

import docx
import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.clean import Piece, Reading
from ingest.readers import READERS, read
from ingest.readers.archives import archive, enclosed
from storage.anchors import Lines
from storage.errors import UnreadableFile, UnsupportedFormat
from tests.samples import DOCUMENTS
from tests.unit.reading import headings, text_of

Members = dict[str, "str | bytes"]


def packed(members: Members) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


def zipped(tmp_path: Path, members: Members | bytes) -> Reading:
    path = tmp_path / "papers.zip"
    path.write_bytes(members if isinstance(members, bytes) else packed(members))
    return read(path)


def pdf(*pages: str) -> bytes:
    out = BytesIO()
    canvas = Canvas(out)
    for text in pages:
        canvas.drawString(72, 760, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def word(text: str) -> bytes:
    out = BytesIO()
    document = docx.Document()
    document.add_heading("Rules", 1)
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def test_members_are_read_by_their_own_readers_under_their_paths(tmp_path: Path) -> None:
    reading = zipped(
        tmp_path,
        {
            "notes/guide.md": "# Guide\n\n## Setup\n\nInstall it.\n",
            "notes/": "",
            "prices.csv": "Room,Price\nAttic,40\n",
            "house/rules.docx": word("Quiet from 22:00."),
            "lease.pdf": pdf("The lease begins in May and ends after two years.", "The deposit is 800 euros."),
            "mail.eml": "Subject: Keys\nFrom: a@b.org\n\nThe keys are in the box.\n",
        },
    )
    assert (reading.title, reading.pages) == ("papers", None)
    assert headings(reading) == [
        "notes/guide.md", "notes/guide.md > Setup", "prices.csv", "house/rules.docx", "lease.pdf", "mail.eml",
    ]  # fmt: skip
    text = text_of(reading)
    for words in ("Install it.", "Room: Attic; Price: 40", "Quiet from 22:00.", "The keys are in the box."):
        assert words in text
    pages = {piece.heading: piece.page for piece in reading.pieces if "deposit" in piece.text or "Attic" in piece.text}
    assert pages == {"lease.pdf": 2, "prices.csv": None}
    assert all(piece.spot is None for piece in reading.pieces), "places in a member are none of the archive's"


def test_places_of_members_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def paged(path: Path) -> Reading:
        return Reading("", (Piece("", 3, "words", Lines(1, 1)),))

    monkeypatch.setitem(READERS, ".txt", paged)
    assert [(p.page, p.spot) for p in zipped(tmp_path, {"a.txt": "x"}).pieces if p.text] == [(None, None)]


def test_what_nobody_put_there_to_read_is_passed_over(tmp_path: Path) -> None:
    hidden = zipfile.ZipInfo("link.txt")
    hidden.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(hidden, "/etc/passwd")
        for name in (".git/config.txt", "__MACOSX/._a.txt", "a/.secret.txt", "~$a.docx", "film.mp4", "noname", "a.txt"):
            file.writestr(name, "words of " + name)
    assert text_of(zipped(tmp_path, out.getvalue())) == "words of a.txt"


def test_names_that_climb_out_harm_nothing(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    reading = zipped(inner, {"../../escape.txt": "one", "/etc/absolute.txt": "two", "c:\\win\\x.txt": "three"})
    assert text_of(reading) == "one\n\ntwo\n\nthree"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["inner", "papers.zip"]


def test_what_cannot_be_read_is_named_in_one_line(tmp_path: Path) -> None:
    members: Members = {"a.txt": "words", "b.pdf": b"%PDF-1.4 cut", "c.txt": "", **{f"{n}.txt": "" for n in range(30)}}
    reading = zipped(tmp_path, members)
    lines = text_of(reading).split("\n")
    assert lines[0] == "words" and len(lines) == 3
    assert lines[2].startswith("Not read: b.pdf (is damaged") and "c.txt (is empty (0 bytes)); 0.txt" in lines[2]
    assert lines[2].endswith("and 12 more") and headings(reading)[-1] == ""


def test_an_archive_with_nothing_to_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFormat, match="holds no file of a format that can be read"):
        zipped(tmp_path, {"film.mp4": "x"})
    with pytest.raises(UnreadableFile, match=r"holds no file that can be read \(a.txt \(is empty"):
        zipped(tmp_path, {"a.txt": ""})
    with pytest.raises(UnreadableFile):
        zipped(tmp_path, {})
    with pytest.raises(UnreadableFile, match="cut off or damaged"):
        zipped(tmp_path, packed({"a.txt": "words " * 1000})[:-40])


def test_a_damaged_member_leaves_the_others(tmp_path: Path) -> None:
    data = bytearray(packed({"a.txt": "words", "b.txt": "other words " * 40}))
    at = data.index(b"b.txt") + 10
    data[at : at + 8] = bytes(8)
    assert text_of(zipped(tmp_path, bytes(data))) == "words\n\nNot read: b.txt (is cut off or damaged)"


def test_protected_members_are_named_and_a_protected_archive_refused(tmp_path: Path) -> None:
    def protect(data: bytes, *names: bytes) -> bytes:
        out = bytearray(data)
        for name in names:
            for mark, flags, start in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
                at = next(n for n in range(len(out)) if out[n : n + 4] == mark and out[n + start :].startswith(name))
                out[at + flags] |= 1
        return bytes(out)

    data = packed({"a.txt": "words", "b.txt": "secret"})
    text = text_of(zipped(tmp_path, protect(data, b"b.txt")))
    assert text == "words\n\nNot read: b.txt (is protected by a password)"
    with pytest.raises(UnreadableFile, match="protected by a password: save a copy"):
        zipped(tmp_path, protect(data, b"a.txt", b"b.txt"))


def test_an_archive_in_an_archive_is_read_and_no_deeper_one(tmp_path: Path) -> None:
    deepest = packed({"deep.txt": "three down"})
    inner = packed({"mid.txt": "two down", "deepest.zip": deepest})
    reading = zipped(tmp_path, {"top.txt": "one down", "inner.zip": inner})
    assert headings(reading) == ["top.txt", "inner.zip > mid.txt", "inner.zip"]
    text = text_of(reading)
    assert "two down" in text and "three down" not in text
    assert "Not read: deepest.zip (lies too deep in other files)" in text


def test_an_archive_that_holds_itself_ends(tmp_path: Path) -> None:
    data = packed({"a.txt": "words"})
    for _ in range(6):
        data = packed({"a.txt": "words", "again.zip": data})
    assert text_of(zipped(tmp_path, data)).count("words") == 2


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_LARGE", 1_000_000)
    with pytest.raises(UnreadableFile, match="times its size, as no honest archive does"):
        zipped(tmp_path, {"a.txt": "a" * 2_000_000})
    monkeypatch.setattr(archive, "_MOST_BYTES", 1_000_000)
    monkeypatch.setattr(archive, "_BOMB", 10**6)
    with pytest.raises(UnreadableFile, match="unpacks to more than 1 MB"):
        zipped(tmp_path, {"a.txt": "a" * 2_000_000})
    monkeypatch.setattr(archive, "_MOST_READ", 3)
    with pytest.raises(UnreadableFile, match="holds more than 3 files"):
        zipped(tmp_path, {f"{n}.txt": "x" for n in range(4)})
    assert text_of(zipped(tmp_path, {f"{n}.mp4": "x" for n in range(9)} | {"a.txt": "x"})) == "x"


def test_archives_in_an_archive_share_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enclosed, "_MOST_BYTES", 20_000)
    inner = packed({"a.txt": "word " * 3000})
    text = text_of(zipped(tmp_path, {"first.zip": inner, "second.zip": inner, "last.txt": "x"}))
    assert text.count("word") > 2900 and "second.zip (holds no file that can be read (a.txt (was left out" in text


def test_sizes_that_the_directory_hides_are_met_while_unpacking(tmp_path: Path) -> None:
    data = bytearray(packed({"a.txt": "a" * 3_000_000}))
    at = data.rindex(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(UnreadableFile, match="holds no file that can be read"):
        zipped(tmp_path, bytes(data))


@pytest.mark.parametrize(
    ("name", "encoding", "flag"),
    [
        ("合同/租赁协议.txt", "gbk", False),
        ("合同/租賃協議書內容.txt", "big5", False),
        ("résumé/naïve.txt", "utf-8", False),
        ("résumé.txt", "cp437", False),
        ("合同.txt", "utf-8", True),
    ],
)
def test_names_in_other_encodings_are_told(tmp_path: Path, name: str, encoding: str, flag: bool) -> None:
    raw = name.encode(encoding)
    data = packed({"a" * len(raw): "words", "plain.txt": "more"}).replace(b"a" * len(raw), raw)
    if flag:
        data = packed({name: "words", "plain.txt": "more"})
    assert headings(zipped(tmp_path, data)) == [name, "plain.txt"]


def test_long_names_show_their_end(tmp_path: Path) -> None:
    [heading] = headings(zipped(tmp_path, {"folder/" * 30 + "last > one.txt": "words"}))
    assert heading.endswith("/last › one.txt") and len(heading) == 80


def test_a_large_archive_comes_file_by_file_and_tells_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_LARGE", 100)
    path = tmp_path / "a.zip"
    path.write_bytes(packed({f"{n}.txt": f"words of file {n}" for n in range(20)}))
    signs: list[tuple[int, int]] = []
    pieces = iter(read(path, lambda done, total: signs.append((done, total))).pieces)
    next(pieces)
    assert signs[-1][0] < 3 and signs[-1][1] == 20
    assert len(list(pieces)) >= 19 and signs[-1] == (19, 20)


@pytest.mark.skipif(not DOCUMENTS.exists(), reason="the shared documents are not here")
def test_a_real_archive_with_a_protected_file() -> None:
    text = text_of(read(DOCUMENTS / "broken" / "encrypted.zip"))
    assert text == "hello world\n\nNot read: encrypted.txt (is protected by a password)"
