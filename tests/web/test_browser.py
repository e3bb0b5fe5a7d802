"""The ways that people take most, in a real browser; nothing they do leaves the machine, and nothing is lost."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import (
    DESKTOP,
    PHONE,
    Watched,
    answered,
    ask,
    go,
    held_back,
    ingest,
    press,
    rest,
    served,
)

pytestmark = pytest.mark.browser
WARRANTY = "How long does the warranty last?"
LONG = "Tell me everything about parts, labour and delivery dates"
STOPPED = "You stopped this answer."


def adds_a_folder(page: Page, documents: Path) -> None:
    go(page, "Library")
    page.get_by_label("Folder or file").fill(str(documents.parent))
    page.get_by_role("button", name="Browse").click()
    picker = page.get_by_role("dialog")
    picker.get_by_role("button", name=documents.name).click()
    expect(picker.get_by_text("3 files here")).to_be_visible()
    picker.get_by_role("button", name="Choose this folder").click()
    expect(page.get_by_label("Folder or file")).to_have_value(str(documents))
    page.get_by_role("button", name="Add to library").click()
    expect(page.get_by_text("3 added")).to_be_visible()


def finds_a_document(page: Page) -> None:
    page.get_by_label("Find in title or path").fill("手册")
    expect(page.get_by_role("button", name="Warranty", exact=True)).to_have_count(0)
    page.get_by_role("button", name="员工手册", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("员工每年有十五天年假。")
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def asks_and_reads(page: Page, home: Path) -> None:
    go(page, "Chat")
    with held_back(home):  # the evidence comes before the answer
        ask(page, WARRANTY)
        expect(page.locator(".fn-evidence mark")).to_be_visible()
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        page.get_by_role("button", name="Read in context").click()
        drawer = page.get_by_role("dialog")
        expect(drawer).to_contain_text("It covers parts and labour.")
    expect(page.locator("a.fn-marker")).to_have_count(2)
    answered(page)
    expect(drawer).to_be_visible()  # reading goes on when the answer is done
    press(page, "Escape")
    expect(drawer).to_have_count(0)
    rest(page)
    page.locator("a.fn-marker").first.focus()
    page.keyboard.press("Enter")
    expect(drawer.locator("mark")).to_have_text("The warranty lasts 24 months from the day of delivery.")
    drawer.get_by_role("button", name="Next footnote").click()
    expect(drawer.locator("mark")).to_have_text("It covers parts and labour.")
    rest(page)
    answer, source = page.locator(".stMain .fn-answer").bounding_box(), drawer.bounding_box()
    assert answer and source and answer["x"] + answer["width"] <= source["x"]  # both can be read
    press(page, "Escape")
    expect(drawer).to_have_count(0)


def asks_on(page: Page) -> None:
    ask(page, "年假有几天？")
    answered(page)
    expect(page.locator(".fn-question")).to_have_count(2)
    expect(page.locator(".fn-answer").last).to_contain_text("十五天")


def has_it_written_anew(page: Page) -> None:
    page.get_by_role("button", name="Answer again").last.click()
    page.get_by_role("button", name="Shorter").click()
    expect(page.get_by_text("2 / 2")).to_be_visible()
    answered(page)
    page.get_by_role("button", name="Previous variant").click()
    expect(page.get_by_text("1 / 2")).to_be_visible()
    expect(page.locator(".fn-answer").last).to_contain_text("十五天")


def edits_the_question(page: Page) -> None:
    page.get_by_role("button", name="Edit the question").last.click()
    page.get_by_label("Your question").fill("员工有几天年假？")
    page.get_by_role("button", name="Save & ask").click()
    expect(page.locator(".fn-question").last).to_have_text("员工有几天年假？")
    answered(page)
    expect(page.locator(".fn-question")).to_have_count(2)  # the old one is kept beside it
    expect(page.locator(".fn-answer").last).to_contain_text("十五天")
    expect(page.get_by_role("button", name="Previous variant")).to_be_visible()


def reloads_and_stops(page: Page) -> None:
    """In the middle of an answer, with a second window that shows it, too."""
    ask(page, LONG)
    expect(page.locator(".fn-answer").last).to_contain_text("months from")
    page.reload()
    second = page.context.new_page()
    second.goto(page.url)
    for each in (page, second):
        expect(each.locator(".fn-answer").last).to_contain_text("months from")
    second.get_by_role("button", name="Stop").click()
    for each in (page, second):
        expect(each.get_by_text(STOPPED)).to_be_visible()
        expect(each.get_by_role("button", name="Ask again")).to_be_visible()
    second.close()


def attaches_a_file(page: Page) -> None:
    page.get_by_role("link", name="New conversation").click()
    expect(page.locator(".fn-question")).to_have_count(0)
    rest(page)
    note = {"name": "door.md", "mimeType": "text/markdown", "buffer": b"The code of the balcony door is 4711."}
    page.get_by_test_id("stChatInput").locator('input[type="file"]').set_input_files(note)  # type: ignore[arg-type]
    expect(page.get_by_test_id("stChatInput").get_by_text("door.md")).to_be_visible()
    ask(page, "What is the code of the balcony door?")
    expect(page.get_by_role("button", name="1 attached file")).to_be_visible()
    expect(page.locator(".fn-passage", has_text="4711").first).to_be_attached()  # it was found, too
    answered(page)


def finds_it_again(page: Page) -> None:
    go(page, "History")
    page.get_by_label("Search").fill("年假")
    expect(page.locator(".stMain mark").first).to_have_text("年假")
    page.locator('[class*="st-key-open-found-"] button').first.click()
    expect(page.locator(".fn-arrived")).to_be_in_viewport()
    expect(page.locator(".fn-question").first).to_have_text(WARRANTY)


def takes_it_along(page: Page, folder: Path) -> None:
    go(page, "History")
    page.get_by_role("button", name=re.compile("^Export.*warranty")).click()
    with page.expect_download() as coming:
        page.get_by_role("dialog").get_by_role("button", name="HTML").click()
    coming.value.save_as(folder / "export.html")
    written = (folder / "export.html").read_text(encoding="utf-8")
    assert WARRANTY in written and "十五天" in written
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def deletes_and_undoes(page: Page) -> None:
    main = page.get_by_test_id("stMain")
    link = main.get_by_role("link", name=re.compile("warranty"))
    page.get_by_role("button", name=re.compile("^Delete .*warranty")).click()
    expect(link).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(link).to_be_visible()


def speaks_chinese(page: Page) -> None:
    go(page, "Settings")
    page.get_by_role("radiogroup", name="Language of the pages").get_by_role("radio", name="简体中文").click()
    expect(page.get_by_role("heading", name="设置", exact=True)).to_be_visible()
    expect(page.get_by_test_id("stSidebarNav").get_by_role("link")).to_contain_text(["对话", "资料库", "历史"])
    page.get_by_role("radiogroup", name="界面语言").get_by_role("radio", name="English").click()
    expect(page.get_by_role("heading", name="Settings", exact=True)).to_be_visible()


def test_the_ways_people_take(browser: Browser, home: Path, documents: Path, tmp_path: Path) -> None:
    with served(home, "0.1") as address:
        page = browser.new_context(viewport=DESKTOP).new_page()
        watched = Watched(page)
        page.goto(address)
        expect(page.get_by_text("There are none here yet")).to_be_visible()
        adds_a_folder(page, documents)
        finds_a_document(page)
        asks_and_reads(page, home)
        asks_on(page)
        has_it_written_anew(page)
        edits_the_question(page)
        reloads_and_stops(page)
        attaches_a_file(page)
        finds_it_again(page)
        takes_it_along(page, tmp_path)
        deletes_and_undoes(page)
        speaks_chinese(page)
        assert watched.outside == []
        assert watched.errors == []


def test_a_restart_loses_nothing_and_a_phone_shows_it(browser: Browser, home: Path, documents: Path) -> None:
    page = browser.new_page(viewport=DESKTOP)
    with served(home, "0.05") as address:
        page.goto(address)
        ingest(page, documents)
        go(page, "Chat")
        ask(page, WARRANTY)
        expect(page.locator("a.fn-marker")).to_have_count(2)
        ask(page, LONG)
        expect(page.locator(".fn-answer")).to_have_count(2)  # else the last one is still the first question's
        expect(page.locator(".fn-answer").last).to_contain_text("months from")
        where = page.url.removeprefix(address)
    page.close()
    with served(home) as address:
        for theme in ("light", "dark"):
            page = browser.new_page(viewport=PHONE, color_scheme=theme)
            page.goto(address + where)
            expect(page.locator("a.fn-marker")).to_have_count(2)
            expect(page.get_by_text("This answer was cut off when Footnote ended.")).to_be_visible()
            expect(page.locator(".fn-answer").last).to_contain_text("The warranty lasts 24 months")
            rest(page)
            wide = page.evaluate("document.querySelector('.stMain').scrollWidth")
            assert wide <= PHONE["width"], f"the page is {wide} pixels wide"
            page.close()
