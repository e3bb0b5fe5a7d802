"""What only a browser shows of the library: a click on the map, what changes by itself, and how it fits a phone."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.waiting import PATIENCE
from tests.web.browser import DESKTOP, PHONE, Watched, go, ingest, press, rest, served

pytestmark = pytest.mark.browser


def open_from_the_map(page: Page) -> None:
    """Look for a mark as a person does, by moving over the map until a title is shown, and click."""
    page.get_by_text("Map", exact=True).click()
    chart = page.get_by_test_id("stVegaLiteChart")
    expect(chart).to_have_count(1)  # two for a moment, if the page is drawn anew meanwhile
    expect(chart.locator("canvas, svg").first).to_be_visible()
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        rest(page)
        for x, y in _points(chart):
            page.mouse.move(x, y)
            if page.locator("#vg-tooltip-element.visible").count():
                page.mouse.click(x, y)
                return
    raise AssertionError("no mark on the map")


def _points(chart: Locator) -> Iterator[tuple[float, float]]:
    """Places all over the plane, from its top to its bottom."""
    box = chart.bounding_box()
    assert box
    for y in range(10, 380, 8):
        for x in range(10, int(box["width"]) - 10, 8):
            yield box["x"] + x, box["y"] + y


def test_a_document_is_opened_from_the_map_and_asked_about(browser: Browser, home: Path, documents: Path) -> None:
    with served(home) as address:
        page = browser.new_page(viewport=DESKTOP)
        watched = Watched(page)
        page.goto(address)
        expect(page.get_by_test_id("stSidebarNav")).to_be_visible()
        ingest(page, documents)
        go(page, "Models")
        go(page, "Library")
        for clicked in range(2):  # the same mark can be clicked again
            open_from_the_map(page)
            expect(page.get_by_role("dialog")).to_be_visible()
            if not clicked:
                press(page, "Escape")
                expect(page.get_by_role("dialog")).to_have_count(0)
        page.get_by_role("button", name="Ask about this document").click()
        expect(page.get_by_test_id("stChatInputTextArea")).to_be_visible()
        assert watched.outside == [] and watched.errors == []


def test_a_folder_is_kept_in_sync_while_the_page_is_open(browser: Browser, home: Path, documents: Path) -> None:
    with served(home) as address:
        page = browser.new_page(viewport=PHONE)
        watched = Watched(page)
        page.goto(f"{address}/library")
        page.get_by_label("Folder or file").fill(str(documents))
        page.get_by_text("Keep in sync").click()  # not yet
        page.get_by_role("button", name="Add to library").click()
        expect(page.get_by_text("3 added")).to_be_visible()
        page.get_by_role("button", name="Dismiss").click()
        page.get_by_text("Folders · 1", exact=True).click()
        switch = page.locator('[class*="st-key-watch-"]')
        expect(switch).to_be_visible()
        switch.locator("input").focus()
        page.keyboard.press("Space")
        expect(page.get_by_text("followed", exact=True)).to_be_visible()
        page.get_by_text("Documents", exact=True).click()
        new = page.get_by_role("button", name="A letter about otters", exact=True)
        (documents / "letter.md").write_text("# A letter about otters\n\nThey sleep holding hands.\n", encoding="utf-8")
        expect(new).to_be_visible()
        (documents / "letter.md").unlink()
        expect(new).to_have_count(0)
        assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= PHONE["width"]
        assert watched.outside == [] and watched.errors == []


def test_the_library_fits_a_phone(browser: Browser, home: Path, documents: Path) -> None:
    with served(home) as address:
        page = browser.new_page(viewport=DESKTOP)
        page.goto(address)
        expect(page.get_by_test_id("stSidebarNav")).to_be_visible()
        ingest(page, documents)
        page.set_viewport_size(PHONE)
        for view in ("Map", "Documents"):
            page.get_by_text(view, exact=True).last.click()
            shown = (
                page.get_by_test_id("stVegaLiteChart")
                if view == "Map"
                else page.get_by_role("button", name="Warranty", exact=True)
            )
            expect(shown).to_have_count(1)
            rest(page)
            wide = page.evaluate("document.querySelector('.stMain').scrollWidth")
            assert wide <= PHONE["width"], f"the page is {wide} pixels wide"
