"""What only a browser shows of the chat: keys, copying, files dropped on the page, and that nothing moves."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import (
    DESKTOP,
    PHONE,
    Watched,
    answered,
    ask,
    held_back,
    on_a_slow_line,
    press,
    rest,
    served,
)
from tests.web.conftest import asked, write
from tests.web.fake_server import SCRIPT, fake_app
from ui.app import App
from ui.settings import Settings

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
# Where the last question stands, each time it stands elsewhere, and how often it was looked at since.
_WATCH = """() => {
  window.tops = [];
  window.looks = 0;
  setInterval(() => {
    const top = Math.round([...document.querySelectorAll("h2.fn-question")].at(-1)?.getBoundingClientRect().top);
    if (window.tops.at(-1) !== top) { window.tops.push(top); window.looks = 0; }
    window.looks += 1;
  }, 50);
}"""
_TOASTS = """() => {
  window.toasts = [];
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes)
      if (node.classList?.contains("fn-toast")) window.toasts.push(node.textContent);
  }).observe(document.body, {childList: true});
}"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A home with three documents, which the server of these tests has open, too."""
    home = tmp_path_factory.mktemp("home")
    app = fake_app(Settings(home, home / "models", f"sqlite:///{(home / 'footnote.sqlite').as_posix()}"), SCRIPT)
    list(app.ingest([write(tmp_path_factory.mktemp("documents"))], "default"))
    yield app
    app.close()


@pytest.fixture(scope="module")
def address(library: App) -> Iterator[str]:
    """A server that takes a tenth of a second for each word."""
    with served(library.settings.home, "0.1") as address:
        yield address


@pytest.fixture
def conversation(library: App) -> str:
    """A new conversation with one answer."""
    name, _ = asked(library, QUESTION)
    return name


def opened(browser: Browser, address: str, conversation: str = "") -> Page:
    page = browser.new_page(viewport=DESKTOP)
    page.goto(f"{address}/?conversation={conversation}" if conversation else address)
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_enabled()
    rest(page)
    return page


def test_the_keys_do_what_they_say(browser: Browser, address: str, conversation: str) -> None:
    page = opened(browser, address, conversation)
    drawer = page.get_by_role("dialog")
    expect(page.locator("a.fn-marker")).to_have_count(2)
    press(page, "]")
    expect(drawer.locator("mark")).to_be_visible()
    press(page, "Escape")
    expect(drawer).to_have_count(0)
    press(page, "?")
    expect(drawer).to_contain_text("Open the next footnote")
    press(page, "Escape")
    expect(drawer).to_have_count(0)
    press(page, "/")
    box = page.get_by_test_id("stChatInputTextArea")
    expect(box).to_be_focused()
    page.keyboard.type("a/b?]")
    expect(box).to_have_value("a/b?]")
    expect(drawer).to_have_count(0)
    page.get_by_role("button", name="Edit the question").click()
    expect(page.get_by_role("button", name="Save & ask")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("button", name="Save & ask")).to_have_count(0)
    ask(page, LONG)
    expect(page.get_by_text("Writing", exact=False).first).to_be_visible()
    page.get_by_role("heading", name=LONG).click()
    page.keyboard.press("Escape")
    expect(page.get_by_text("You stopped this answer.")).to_be_visible()
    press(page, "Control+Shift+O")
    expect(page.get_by_role("heading", name="Ask your documents")).to_be_visible()


def test_an_answer_is_copied_also_where_the_page_has_no_clipboard(
    browser: Browser, address: str, conversation: str
) -> None:
    page = opened(browser, address, conversation)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(_TOASTS)
    page.get_by_role("button", name="Copy with citations").click()
    page.wait_for_function("window.toasts.length === 1")
    assert "[1]" in page.evaluate("navigator.clipboard.readText()")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})")
    page.get_by_role("button", name="Copy", exact=True).click()
    page.wait_for_function("window.toasts.length === 2")
    assert page.evaluate("window.toasts") == ["Copied", "Copied"]
    page.evaluate("delete navigator.clipboard")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "24 months" in copied and "[1]" not in copied


def test_files_dropped_on_a_conversation_are_attached_to_it(browser: Browser, address: str, conversation: str) -> None:
    page = opened(browser, address, conversation)
    watched = Watched(page)
    page.evaluate(_DROP)
    expect(page.get_by_test_id("stChatInput").get_by_text("balcony.md")).to_be_visible()
    ask(page, "What is the balcony door code?")
    expect(page.get_by_role("button", name="1 attached file")).to_be_visible()
    answered(page)
    page.get_by_role("button", name="1 attached file").click()
    page.get_by_role("button", name="Remove balcony").click()
    expect(page.get_by_role("button", name="1 attached file")).to_have_count(0)
    assert watched.outside == [] and watched.errors == []


def test_nothing_moves_while_an_answer_is_written_and_done(
    browser: Browser, library: App, address: str, conversation: str
) -> None:
    page = opened(browser, address, conversation)
    page.evaluate(_WATCH)
    with held_back(library.settings.home):
        ask(page, QUESTION)
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        page.wait_for_function("window.looks > 30")  # the question has been brought to the top
        page.evaluate("window.tops = []")
    expect(page.locator("a.fn-marker")).to_have_count(4)
    answered(page)
    page.evaluate("window.looks = 0")
    page.wait_for_function("window.looks > 20")
    assert len(page.evaluate("window.tops")) == 1


def test_two_tabs_ask_at_the_same_time(browser: Browser, address: str, conversation: str) -> None:
    one, two = opened(browser, address, conversation), opened(browser, address)
    ask(one, LONG)
    ask(two, QUESTION)
    expect(two.locator("a.fn-marker")).to_have_count(2)
    expect(one.get_by_role("button", name="Stop")).to_be_visible()  # and goes on
    one.get_by_role("button", name="Stop").click()
    expect(one.get_by_text("You stopped this answer.")).to_be_visible()
    assert conversation in one.url and conversation not in two.url
    expect(two.locator("h2.fn-question")).to_have_count(1)


def test_a_phone_shows_what_is_beside_the_input(browser: Browser, address: str, conversation: str) -> None:
    page = browser.new_page(viewport=PHONE)
    on_a_slow_line(page)
    page.goto(f"{address}/?conversation={conversation}")
    expect(page.locator("a.fn-marker")).to_have_count(2)
    rest(page)
    page.get_by_role("button", name="Search in default").click()
    expect(page.get_by_text("Detailed")).to_be_in_viewport()
    page.get_by_text("Detailed").click()
    press(page, "Escape")
    expect(page.locator(".st-key-chip-0")).to_be_in_viewport()
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= PHONE["width"]
