"""The chat page: evidence, answer, footnotes, refusals, and finding everything again."""

import gc
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Html

import ui.web.parts
from storage.errors import ModelUnavailable
from storage.records import Citation, Message
from tests.unit.traces import TRACE
from tests.waiting import until
from tests.web.conftest import APP, asked
from tests.web.scripted import ScriptedChat
from ui.app import App


def opened(conversation: str = "") -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=60)
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
    assert job and job.wait(60)


def test_an_empty_home_says_what_to_do(app: App) -> None:
    at = opened()
    assert not at.exception
    assert "There are none here yet" in texts(at)


def test_what_is_loaded_is_not_looked_through_for_garbage_at_every_run(app: App) -> None:
    gc.unfreeze()
    opened()
    ui.web.parts.parts().warming.wait(60)
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
    (passage,) = [piece for piece in pieces(at) if piece.startswith('<div class="fn-text">')]
    assert '<p class="fn-h1">Warranty</p>' in passage
    assert "<mark>The warranty lasts 24 months from the day of delivery.</mark> It covers parts" in passage


def test_a_footnote_keeps_its_quote_when_the_document_is_gone(filled: App) -> None:
    name, message = asked(filled, "How long does the warranty last?")
    filled.library.remove([message.citations[0].document_id])
    at = opened(name)
    at.button(key=f"note-{message.id}-1").click().run()
    assert "no longer in the library" in texts(at)
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
    ui.web.parts.parts().warming.wait(60)
    assert "The model is loading" not in texts(opened())


def last(app: App, conversation: str) -> Message:
    return app.conversations.conversation(conversation).messages[-1]


def settled(at: AppTest, conversation: str) -> AppTest:
    wait(conversation)
    return at.run()


def attach(app: App, conversation: str, **files: str) -> None:
    """Attach small texts to a conversation, as the page does."""
    held = app.conversations.conversation(conversation)
    paths = app.attachments.keep([(f"{name}.md", text.encode()) for name, text in files.items()], conversation)
    ui.web.parts.parts().jobs.attach(paths, held)
    wait(conversation)


def test_an_answer_tells_the_time_of_each_stage(filled: App) -> None:
    name, _ = asked(filled, "How long does the warranty last?")
    (line,) = [piece for piece in pieces(opened(name)) if piece.startswith('<ol class="fn-stages">')]
    assert re.findall(r"<li>(\w+) [\d.]+ s</li>", line) == ["Searched", "Read", "Wrote"]


def test_an_answer_that_is_written_shows_its_stage_and_the_evidence_first(filled: App) -> None:
    chat = filled.chat
    assert isinstance(chat, ScriptedChat)
    chat.delay = 0.05
    at = opened()
    at.chat_input[0].set_value("Tell me everything about the warranty").run()
    job = ui.web.parts.parts().jobs.asking(named(at))
    assert job
    until(lambda: job.state.text)
    at.run()
    shown = html(at)
    assert shown.index('aria-current="step">Writing') < shown.index('"fn-evidence"') < shown.index('"fn-answer"')
    job.cancel()
    wait(named(at))


def test_another_answer_is_kept_beside_the_first(filled: App) -> None:
    name, first = asked(filled, "How long does the warranty last?")
    at = opened(name)
    at.session_state[f"anew-{first.id}"] = True
    at.run()
    at.button(key="way-anew-1").click().run()
    settled(at, name)
    second = last(filled, name)
    assert second.variants == (first.id, second.id) and second.text
    assert "2 / 2" in texts(at)
    at.button(key=f"variant-1-{second.id}").click().run()
    assert last(filled, name).id == first.id and "1 / 2" in texts(at)
    assert at.button(key=f"variant-1-{first.id}").proto.disabled


