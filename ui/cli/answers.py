"""The file of `eval --out`: every answer as soon as it is there, and what it holds already is not asked again."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from storage.errors import BadSettings

if TYPE_CHECKING:
    from qa.evaluation.questions import Question

Row = dict[str, Any]
_NEEDED = set("id question found citations hits seconds text sentences draft reason made_by trace".split())


class Answers:
    """Answers that are kept, by question; without a file only those of this run pass through it."""

    def __init__(self, rows: Sequence[Row] = (), file: TextIO | None = None) -> None:
        self._file = file
        self._rows: dict[tuple[str, str], deque[Row]] = {}
        for row in rows:
            self._rows.setdefault((row["id"], row["question"]), deque()).append(row)

    def take(self, question: "Question") -> Row | None:
        """The kept answer to a question, each one once."""
        rows = self._rows.get((question.id, question.question))
        return rows.popleft() if rows else None

    def add(self, row: Row) -> None:
        """Keep an answer."""
        if self._file:
            append(self._file, row)


@contextmanager
def answers(out: Path | None, questions: Sequence["Question"], made_by: Row, fresh: bool) -> Iterator[Answers]:
    """The answers that `out` keeps, and will keep. Begun anew if `fresh`.

    Answers to other questions stay in the file; one to a question that was since put in other words is dropped. Raises
    BadSettings where the file holds anything else than answers made by the same.
    """
    if out is None:
        yield Answers()
        return
    asked = {question.id: question.question for question in questions}
    rows = [row for row in _made(out, made_by, fresh) if asked.get(row["id"], row["question"]) == row["question"]]
    with rewritten(out, rows) as file:
        yield Answers(rows, file)


def _made(out: Path, made_by: Row, fresh: bool) -> list[Row]:
    rows = [] if fresh else read(out, lambda row: row.keys() >= _NEEDED)
    for name, value in made_by.items():
        if other := next((row["made_by"].get(name) for row in rows if row["made_by"].get(name) != value), None):
            raise BadSettings(
                f"{out} holds answers with another {name} ({other} and not {value}). "
                "Begin it anew with --fresh, or name another file with --out."
            )
    return rows


def read(out: Path, fits: Callable[[Row], bool]) -> list[Row]:
    """The lines of a file; a last one that was only half written is left out, and there need not be a file.

    Raises BadSettings where a line does not fit, so that nothing else is ever written over.
    """
    try:
        lines = out.read_bytes().splitlines() if out.exists() else []
    except OSError as exc:
        raise BadSettings(f"Cannot read {out} ({exc.strerror}). Name another file with --out.") from exc
    rows: list[Row] = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line.decode("utf-8-sig"))
        except ValueError:
            if number == len(lines):
                break
            row = None
        if not isinstance(row, dict) or not fits(row):
            raise BadSettings(
                f"{out} is there and holds something else (line {number}). Name another file with --out, or write over "
                "it with --fresh."
            )
        rows.append(row)
    return rows


@contextmanager
def rewritten(out: Path, rows: Sequence[Row]) -> Iterator[TextIO]:
    """The file with just these rows, open for more. What it was before stays until it is whole again."""
    part = out.with_name(f"{out.name}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            for row in rows:
                append(file, row)
        part.replace(out)
        file = out.open("a", encoding="utf-8")
    except OSError as exc:
        raise BadSettings(f"Cannot write {out} ({exc.strerror}). Name another file with --out.") from exc
    with file:
        yield file


def append(file: TextIO, row: Row) -> None:
    """Write a row as a line, at once."""
    file.write(json.dumps(row, ensure_ascii=False) + "\n")
    file.flush()
