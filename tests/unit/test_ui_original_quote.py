"""A quote is found among a page's characters whatever reading has made uniform, and its lines become boxes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import normalise
from ingest.unwrap import unwrap
from ui.original.quote import Box, find, lines


def found(page: str, quote: str, near: float = 0.0) -> str | None:
    span = find(page, quote, near)
    return page[slice(*span)] if span else None


@pytest.mark.parametrize(
    ("page", "quote", "expected"),
    [
        ("It lasts\r\n24 months.\r\n", "It lasts 24 months.", "It lasts\r\n24 months."),
        ("the war\ufffe\r\nranty lasts", "the warranty lasts", "the war\ufffe\r\nranty lasts"),
        ("the war\x02ranty lasts", "warranty", "war\x02ranty"),
        ("a well-\r\nknown rule", "a well-known rule", "a well-\r\nknown rule"),
        ("an e\ufb03cient \ufb01lter", "efficient filter", "e\ufb03cient \ufb01lter"),
        ("an efficient filter", "e\ufb03cient \ufb01lter", "efficient filter"),
        ("Pri\u00adma\u200bry", "Primary", "Pri\u00adma\u200bry"),
        ("cafe\u0301 open", "café open", "cafe\u0301 open"),
        ("整机保修\r\n期为 两年。客服", "整机保修期为两年。", "整机保修\r\n期为 两年。"),
        ("ＡＢＣ１２", "ABC12", "ＡＢＣ１２"),
        ("He said “no”. Then", "“no”.", "“no”."),
        ("Leave ........ 12\r\nPay", "Leave... 12", "Leave ........ 12"),
        ("One word", "Another", None),
        ("One word", "", None),
        ("One word", " — ", None),
    ],
)
def test_a_quote_is_found_to_the_letter(page: str, quote: str, expected: str | None) -> None:
    assert found(page, quote) == expected


def test_of_several_places_it_is_the_nearest() -> None:
    page = "Total 5. " * 10
    assert [find(page, "Total 5.", near) for near in (0.0, 0.5, 1.0)] == [(0, 8), (45, 53), (81, 89)]


@given(st.text(), st.data())
def test_what_is_cut_from_a_page_as_it_is_read_is_found_there(page: str, data: st.DataObject) -> None:
    read = normalise(unwrap(page))
    start = data.draw(st.integers(0, len(read)))
    quote = read[start : data.draw(st.integers(start, len(read)))]
    span = find(page, quote)
    wanted = [character for character in quote if character.isalnum() and character <= "\uffff"]
    assert (span is not None) == bool(wanted)
    if span:
        assert 0 <= span[0] < span[1] <= len(page)


def row(left: float, top: float, letters: int) -> list[Box]:
    return [Box(left + 10 * n, top, left + 10 * n + 9, top + 12) for n in range(letters)]


def test_characters_of_a_line_make_one_box() -> None:
    assert lines(row(100, 50, 5)) == (Box(100, 50, 149, 62),)


def test_each_line_has_a_box_and_columns_are_not_bridged() -> None:
    boxes = [*row(50, 700, 4), *row(50, 715, 2), *row(320, 90, 3)]
    assert lines(boxes) == (Box(50, 700, 89, 712), Box(50, 715, 69, 727), Box(320, 90, 349, 102))
    assert len(lines([*row(50, 100, 2), *row(300, 100, 2)])) == 2  # two cells of one row


def test_a_raised_figure_stays_on_its_line_and_what_is_not_drawn_is_left_out() -> None:
    boxes = [*row(0, 20, 2), Box(20, 16, 24, 24), Box(24, 20, 24, 32), Box(0, 0, 0, 0), *row(30, 20, 1)]
    assert lines(boxes) == (Box(0, 16, 39, 32),)


def test_shares_stay_on_the_page() -> None:
    assert Box(-5, 50, 300, 100).share(200, 100) == Box(0.0, 0.5, 1.0, 1.0)
