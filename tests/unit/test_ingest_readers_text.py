"""Texts: every paragraph knows its lines, any size is read in little memory, and what is no text is refused."""

import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ingest.clean import Joined, Reading, join
from ingest.readers import matter, read, source
from ingest.readers.plain import markdown
from storage.anchors import Lines, spot_of
from storage.errors import UnreadableFile
from tests.samples import DOCUMENTS

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is taken for one too large to be held."""
    monkeypatch.setattr(source, "SMALL", 0)


def lines_of(joined: Joined, words: str) -> Lines | None:
    start = joined.text.index(words)
    found = spot_of(joined.text, joined.anchors, start, start + len(words))
    assert not found or isinstance(found, Lines)
    return found


NOTES = """Notes of the allotment society, which met on the first
Monday of May in the old pump house by the canal.

Present: Ada, Grace


第一章 总则

The gate code is 4711.
It changes in June.
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_paragraphs_of_a_text_know_their_lines(write: Write, ends: str) -> None:
    joined = join(read(write("notes.txt", NOTES.replace("\n", ends))).pieces)
    assert joined.text.startswith("Notes of the allotment society, which met on the first Monday of May")
    assert lines_of(joined, "pump house") == Lines(1, 2)  # one paragraph, of two lines
    assert lines_of(joined, "Ada") == Lines(4, 4)
    assert lines_of(joined, "第一章") == Lines(7, 7)
    assert lines_of(joined, "June") == Lines(10, 10)


GUIDE = """---
title: House guide
---
# Heating

The boiler is in the cellar, behind
the door with the brass handle.

- bleed  it <!-- in
May --> yearly

```
set  21
```

Setext
------
end
"""


def test_markdown_knows_its_lines(write: Write) -> None:
    joined = join(read(write("guide.md", GUIDE)).pieces)
    found = {words: lines_of(joined, words) for words in ("House guide", "brass", "yearly", "set  21", "Setext", "end")}
    assert found == {
        "House guide": Lines(2, 2), "brass": Lines(6, 7), "yearly": Lines(10, 10), "set  21": Lines(13, 13),
        "Setext": Lines(16, 16), "end": Lines(18, 18),
    }  # fmt: skip


def test_a_text_with_headings_of_markdown_is_markdown(write: Write) -> None:
    sections = join(read(write("a.txt", "# One\n\na\n\n## Two\n\nb\n")).pieces).sections
    assert [section.heading for section in sections] == ["", "Two"]  # "One" is the title


@pytest.mark.parametrize(
    ("matter_of", "authors", "tags", "created"),
    [
        ("author: Ada Lovelace\ntags: [a, 'b c']\ndate: 2024-05-01", ("Ada Lovelace",), ("a", "b c"), (2024, 5, 1)),
        ("authors:\n  - Ada\n  - name: Grace\n    email: g@x.org\nkeywords: x; y", ("Ada", "Grace"), ("x", "y"), None),
        ("作者: 王芳、李雷\n标签:\n- 春天\n日期: 2023年4月5日", ("王芳", "李雷"), ("春天",), (2023, 4, 5)),
        ("author: Lovelace, Ada\ndate: someday", ("Lovelace, Ada",), (), None),
        ("title: only", (), (), None),
    ],
)
def test_front_matter_tells_of_the_text(
    write: Write, matter_of: str, authors: tuple[str, ...], tags: tuple[str, ...], created: tuple[int, ...] | None
) -> None:
    reading = read(write("a.md", f"---\n{matter_of}\n---\n\nText.\n"))
    assert (reading.authors, reading.tags) == (authors, tags)
    assert reading.created == (datetime(*created, tzinfo=UTC) if created else None)
    assert join(reading.pieces).text == f"{matter_of}\n\nText."  # and stays part of it


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("2024-05-01T10:30:00+02:00", datetime(2024, 5, 1, 10, 30, tzinfo=timezone(timedelta(hours=2)))),
        ("Mon, 19 Dec 2005 12:04:11 GMT", datetime(2005, 12, 19, 12, 4, 11, tzinfo=UTC)),
        ("on 2024/5/1, at noon", datetime(2024, 5, 1, tzinfo=UTC)),
        ("2024-13-41", None),
        ("", None),
    ],
)
def test_dates_are_read_as_people_write_them(said: str, when: datetime | None) -> None:
    assert matter.dated(said) == when


