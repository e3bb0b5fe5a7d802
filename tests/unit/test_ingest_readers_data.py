"""Data and what is made of it: JSON, XML, notebooks and subtitles become text that a person can read and be shown."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from ingest.clean import join
from ingest.readers import read, source
from storage.anchors import Lines, spot_of
from storage.errors import UnreadableFile
from tests.samples import DOCUMENTS

Write = Callable[[str, str], Path]


def text_of(path: Path) -> str:
    return join(read(path).pieces).text


def lines_of(path: Path, words: str) -> object:
    text, _, anchors = join(read(path).pieces)
    start = text.index(words)
    return spot_of(text, anchors, start, start + len(words))


def parts(path: Path) -> list[tuple[str, str]]:
    text, sections, _ = join(read(path).pieces)
    return [(section.heading, text[section.start : section.end].strip()) for section in sections]


def test_json_is_keys_and_values_below_their_path(write: Write) -> None:
    value = {
        "title": "Orders", "author": {"name": "Odile"}, "date": "2024-02-29", "keywords": ["bread", "rye"],
        "open": True, "note": None, "shop": {"street": "Quai 4", "city": "Lyon"},
        "orders": [{"id": 7, "who": "Lys"}, {"id": 8, "who": "学校"}],
        "rye": {"steps": "Mix.\n\nWait.", "degrees": 240},
    }  # fmt: skip
    path = write("orders.json", json.dumps(value))
    reading = read(path)
    assert (reading.title, reading.authors, reading.tags) == ("Orders", ("Odile",), ("bread", "rye"))
    assert reading.created == datetime(2024, 2, 29, tzinfo=UTC)
    assert parts(path) == [
        (
            "",
            "title: Orders\nauthor: (name: Odile)\ndate: 2024-02-29\nkeywords: bread, rye\nopen: true\n"
            "shop: (street: Quai 4; city: Lyon)",
        ),
        ("orders", "id: 7; who: Lys\nid: 8; who: 学校"),
        ("rye", "degrees: 240"),
        ("rye > steps", "Mix.\n\nWait."),
    ]


def test_json_keeps_numbers_and_repeated_keys_as_they_are_written(write: Write) -> None:
    digits = "9" * 6000
    text = text_of(write("a.json", f'{{"price": 1.50, "big": {digits}, "odd": 1e999, "tag": "a", "tag": "b"}}'))
    assert text == f"price: 1.50\n\nbig: {digits}\n\nodd: 1e999\ntag: a, b"


def test_what_is_in_an_array_of_json_has_its_lines(write: Write) -> None:
    path = write("a.json", '[\r\n {"a": 1},\r\n {"name": "B",\r\n  "b": [{"c": [{"d": 2}]}]\r\n },\r\n 3]')
    assert (lines_of(path, "a: 1"), lines_of(path, "d: 2")) == (Lines(2, 2), Lines(3, 5))
    assert [heading for heading, _ in parts(path)] == ["", "B", "B > b > 1 > c", ""]


def test_a_picture_inside_of_json_is_no_text(write: Write) -> None:
    path = write("a.json", json.dumps({"name": "x", "icon": "data:image/png;base64," + "iVBORw0K" * 500}))
    assert text_of(path) == "name: x"


@pytest.mark.parametrize(
    "broken",
    [
        '{"name": "Ada",\n "age": 36,\n',
        "// settings\n{\n  'a': 1,\n}\n",
        "[" * 100_000 + "\nAda\n",
        '{"a": 1} and more\n',
    ],
)
def test_broken_json_is_read_as_the_text_that_it_is(write: Write, broken: str) -> None:
    path = write("a.json", broken)
    assert text_of(path).split() == broken.split()
    assert lines_of(path, broken.split()[0]) == Lines(1, 1)


def test_an_array_that_breaks_off_is_read_up_to_there(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "SMALL", 0)
    path = write("a.json", '[{"a": 1},\n{"b": 2},\n{"c": tr')
    assert text_of(path) == 'a: 1\nb: 2\n\n{"c": tr'
    assert lines_of(path, '"c"') == Lines(3, 3)


def test_deep_json_is_read_to_its_ground(write: Write) -> None:
    depth = 700
    text = text_of(write("deep.json", '{"a": ' * depth + '{"end": "x\\ny"}' + "}" * depth))
    assert "x\ny" in text and len(text) < 10_000


def test_each_line_of_json_lines_is_a_row(write: Write) -> None:
    path = write("a.jsonl", '{"day": 1, "n": 2}\n\nno json\n{"report": "one\\ntwo", "by": {"who": "Noor"}}\n[1, 2]\n')
    assert text_of(path) == "day: 1; n: 2\nno json\n\nby: (who: Noor)\nreport: one\ntwo\n1, 2"
    assert [lines_of(path, words) for words in ("day", "no json", "two", "1, 2")] == [
        Lines(1, 1), Lines(3, 3), Lines(4, 4), Lines(5, 5),
    ]  # fmt: skip


def test_json_lines_may_have_the_name_of_json(write: Write) -> None:
    assert text_of(write("a.json", '{"a": 1}\n{"a": 2}\n')) == "a: 1\na: 2"


RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
  <title>Harbour news</title><dc:creator>Runa</dc:creator><pubDate>Mon, 01 Apr 2024 10:00:00 GMT</pubDate>
  <item><title>Ferry</title><description>&lt;p&gt;It runs &lt;b&gt;twice&lt;/b&gt; a day.&lt;/p&gt;</description></item>
  <item><title>Gate</title><description>Shut until May.</description></item>
</channel></rss>
"""


