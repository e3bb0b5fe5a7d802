"""What only a browser shows of the chat: keys, copying, files dropped on the page, and that nothing moves."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import DESKTOP, PHONE, Watched, ask, launched, served
from tests.web.conftest import asked
from ui.app import App

pytestmark = pytest.mark.browser
QUESTION = "How long does the warranty last?"
LONG = "Tell me everything about the warranty, its parts and labour and delivery"
_DROP = """() => {
  const data = new DataTransfer();
  data.items.add(new File(["The balcony door code is 4711."], "balcony.md", {type: "text/markdown"}));
  const there = document.querySelector(".stMain");
  for (const name of ["dragover", "drop"])
    there.dispatchEvent(new DragEvent(name, {dataTransfer: data, bubbles: true, cancelable: true}));
}"""
_WATCH = """() => {
  window.tops = [];
  setInterval(() => {
    const top = Math.round([...document.querySelectorAll("h2.fn-question")].at(-1)?.getBoundingClientRect().top);
    if (window.tops.at(-1) !== top) window.tops.push(top);
  }, 50);
}"""


@pytest.fixture
def browser(chromium: Path) -> Iterator[Browser]:
    with launched(chromium) as running:
        yield running


@pytest.fixture
def conversation(filled: App) -> str:
    """A home with three documents and one answer, closed again."""
    name, _ = asked(filled, QUESTION)
    filled.close()
    return name


def opened(browser: Browser, address: str, conversation: str = "") -> Page:
    page = browser.new_page(viewport=DESKTOP)
    page.goto(f"{address}/?conversation={conversation}" if conversation else address)
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_enabled(timeout=30_000)
    return page


def test_the_keys_do_what_they_say(browser: Browser, home: Path, conversation: str) -> None:
    with served(home, "0.1") as address:
        page = opened(browser, address, conversation)
        drawer = page.get_by_role("dialog")
        expect(page.locator("a.fn-marker")).to_have_count(2)
        page.keyboard.press("]")
        expect(drawer.locator("mark")).to_be_visible()
        page.keyboard.press("Escape")
        expect(drawer).to_have_count(0)
        page.keyboard.press("?")
        expect(drawer).to_contain_text("Open the next footnote")
        page.keyboard.press("Escape")
        expect(drawer).to_have_count(0)
        page.keyboard.press("/")
        box = page.get_by_test_id("stChatInputTextArea")
        expect(box).to_be_focused()
        page.keyboard.type("a/b?]")
        expect(box).to_have_value("a/b?]")
        expect(drawer).to_have_count(0)
        page.get_by_role("button", name="Edit the question").click()
        expect(page.get_by_role("button", name="Save & ask")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Save & ask")).to_have_count(0)
        ask(page, LONG)
        expect(page.get_by_text("Writing", exact=False).first).to_be_visible()
        page.get_by_role("heading", name=LONG).click()
        page.keyboard.press("Escape")
        expect(page.get_by_text("You stopped this answer.")).to_be_visible()
        page.keyboard.press("Control+Shift+O")
        expect(page.get_by_role("heading", name="Ask your documents")).to_be_visible()


def test_an_answer_is_copied_also_where_the_page_has_no_clipboard(
    browser: Browser, home: Path, conversation: str
) -> None:
    with served(home) as address:
        page = opened(browser, address, conversation)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.get_by_role("button", name="Copy with citations").click()
        expect(page.locator(".fn-toast")).to_have_text("Copied")
        assert "[1]" in page.evaluate("navigator.clipboard.readText()")
        page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})")
        page.get_by_role("button", name="Copy", exact=True).click()
        expect(page.locator(".fn-toast")).to_have_text("Copied")
        page.evaluate("delete navigator.clipboard")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert "24 months" in copied and "[1]" not in copied


def test_files_dropped_on_a_conversation_are_attached_to_it(browser: Browser, home: Path, conversation: str) -> None:
    with served(home) as address:
        page = opened(browser, address, conversation)
        watched = Watched(page)
        page.evaluate(_DROP)
        expect(page.get_by_test_id("stChatInput").get_by_text("balcony.md")).to_be_visible()
        ask(page, "What is the balcony door code?")
        expect(page.get_by_role("button", name="1 attached file")).to_be_visible(timeout=30_000)
        page.get_by_role("button", name="1 attached file").click()
        page.get_by_role("button", name="Remove balcony").click()
        expect(page.get_by_role("button", name="1 attached file")).to_have_count(0)
        assert watched.outside == [] and watched.errors == []


def test_nothing_moves_while_an_answer_is_written_and_done(browser: Browser, home: Path, conversation: str) -> None:
    with served(home, "0.05") as address:
        page = opened(browser, address, conversation)
        page.evaluate(_WATCH)
        ask(page, QUESTION)
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        time.sleep(1.0)  # by then the question has been brought to the top
        page.evaluate("window.tops = []")
        expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=30_000)
        time.sleep(1.0)
        assert len(page.evaluate("window.tops")) == 1


def test_two_tabs_ask_at_the_same_time(browser: Browser, home: Path, conversation: str) -> None:
    with served(home, "0.1") as address:
        one, two = opened(browser, address, conversation), opened(browser, address)
        ask(one, LONG)
        ask(two, QUESTION)
        expect(two.locator("a.fn-marker")).to_have_count(2, timeout=30_000)
        expect(one.get_by_role("button", name="Stop")).to_be_visible()  # and goes on
        one.get_by_role("button", name="Stop").click()
        expect(one.get_by_text("You stopped this answer.")).to_be_visible()
        assert conversation in one.url and conversation not in two.url
        expect(two.locator("h2.fn-question")).to_have_count(1)


def test_a_phone_shows_what_is_beside_the_input(browser: Browser, home: Path, conversation: str) -> None:
    with served(home) as address:
        page = browser.new_page(viewport=PHONE)
        page.goto(f"{address}/?conversation={conversation}")
        expect(page.locator("a.fn-marker")).to_have_count(2, timeout=30_000)  # all is drawn, and stands still
        page.get_by_role("button", name="Search in default").click(timeout=30_000)
        expect(page.get_by_text("Detailed")).to_be_in_viewport()
        page.get_by_text("Detailed").click()
        page.keyboard.press("Escape")
        expect(page.locator(".st-key-chip-0")).to_be_in_viewport()
        assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= PHONE["width"]
