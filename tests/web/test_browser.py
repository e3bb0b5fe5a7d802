"""The whole way in a real browser: ingest, ask, read, reload, stop, find again; and nothing leaves the machine."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser import DESKTOP, PHONE, Watched, launched, served

pytestmark = pytest.mark.browser


def ask(page: Page, question: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    expect(box).to_be_enabled(timeout=15_000)
    box.fill(question)
    box.press("Enter")


def go(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()


def ingest(page: Page, documents: Path) -> None:
    go(page, "Library")
    page.get_by_label("Folder or file").fill(str(documents))
    page.get_by_role("button", name="Add to library").click()
    expect(page.get_by_text("3 added")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="员工手册", exact=True)).to_be_visible()


def asks_and_reads(page: Page) -> None:
    go(page, "Chat")
    ask(page, "How long does the warranty last?")
    expect(page.locator(".fn-evidence mark")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("button", name="Stop")).to_be_visible()  # the evidence came before the answer was done
    page.get_by_role("button", name="Read in context").click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("It covers parts and labour.")
    expect(page.locator("a.fn-marker")).to_have_count(2, timeout=15_000)
    expect(drawer).to_be_visible()  # reading goes on when the answer is done
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    page.locator("a.fn-marker").first.focus()
    page.keyboard.press("Enter")
    expect(drawer.locator("mark")).to_have_text("The warranty lasts 24 months from the day of delivery.")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


def reloads(page: Page) -> None:
    page.reload()
    expect(page.locator(".fn-answer")).to_contain_text("24 months", timeout=15_000)
    expect(page.locator("a.fn-marker")).to_have_count(2)


def stops(page: Page) -> None:
    ask(page, "Tell me everything about parts, labour and delivery dates")
    expect(page.locator(".fn-answer").nth(1)).to_contain_text("months from", timeout=15_000)
    page.reload()  # and the running answer is found again
    page.get_by_role("button", name="Stop").click(timeout=15_000)
    expect(page.get_by_text("You stopped this answer.")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("button", name="Ask again")).to_be_visible()


def finds_again(page: Page) -> None:
    ask(page, "年假有几天？")
    expect(page.locator(".fn-answer").last).to_contain_text("十五天", timeout=15_000)
    go(page, "History")
    page.get_by_label("Search").fill("年假")
    expect(page.locator(".stMain mark").first).to_have_text("年假", timeout=15_000)
    page.get_by_label("Search").fill("")
    page.get_by_role("button", name=re.compile("^Rename")).click(timeout=15_000)
    page.get_by_label("Title").fill("保修")
    page.get_by_role("button", name="Rename", exact=True).click()
    link = page.get_by_test_id("stMain").get_by_role("link", name="保修")
    expect(link).to_be_visible(timeout=15_000)
    link.click()
    expect(page.locator(".fn-question").first).to_have_text("How long does the warranty last?", timeout=15_000)
    page.get_by_role("link", name="New conversation").click()
    expect(page.get_by_text("3 documents in default")).to_be_visible(timeout=15_000)
    expect(page.locator(".fn-question")).to_have_count(0)
    go(page, "History")
    page.get_by_role("button", name=re.compile("^Delete")).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("What you ask is kept here")).to_be_visible(timeout=15_000)


def test_the_whole_way(chromium: Path, home: Path, documents: Path) -> None:
    with served(home, "0.1") as address, launched(chromium) as browser:
        page = browser.new_page(viewport=DESKTOP)
        watched = Watched(page)
        page.goto(address)
        expect(page.get_by_text("There are none here yet")).to_be_visible(timeout=30_000)
        ingest(page, documents)
        asks_and_reads(page)
        reloads(page)
        stops(page)
        finds_again(page)
        assert watched.outside == []
        assert watched.errors == []


def test_a_restart_loses_nothing_and_a_phone_shows_it(chromium: Path, home: Path, documents: Path) -> None:
    with launched(chromium) as browser:
        page = browser.new_page(viewport=DESKTOP)
        with served(home) as address:
            page.goto(address)
            ingest(page, documents)
            go(page, "Chat")
            ask(page, "How long does the warranty last?")
            expect(page.locator("a.fn-marker")).to_have_count(2, timeout=15_000)
            where = page.url.removeprefix(address)
        page.close()
        with served(home) as address:
            for theme in ("light", "dark"):
                page = browser.new_page(viewport=PHONE, color_scheme=theme)
                page.goto(address + where)
                expect(page.locator("a.fn-marker")).to_have_count(2, timeout=15_000)
                wide = page.evaluate("document.querySelector('.stMain').scrollWidth")
                assert wide <= PHONE["width"], f"the page is {wide} pixels wide"
                page.close()