def test_rows_of_a_table_know_their_lines(write: Write) -> None:
    joined = join(read(write("t.csv", 'name,note\r\nAda,"two\r\nlines"\r\n\r\nGrace,one\r\n')).pieces)
    assert joined.text == "name: Ada; note: two lines\nname: Grace; note: one"
    assert lines_of(joined, "two lines") == Lines(2, 3)
    assert lines_of(joined, "Grace") == Lines(5, 5)


def test_a_quote_that_is_never_closed_costs_no_rows(write: Write) -> None:
    joined = join(read(write("t.csv", 'size,thing\n"5 inch,pipe\n6 inch,valve\n7 inch,tap\n')).pieces)
    assert joined.text.split("\n")[1:] == ["size: 6 inch; thing: valve", "size: 7 inch; thing: tap"]


def test_the_separator_that_is_told_to_excel_is_no_row(write: Write) -> None:
    assert join(read(write("t.csv", "sep=;\na;b\n1;2,5\n")).pieces).text == "a: 1; b: 2,5"


RST = """:Author: Ines
:tags: kiln

Kiln
====

Load it
the evening before::

  stage 1:  600

  stage 2: 1060

.. note:: Mind
   the door.

+-----+------+
| Day | Open |
+=====+======+
| Fri | 10   |
+-----+------+

Term
  What it is.

.. [1] A note below.
"""


def test_rst_keeps_structure_and_lines(write: Write) -> None:
    reading = read(write("kiln.rst", RST))
    joined = join(reading.pieces)
    assert (reading.title, reading.authors, reading.tags) == ("Kiln", ("Ines",), ("kiln",))
    assert "Load it the evening before:\n\n```\nstage 1:  600\n\nstage 2: 1060\n```" in joined.text
    found = {words: lines_of(joined, words) for words in ("stage 2", "Note: Mind the door.", "Open: 10", "What it is")}
    assert found == {
        "stage 2": Lines(12, 12), "Note: Mind the door.": Lines(14, 15), "Open: 10": Lines(17, 21),
        "What it is": Lines(24, 24),
    }  # fmt: skip
    assert joined.text.endswith("[1] A note below.")


@pytest.mark.parametrize(
    "source",
    [
        "a\n=\n" * 100_000,
        "".join(" " * depth + ".. note:: a\n" for depth in range(800)),
        "".join(" " * depth + "a\n\n" for depth in range(800)),
        "== ==\na b\n" * 50_000,
        "`a <" * 100_000,
        "+--+\n\n" * 100_000 + "end",
    ],
)
def test_hostile_rst_is_read(write: Write, source: str) -> None:
    assert join(read(write("h.rst", source)).pieces).text


def test_latex_is_words_below_sections(write: Write) -> None:
    source = (
        "\\title{On \\emph{Tides}}\n\\author{Runa Holm \\and Teo}\n\\begin{document}\nWater rises\n3~metres. % really\n"
        "\\section{The $h_1$ gate}\nShut at 40\\%.\n\\end{document}\n"
    )
    reading = read(write("tides.tex", source))
    joined = join(reading.pieces)
    assert (reading.title, reading.authors) == ("On Tides", ("Runa Holm", "Teo"))
    assert "Water rises 3 metres." in joined.text and "really" not in joined.text
    assert [section.heading for section in joined.sections] == ["", "The $h_1$ gate"]
    assert lines_of(joined, "40%") == Lines(7, 7)


