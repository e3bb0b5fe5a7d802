"""The history page: find, rename, delete, export."""

from streamlit.testing.v1 import AppTest

from tests.web.conftest import APP, asked
from tests.web.test_chat import html, texts
from ui.app import App
from ui.export import as_markdown, file_name


def opened() -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=20)
    at.run()
    return at.switch_page("history.py").run()


def test_an_empty_history_says_what_comes_here(app: App) -> None:
    assert "What you ask is kept here" in texts(opened())


def test_search_finds_chinese_and_shows_the_match(filled: App) -> None:
    asked(filled, "年假有几天？")
    asked(filled, "How long does the warranty last?")
    at = opened()
    at.text_input(key="search").set_value("年假").run()
    assert "<mark>年假</mark>有几天" in html(at)
    assert "24 months" not in html(at)


def test_renaming(filled: App) -> None:
    name, _ = asked(filled, "How long does the warranty last?")
    at = opened()
    at.button(key=f"rename-{name}").click().run()
    next(each for each in at.text_input if each.label == "Title").set_value("  保修   Warranty ")
    next(each for each in at.button if each.label == "Rename").click().run()
    assert filled.conversations.conversation(name).title == "保修 Warranty"


def test_deleting_asks_first(filled: App) -> None:
    name, _ = asked(filled, "How long does the warranty last?")
    at = opened()
    at.button(key=f"delete-{name}").click().run()
    assert filled.conversations.conversations()
    at.button(key="confirm").click().run()
    assert filled.conversations.conversations() == ()


def test_an_export_holds_question_answer_footnotes_and_quotes(filled: App) -> None:
    name, _ = asked(filled, "How long does the warranty last?")
    text = as_markdown(filled.conversations.conversation(name))
    assert "## How long does the warranty last?" in text
    assert "delivery.[^1-1] It covers parts and labour.[^1-2]" in text
    assert "[^1-1]: Warranty" in text and "“The warranty lasts 24 months from the day of delivery.”" in text


def test_an_export_is_named_after_its_conversation() -> None:
    assert file_name("年假: a/b?") == "年假 ab.md"
    assert file_name("???") == "conversation.md"
