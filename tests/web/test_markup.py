"""Untrusted text stays text, and footnotes stand where their sentences end."""

import pytest

from storage.records import Citation
from ui.web import markup


def note(marker: int, start: int, end: int) -> Citation:
    return Citation(marker, "d", "T", "/t", None, 0, 1, "q", start, end)


def test_markers_follow_their_sentences() -> None:
    html = markup.answer("One. Two.", "m", [note(1, 0, 4), note(2, 5, 9)])
    assert html.index("One.") < html.index(">1</a>") < html.index("Two.") < html.index(">2</a>")
    assert 'data-opens="m-2"' in html


def test_two_footnotes_at_one_sentence_keep_their_order() -> None:
    html = markup.answer("One.", "m", [note(2, 0, 4), note(1, 0, 4)])
    assert html.index(">1</a>") < html.index(">2</a>")


def test_unsupported_sentences_are_marked_and_no_others() -> None:
    html = markup.answer("Good. Bad.", unsupported=[(6, 10)])
    assert '<span class="fn-unsupported">Bad.</span>' in html
    assert html.count("fn-unsupported") == 1


def test_a_marked_list_item_stays_a_list_item() -> None:
    html = markup.answer("- first\n- second", "m", [note(1, 0, 7)], [(8, 16)])
    assert html.count("<li>") == 2
    assert '<li><span class="fn-unsupported">second</span></li>' in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src="http://example.org/x.png" onerror=alert(1)>',
        "**<b onclick=x>**",
        "`<i>`",
        "```\n<u>\n```",
        "\ue000\ue002 7\ue003",
    ],
)
def test_no_tag_of_the_text_survives(text: str) -> None:
    html = markup.answer(text, "m")
    for tag in ("<script", "<img", "<b ", "<i>", "<u>", "<sup", "fn-unsupported"):
        assert tag not in html


def test_links_and_images_of_markdown_stay_text() -> None:
    html = markup.answer("[here](javascript:alert(1)) ![x](http://example.org/x.png)")
    assert "<a" not in html and "<img" not in html
    assert "[here](javascript:alert(1))" in html


def test_bold_code_headings_numbers_and_breaks() -> None:
    html = markup.answer("## Head\n\n**bold** and `code`\nnext line\n\n3. three\n4. four\n\n```\na  b\n```\nafter")
    assert '<p class="fn-heading">Head</p>' in html
    assert "<p><strong>bold</strong> and <code>code</code><br>next line</p>" in html
    assert '<ol start="3"><li>three</li><li>four</li></ol>' in html
    assert "<pre>a  b\n</pre>" in html
    assert "<p>after</p>" in html


def test_a_passage_is_escaped_around_and_inside_its_mark() -> None:
    html = markup.passage("<a>", "<q>", "<z>")
    assert "&lt;a&gt;<mark>&lt;q&gt;</mark>&lt;z&gt;" in html


def test_matches_are_highlighted_in_any_letter_case() -> None:
    assert markup.highlighted("A <b> a", "a") == "<mark>A</mark> &lt;b&gt; <mark>a</mark>"
    assert markup.highlighted("年假有几天", "年假") == "<mark>年假</mark>有几天"


@pytest.mark.parametrize("text", ["**x**", "[a](b)", ":red[x]", "`x`", "$x$", "# x", "<b>", "![a](b)"])
def test_labels_show_markdown_as_it_was_typed(text: str) -> None:
    label = markup.plain(text)
    assert label.replace("\\", "").replace("\u2060", "") == text
    assert all(label[at - 1] == "\\" for at, c in enumerate(label) if c in "*[]()`$#<>!")