def test_a_feed_is_rows_without_markup(write: Write) -> None:
    reading = read(write("news.xml", RSS))
    text = join(reading.pieces).text
    assert (reading.title, reading.authors) == ("Harbour news", ("Runa",))
    assert reading.created == datetime(2024, 4, 1, 10, tzinfo=UTC)
    assert "title: Ferry; description: It runs twice a day.\ntitle: Gate; description: Shut until May." in text


def test_records_of_xml_are_rows_with_their_lines(write: Write) -> None:
    path = write("a.xml", "<c>\n<x:bell xmlns:x='u' id='1'><x:name>Tenor</x:name>\n</x:bell>\n<bell id='2'/>\n</c>")
    assert parts(path) == [("bell", "id: 1; name: Tenor"), ("", "bell: id: 2")]
    assert lines_of(path, "Tenor") == Lines(2, 3)


def test_prose_of_xml_has_headings_and_no_labels(write: Write) -> None:
    source = (
        "<TEI><text><body><div><head>Rope</head><p>It is <hi>new</hi>,\n and dry.</p><lg><l>one</l><l>two</l></lg>"
        "<div><head>End</head><p>Cut.</p></div><p>After.</p></div></body></text></TEI>"
    )
    assert parts(write("a.xml", source)) == [
        ("Rope", "Rope\n\nIt is new, and dry.\n\none\ntwo"), ("Rope > End", "End\n\nCut."), ("Rope", "After."),
    ]  # fmt: skip


BOMB = '<!DOCTYPE b [<!ENTITY e0 "lolololol">{}]>'.format(
    "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 6))
)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (f'<!DOCTYPE b [<!ENTITY f SYSTEM "file://{__file__}">]><b>text &f; end</b>', "text end"),
        ('<!DOCTYPE b SYSTEM "http://127.0.0.1:1/x.dtd"><b>text</b>', "text"),
        ('<!DOCTYPE b [<!ENTITY co "Ada &#38; Co">]><b>made in Lyon by &co;</b>', "made in Lyon by"),
        ('<!DOCTYPE b [<!ENTITY co "Ada Ltd">]><b>by &co;, caf&eacute;</b>', "by Ada Ltd, café"),
        ("<b>caf&eacute; A & B, 1 < 2</b>", "café A & B, 1 < 2"),
        ("<?xml version='1.0'?>\n<r><b>first</b><b>sec", "b: first\nb: sec"),
        ("<?xml version='1.0' encoding='utf-8'?><b>caf\xe9 noir</b>", "café noir"),
    ],
)
def test_hostile_and_broken_xml_gives_what_it_holds(tmp_path: Path, source: str, text: str) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(source.encode("latin-1"))
    started = monotonic()
    assert text_of(path) == text
    assert monotonic() - started < 5


@pytest.mark.parametrize("holds", ["<b>text &e5; end</b>", '<b t="&e5;&e5;">text</b>'])
def test_entities_that_unfold_without_end_are_refused(write: Write, holds: str) -> None:
    started = monotonic()
    with pytest.raises(UnreadableFile, match="its entities cannot be unfolded"):
        read(write("a.xml", BOMB + holds))
    assert monotonic() - started < 5


@pytest.mark.parametrize("source", ["<a>" * 3000 + "bottom" + "</a>" * 3000, "no xml at all", "<r>" + "x" * 10_500_000])
def test_xml_that_no_parser_takes_is_read_as_the_text_that_it_is(write: Write, source: str) -> None:
    assert source.removesuffix("</a>" * 3000)[-10:] in text_of(write("a.xml", source))


def test_xhtml_is_read_as_a_page(write: Write) -> None:
    page = (
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Rules</title></head><body><p>Quiet.</p></body></html>'
    )
    reading = read(write("a.xml", page))
    assert (reading.title, join(reading.pieces).text) == ("Rules", "Quiet.")


def notebook(*cells: dict[str, Any], **metadata: Any) -> str:
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4})


