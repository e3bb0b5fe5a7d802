"""Take the screenshots of the README: python -m tests.web.screenshots FOLDER [all].

The demo documents are real, the answer is a fake model's; so what would tell of a model's speed is left out, and so are
the folders of the machine that takes them.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.web.browser import DESKTOP, PHONE, launched, served

QUESTION = "How many unused days of annual leave may be carried into the next year?"
CHINESE = "住宿标准是多少？"


def take(folder: Path, chromium: Path, every: bool) -> None:
    """Write the chat in both themes; on demand also the other pages, and all of them on a phone."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, served(Path(home)) as address, launched(chromium) as browser:
        where = _prepare(browser, address)
        for theme in ("light", "dark"):
            for size, suffix in ((DESKTOP, theme), (PHONE, f"{theme}-phone"))[: 2 if every else 1]:
                page = _opened(browser, where, theme, size)
                _shoot(page, folder / f"chat-{suffix}.png")
                if every:
                    _others(page, address, folder, suffix)
                page.close()


def _others(page: Page, address: str, folder: Path, suffix: str) -> None:
    page.locator("a.fn-marker").first.click()
    expect(page.get_by_role("dialog").locator("mark")).to_be_visible()
    _shoot(page, folder / f"passage-{suffix}.png")
    for name in ("library", "history"):
        page.goto(f"{address}/{name}")
        expect(page.get_by_role("heading", name=name.title())).to_be_visible()
        _shoot(page, folder / f"{name}-{suffix}.png")


def _prepare(browser: Browser, address: str) -> str:
    """A library with the demo documents and two answers; the address of the one that is shown."""
    page = browser.new_page(viewport=DESKTOP)
    page.goto(f"{address}/library")
    page.get_by_role("button", name="Add the demo documents").click()
    expect(page.get_by_text("10 added")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Dismiss").click()
    for question in (CHINESE, QUESTION):
        page.goto(address)
        box = page.get_by_test_id("stChatInputTextArea")
        expect(box).to_be_enabled()
        box.fill(question)
        box.press("Enter")
        expect(page.locator("a.fn-marker").first).to_be_visible(timeout=20_000)
    where = page.url
    page.close()
    return where


def _opened(browser: Browser, where: str, theme: str, size: ViewportSize) -> Page:
    page = browser.new_page(viewport=size, color_scheme="dark" if theme == "dark" else "light")
    page.goto(where)
    expect(page.locator("a.fn-marker").first).to_be_visible(timeout=20_000)
    return page


def _shoot(page: Page, path: Path) -> None:
    page.add_style_tag(content='[class*="st-key-foot-"] .fn-small { visibility: hidden; } .fn-path { display: none; }')
    page.wait_for_timeout(1000)  # what moves has come to rest
    page.screenshot(path=path)


if __name__ == "__main__":
    found = Path(shutil.which("chromium") or shutil.which("google-chrome") or "chromium")
    take(Path(sys.argv[1]), found, "all" in sys.argv[2:])
