"""What the history tells: every answer is counted once, as what it was, and what lies in the bin is not counted."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from storage.conversations import Conversations
from storage.database import Database
from storage.insights import Insights, Overview, Spread, spread
from storage.records import Citation, Message, Timings
from tests.unit.test_storage_conversations import CITED, HIT
from tests.unit.test_storage_library import Place

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def ask(
    conversations: Conversations, text: str, created: datetime = NOON, collection: str = "default", **how: object
) -> str:
    """A conversation with one question and its answer; its id."""
    started = conversations.start(text, collection)
    name = f"{text}-{collection}"[:12]
    conversations.append(started.id, Message(f"q-{name}", "user", text, created))
    answer = Message(f"a-{name}", "assistant", "…", created, found=True)
    conversations.append(started.id, replace(answer, **how))  # type: ignore[arg-type]
    return started.id


def history(database: Database) -> dict[str, str]:
    """Five questions of two days and two collections; the conversations by what was asked."""
    held = Conversations(database)
    names = {
        "found": ask(held, "found", citations=(CITED, replace(CITED, marker=2)), timings=Timings(0.1, 0.2, 1.0, 3.0)),
        "lost": ask(
            held, "lost", NOON - timedelta(days=2), found=False, hits=(HIT,), timings=Timings(0.1, 0.4, 0, 0.5)
        ),
        "stopped": ask(held, "stopped", found=None, status="stopped"),
        "failed": ask(held, "failed", found=None, status="failed"),
        "elsewhere": ask(held, "elsewhere", collection="other", citations=(replace(CITED, document_id="d2"),)),
    }
    held.rate("a-found-defaul", 1, "just so")
    held.bin(ask(held, "thrown", found=False))
    return names


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'f.sqlite'}")


@pytest.fixture
def names(database: Database) -> dict[str, str]:
    return history(database)


def overview(database: Database, collection: str | None = None, since: datetime | None = None) -> Overview:
    return Insights(database, UTC).overview(collection, since)


@pytest.mark.usefixtures("names")
def test_each_answer_is_counted_as_what_it_was_on_its_day(database: Database) -> None:
    told = overview(database)
    assert [(day.day, day.questions, day.outcomes) for day in told.days] == [
        (date(2026, 3, 8), 1, (0, 1, 0, 0)),
        (date(2026, 3, 9), 0, (0, 0, 0, 0)),
        (date(2026, 3, 10), 4, (2, 0, 1, 1)),
    ]
    assert (told.questions, told.outcomes) == (5, (2, 1, 1, 1))


@pytest.mark.usefixtures("names")
def test_a_collection_and_a_time_bound_everything(database: Database) -> None:
    told = overview(database, "default", NOON - timedelta(days=1))
    assert (told.questions, told.outcomes, told.gaps) == (3, (1, 0, 1, 1), ())
    assert [each.document_id for each in told.cited] == ["d1"]
    assert overview(database, "nothing") == Overview()
    assert Insights(database).collections() == ("default", "other")


def test_a_gap_has_the_nearest_document_and_its_conversation(database: Database, names: dict[str, str]) -> None:
    (gap,) = overview(database).gaps
    assert (gap.question, gap.conversation_id, gap.document_id, gap.title) == ("lost", names["lost"], "d1", "手册")


def test_a_question_that_was_answered_at_last_is_no_gap(database: Database, names: dict[str, str]) -> None:
    again = Message("again", "assistant", "…", NOON, found=True)
    Conversations(database).append(names["lost"], again, beside="a-lost-default")
    assert overview(database).gaps == ()


def test_a_question_that_is_refused_again_is_one_gap(database: Database, names: dict[str, str]) -> None:
    again = Message("again", "assistant", "…", NOON, found=False)
    Conversations(database).append(names["lost"], again, beside="a-lost-default")
    (gap,) = overview(database).gaps
    assert (gap.title, overview(database).outcomes) == ("", (2, 2, 1, 1))  # the latest refusal found nothing near


def test_a_document_counts_once_for_each_answer_that_cites_it(tmp_path: Path) -> None:
    place = Place(tmp_path)
    first, second = place.put("年假.txt", "员工每年有十天年假"), place.put("whales.txt", "blue whales sing")
    held = Conversations(place.database)
    cited = Citation(1, first.id, "as it was called then", "/old", None, 0, 2, "员工", 0, 2)
    ask(held, "one", collection="c", citations=(cited, replace(cited, marker=2)))
    ask(held, "two", collection="c", citations=(cited, replace(cited, document_id="gone", marker=2, title="a")))
    told = overview(place.database)
    assert [(each.document_id, each.answers, each.here) for each in told.cited] == [
        (first.id, 2, True),
        ("gone", 1, False),
    ]
    assert [each.title for each in told.cited] == [first.title, "a"]
    assert [each.document_id for each in told.never] == [second.id]


@pytest.mark.usefixtures("names")
def test_times_are_those_of_whole_answers_and_of_what_came_at_all(database: Database) -> None:
    evidence, first_word, total = overview(database).times
    assert evidence == Spread(0.2, 0.4, 2)
    assert first_word == Spread(1.0, 1.0, 1) and total == Spread(0.5, 3.0, 2)


def test_the_spread_is_by_nearest_rank() -> None:
    assert spread([]) is None
    assert spread(list(range(1, 11))) == Spread(5, 9, 10)
    assert spread([4.0]) == Spread(4.0, 4.0, 1)


def test_feedback_comes_with_its_question(database: Database, names: dict[str, str]) -> None:
    (rated,) = overview(database).rated
    assert (rated.score, rated.comment, rated.question, rated.conversation_id) == (
        1,
        "just so",
        "found",
        names["found"],
    )
