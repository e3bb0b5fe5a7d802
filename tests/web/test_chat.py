"""The chat page: evidence, answer, footnotes, refusals, and finding everything again."""

import gc
import re
from dataclasses import replace
from datetime import UTC, datetime

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Html

import ui.web.parts
from storage.errors import ModelUnavailable
from storage.records import Citation, Message
from tests.unit.traces import TRACE
from tests.web.conftest import APP, asked
from tests.web.scripted import ScriptedChat
from ui.app import App


def opened(conversation: str = "") -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=20)
    if conversation:
        at.query_params["conversation"] = conversation
    return at.run()


def html(at: AppTest) -> str:
    return "\n".join(pieces(at))


def pieces(at: AppTest) -> list[str]:
    return [each.value for each in at.get("html") if isinstance(each, Html)]


def texts(at: AppTest) -> str:
    return re.sub(r"<[^>]+>", "", html(at))


def named(at: AppTest) -> str:
    """The conversation in the address."""
    value = at.query_params["conversation"]
    return value if isinstance(value, str) else value[0]


def wait(conversation: str) -> None:
    job = ui.web.parts.parts().jobs.asking(conversation)
    assert job and job.wait(10)


def test_an_empty_home_says_what_to_do(app: App) -> None:
    at = opened()
    assert not at.exception
    assert "There are none here yet" in texts(at)


def test_what_is_loaded_is_not_looked_through_for_garbage_at_every_run(app: App) -> None:
    gc.unfreeze()
    opened()
    ui.web.parts.parts().warming.wait(20)
    assert gc.get_freeze_count() > 10_000
    gc.unfreeze()


def test_a_question_is_answered_with_evidence_and_footnotes(filled: App) -> None:
    at = opened()
    assert "3 documents in default" in texts(at)
    at.chat_input[0].set_value("How long does the warranty last?").run()
    name = named(at)
    wait(name)
    at.run()
    assert not at.exception
    shown = html(at)
    assert shown.index('"fn-question"') < shown.index('"fn-evidence"') < shown.index('"fn-answer"')
    assert 'class="fn-marker"' in shown
    assert len(filled.conversations.conversation(name).messages) == 2


def test_a_footnote_opens_the_passage_in_its_surroundings(filled: App) -> None:
    name, message = asked(filled, "How long does the warranty last?")
    at = opened(name)
    at.button(key=f"note-{message.id}-1").click().run()
    (passage,) = [piece for piece in pieces(at) if piece.startswith('<div class="fn-passage"># Warranty')]
    assert "<mark>The warranty lasts 24 months from the day of delivery.</mark> It covers parts" in passage


def test_a_footnote_keeps_its_quote_when_the_document_is_gone(filled: App) -> None:
    name, message = asked(filled, "How long does the warranty last?")
    filled.library.remove([message.citations[0].document_id])
    at = opened(name)
    at.button(key=f"note-{message.id}-1").click().run()
    assert any("no longer in the library" in each.value for each in at.caption)
    assert "<mark>The warranty lasts 24 months from the day of delivery.</mark>" in html(at)


def test_a_conversation_reads_the_same_after_a_restart(filled: App) -> None:
    name, _ = asked(filled, "How long does the warranty last?")
    before = html(opened(name))
    ui.web.parts.parts.clear()
    assert html(opened(name)) == before


def test_a_refusal_has_a_rendering_of_its_own(filled: App) -> None:
    name, message = asked(filled, "Who painted the ceiling?")
    assert message.found is False
    at = opened(name)
    assert "fn-refusal" in html(at) and "The documents don't say." in texts(at).replace("&#x27;", "'")
    assert 'class="fn-answer"' not in html(at)


def test_a_running_answer_is_found_again_and_can_be_stopped(filled: App) -> None:
    chat = filled.chat
    assert isinstance(chat, ScriptedChat)
    chat.delay = 0.05
    at = opened()
    at.chat_input[0].set_value("Tell me everything about the warranty").run()
    name = named(at)
    again = opened(name)  # as a reload or a second tab
    assert again.chat_input[0].proto.disabled
    again.button(key="stop").click().run()
    wait(name)
    again.run()
    assert "You stopped this answer." in texts(again)
    assert filled.conversations.conversation(name).messages[-1].status == "stopped"
    assert not again.chat_input[0].proto.disabled


