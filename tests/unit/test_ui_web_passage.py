"""A passage is shown where it stands, with what stands around it."""

import re

import pytest

from storage.records import Citation, Document, Section
from ui.web.drawer import views
from ui.web.drawer.passage import standing
from ui.web.drawer.shown import Part, parts
from ui.web.markup import around

TEXT = "One two three. The quote stands here. Four five six."
QUOTE = "The quote stands here."


def cited(start: int, quote: str = QUOTE) -> Citation:
    return Citation(1, "d", "T", "/t", None, start, start + len(quote), quote, 0, 0)


def test_a_quote_stands_where_it_stood() -> None:
    assert standing(TEXT, cited(15)) == (15, 37)
    assert standing(f"{QUOTE} {TEXT}", cited(38)) == (38, 60)


def test_a_quote_that_moved_is_found() -> None:
    assert standing("New. " + TEXT, cited(15)) == (20, 42)


def test_a_quote_that_is_gone_is_not_made_up() -> None:
    assert standing("Another text.", cited(0)) is None


def test_a_quote_on_two_pages_is_parted() -> None:
    sections = (Section("A", 1, 0, 10), Section("B", 1, 10, 20), Section("B", 2, 20, 52))
    document = Document("d", "/t.pdf", "T", "0", TEXT, sections, "pdf", "en", 1, 0.0, 2)
    assert parts(document, (15, 37)) == {
        1: Part("The q", (15, 20), 0.75),
        2: Part("uote stands here.", (20, 37), 0.0),
    }
    assert parts(document, (0, 0)) == {}


def test_long_texts_are_cut_between_words() -> None:
    assert around(TEXT, 15, 37, 9) == ("…three. ", QUOTE, " Four…")


def test_chinese_is_cut_between_characters() -> None:
    text = "一二三四五六七八九十" * 6
    assert around(text, 30, 32, 25) == ("…" + text[5:30], text[30:32], text[32:57] + "…")


@pytest.mark.parametrize(
    ("format", "names", "said"),
    [
        ("pdf", [("", 1), ("A", 1), ("A", 2)], ["Page 1", "Page 2"]),
        ("ppt", [("Title", 1), ("Other", 2)], ["Slide 1", "Slide 2"]),
        ("xlsx", [("2023", 1), ("2024 > Tools", 2)], ["Sheet “2023”", "Sheet “2024”"]),
        ("mbox", [("Rent", 1), ("Rent > Attachment: a.pdf", 1), ("Keys", 2)], ["Message 1", "Message 2"]),
        ("ipynb", [("Intro", 1), ("Intro", 2)], ["Cell 1", "Cell 2"]),
        ("zip", [("a.md > Lease", None), ("b.pdf", 1), ("b.pdf", 2), ("", None)], ["“a.md”", "“b.pdf”, page 1",
                                                                                "“b.pdf”, page 2"]),
        ("eml", [("", None), ("Attachment: a.txt", None), ("", None)], ["“a.txt”"]),
        ("md", [("A", None), ("A > B", None)], []),
    ],
)  # fmt: skip
def test_pages_and_files_inside_are_named_in_a_text(
    format: str, names: list[tuple[str, int | None]], said: list[str]
) -> None:
    text = "\n".join(f"text {n}" for n in range(len(names)))
    sections = tuple(Section(heading, page, 7 * n, 7 * n + 7) for n, (heading, page) in enumerate(names))
    document = Document("d", "/t", "T", "0", text, sections, format, "en", 1, 0.0)
    shown = views.text(document, (0, len(text)), (0, 0))
    assert re.findall('class="fn-page">(.*?)<', shown) == said