def test_an_edited_question_opens_another_branch(filled: App) -> None:
    name, _ = asked(filled, "Who painted the ceiling?")
    question = filled.conversations.conversation(name).messages[0]
    at = opened(name)
    at.button(key=f"edit-{question.id}").click().run()
    at.text_area(key=f"edited-{question.id}").set_value("How long does the warranty last?")
    at.button(key="save-edit").click().run()
    settled(at, name)
    turns = filled.conversations.conversation(name).messages
    assert turns[0].text == "How long does the warranty last?" and turns[1].found
    assert turns[0].variants == (question.id, turns[0].id)
    at.button(key=f"variant-1-{turns[0].id}").click().run()
    assert "Who painted the ceiling?" in texts(at)


def test_editing_can_be_left(filled: App) -> None:
    name, _ = asked(filled, "Who painted the ceiling?")
    question = filled.conversations.conversation(name).messages[0]
    at = opened(name)
    at.button(key=f"edit-{question.id}").click().run()
    at.button(key="cancel-edit").click().run()
    assert not at.text_area and "Who painted the ceiling?" in texts(at)


def test_an_answer_can_be_copied_with_and_without_its_sources(filled: App) -> None:
    name, _ = asked(filled, "How long does the warranty last?")
    (row,) = [piece for piece in pieces(opened(name)) if piece.startswith('<div class="fn-acts">')]
    plain, cited = re.findall(r'data-copy="([^"]*)"', row)
    assert plain.startswith("The warranty lasts 24 months") and "[1]" not in plain
    assert "[1] warranty, line 3: “The warranty lasts 24 months from the day of delivery.”" in cited.replace(
        "Warranty", "warranty"
    )


def test_a_comment_goes_with_a_thumb_and_is_shown_again(filled: App) -> None:
    name, message = asked(filled, "How long does the warranty last?")
    at = opened(name)
    assert not [each for each in at.button if "comment" in str(each.key)]
    at.feedback[0].set_value(0).run()
    at.session_state[f"comment-{message.id}"] = True
    at.run()
    at.text_area(key=f"comment-text-{message.id}").set_value("Too long")
    at.button(key=f"comment-save-{message.id}").click().run()
    assert (last(filled, name).feedback, last(filled, name).comment) == (-1, "Too long")
    again = opened(name)
    again.session_state[f"comment-{message.id}"] = True
    again.run()
    assert again.text_area(key=f"comment-text-{message.id}").value == "Too long"


def test_questions_are_suggested_and_asked_by_a_click(filled: App) -> None:
    at = opened()
    suggested = at.button(key="suggested-0")
    suggested.click().run()
    name = named(at)
    settled(at, name)
    asked_, _ = filled.conversations.conversation(name).messages
    assert asked_.text == suggested.label.replace("\\", "") and asked_.text.endswith(("?", "？"))


def chosen(at: AppTest) -> list[str]:
    return [each.label for each in at.button if str(each.key).startswith("chip-")]


def test_choices_count_for_the_conversation_and_are_shown(filled: App) -> None:
    (warranty,) = [each for each in filled.library.documents("default") if "warranty" in each.path]
    at = opened()
    at.session_state["choices"] = True
    at.run()
    at.multiselect(key="choose-documents-").set_value([warranty.id]).run()
    at.segmented_control(key="choose-length-").set_value("short").run()
    assert chosen(at) == [warranty.title, "Short"]
    at.chat_input[0].set_value("How long does the warranty last?").run()
    name = named(at)
    settled(at, name)
    trace = last(filled, name).trace
    assert trace and trace.filter.documents == (warranty.id,)
    assert chosen(at) == [warranty.title, "Short"]
    at.button(key="chip-1").click().run()
    assert chosen(at) == [warranty.title]
    assert chosen(opened()) == []  # another visit, and another conversation


def test_documents_that_another_page_leads_here_with_are_asked_about(filled: App) -> None:
    one = filled.library.documents("default")[0]
    at = AppTest.from_file(str(APP), default_timeout=60)
    at.session_state["ask_documents"] = (one.id,)
    at.session_state["collection"] = "default"
    assert chosen(at.run()) == [one.title]


