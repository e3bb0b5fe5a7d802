"""A slide, a sheet and lines of code in the drawer, as a browser shows them: at once at the quote, on a phone, too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pptx import Presentation

from ingest.clean import Piece
from storage.anchors import Box, Cells, Lines
from tests.unit.test_ui_original_sheets import workbook
from tests.web.browser import DESKTOP, PHONE, Watched, rest, served
from tests.web.held import answer, keep, read
from tests.web.test_axe import found
from ui.app import App

pytestmark = pytest.mark.browser
CODE = "".join(
    f"def rule_{n}(order):\n    return order.total * {n}  # see the price list of that year\n\n" for n in range(99)
)


@pytest.fixture
def conversation(app: App, tmp_path: Path) -> str:
    """A home with an answer that cites a slide, a row and a line of code, closed again."""
    deck = Presentation()
    box = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_textbox(0, 2_000_000, 9_000_000, 900_000)
    box.text_frame.text = "Rapid improvement in hard problems"
    deck.save(str(tmp_path / "talk.pptx"))
    keep(app, read(tmp_path / "talk.pptx", Piece("", 1, box.text_frame.text, Box(0, 0.3, 1, 0.4)), pages=1))
    rows = [
        ["Tool", *(f"Price in {year}" for year in range(2015, 2025))],
        *([f"Tool {n}", *"1234567890"] for n in range(300)),
    ]
    lines = (
        Piece(
            "2024",
            1,
            "; ".join(f"{a}: {b}" for a, b in zip(rows[0], row, strict=True)),
            Cells(n, 1, n, 11),
            tight=n > 2,
        )
        for n, row in enumerate(rows[1:], 2)
    )
    keep(app, read(workbook(tmp_path / "prices.xlsx", **{"2024": rows}), *lines, pages=1))
    (tmp_path / "rules.py").write_text(CODE, encoding="utf-8")
    keep(app, read(tmp_path / "rules.py", Piece("", None, CODE.rstrip(), Lines(1, 296), verbatim=True)))
    name = answer(
        app, ("talk.pptx", "hard problems"), ("prices.xlsx", "Tool: Tool 200; Price in 2015: 1"),
        ("rules.py", "return order.total * 70"),
    )  # fmt: skip
    app.close()
    return name


def in_sight(page: Page, mark: Locator) -> None:
    expect(mark).to_be_in_viewport()
    assert page.evaluate("document.querySelector('[role=dialog]').scrollWidth") <= page.evaluate("innerWidth")


def reads_all_three(page: Page) -> Iterator[None]:
    """From the first footnote to the last; stops at each of them."""
    expect(page.locator("a.fn-marker")).to_have_count(3)
    rest(page)
    page.locator("a.fn-marker").first.click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("img", name="Slide 1 of talk. Marked: hard problems")).to_be_visible()
    in_sight(page, drawer.locator("mark"))
    yield
    drawer.get_by_role("button", name="Next footnote").click()
    expect(drawer.get_by_role("rowheader", name="202", exact=True)).to_be_in_viewport()
    in_sight(page, drawer.locator("mark", has_text="Tool 200"))
    expect(drawer.get_by_role("columnheader", name="Price in 2015")).to_be_in_viewport()
    yield
    drawer.get_by_role("button", name="Next footnote").click()
    in_sight(page, drawer.locator("li.fn-cited mark"))
    expect(drawer.get_by_text("Line 212", exact=True)).to_be_visible()
    yield


def test_each_format_opens_at_the_quote(browser: Browser, home: Path, conversation: str) -> None:
    with served(home) as address:
        for size, theme in ((DESKTOP, "light"), (PHONE, "dark")):
            page = browser.new_page(viewport=size, color_scheme=theme)
            watched = Watched(page)
            page.goto(f"{address}/?conversation={conversation}")
            for _ in reads_all_three(page):
                rest(page)
                assert not found(page)
            with page.expect_download() as coming:
                page.get_by_role("dialog").get_by_role("button", name="Open the file").click()
            assert Path(coming.value.path()).read_text(encoding="utf-8") == CODE
            assert watched.outside == [] and watched.errors == []
            page.close()
