"""Take the screenshots of the README: python -m tests.web.screenshots FOLDER [all].

The demo documents are real, the answer is a fake model's; so what would tell of a model's speed is left out, and so are
the folders of the machine that takes them.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.web.browser import DESKTOP, PHONE, launched, rest, served

QUESTION = "How many unused days of annual leave may be carried into the next year?"
OTHERS = ("住宿标准是多少？", "Who won the match on Sunday?")
HIDDEN = '[class*="st-key-stages-"], :has(> .fn-print), .fn-path { display: none !important; }'
Visit = Callable[[Page, str], Iterator[str]]  # goes from one view to the next and tells the name of each
PAGES = ("library", "history", "models", "insights", "settings")


def take(folder: Path, chromium: Path, every: bool) -> None:
    """Write the chat with an open footnote in both themes; on demand every page, and all of them on a phone, too."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, served(Path(home)) as address, launched(chromium) as browser:
        if every:
            _each(browser, address, folder, _empty)
        where = _prepare(browser, address)
        for theme in ("light", "dark"):
            page = browser.new_page(viewport=DESKTOP, color_scheme=theme)
            _cited(page, where)
            _shoot(page, folder / f"chat-{theme}.png")
            page.close()
        if every:
            _each(browser, where, folder, _filled)


def _each(browser: Browser, where: str, folder: Path, visit: Visit) -> None:
    """In both themes and at both sizes."""
    for theme in ("light", "dark"):
        for size, suffix in ((DESKTOP, theme), (PHONE, f"{theme}-phone")):
            page = browser.new_page(viewport=size, color_scheme=theme)
            for name in visit(page, where):
                _shoot(page, folder / f"{name}-{suffix}.png")
            page.close()


def _empty(page: Page, address: str) -> Iterator[str]:
    """The pages of somebody who has just begun."""
    for name in ("", "library", "history", "insights"):
        page.goto(f"{address}/{name}")
        yield f"empty-{name or 'chat'}"


def _filled(page: Page, where: str) -> Iterator[str]:
    page.goto(where)
    expect(page.locator("a.fn-marker").first).to_be_visible(timeout=20_000)
    yield "answer"
    _cited(page, where)
    yield "footnote"
    address = where.partition("?")[0]
    page.goto(address)
    yield "welcome"
    for name in PAGES:
        page.goto(f"{address}{name}")
        yield name
    page.goto(f"{address}library")
    page.get_by_role("button", name="Staff leave policy", exact=True).click(timeout=20_000)
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "document"
    page.keyboard.press("Escape")
    page.get_by_text("Map", exact=True).click()
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible(timeout=60_000)
    yield "map"


def _cited(page: Page, where: str) -> None:
    """An answer, and beside it the page that its first footnote stands on."""
    page.goto(where)
    page.locator("a.fn-marker").first.click(timeout=20_000)
    expect(page.get_by_role("dialog").locator("mark").first).to_be_visible()
    page.wait_for_timeout(2000)  # the chat has rolled to its end
    page.evaluate("document.querySelector('.fn-question').scrollIntoView()")


def _prepare(browser: Browser, address: str) -> str:
    """A library with the demo documents and three answers; the address of the one that is shown."""
    page = browser.new_page(viewport=DESKTOP)
    page.goto(f"{address}/library")
    page.get_by_role("button", name="Add the demo documents").click()
    expect(page.get_by_text("10 added")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Dismiss").click()
    for question in (*OTHERS, QUESTION):
        page.goto(address)
        box = page.get_by_test_id("stChatInputTextArea")
        expect(box).to_be_enabled()
        box.fill(question)
        box.press("Enter")
        expect(page.locator(".fn-print")).to_be_visible(timeout=20_000)
    where = page.url
    page.close()
    return where


def _shoot(page: Page, path: Path) -> None:
    rest(page)
    page.add_style_tag(content=HIDDEN)
    page.wait_for_timeout(1000)  # what moves has come to rest
    page.screenshot(path=path)


if __name__ == "__main__":
    found = Path(shutil.which("chromium") or shutil.which("google-chrome") or "chromium")
    take(Path(sys.argv[1]), found, "all" in sys.argv[2:])
