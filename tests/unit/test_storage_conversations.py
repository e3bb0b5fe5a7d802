"""What history promises: nothing that was said is lost, changed or mixed up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, update

from storage import schema as t
from storage.conversations import Conversations, excerpt
from storage.database import Database, migrate
from storage.errors import NotFound
from storage.records import Chunk, Citation, Hit, Message, Timings, Trace
from tests.unit.conversations import ORDINARY
from tests.unit.traces import TRACE


@pytest.fixture
def conversations(tmp_path: Path) -> Conversations:
    return Conversations(Database(f"sqlite:///{tmp_path / 'f.sqlite'}"))


def message(id: str, role: str, text: str, **more: object) -> Message:
    return Message(id, role, text, datetime.now(UTC), **more)  # type: ignore[arg-type]


HIT = Hit(Chunk(2**62 + 1, "d1", 0, "年假十天。", 0, 5, "假期", 3), "手册", "/手册.pdf", 1, 0.9, "fused")
CITED = Citation(1, "d1", "手册", "/手册.pdf", 3, 0, 5, "年假十天。", 0, 7)


def test_a_conversation_reads_the_same_after_a_restart(tmp_path: Path) -> None:
    first = Conversations(Database(f"sqlite:///{tmp_path / 'f.sqlite'}"))
    started = first.start("年假", "default")
    asked = message("q", "user", "年假有几天？")
    answered = message(
        "a", "assistant", "年假有十天。", found=True, short_answer="十天", model="m", backend="b",
        citations=(CITED, replace(CITED, marker=2, quote="另")), unsupported=((3, 5),), hits=(HIT,),
        timings=Timings(0.1, 0.2, 1.5, 2.5), trace=TRACE,
    )  # fmt: skip
    first.append(started.id, asked)
    first.append(started.id, answered)
    again = Conversations(Database(f"sqlite:///{tmp_path / 'f.sqlite'}")).conversation(started.id)
    assert again.messages == (asked, answered)
    assert (again.title, again.collection) == ("年假", "default")


def test_a_trace_comes_with_the_finished_answer(conversations: Conversations) -> None:
    started = conversations.start("t", "c")
    growing = message("a", "assistant", "", status="writing")
    conversations.append(started.id, growing)
    assert conversations.conversation(started.id).messages[0].trace is None
    bare = Trace("q", "c", 0, "e5")
    conversations.update(replace(growing, status="done", trace=bare))
    assert conversations.conversation(started.id).messages[0].trace == bare


def test_what_a_later_version_put_into_a_trace_is_passed_over(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'f.sqlite'}")
    conversations = Conversations(database)
    started = conversations.start("t", "c")
    answer = message("a", "assistant", "x", trace=TRACE)
    conversations.append(started.id, answer)
    with database.writing() as connection:
        kept = connection.execute(t.messages.select()).one().trace
        later = kept | {"new": [1], "filter": kept["filter"] | {"author": "me"}}
        later["candidates"] = [each | {"boxes": [[0, 1]], "fate": "summarised"} for each in kept["candidates"]]
        connection.execute(update(t.messages).values(trace=later))
    read = conversations.conversation(started.id).messages[0].trace
    assert read and {each.fate for each in read.candidates} == {"summarised"}
    assert replace(read, candidates=()) == replace(TRACE, candidates=())


def test_answers_from_before_traces_stay_as_they_were(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'f.sqlite'}")
    conversations = Conversations(database)
    started = conversations.start("t", "c")
    answer = message("a", "assistant", "x", citations=(CITED,), hits=(HIT,), trace=TRACE)
    conversations.append(started.id, answer)
    conversations.rate("a", 1)
    migrate(database.engine, back_to="0002")
    with database.reading() as connection:
        assert "trace" not in {column["name"] for column in inspect(connection).get_columns("messages")}
    again = Conversations(Database(f"sqlite:///{tmp_path / 'f.sqlite'}"))
    assert again.conversation(started.id).messages == (replace(answer, trace=None, feedback=1),)


def test_an_answer_keeps_what_had_come_when_the_program_ended(conversations: Conversations) -> None:
    started = conversations.start("t", "c")
    growing = message("a", "assistant", "", status="writing")
    conversations.append(started.id, growing)
    conversations.update(replace(growing, text="Half an ans"))
    conversations.interrupt()
    (kept,) = conversations.conversation(started.id).messages
    assert (kept.text, kept.status) == ("Half an ans", "interrupted")


def test_an_answer_whose_conversation_was_deleted_meanwhile_says_so(conversations: Conversations) -> None:
    started = conversations.start("t", "c")
    growing = message("a", "assistant", "", status="writing")
    conversations.append(started.id, growing)
    conversations.delete(started.id)
    with pytest.raises(NotFound, match="deleted"):
        conversations.update(replace(growing, text="x", citations=(CITED,)))


def test_updating_replaces_citations(conversations: Conversations) -> None:
    started = conversations.start("t", "c")
    answer = message("a", "assistant", "x", citations=(CITED,))
    conversations.append(started.id, answer)
    conversations.update(replace(answer, citations=()))
    assert conversations.conversation(started.id).messages[0].citations == ()


def test_the_latest_comes_first(conversations: Conversations) -> None:
    first, second = conversations.start("first", "c"), conversations.start("second", "c")
    assert [c.id for c in conversations.conversations()] == [second.id, first.id]
    conversations.append(first.id, message("q", "user", "again"))
    assert [c.id for c in conversations.conversations(limit=1)] == [first.id]


def test_search_finds_chinese_and_any_case_and_takes_wildcards_literally(conversations: Conversations) -> None:
    started = conversations.start("Trip", "c")
    conversations.append(started.id, message("1", "user", "差旅报销的上限是多少？"))
    conversations.append(started.id, message("2", "assistant", "The LIMIT is 100% of the fare."))
    assert [f.message_id for f in conversations.search("报销")] == ["1"]
    assert [f.message_id for f in conversations.search("limit")] == ["2"]
    assert [f.message_id for f in conversations.search("100%")] == ["2"]
    assert [f.message_id for f in conversations.search("trip")] == ["1"]
    assert conversations.search("1_0") == ()


def test_excerpt_shows_the_match() -> None:
    text = "a" * 200 + " needle " + "b" * 200
    assert "needle" in excerpt(text, "NEEDLE")
    assert excerpt(text, "needle").startswith("…") and excerpt(text, "needle").endswith("…")
    assert excerpt("short", "or") == "short"


def test_rename_delete_and_feedback(conversations: Conversations) -> None:
    started = conversations.start("t", "c")
    conversations.append(started.id, message("a", "assistant", "x", citations=(CITED,)))
    conversations.rename(started.id, "Better")
    conversations.rate("a", 1)
    conversations.rate("a", -1, "wrong page")
    kept = conversations.conversation(started.id)
    assert (kept.title, kept.messages[0].feedback) == ("Better", -1)
    conversations.rate("a", 0)
    assert conversations.conversation(started.id).messages[0].feedback is None
    conversations.delete(started.id)
    for gone in (conversations.conversation, conversations.delete):
        with pytest.raises(NotFound, match="history list"):
            gone(started.id)
    with pytest.raises(NotFound):
        conversations.append(started.id, message("b", "user", "x"))


def test_an_answer_that_is_asked_for_again_stands_beside_the_first(conversations: Conversations) -> None:
    started = conversations.start("t", "c")
    for each in (message("q", "user", "How long?"), message("a", "assistant", "Two years.")):
        conversations.append(started.id, each)
    conversations.append(started.id, message("b", "assistant", "24 months."), beside="a")
    shown = conversations.conversation(started.id).messages
    assert [(each.id, each.variants) for each in shown] == [("q", ()), ("b", ("a", "b"))]
    conversations.choose(started.id, "a")
    assert [each.id for each in conversations.conversation(started.id).messages] == ["q", "a"]


def test_an_edited_question_keeps_what_followed_the_old_one(conversations: Conversations) -> None:
    started = conversations.start("t", "c")
    for id, role in (("q", "user"), ("a", "assistant"), ("r", "user"), ("b", "assistant")):
        conversations.append(started.id, message(id, role, id))
    conversations.append(started.id, message("s", "user", "edited"), beside="q")
    conversations.append(started.id, message("c", "assistant", "new"))
    assert [each.id for each in conversations.conversation(started.id).messages] == ["s", "c"]
    conversations.choose(started.id, "q")
    assert [each.id for each in conversations.conversation(started.id).messages] == ["q", "a", "r", "b"]
    with pytest.raises(NotFound):
        conversations.choose(started.id, "nowhere")


def test_the_bin_hides_a_conversation_until_it_is_taken_out(conversations: Conversations) -> None:
    started = conversations.start("Leave", "c")
    conversations.append(started.id, message("q", "user", "How long?"))
    conversations.bin(started.id)
    assert conversations.conversations() == () and conversations.search("long") == ()
    assert [each.id for each in conversations.conversations(deleted=True)] == [started.id]
    assert conversations.overdue(timedelta(days=1)) == () and conversations.overdue(timedelta(0)) == (started.id,)
    conversations.restore(started.id)
    assert [each.id for each in conversations.conversations()] == [started.id]


def test_pinned_conversations_come_first_and_stay_where_they_were_among_the_latest(
    conversations: Conversations,
) -> None:
    old, new = conversations.start("old", "c"), conversations.start("new", "c")
    conversations.pin(old.id, True)
    conversations.tag(old.id, ["law", "2024", "law"])
    first, second = conversations.conversations()
    assert (first.id, first.pinned, first.tags, second.id) == (old.id, True, ("2024", "law"), new.id)
    conversations.pin(old.id, False)
    assert [each.id for each in conversations.conversations()] == [new.id, old.id]


def test_a_search_wants_every_word_wherever_it_stands(conversations: Conversations) -> None:
    started = conversations.start("t", "c")
    conversations.append(started.id, message("1", "user", "May unused leave be carried over?"))
    conversations.append(started.id, message("2", "assistant", "Leave ends in March."))
    assert [found.message_id for found in conversations.search("carried leave")] == ["1"]
    assert conversations.search("  ") == ()


def test_a_conversation_from_elsewhere_is_adopted_whole_as_a_new_one(conversations: Conversations) -> None:
    first, second = conversations.adopt(ORDINARY), conversations.adopt(ORDINARY)
    assert len({first.id, second.id, ORDINARY.id}) == 3
    kept = conversations.conversation(first.id)
    assert (kept.title, kept.tags, kept.pinned, kept.created) == (
        ORDINARY.title, ORDINARY.tags, True, ORDINARY.created,
    )  # fmt: skip
    assert [replace(each, id="") for each in kept.messages] == [replace(each, id="") for each in ORDINARY.messages]
    ids = [each.id for name in (first, second) for each in conversations.conversation(name.id).messages]
    assert len(set(ids)) == 8
    assert kept.updated > ORDINARY.updated  # it stands among those of today


def test_an_adopted_conversation_goes_on_where_it_ended(conversations: Conversations) -> None:
    adopted = conversations.adopt(ORDINARY)
    conversations.append(adopted.id, message("q9", "user", "More?"))
    assert [each.text for each in conversations.conversation(adopted.id).messages][-2:] == [
        "The documents don't say.", "More?",
    ]  # fmt: skip
