"""The history page: find, open at the match, name, pin, tag, delete and undo, export, import."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from storage import schema as t
from storage.errors import NotFound
from tests.unit.conversations import ORDINARY
from tests.web.conftest import APP, asked
from tests.web.test_chat import html, texts
from ui.app import App
from ui.export.json import as_json
from ui.web import speech

WARRANTY = "How long does the warranty last?"


def opened() -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=60)
    at.run()
    at = at.switch_page("history.py").run()
    assert not at.exception
    return at


def click(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click().run()
    assert not at.exception
    return at


def titles(app: App, deleted: bool = False) -> list[str]:
    return [each.title for each in app.conversations.conversations(deleted=deleted)]


def started(app: App, title: str, days: float = 0, tags: tuple[str, ...] = ()) -> str:
    """A conversation that was last used so many days ago."""
    id = app.conversations.start(title, "default").id
    app.conversations.tag(id, tags)
    when = datetime.now(UTC) - timedelta(days=days)
    with app.library.database.writing() as connection:
        connection.execute(update(t.conversations).where(t.conversations.c.id == id).values(updated=when))
    return id


def test_an_empty_history_says_what_comes_here(app: App) -> None:
    assert "What you ask is kept here" in texts(opened())


def test_conversations_stand_under_their_periods(app: App) -> None:
    started(app, "old", 400)
    started(app, "new")
    app.conversations.pin(started(app, "dear", 90), True)
    shown = html(opened())
    month = f"{(datetime.now(UTC) - timedelta(days=400)).astimezone():%B %Y}"
    places = [shown.index(f'fn-period">{name}<') for name in ("Pinned", "Today", month)]
    assert places == sorted(places)


def test_thousands_are_paged(app: App) -> None:
    for number in range(30):
        started(app, f"c{number}", number)
    at = opened()
    assert len([button for button in at.button if (button.key or "").startswith("delete-")]) == 25
    assert at.get("pagination")


def test_a_page_that_is_no_longer_there_falls_back(app: App) -> None:
    names = [started(app, f"c{number}", number) for number in range(60)]
    app.conversations.tag(names[59], ["last"])
    at = opened()
    at.session_state["history-page"] = 3
    at.run()
    assert f"delete-{names[59]}" in {button.key for button in at.button}
    at.multiselect(key="history-tags").set_value(["last"]).run()
    assert not at.exception and f"delete-{names[59]}" in {button.key for button in at.button}
    for name in names[20:59]:
        app.conversations.bin(name)
    at.multiselect(key="history-tags").set_value([]).run()
    assert not at.exception and f"delete-{names[0]}" in {button.key for button in at.button}


def test_a_file_made_later_speaks_as_the_page_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "language", lambda: "zh")
    bound = speech.bound()
    monkeypatch.undo()
    assert bound("Collection: {name}", name="{a}") == "合集：{a}"


def test_search_finds_chinese_and_shows_the_match(filled: App) -> None:
    asked(filled, "年假有几天？")
    asked(filled, WARRANTY)
    at = opened()
    at.text_input(key="search").set_value("年假").run()
    assert "<mark>年假</mark>有几天" in html(at)
    assert "24 months" not in html(at)


def test_every_word_of_a_search_is_highlighted(filled: App) -> None:
    asked(filled, WARRANTY)
    at = opened()
    at.text_input(key="search").set_value("last LONG").run()
    assert "How <mark>long</mark> does the warranty <mark>last</mark>?" in html(at)
    at.text_input(key="search").set_value("last zebra").run()
    assert "No question or answer holds all of these words." in html(at)


def test_a_title_that_matches_is_shown(filled: App) -> None:
    name, _ = asked(filled, WARRANTY)
    filled.conversations.rename(name, "Washing <b>machine</b>")
    at = opened()
    at.text_input(key="search").set_value("machine").run()
    assert "In the title: Washing &lt;b&gt;<mark>machine</mark>" in html(at)


def test_a_match_on_a_hidden_branch_opens_the_chat_there(filled: App) -> None:
    name, answer = asked(filled, WARRANTY)
    question = filled.conversations.conversation(name).messages[0]
    edited = question.__class__("edited", "user", "And the 年假?", datetime.now(UTC))
    filled.conversations.append(name, edited, beside=question.id)
    at = opened()
    at.text_input(key="search").set_value("parts labour").run()
    click(at, f"open-found-{answer.id}")
    shown = [each.id for each in filled.conversations.conversation(name).messages]
    assert shown == [question.id, answer.id]
    assert at.query_params["conversation"] in (name, [name]) and "message" not in at.query_params
    assert f'"{answer.id}"' in html(at)  # what brings it into view


def test_a_match_that_was_deleted_meanwhile_is_gone(filled: App) -> None:
    name, answer = asked(filled, WARRANTY)
    at = opened()
    at.text_input(key="search").set_value("parts").run()
    filled.conversations.delete(name)
    click(at, f"open-found-{answer.id}")
    assert "What you ask is kept here" in texts(at)


def test_filters_by_tag_narrow_the_list_and_the_search(filled: App) -> None:
    name, _ = asked(filled, WARRANTY)
    asked(filled, "How long is the board's warranty?")
    filled.conversations.tag(name, ["home"])
    at = opened()
    at.multiselect(key="history-tags").set_value(["home"]).run()
    assert [button.key for button in at.button if (button.key or "").startswith("delete-")] == [f"delete-{name}"]
    at.text_input(key="search").set_value("long").run()
    found = [button.key for button in at.button if (button.key or "").startswith("open-found-")]
    assert len(found) == 1


def test_a_filter_by_what_has_gone_hides_nothing(filled: App) -> None:
    name, _ = asked(filled, WARRANTY)
    other = started(filled, "other", tags=("work",))
    filled.conversations.tag(name, ["home"])
    at = opened()
    at.multiselect(key="history-tags").set_value(["home"]).run()
    filled.conversations.tag(name, [])
    at.run()
    assert not at.exception
    assert {f"delete-{name}", f"delete-{other}"} <= {button.key for button in at.button}


def test_title_and_tags_are_edited(filled: App) -> None:
    name, _ = asked(filled, WARRANTY)
    at = click(opened(), f"edit-{name}")
    at.text_input(key="title").set_value("  保修   Warranty ")
    at.multiselect(key="conversation-tags").set_value([" home ", "2026"])
    next(each for each in at.button if each.label == "Save").click().run()
    kept = filled.conversations.conversation(name)
    assert (kept.title, kept.tags) == ("保修 Warranty", ("2026", "home"))


def test_pinning(filled: App) -> None:
    name, _ = asked(filled, WARRANTY)
    at = click(opened(), f"pin-{name}")
    assert filled.conversations.conversation(name).pinned
    click(at, f"pin-{name}")
    assert not filled.conversations.conversation(name).pinned


def test_deleting_can_be_undone(filled: App) -> None:
    name = started(filled, "<b>Warranty</b>")
    at = click(opened(), f"delete-{name}")
    assert (titles(filled), titles(filled, deleted=True)) == ([], ["<b>Warranty</b>"])
    assert "“&lt;b&gt;Warranty&lt;/b&gt;” is deleted." in html(at)
    click(at, "undo")
    assert titles(filled) == ["<b>Warranty</b>"]
    assert "is deleted." not in html(at)


def test_what_was_deleted_is_restored_from_the_bin(filled: App) -> None:
    name = started(filled, "Warranty")
    at = click(click(opened(), f"delete-{name}"), "bin")
    assert "Kept for 7 days" in html(at)
    click(at, f"restore-{name}")
    assert titles(filled) == ["Warranty"]


def test_deleting_for_good_asks_first(filled: App) -> None:
    name, _ = asked(filled, WARRANTY)
    at = click(click(click(opened(), f"delete-{name}"), "bin"), f"forget-{name}")
    assert titles(filled, deleted=True)
    click(at, "confirm")
    with pytest.raises(NotFound):
        filled.conversations.conversation(name)
    assert "What you ask is kept here" in texts(at)


def test_several_are_tagged_and_deleted_at_once(app: App) -> None:
    names = [started(app, f"c{number}", number) for number in range(30)]
    at = click(opened(), "select")
    at.checkbox(key=f"select-{names[1]}").check().run()
    at.checkbox(key=f"select-{names[2]}").check().run()
    assert "2 selected" in html(at)
    click(at, "tag-selected")
    at.multiselect(key="conversations-tags-add").set_value(["mine"])
    next(each for each in at.button if each.label == "Save").click().run()
    assert [each.title for each in app.conversations.conversations() if each.tags == ("mine",)] == ["c1", "c2"]
    click(at, "delete-selected")
    assert sorted(titles(app, deleted=True)) == ["c1", "c2"]
    click(at, "undo")
    assert len(titles(app)) == 30
    click(click(click(at, "select"), "select-all"), "delete-selected")  # also those on the other page
    assert titles(app) == []


def test_each_format_can_be_saved(filled: App) -> None:
    name, _ = asked(filled, WARRANTY)
    at = click(opened(), f"export-{name}")
    assert {each.label for each in at.get("download_button")} == {"HTML", "PDF", "Markdown", "JSON"}


def test_an_export_is_imported_as_a_new_conversation(filled: App) -> None:
    at = click(opened(), "import")
    uploader = at.get("file_uploader")[0]
    uploader.set_value(("trip.json", as_json(ORDINARY).encode(), "application/json"))
    next(each for each in at.button if each.label == "Import" and each.key != "import").click().run()
    assert not at.exception
    (kept,) = filled.conversations.conversations()
    assert (kept.title, kept.tags) == (ORDINARY.title, ("imported", *ORDINARY.tags))
    assert "“年假 &amp; warranty” is imported." in html(at)


def test_a_file_that_is_no_export_is_refused_in_one_line(filled: App) -> None:
    at = click(opened(), "import")
    at.get("file_uploader")[0].set_value(("trip.json", b"[]", "application/json"))
    next(each for each in at.button if each.label == "Import" and each.key != "import").click().run()
    assert "is not a conversation" in at.error[0].value
    assert titles(filled) == []


def test_an_imported_conversation_is_read_without_its_documents(app: App) -> None:
    adopted = app.conversations.adopt(ORDINARY)
    at = AppTest.from_file(str(APP), default_timeout=60)
    at.query_params["conversation"] = adopted.id
    at.run()
    assert not at.exception
    assert "The warranty lasts 24 months." in html(at)