@pytest.mark.usefixtures("streamed")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", NOTES * 40),
        ("guide.md", GUIDE + "para\n\n" * 300 + "```\n" + "code  x\n\n" * 300 + "```\n# End\n\nlast\n"),
        ("t.csv", 'a,b\n1,"x\ny"\n' + "2,3\n" * 500),
        ("rec.jsonl", '{"a": 1}\n' * 200 + '{"b": "c"}'),
        ("arr.json", '[\n {"a": 1},\n' + ' {"b": [{"c": 2}]},\n' * 200 + ' {"d": 3}\n]\n'),
        ("mod.py", "class A:\n    def f(self):\n        pass\n\n\n" * 50 + "x = 1\n"),
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\nHello.\n\n" * 50),
        ("a.log", "10:00 started\n" * 50),
        ("wide.txt", NOTES.encode("utf-16")),
        ("gbk.txt", "第一条 本法适用于境内的企业和个人。\n".encode("gb18030") * 50),
    ],
)
def test_a_file_read_as_a_stream_gives_the_same(
    write: Write, monkeypatch: pytest.MonkeyPatch, name: str, content: str | bytes
) -> None:
    path = write(name, content)
    stream = read(path)
    assert not isinstance(stream.pieces, tuple)
    joined = join(stream.pieces)
    monkeypatch.undo()
    whole = read(path)
    assert isinstance(whole.pieces, tuple)
    assert (stream.title, joined) == (whole.title, join(whole.pieces))


@pytest.mark.usefixtures("streamed")
def test_what_is_too_long_to_be_held_comes_in_parts(write: Write) -> None:
    paragraph = read(write("a.txt", "The rent is due in May.\n" * 20_000))
    assert max(len(piece.text) for piece in paragraph.pieces) < 100_000
    line = tuple(read(write("b.txt", "word " * 500_000)).pieces)
    assert [len(piece.text.split()) for piece in line] == [200_000, 200_000, 100_000]
    assert {piece.spot for piece in line} == {Lines(1, 1)}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.json"])
def test_a_large_file_takes_little_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with path.open("w", encoding="utf-8") as file:
        file.write("[" if name == "a.json" else "")
        for number in range(150_000):
            json = f'{{"number": {number}, "said": "the barge is {number} metres long and carries gravel"}}'
            file.write(json + (",\n" if name == "a.json" else "\n"))
    tracemalloc.start()
    count = sum(len(piece.text) for piece in read(path).pieces)
    assert count > 8_000_000
    assert tracemalloc.get_traced_memory()[1] < 60_000_000
    tracemalloc.stop()


@pytest.mark.usefixtures("streamed")
def test_a_large_file_of_blanks_holds_no_text(write: Write) -> None:
    with pytest.raises(UnreadableFile, match="holds no text"):
        read(write("a.txt", " \n\t\n" * 1000))


@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.csv", "a.py", "a.jsonl", "a.srt", "a.rst"])
def test_binary_data_is_refused_whatever_its_name(
    write: Write, monkeypatch: pytest.MonkeyPatch, size: str, name: str
) -> None:
    if size == "large":
        monkeypatch.setattr(source, "SMALL", 0)
    with pytest.raises(UnreadableFile, match="is not text: it holds binary data"):
        read(write(name, b"GIF89a" + bytes(range(256)) * 400))


def test_markdown_of_another_program_is_parsed_from_text() -> None:
    reading = markdown.parse("# A\n\nb")
    assert isinstance(reading, Reading) and reading.title == "A"


@pytest.mark.skipif(not DOCUMENTS.exists(), reason="the shared documents are not here")
@pytest.mark.parametrize(
    ("name", "words", "lines"),
    [
        ("war-and-peace.txt", "Well, Prince, so Genoa and Lucca", None),
        ("劳动合同法实施条例_gb18030.txt", "劳动合同法实施条例", None),
        ("文字排列方向_big5.txt", "文字", None),
        ("smolagents_utf16.txt", "agents", None),
        ("broken/utf16be_no_bom.txt", "", None),
        ("broken/utf32.txt", "", None),
        ("broken/latin1.md", "", None),
        ("broken/incomplete_json.txt", "johndoe@example.com", Lines(4, 4)),
    ],
)
def test_real_texts_are_read(name: str, words: str, lines: Lines | None) -> None:
    joined = join(read(DOCUMENTS / name).pieces)
    assert "\ufffd" not in joined.text
    found = lines_of(joined, words)
    assert found is not None and (lines is None or found == lines)
