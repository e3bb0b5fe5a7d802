"""The pages without models: an App with fakes behind `ui.web.parts`, and little documents to ask about."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

import ui.web.parts
from storage.records import Message
from tests.web.browser import launched
from tests.web.fake_server import SCRIPT, fake_app
from ui.app import App
from ui.following import Following
from ui.settings import read_settings

APP = Path(ui.web.parts.__file__).with_name("app.py")
DOCUMENTS = {
    "warranty.md": "# Warranty\n\nThe warranty lasts 24 months from the day of delivery. It covers parts and labour.\n",
    "手册.md": "# 员工手册\n\n员工每年有十五天年假。年假须提前两周申请。\n",
    "minutes.txt": "Minutes\n\nThe board agreed to move the office to Leeds in March.\n",
}


@pytest.fixture(scope="module")
def launched_browser(chromium: Path) -> Iterator[Browser]:
    """A Chromium for all tests of a file; asyncio runs nothing else meanwhile, so not for those of other files, too."""
    with launched(chromium) as browser:
        yield browser


@pytest.fixture
def browser(launched_browser: Browser) -> Iterator[Browser]:
    """The same for one test, whose pages end with it."""
    yield launched_browser
    for context in launched_browser.contexts:
        context.close()


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A folder with three small documents."""
    folder = tmp_path / "documents"
    folder.mkdir()
    return write(folder)


def write(folder: Path) -> Path:
    """Put the three documents into a folder."""
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def app(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """The App that the pages of this test use."""
    made = fake_app(read_settings(), SCRIPT)
    monkeypatch.setattr(ui.web.parts, "build", lambda settings: made)
    monkeypatch.setattr(Following, "start", lambda self: None)  # a test that links folders settles them itself
    ui.web.parts.parts.clear()
    yield made
    ui.web.parts.parts.clear()
    made.close()


@pytest.fixture
def filled(app: App, documents: Path) -> App:
    """The same with the three documents in the collection "default"."""
    list(app.ingest([documents], "default"))
    return app


def asked(app: App, question: str) -> tuple[str, Message]:
    """Ask without a page; the conversation and the answer as kept."""
    saved: Any = next(iter(list(app.ask(question, "default"))))
    return saved.conversation, app.conversations.conversation(saved.conversation).messages[-1]
