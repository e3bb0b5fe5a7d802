"""Documents are set for reading with a quote marked, and nothing of them acts."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import join
from ingest.readers.plain import markdown
from storage.anchors import Anchor, Box
from storage.records import Document, Section
from ui.original.numbered import Line
from ui.original.pictures import Picture
from ui.original.rows import Row, Rows
from ui.original.sheets import Grid
from ui.web.drawer import exhibits, reading
from ui.web.drawer.shown import unplaced

SOURCE = """# Handbook

Leave is **27 days**, see [the portal](https://portal.example/a_(b)) or `hr --leave`.

## Steps

- ask your lead
  - in writing
1. wait

> Two weeks
> at least.

| Who | Days |
|-----|------|
| Staff | 27 |

```sh
leave --days 3 **not bold**
```
"""


def document(text: str, *sections: Section) -> Document:
    return Document("d", "/d.md", "T", "0", text, sections, "md", "en", 1, 0.0)


def handbook() -> Document:
    return document(*_joined(SOURCE))


def _joined(source: str) -> "tuple[str, *tuple[Section, ...]]":
    text, sections, _ = join(markdown.parse(source).pieces)
    return text, *sections


def name(section: Section) -> str:
    return f"Page {section.page}" if section.page else ""


def html(made: Document, quote: str = "") -> str:
    start = made.text.index(quote)
    return reading.text(made, (0, len(made.text)), (start, start + len(quote)), name)


def test_markdown_has_its_form() -> None:
    shown = html(handbook())
    for piece in (
        '<p class="fn-h1">Handbook</p>',
        '<p class="fn-h2">Steps</p>',
        "<strong>27 days</strong>",
        '<span class="fn-link">the portal</span>',
        "<code>hr --leave</code>",
        "<span>•</span><span>ask your lead</span>",
        "<span>1.</span><span>wait</span>",
        "<blockquote>Two weeks<br>at least.</blockquote>",
        "<td> Staff </td><td> 27 </td>",
        "<pre>leave --days 3 **not bold**</pre>",
    ):
        assert piece in shown, piece
    assert "portal.example" not in shown and "---" not in shown


def test_the_quote_is_marked_inside_the_form() -> None:
    assert '<p class="fn-h2"><mark>Steps</mark></p>' in html(handbook(), "## Steps")
    assert "<mark>Leave is </mark><strong><mark>27</mark> days</strong>" in html(handbook(), "Leave is **27")
    shown = html(handbook(), "ask your lead\n  - in writing\n1. wait")
    assert re.findall("<mark>(.*?)</mark>", shown) == ["ask your lead", "in writing", "wait"]
    assert "<td><mark> Staff </mark></td>" in html(handbook(), "| Staff |")


def test_a_heading_that_only_the_section_knows_is_one() -> None:
    made = document("Rent\n\nIt is due.", Section("Lease > Rent", None, 0, 15))
    assert html(made) == '<div class="fn-text"><p class="fn-h2">Rent</p><p>It is due.</p></div>'


def test_pages_are_told_apart() -> None:
    made = document("One.\n\nTwo.", Section("", 1, 0, 6), Section("", 2, 6, 10))
    shown = html(made, "Two.")
    assert shown.index("Page 1") < shown.index("One.") < shown.index("Page 2") < shown.index("<mark>Two.</mark>")


OURS = (
    r"</?(?:p|div|span|strong|code|pre|blockquote|mark|br|table|tbody|tr|td)"
    r"(?: class=\"fn-\w+\"| style=\"margin-left: [\d.]+rem\")*>"
)


@given(st.text(alphabet=st.sampled_from("ab<>&\"'*`[]()!|#->1.\n 中。"), max_size=80), st.data())
def test_nothing_of_a_text_acts_and_every_letter_of_the_quote_is_marked(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    shown = reading.text(document(text), (0, len(text)), (start, end), name)
    rest = re.sub(OURS, "", shown)
    assert "<" not in rest and ">" not in rest
    assert shown.count("<mark>") == shown.count("</mark>")
    marked = "".join(re.findall("<mark>(.*?)</mark>", shown, re.DOTALL))
    letters = [character for character in text[start:end] if character in "中"]
    hidden = reading.text(document(text), (0, len(text)), (0, 0), name).count("中")
    assert marked.count("中") <= len(letters)
    if hidden == text.count("中"):  # none is in the address of a link
        assert marked.count("中") == len(letters)


def test_a_window_is_cut_at_the_ends_of_lines() -> None:
    text = "\n".join(f"line {n}" for n in range(1000))
    start, end = reading.window(text, (text.index("line 500"), text.index("line 501")), 30, 30)
    assert text[start:end].startswith("line 49") and text[start:end].split("\n")[-1].startswith("line 50")
    assert reading.window(text, (0, 4), 10_000, 10_000) == (0, len(text))


def test_a_window_into_one_endless_line_is_cut_anywhere() -> None:
    text = "x" * 50_000
    assert reading.window(text, (25_000, 25_010), 1000, 1000) == (24_000, 26_010)


def test_a_window_that_begins_in_code_shows_code() -> None:
    made = document("Text\n\n```\none\ntwo\n```\n\nthree")
    shown = reading.text(made, (made.text.index("two"), len(made.text)), (0, 0), name)
    assert shown == '<div class="fn-text"><pre>two</pre><p>three</p></div>'


def test_rows_show_their_numbers_and_marks() -> None:
    found = Rows(("<Name>", "Born"), (Row(2, ("Ada", "1815"), True, {1: (0, 2)}), Row(3, ("<b>", ""), False, {})), 0, 0)
    shown = exhibits.rows(found, "Rows of <T>")
    assert 'aria-label="Rows of &lt;T&gt;"' in shown
    assert '<th scope="col">&lt;Name&gt;</th>' in shown
    assert '<tr class="fn-cited"><th scope="row">2</th><td>Ada</td><td><mark>18</mark>15</td></tr>' in shown
    assert '<tr><th scope="row">3</th><td>&lt;b&gt;</td><td></td></tr>' in shown


def test_a_sheet_has_letters_and_names_above_its_rows() -> None:
    head, plain = Row(3, ("Tool", "<Price>"), False, {}), Row(9, ("Drill", "", "late"), False, {})
    found = Grid(("2024",), 27, (head,), (Row(8, ("Saw", "30"), True, {1: (0, 2)}), plain), True, False, False)
    shown = exhibits.grid(found, "Rows of <T>")
    assert 'aria-label="Rows of &lt;T&gt;"' in shown
    letters, names = re.findall("<tr.*?</tr>", shown.partition("</thead>")[0])
    assert re.findall(">([^<]*)</th>", letters) == ["", "AA", "AB", "AC"]
    assert re.findall(">([^<]*)</th>", names) == ["3", "Tool", "&lt;Price&gt;", ""]
    assert '<tr class="fn-cited"><th scope="row">8</th><td>Saw</td><td><mark>30</mark></td><td></td></tr>' in shown


def test_lines_show_their_numbers_and_marks() -> None:
    found = [Line(99, "<b>"), Line(100, "if x:", True, (3, 4)), Line(101, "")]
    shown = exhibits.lines(found, "Lines of <T>", code=True)
    assert 'class="fn-lines fn-code"' in shown and 'aria-label="Lines of &lt;T&gt;"' in shown
    assert "--fn-digits: 3" in shown
    assert '<li value="99">&lt;b&gt;</li><li value="100" class="fn-cited">if <mark>x</mark>:</li>' in shown
    assert '<li value="101"><br></li>' in shown


@pytest.mark.parametrize("mark", [(0, 0), (50_000, 50_010), (99_990, 100_000), (0, 100_000)])
def test_of_an_endless_line_what_is_around_the_mark_is_shown(mark: tuple[int, int]) -> None:
    shown = exhibits.lines([Line(1, "x" * 100_000, True, mark)], "", code=False)
    assert 600 < len(shown) < 3000 and "…" in shown
    assert shown.count("<mark>") == (mark != (0, 0))


def test_what_a_slide_has_besides_its_shapes_is_told_apart() -> None:
    text = "Title\n\nBody\n\nNotes: slow\n\nNext"
    anchors = tuple(Anchor(*span, Box(0, 0, 1, 1)) for span in ((0, 5), (7, 11), (26, 30)))
    made = replace(document(text, Section("", 1, 0, 26), Section("", 2, 26, 30)), anchors=anchors)
    assert [text[slice(*span)].strip() for span in unplaced(made, 1)] == ["Notes: slow"]
    assert unplaced(made, 2) == unplaced(made, 3) == []


def test_a_picture_has_its_boxes_and_says_what_it_is() -> None:
    shown = exhibits.picture(Picture(b"x", 10, 20, 1, (Box(0.1, 0.2, 0.5, 0.25),)), 'Page 1 of "T"', large=True)
    assert "left: 10.00%; top: 20.00%; width: 40.00%; height: 5.00%" in shown and "fn-framed" not in shown
    assert 'alt="Page 1 of &quot;T&quot;"' in shown and "fn-large" in shown


def test_the_demo_documents_can_be_read_whole() -> None:
    for path in sorted(Path(reading.__file__).parents[1].joinpath("demo").glob("*.md")):
        text, sections, _ = join(markdown.read(path).pieces)
        shown = reading.text(document(text, *sections), (0, len(text)), (0, 0), name)
        assert shown.count('class="fn-h') == sum(line.startswith("#") for line in text.split("\n")), path
