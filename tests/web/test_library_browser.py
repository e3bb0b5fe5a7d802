"""What only a browser shows of the library: a click on the map opens a document, and the chat asks about it alone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser import DESKTOP, PHONE, Watched, go, ingest, launched, served

pytestmark = pytest.mark.browser


def open_from_the_map(page: Page) -> None:
    """Look for a mark as a person does, by moving over the map until a title is shown, and click."""
    page.get_by_text("Map", exact=True).click()
    chart = page.get_by_test_id("stVegaLiteChart")
    expect(chart).to_be_visible(timeout=60_000)
    page.wait_for_timeout(1000)  # its size has settled
    box = chart.bounding_box()
    assert box
    title = page.locator("#vg-tooltip-element.visible")
    for y in range(10, 380, 8):
        for x in range(10, int(box["width"]) - 10, 8):
            page.mouse.move(box["x"] + x, box["y"] + y)
            if title.count():
                page.mouse.click(box["x"] + x, box["y"] + y)
                return
    raise AssertionError("no mark on the map")


def test_a_document_is_opened_from_the_map_and_asked_about(chromium: Path, home: Path, documents: Path) -> None:
    with served(home) as address, launched(chromium) as browser:
        page = browser.new_page(viewport=DESKTOP)
        watched = Watched(page)
        page.goto(address)
        expect(page.get_by_test_id("stSidebarNav")).to_be_visible(timeout=30_000)
        ingest(page, documents)
        go(page, "Models")
        go(page, "Library")
        for clicked in range(2):  # the same mark can be clicked again
            open_from_the_map(page)
            expect(page.get_by_role("dialog")).to_be_visible()
            if not clicked:
                page.keyboard.press("Escape")
                expect(page.get_by_role("dialog")).to_have_count(0)
        page.get_by_role("button", name="Ask about this document").click()
        expect(page.get_by_test_id("stChatInputTextArea")).to_be_visible()
        assert watched.outside == [] and watched.errors == []


def test_the_library_fits_a_phone(chromium: Path, home: Path, documents: Path) -> None:
    with served(home) as address, launched(chromium) as browser:
        page = browser.new_page(viewport=DESKTOP)
        page.goto(address)
        expect(page.get_by_test_id("stSidebarNav")).to_be_visible(timeout=30_000)
        ingest(page, documents)
        page.set_viewport_size(PHONE)
        for view in ("Map", "Documents"):
            page.get_by_text(view, exact=True).last.click()
            page.wait_for_timeout(1500)
            wide = page.evaluate("document.querySelector('.stMain').scrollWidth")
            assert wide <= PHONE["width"], f"the page is {wide} pixels wide"
