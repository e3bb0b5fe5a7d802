"""What axe-core finds on the pages: nothing that keeps a person out, in both themes and on a phone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import DESKTOP, PHONE, rest, served
from tests.web.conftest import asked
from ui.app import App

pytestmark = [pytest.mark.browser, pytest.mark.slow]
GRAVE = ("serious", "critical")


@pytest.fixture
def conversation(filled: App, documents: Path) -> str:
    """A home with documents, an answer, one in Chinese and a refusal, closed again; the first is given back."""
    filled.library.folders.link("default", str(documents))
    name, _ = asked(filled, "How long does the warranty last?")
    asked(filled, "年假有几天？")
    asked(filled, "Who won the match on Sunday?")
    filled.close()
    return name


def opens_a_footnote(page: Page) -> None:
    page.locator("a.fn-marker").first.click()
    expect(page.get_by_role("dialog").locator("mark")).to_be_visible()


def shows_the_folders(page: Page) -> None:
    page.get_by_text("Folders · 1", exact=True).click()
    expect(page.get_by_text("Keep in sync").last).to_be_visible()


def says_which_files_count(page: Page) -> None:
    page.locator('[class*="st-key-folder-menu-"] button').first.click()
    page.get_by_text("Which files…", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text(".footnoteignore")


def opens_a_document(page: Page) -> None:
    page.get_by_role("button", name="员工手册", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("十五天")


def stays(page: Page) -> None:
    pass


def pages(conversation: str) -> Iterator[tuple[str, str, Callable[[Page], None]]]:
    """Each page by name and address, and what is opened on it."""
    yield "chat, empty", "/", stays
    yield "chat, an answer", f"/?conversation={conversation}", stays
    yield "chat, a footnote", "", opens_a_footnote
    yield "library", "/library", stays
    yield "library, a document", "", opens_a_document
    yield "library, folders", "/library", shows_the_folders
    yield "library, which files count", "", says_which_files_count
    for name in ("history", "models", "insights", "settings"):
        yield name, f"/{name}", stays


def found(page: Page) -> list[str]:
    """What axe-core holds against the page as it is now, each with where it is."""
    return [
        f"{each['id']}: {node['html'][:160]} ({node['any'][0]['message'] if node['any'] else each['help']})"
        for each in Axe().run(page).response["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


def test_axe_finds_nothing_grave(browser: Browser, home: Path, conversation: str) -> None:
    grave = []
    with served(home) as address:
        for theme, size in (("light", DESKTOP), ("dark", DESKTOP), ("light", PHONE)):
            page = browser.new_page(viewport=size, color_scheme=theme)
            for name, path, open_ in pages(conversation):
                if path:
                    page.goto(address + path)
                    expect(page.locator(".stMain").locator("h1, h2").first).to_be_visible()
                    rest(page)
                open_(page)
                rest(page)
                grave += [f"{name} ({theme}, {size['width']} px): {each}" for each in found(page)]
            page.close()
    assert not grave, "\n".join(grave)
