"""A file of questions, one JSON object a line (pure)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from storage.errors import UnreadableFile


@dataclass(frozen=True, slots=True)
class Question:
    """A line of a question file. `document` is the name of the file that holds the answer, "" where none is named.

    All of `must_contain` belong in a right answer; without it, any one of `answers` does. `history` holds role and
    text of the turns before. `context` is the passage that the question was asked of, `evidence` the words in it that
    prove the answer; both are "" where they are not told.
    """

    id: str
    question: str
    answers: tuple[str, ...] = ()
    answerable: bool = True
    must_contain: tuple[str, ...] = ()
    document: str = ""
    history: tuple[tuple[str, str], ...] = ()
    context: str = ""
    evidence: str = ""


def read_questions(lines: Iterable[str]) -> tuple[Question, ...]:
    """The questions of a JSON Lines file. Raises UnreadableFile naming the first line that is no question."""
    questions: list[Question] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                questions.append(_question(json.loads(line), number))
            except (ValueError, KeyError, TypeError, AttributeError) as exc:
                what = f"has no {exc}" if isinstance(exc, KeyError) else f"is no question ({exc})"
                raise UnreadableFile(
                    f'Line {number} {what}. Write {{"id", "question", "answers", "answerable"}}.'
                ) from exc
    return tuple(questions)


def _question(row: Any, number: int) -> Question:
    answers, must = row.get("answers") or [], row.get("must_contain") or []
    context, evidence = row.get("context") or "", row.get("evidence") or ""
    if not all(isinstance(text, str) for text in [row["question"], context, evidence, *answers, *must]):
        raise ValueError("question, answers, must_contain, context and evidence hold text")
    history = tuple((str(turn["role"]), str(turn["text"])) for turn in row.get("history") or [])
    answerable = row.get("answerable", bool(answers or must))
    if not isinstance(answerable, bool):
        raise ValueError("answerable is true or false")
    name = PurePath(str(row.get("document") or row.get("doc") or "")).name
    return Question(
        str(row.get("id", number)), row["question"], tuple(answers), answerable, tuple(must), name, history,
        context, evidence,
    )  # fmt: skip