def test_an_answer_cut_off_by_a_crash_says_so_and_can_be_asked_again(filled: App) -> None:
    started = filled.conversations.start("t", "default")
    now = datetime.now(UTC)
    filled.conversations.append(started.id, Message("q", "user", "How long does the warranty last?", now))
    filled.conversations.append(started.id, Message("a", "assistant", "The warr", now, status="writing"))
    at = opened(started.id)
    assert "cut off when Footnote ended" in texts(at) and "The warr" in texts(at)
    at.button(key="again").click().run()
    wait(started.id)
    assert filled.conversations.conversation(started.id).messages[-1].status == "done"


def test_a_failed_answer_shows_one_line(filled: App) -> None:
    chat = filled.chat
    assert isinstance(chat, ScriptedChat)
    chat.script = {"warranty": ModelUnavailable("The model is not here. Run: footnote models pull")}
    name = ui.web.parts.parts().jobs.ask("What of the warranty?", "default")
    wait(name)
    at = opened(name)
    assert [each.value.replace("\\", "").replace("\u2060", "") for each in at.error] == [
        "The model is not here. Run: footnote models pull"
    ]
    assert at.button(key="again")


def test_asking_a_collection_that_is_gone_is_one_line(filled: App) -> None:
    name, _ = asked(filled, "How long does the warranty last?")
    filled.library.remove_collection("default")
    at = opened(name)
    at.chat_input[0].set_value("And the labour?").run()
    assert len(at.error) == 1 and not at.exception


def test_a_thumb_is_stored_and_shown(filled: App) -> None:
    name, _ = asked(filled, "How long does the warranty last?")
    at = opened(name)
    at.feedback[0].set_value(1).run()
    assert filled.conversations.conversation(name).messages[-1].feedback == 1
    assert opened(name).feedback[0].value == 1


def test_untrusted_text_stays_text(filled: App) -> None:
    started = filled.conversations.start("<img src=x> **t**", "default")
    now = datetime.now(UTC)
    cited = Citation(1, "d", "<i>T</i>", "/<b>p</b>", None, 0, 5, "<u>q</u>", 0, 20)
    filled.conversations.append(started.id, Message("q", "user", "<script>x</script>", now))
    filled.conversations.append(
        started.id, Message("a", "assistant", "<iframe src=x></iframe>", now, found=True, citations=(cited,))
    )
    at = opened(started.id)
    at.button(key="note-a-1").click().run()
    for tag in ("<script>x", "<iframe", "<u>", "<b>p"):
        assert tag not in html(at)


def kept(app: App, message: Message) -> str:
    """The conversation that holds an answer of an earlier day."""
    started = app.conversations.start("t", "default")
    app.conversations.append(started.id, Message("q", "user", "How many days of leave?", message.created))
    app.conversations.append(started.id, message)
    return started.id


def told(at: AppTest) -> list[str]:
    return [piece for piece in pieces(at) if piece.startswith('<div class="fn-trace">')]


ANSWERED = Message("a", "assistant", "Fifteen days.", datetime.now(UTC), found=True)


def test_how_an_answer_came_about_is_told_when_asked(filled: App) -> None:
    at = opened(kept(filled, replace(ANSWERED, trace=TRACE)))
    assert [each.label for each in at.expander] == ["How this answer came about"]
    assert told(at) == []
    at.session_state["trace-a"] = True
    at.run()
    assert not at.exception
    (shown,) = told(at)
    for piece in ("How many days of leave?", "cross-encoder", "passed over", "0.844", "4.250", "search 0.012"):
        assert piece in shown
    assert "<script" not in shown and "&lt;script&gt;x" in shown


def test_a_refusal_tells_how_it_came_about_too(filled: App) -> None:
    at = opened(kept(filled, replace(ANSWERED, found=False, trace=replace(TRACE, candidates=(), probability=None))))
    at.session_state["trace-a"] = True
    at.run()
    (shown,) = told(at)
    assert "not asked" in shown and "<table" not in shown


def test_an_answer_without_a_trace_offers_none(filled: App) -> None:
    at = opened(kept(filled, ANSWERED))
    assert "How this answer came about" not in [each.label for each in at.expander]


def test_an_unknown_conversation_is_said_to_be_gone(filled: App) -> None:
    at = opened("nonsense")
    assert "no longer here" in at.info[0].value
    assert not at.exception


def test_the_page_opens_while_the_model_loads_and_says_so(filled: App) -> None:
    chat = filled.chat
    assert isinstance(chat, ScriptedChat)
    chat.hold = True
    at = opened()
    assert "The model is loading" in texts(at)
    chat.release()
    ui.web.parts.parts().warming.wait(10)
    assert "The model is loading" not in texts(opened())
