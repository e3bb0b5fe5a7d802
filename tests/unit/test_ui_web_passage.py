"""A passage is shown where it stands, with what stands around it."""

from ui.web.markup import around
from ui.web.passage import Spot, surroundings

TEXT = "One two three. The quote stands here. Four five six."
QUOTE = "The quote stands here."


def spot(start: int, quote: str = QUOTE) -> Spot:
    return Spot("d", "T", "/t", None, start, start + len(quote), quote)


def test_a_quote_keeps_its_surroundings_to_the_letter() -> None:
    assert surroundings(TEXT, spot(15)) == ("One two three. ", QUOTE, " Four five six.")


def test_a_quote_that_moved_is_found() -> None:
    assert surroundings("New. " + TEXT, spot(15)) == ("New. One two three. ", QUOTE, " Four five six.")


def test_a_quote_that_is_gone_is_not_made_up() -> None:
    assert surroundings("Another text.", spot(0)) is None
    assert surroundings(TEXT, spot(3, "")) is None


def test_long_texts_are_cut_between_words() -> None:
    assert around(TEXT, 15, 37, 9) == ("…three. ", QUOTE, " Four…")


def test_chinese_is_cut_between_characters() -> None:
    text = "一二三四五六七八九十" * 6
    assert around(text, 30, 32, 25) == ("…" + text[5:30], text[30:32], text[32:57] + "…")
