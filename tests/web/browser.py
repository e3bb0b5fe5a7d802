"""A server with fakes and a headless Chromium that writes down what it asks for and complains of."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
FLAGS = (
    "--no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
PROBED = ("/_stcore/health", "/_stcore/host-config")
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@contextmanager
def served(home: Path, *arguments: str) -> Iterator[str]:
    """A server of its own process; its address, and afterwards its end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
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
    for _ in range(300):
        try:
            urlopen(f"{address}/_stcore/health", timeout=1).close()
            return
        except (URLError, ConnectionError):
            assert process.poll() is None, "the server ended"
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


@contextmanager
def launched(chromium: Path) -> Iterator[Browser]:
    """A headless Chromium; what is expected of its pages may take as long as on a busy machine."""
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=FLAGS)
        yield browser
        browser.close()


def rest(page: Page) -> None:
    """Wait until the page is drawn and its server has no more to say."""
    expect(page.locator('.stApp[data-test-script-state="notRunning"]')).to_be_visible(timeout=30_000)
    expect(page.locator('[data-testid="stSkeleton"], [data-stale="true"]')).to_have_count(0, timeout=30_000)
    page.wait_for_timeout(300)  # what fades in has come


def ask(page: Page, question: str) -> None:
    """Ask as soon as that can be done."""
    box = page.get_by_test_id("stChatInputTextArea")
    expect(box).to_be_enabled(timeout=30_000)
    box.fill(question)
    for _ in range(20):  # while a file is still on its way, Enter does nothing
        box.press("Enter")
        page.wait_for_timeout(250)
        if question not in box.input_value():
            return


def go(page: Page, name: str) -> None:
    """Go to a page by its link."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()


def ingest(page: Page, documents: Path) -> None:
    """Bring the three documents of the tests in by their folder's path."""
    go(page, "Library")
    page.get_by_label("Folder or file").fill(str(documents))
    page.get_by_role("button", name="Add to library").click()
    expect(page.get_by_text("3 added")).to_be_visible(timeout=30_000)
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
