"""Exports: each format has all that was said, and nothing of it acts."""

import io
import json
import re
from dataclasses import replace
from zipfile import ZipFile

import pypdfium2
import pytest
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from storage.anchors import Cells, Lines, Spot
from storage.records import Conversation
from tests.unit.conversations import ANSWER, HOSTILE, ORDINARY
from ui.export import FORMATS, as_markdown, bundle, export, file_name


def html(conversation: Conversation) -> LexborHTMLParser:
    return LexborHTMLParser(export(conversation, "html").decode())


def pdf(conversation: Conversation) -> list[str]:
    document = pypdfium2.PdfDocument(export(conversation, "pdf"))
    return [re.sub(r"\s+", " ", document[at].get_textpage().get_text_range()) for at in range(len(document))]


def test_markdown_has_footnotes_with_their_quotes() -> None:
    text = as_markdown(ORDINARY)
    assert "The warranty lasts 24 months.[^1-1] It covers **parts**." in text
    assert "- 员工每年有十五天年假。[^1-2]" in text
    assert "Nobody says so.†" in text and "† No passage supports this." in text
    assert "[^1-1]: Handbook, page 3 (``/home/me/Hand`book.pdf``): “The warranty lasts 24 months.”" in text


def test_nothing_acts_in_markdown() -> None:
    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(as_markdown(HOSTILE))
    tree = LexborHTMLParser(shown)
    assert tree.css("a, img, script, iframe, table") == []


def test_html_footnotes_lead_to_their_quotes_and_back() -> None:
    tree = html(ORDINARY)
    ids = {node.attributes.get("id") for node in tree.css("[id]")}
    targets = [str(link.attributes["href"]) for link in tree.css("a")]
    assert len(targets) == 4 and all(target[1:] in ids for target in targets)
    note = tree.css_first("#note-1-1")
    assert note is not None
    assert [part in note.text() for part in ("Handbook, page 3", "Hand`book.pdf", "The warranty lasts 24 months.")]
    assert "/home/me" not in tree.html  # type: ignore[operator]  # the folders of a disk are nobody else's business
    assert tree.css_first(".fn-unsupported").text() == "Nobody says so."  # type: ignore[union-attr]
    assert tree.css_first(".refusal").text() == "The documents don't say."  # type: ignore[union-attr]


@pytest.mark.parametrize("conversation", [ORDINARY, HOSTILE], ids=["ordinary", "hostile"])
def test_html_is_one_file_that_fetches_and_runs_nothing(conversation: Conversation) -> None:
    tree = html(conversation)
    policy = tree.css_first('meta[http-equiv="Content-Security-Policy"]')
    assert policy is not None and "default-src 'none'" in str(policy.attributes["content"])
    assert tree.css("script, img, iframe, link, form, [src], [onload], [onclick], [style]") == []
    assert all(str(link.attributes["href"]).startswith("#") for link in tree.css("a"))
    style = tree.css_first("style").text()  # type: ignore[union-attr]
    assert "prefers-color-scheme: dark" in style and "@media print" in style
    assert "url(" not in style and "@import" not in style
    assert "\u202e" not in tree.html and "\x1b" not in tree.html  # type: ignore[operator]


def test_html_says_in_what_language_it_is() -> None:
    assert html(ORDINARY).css_first("html").attributes["lang"] in ("en", "zh")  # type: ignore[union-attr]


def test_words_of_an_export_follow_the_reader() -> None:
    said = export(ORDINARY, "html", lambda text, /, **values: f"<{text}>").decode()
    assert "&lt;No passage supports this.&gt;" in said


def test_a_pdf_holds_latin_and_chinese_text_and_its_footnotes() -> None:
    first = pdf(ORDINARY)[0]
    for part in (
        "年假 & warranty", "How long does the warranty last?", "The warranty lasts 24 months.",
        "员工每年有十五天年假。", "员工手册",
        "“十五天年假”", "Handbook, page 3", "† No passage supports this.", "The documents don't say.",
    ):  # fmt: skip
        assert part in first
    assert "□" not in first
    assert first.startswith("年假 & warranty 1 ")  # the foot of the page


def test_a_pdf_takes_any_text_and_says_what_it_cannot_show() -> None:
    pages = pdf(HOSTILE)
    assert len(pages) > 3
    assert "<script>alert(1)</script>" in pages[0] and "□" in pages[0]
    assert "stands for a character that these fonts do not have" in pages[-1]


def test_a_pdf_links_inside_alone() -> None:
    assert b"/URI" not in export(HOSTILE, "pdf") + export(ORDINARY, "pdf")


@pytest.mark.parametrize(
    ("path", "spot", "said"),
    [
        ("/h/a.txt", Lines(12, 15), "Handbook, lines 12–15"),
        ("/h/a.xlsx", Cells(5, 1, 5, 4), "Handbook, sheet “Rules”, A5:D5"),
        ("/h/a.pptx", None, "Handbook, slide 3"),
    ],
)
def test_a_place_is_said_in_the_words_of_its_format_in_every_export(path: str, spot: Spot | None, said: str) -> None:
    answer = ORDINARY.messages[1]
    page = None if isinstance(spot, Lines) else 3
    citations = (replace(answer.citations[0], path=path, page=page, spot=spot),)
    told = replace(ORDINARY, messages=(replace(answer, citations=citations),))
    assert f": {said} (`{path}`): “" in as_markdown(told)
    assert said in html(told).css_first("#note-0-1").text()  # type: ignore[union-attr]
    assert said in pdf(told)[0]


def test_json_is_whole() -> None:
    whole = json.loads(export(ORDINARY, "json"))
    answer = whole["messages"][1]
    assert (whole["footnote"], whole["tags"], whole["pinned"]) == (1, ["人事"], True)
    assert (answer["text"], answer["comment"], answer["trace"]["embedder"]) == (ANSWER, "wrong", "e5")


def test_several_come_in_one_archive_with_names_of_their_own() -> None:
    with ZipFile(io.BytesIO(bundle([ORDINARY, ORDINARY, HOSTILE], "md"))) as archive:
        assert archive.namelist()[:2] == ["年假  warranty.md", "年假  warranty 2.md"]
        assert archive.read("年假  warranty 2.md").decode() == as_markdown(ORDINARY)
        assert len(archive.namelist()) == 3


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_is_named_after_its_conversation(format: str) -> None:
    assert file_name("年假: a/b?", format) == f"年假 ab.{format}"
    assert file_name("???", format) == f"conversation.{format}"