def cell(kind: str, said: str | list[str], *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": kind, "source": said, "metadata": {}, "outputs": list(outputs)}


def test_a_notebook_has_its_cells_as_pages(write: Write) -> None:
    content = notebook(
        cell("markdown", ["# Seeds\n", "\n", "We count ![x](data:image/png;base64," + "A" * 300 + ")."]),
        cell("code", "a  = 1\n\n\n\nb = 2", {"output_type": "stream", "text": ["\x1b[31m34 rows\x1b[0m\n"]}),
        cell("markdown", "## 结果"),
        cell("code", "a / 0", {"output_type": "error", "ename": "ZeroDivisionError", "evalue": "by zero"}),
        cell("code", "plot()", {"data": {"image/png": "iVBOR", "text/plain": "<Figure size 6x4 with 1 Axes>"}}),
        cell("raw", "as it is"),
        authors=[{"name": "Wen Li"}], kernelspec={"name": "python3"},
    )  # fmt: skip
    reading = read(write("a.ipynb", content))
    text, sections, _ = join(reading.pieces)
    assert (reading.title, reading.pages, reading.authors) == ("Seeds", 6, ("Wen Li",))
    assert [(section.heading, section.page) for section in sections] == [
        ("", 1), ("", 2), ("结果", 3), ("结果", 4), ("结果", 5), ("结果", 6),
    ]  # fmt: skip
    assert "```python\na  = 1\n\n\n\nb = 2\n```\n\n```\n34 rows\n```" in text
    assert "ZeroDivisionError: by zero" in text and "Figure" not in text and "AAAA" not in text


def test_notebooks_of_the_third_version_are_read(write: Write) -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Deep"]},
        {"cell_type": "code", "input": "x", "outputs": [{"output_type": "pyout", "text": ["17"]}]},
    ]
    path = write("a.ipynb", json.dumps({"worksheets": [{"cells": cells}]}))
    assert parts(path) == [("Deep", "Deep"), ("Deep", "```\nx\n```\n\n```\n17\n```")]  # on two pages


@pytest.mark.parametrize("content", ['{"cells": 5}', "[1]", '{"cells": [', "[" * 50_000, "plain"])
def test_what_is_no_notebook_is_read_as_the_text_that_it_is(write: Write, content: str) -> None:
    assert text_of(write("a.ipynb", content)) == content


def test_a_fence_that_a_cell_leaves_open_ends_with_it(write: Write) -> None:
    path = write("a.ipynb", notebook(cell("markdown", "```\nopen  it"), cell("markdown", "closed  again")))
    assert text_of(path) == "```\nopen  it\n```\n\nclosed again"


@pytest.mark.parametrize("outputs", [5, [5, None, {"data": 3}, {"text": {"a": 1}}]])
def test_odd_outputs_of_a_notebook_are_passed_over(write: Write, outputs: object) -> None:
    odd = {"cell_type": "code", "source": "x = 1", "outputs": outputs}
    assert "x = 1" in text_of(write("a.ipynb", json.dumps({"cells": [odd, None, 7], "metadata": []})))


SRT = """1
00:00:04,500 --> 00:00:07,000
We start at the old mill,
where the path <i>turns</i>.

2
00:00:07,200 --> 00:00:09,000
It is far.

and a line that went astray

3
01:02:03,000 --> 01:02:05,000
- Is it open?
- No.
"""


def test_subtitles_are_paragraphs_with_their_time_and_lines(write: Write) -> None:
    path = write("a.srt", SRT.replace("\n", "\r\n"))
    assert text_of(path).split("\n\n") == [
        "[00:00:04] We start at the old mill, where the path turns. It is far. and a line that went astray",
        "[01:02:03] - Is it open?",
        "[01:02:03] - No.",
    ]
    assert (lines_of(path, "It is far"), lines_of(path, "- No")) == (Lines(1, 10), Lines(12, 15))


def test_subtitles_that_roll_up_are_said_once(write: Write) -> None:
    rolling = (
        "WEBVTT - Moss\nKind: captions\n\nNOTE made by a machine\n\n00:01.000 --> 00:02.000\nmoss has no roots\n\n"
        "00:02.000 --> 00:03.000\nmoss has no roots\nand <c>needs</c> none &amp; lives\n\n"
        "00:03.000 --> 00:04.000\nand needs none &amp; lives\n<v Ben>on stones\n"
    )
    reading = read(write("a.vtt", rolling))
    assert reading.title == "Moss"
    assert (
        join(reading.pieces).text == "[00:00:01] moss has no roots and needs none & lives\n\n[00:00:03] Ben: on stones"
    )


def test_subtitles_without_a_time_are_text(write: Write) -> None:
    assert text_of(write("a.srt", "Only words.\n\nAnd more.\n")) == "Only words.\n\nAnd more."


@pytest.mark.skipif(not DOCUMENTS.exists(), reason="the shared documents are not here")
def test_real_data_is_read() -> None:
    assert "name: France; capital: Paris; leader: Emmanuel Macron; sport: Soccer" in text_of(DOCUMENTS / "factbook.xml")
    reading = read(DOCUMENTS / "tf_自动微分.ipynb")
    assert (reading.title, reading.pages) == ("梯度和自动微分简介", 75)
    assert "with tf.GradientTape() as tape:" in join(reading.pieces).text
