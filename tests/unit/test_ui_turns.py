"""What a question reads of the turns before it, and how it may be wished."""

from datetime import UTC, datetime

from qa.style import Style
from storage.records import Conversation, Message
from ui.turns import before, said

NOW = datetime.now(UTC)
TURNS = tuple(Message(id, role, id, NOW) for id, role in (("q", "user"), ("a", "assistant"), ("r", "user"), ("b", "assistant")))  # type: ignore[arg-type]  # fmt: skip  # noqa: E501
HELD = Conversation("c", "t", "default", NOW, NOW, TURNS)


def test_all_turns_stand_before_a_new_question() -> None:
    assert before(HELD, None) == TURNS and before(None, None) == ()


def test_an_edited_question_and_a_renewed_answer_read_what_stands_before_their_place() -> None:
    assert before(HELD, "r") == TURNS[:2] == before(HELD, "b")
    assert before(HELD, "q") == () == before(HELD, "a")


def test_failed_and_empty_turns_say_nothing() -> None:
    failed = Message("f", "assistant", "The model is not there.", NOW, status="failed")
    assert said((*TURNS, failed, Message("e", "assistant", "", NOW))) == TURNS


def test_the_answers_language_is_the_questions_unless_wished_otherwise() -> None:
    assert Style().spoken("保修多久？") == "zh" and Style(language="en").spoken("保修多久？") == "en"


def test_a_detailed_answer_may_be_longer_and_a_wide_one_reads_more() -> None:
    assert Style("short").tokens(256) < Style().tokens(256) == 256 < Style("detailed").tokens(256)
    assert Style(wide=True).passages(4) == 8 and Style().passages(4) == 4