def test_a_filter_that_fits_nothing_asks_nothing(filled: App) -> None:
    at = AppTest.from_file(str(APP), default_timeout=60)
    at.session_state["ask_documents"] = ("gone",)
    at.run()
    at.chat_input[0].set_value("How long does the warranty last?").run()
    assert "No document of 'default' fits" in at.error[0].value.replace("\\", "")
    assert filled.conversations.conversations() == ()


def test_the_collection_of_a_new_conversation_is_chosen(filled: App, documents: Path) -> None:
    list(filled.ingest([documents / "minutes.txt"], "other"))
    at = opened()
    at.selectbox(key="choose-collection").set_value("other").run()
    assert "1 document in other" in texts(at)
    at.chat_input[0].set_value("Who painted the ceiling?").run()
    wait(named(at))
    assert filled.conversations.conversation(named(at)).collection == "other"


def test_attached_files_are_read_by_their_conversation_and_can_be_removed(filled: App) -> None:
    name, _ = asked(filled, "Who painted the ceiling?")
    attach(filled, name, chapel="The ceiling was painted by Anna Bell.")
    at = opened(name)
    at.session_state["attached"] = True
    at.run()
    assert "Your files are read" in texts(at)
    (held,) = filled.attachments.of(name)
    assert [hit.path for hit in filled.search("ceiling painted Anna Bell", "default") if "chapel" in hit.path] == []
    at.button(key=f"remove-{held.id}").click().run()
    assert filled.attachments.of(name) == () and not Path(held.path).exists()


def test_a_file_that_cannot_be_read_is_told(filled: App) -> None:
    name, _ = asked(filled, "Who painted the ceiling?")
    attach(filled, name, empty="   ")
    assert "empty.md: holds no text." in texts(opened(name))
    assert filled.library.failures("default") == () and filled.attachments.of(name) == ()


def test_a_conversation_in_the_bin_can_be_taken_out(filled: App) -> None:
    name, _ = asked(filled, "How long does the warranty last?")
    filled.conversations.bin(name)
    at = opened(name)
    at.button(key="restore").click().run()
    assert filled.conversations.conversation(name).deleted is None


def test_a_long_conversation_shows_its_end_and_the_rest_on_demand(filled: App) -> None:
    started = filled.conversations.start("t", "default")
    for number in range(40):
        at_ = Message(
            f"m{number}", "assistant" if number % 2 else "user", f"Turn {number}.", datetime.now(UTC), found=True
        )
        filled.conversations.append(started.id, at_)
    at = opened(started.id)
    assert "Turn 39." in texts(at) and "Turn 2." not in texts(at)
    at.button(key="before").click().run()
    assert "Turn 2." in texts(at)


def test_the_sidebar_has_pinned_conversations_apart(filled: App) -> None:
    name, _ = asked(filled, "How long does the warranty last?")
    filled.conversations.pin(name, True)
    shown = texts(opened())
    assert "Pinned" in shown and "Latest" not in shown


def test_the_keys_are_listed(filled: App) -> None:
    at = opened()
    at.button(key="shortcuts").click().run()
    assert "Open the next footnote" in texts(at)


def test_a_second_tab_goes_on_from_what_the_first_has_asked_meanwhile(filled: App) -> None:
    name, _ = asked(filled, "How long does the warranty last?")
    one, two = opened(name), opened(name)
    one.chat_input[0].set_value("Who painted the ceiling?").run()
    wait(name)
    two.chat_input[0].set_value("员工每年有几天年假？").run()
    wait(name)
    turns = filled.conversations.conversation(name).messages
    assert [turn.text for turn in turns if turn.role == "user"][1:] == [
        "Who painted the ceiling?",
        "员工每年有几天年假？",
    ]
    two.run()
    assert "Who painted the ceiling?" in texts(two)
