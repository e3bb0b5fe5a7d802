"""A server with fakes and a headless Chromium that writes down what it asks for and complains of."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, WebSocketRoute, expect, sync_playwright

from tests.ports import free_port
from tests.waiting import PATIENCE
from tests.web.scripted import HOLD

ROOT = Path(__file__).resolve().parent.parent.parent
FLAGS = (
    "--no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
PROBED = ("/_stcore/health", "/_stcore/host-config")
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
# Nothing has been added, taken away or moved for 300 ms, as the page counts them: what fades or rolls has come to rest.
_STILL = """() => {
  const look = () => JSON.stringify([document.getElementsByTagName("*").length, document.getAnimations().length,
    [...document.querySelectorAll(".stMain, h2.fn-question, [role=dialog]")].map((each) =>
      [each.scrollTop, each.getBoundingClientRect().top, each.getBoundingClientRect().height].map(Math.round))]);
  return new Promise((settled) => {
    let [last, left] = [look(), 6];
    const timer = setInterval(() => {
      const now = look();
      [last, left] = [now, now === last ? left - 1 : 6];
      if (!left) { clearInterval(timer); settled(true); }
    }, 50);
  });
}"""


@contextmanager
def served(home: Path, *arguments: str) -> Iterator[str]:
    """A server of its own process; its address, and afterwards its end."""
    port = free_port()
    environment = {**os.environ, "FOOTNOTE_HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.web.fake_server", str(port), *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, process)
            yield address
        finally:
            process.terminate()


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 2 * PATIENCE
    while time.monotonic() < end:
        try:
            urlopen(f"{address}/_stcore/health", timeout=PATIENCE).close()
            return
        except (URLError, ConnectionError):
            assert process.poll() is None, "the server ended"
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


@contextmanager
def held_back(home: Path) -> Iterator[None]:
    """No word of an answer is written by the server of this home meanwhile, however long a page takes."""
    (home / HOLD).touch()
    try:
        yield
    finally:
        (home / HOLD).unlink()


@contextmanager
def launched(chromium: Path) -> Iterator[Browser]:
    """A headless Chromium; what is expected of its pages may take as long as on a busy machine."""
    expect.set_options(timeout=1000 * PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=FLAGS, timeout=2000 * PATIENCE)
        browser.on("context", lambda context: context.set_default_timeout(1000 * PATIENCE))
        yield browser
        browser.close()


def rest(page: Page) -> None:
    """Wait until the page is drawn, knows its keys, and its server has no more to say."""
    page.wait_for_function("window.footnotePage")
    expect(page.locator('.stApp[data-test-script-state="notRunning"]')).to_be_visible()
    expect(page.locator('[data-testid="stSkeleton"], [data-stale="true"]')).to_have_count(0)
    page.wait_for_function(_STILL)


def press(page: Page, key: str) -> None:
    """Press a key on a page that stands still: only then is all there that may hear it."""
    rest(page)
    page.keyboard.press(key)


def ask(page: Page, question: str) -> None:
    """Ask as soon as that can be done, and see the question stand on the page."""
    rest(page)
    box = page.get_by_test_id("stChatInputTextArea")
    expect(box).to_be_enabled()
    box.fill(question)
    end = time.monotonic() + PATIENCE
    while question in box.input_value():  # while a file is still on its way, Enter does nothing
        assert time.monotonic() < end, "the question is not taken"
        box.press("Enter")
        page.wait_for_timeout(250)
    expect(page.locator("h2.fn-question").last).to_have_text(question)


def answered(page: Page) -> None:
    """Wait until the answer is whole and the page has been drawn with all that comes after it."""
    rest(page)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    rest(page)


def on_a_slow_line(page: Page, seconds: float = 0.05) -> None:
    """What the server says comes piece by piece from now on: each is drawn before the next one is there."""

    def carry(line: WebSocketRoute) -> None:
        def hand_on(message: str | bytes) -> None:
            time.sleep(seconds)
            line.send(message)

        line.connect_to_server().on_message(hand_on)

    page.route_web_socket("**/_stcore/stream", carry)


def go(page: Page, name: str) -> None:
    """Go to a page by its link."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()


def ingest(page: Page, documents: Path) -> None:
    """Bring the three documents of the tests in by their folder's path."""
    go(page, "Library")
    page.get_by_label("Folder or file").fill(str(documents))
    page.get_by_role("button", name="Add to library").click()
    expect(page.get_by_text("3 added")).to_be_visible()
    expect(page.get_by_role("button", name="员工手册", exact=True)).to_be_visible()


class Watched:
    """What a page asked of other machines, and its complaints.

    Opened at the address of another page than the first, Streamlit looks for its server below that address before it
    looks above; the browser complains of that, and rightly so, but nothing is wrong.
    """

    def __init__(self, page: Page) -> None:
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self._ask(request.url))
        page.on("websocket", lambda socket: self._ask(socket.url))
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.location["url"].endswith(PROBED):
            self.errors.append(message.text)

    def _ask(self, url: str) -> None:
        scheme, _, rest = url.partition("://")
        if scheme in ("http", "https", "ws", "wss") and rest.split("/")[0].split(":")[0] != "127.0.0.1":
            self.outside.append(url)
