"""Lines of a question file become questions, and a bad one is named."""

import pytest

from qa.evaluation.questions import Question, read_questions
from storage.errors import UnreadableFile


def test_lines_become_questions() -> None:
    line = (
        '{"id": "x1", "question": "And there?", "answers": ["six"], "answerable": true, "document": "docs/a.md", '
        '"context": "It is six.", "evidence": "six", "history": [{"role": "user", "text": "Where is it?"}]}'
    )
    assert read_questions([line, "", '{"question": "Why?", "answers": [], "answerable": false}']) == (
        Question("x1", "And there?", ("six",), True, (), "a.md", (("user", "Where is it?"),), "It is six.", "six"),
        Question("3", "Why?", answerable=False),
    )


@pytest.mark.parametrize(
    "line",
    ["{", '{"id": 1}', '"text"', '{"question": 7}', '{"question": "q", "answerable": "yes"}',
     '{"question": "q", "answers": [1]}', '{"question": "q", "history": [{"role": "user"}]}',
     '{"question": "q", "context": ["a"]}'],
)  # fmt: skip
def test_a_bad_line_is_named_by_its_number(line: str) -> None:
    with pytest.raises(UnreadableFile, match=r"^Line 2 .*Write "):
        read_questions(['{"question": "q"}', line])
