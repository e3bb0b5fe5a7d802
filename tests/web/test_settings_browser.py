"""What only a browser shows of the settings: the theme kept, the language of the browser, a downloaded backup."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import DESKTOP, PHONE, Watched, served

pytestmark = pytest.mark.browser

LIGHT, DARK = "rgb(253, 252, 249)", "rgb(21, 25, 27)"


def shows(page: Page, colour: str, title: str) -> None:
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(page.locator(".stApp")).to_have_css("background-color", colour)


def test_theme_and_language_hold_on_every_page_and_in_every_browser(
    home: Path, browser: Browser, tmp_path: Path
) -> None:
    with served(home) as address:
        page = browser.new_page(viewport=DESKTOP, color_scheme="light", locale="zh-CN")
        watched = Watched(page)
        page.goto(f"{address}/settings")
        shows(page, LIGHT, "设置")  # as the browser has it
        page.get_by_role("radiogroup", name="界面语言").get_by_role("radio", name="English").click()
        shows(page, LIGHT, "Settings")
        page.get_by_role("radio", name="Dark").click()
        shows(page, DARK, "Settings")
        page.reload()
        shows(page, DARK, "Settings")
        page.goto(f"{address}/history")
        shows(page, DARK, "History")
        phone = browser.new_page(viewport=PHONE, color_scheme="light", locale="zh-CN")
        phone.goto(f"{address}/settings")
        shows(phone, DARK, "Settings")  # what is set holds for all who use this server
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        phone.get_by_role("radio", name="As the system").click()
        shows(phone, LIGHT, "Settings")
        page.reload()
        expect(page.locator(".stApp")).to_have_css("background-color", LIGHT)
        page.goto(f"{address}/settings")
        page.get_by_role("button", name="Make a backup").click()
        expect(page.get_by_text("is made")).to_be_visible()
        with page.expect_download() as coming:
            page.get_by_role("button", name="Download footnote").click()
        coming.value.save_as(tmp_path / "b.zip")
        assert "database.sqlite" in zipfile.ZipFile(tmp_path / "b.zip").namelist()
        assert not watched.outside
