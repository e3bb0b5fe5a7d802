"""What only a browser shows of the library: a click on the map, what changes by itself, and how it fits a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser import DESKTOP, PHONE, Watched, go, ingest, launched, served

pytestmark = pytest.mark.browser


def open_from_the_map(page: Page) -> None:
    """Look for a mark as a person does, by moving over the map until a title is shown, and click."""
    page.get_by_text("Map", exact=True).click()
    chart = page.get_by_test_id("stVegaLiteChart")
    expect(chart).to_have_count(1, timeout=60_000)  # two for a moment, if the page is drawn anew meanwhile
    expect(chart).to_be_visible()
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


def test_a_folder_is_kept_in_sync_while_the_page_is_open(chromium: Path, home: Path, documents: Path) -> None:
    with served(home) as address, launched(chromium) as browser:
        page = browser.new_page(viewport=PHONE)
        watched = Watched(page)
        page.goto(f"{address}/library")
        page.get_by_label("Folder or file").fill(str(documents))
        page.get_by_text("Keep in sync").click()  # not yet
        page.get_by_role("button", name="Add to library").click()
        expect(page.get_by_text("3 added")).to_be_visible(timeout=30_000)
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
        expect(new).to_be_visible(timeout=15_000)
        (documents / "letter.md").unlink()
        expect(new).to_have_count(0, timeout=15_000)
        assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= PHONE["width"]
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
