"""A passage is shown where it stands, with what stands around it."""

from storage.records import Citation, Document, Section
from ui.web.drawer.passage import standing
from ui.web.drawer.views import pages_of
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
    assert pages_of(document, (15, 37)) == {1: ("The q", 0.75), 2: ("uote stands here.", 0.0)}
    assert pages_of(document, (0, 0)) == {}


def test_long_texts_are_cut_between_words() -> None:
    assert around(TEXT, 15, 37, 9) == ("…three. ", QUOTE, " Four…")


def test_chinese_is_cut_between_characters() -> None:
    text = "一二三四五六七八九十" * 6
    assert around(text, 30, 32, 25) == ("…" + text[5:30], text[30:32], text[32:57] + "…")
