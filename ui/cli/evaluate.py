"""`footnote eval`: ask every question of a file, and count."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from storage.errors import BadSettings, NotFound
from storage.records import Message
from ui import objects, render
from ui.cli.options import Collection, Json, Out
from ui.cli.terminal import emit, note, say

if TYPE_CHECKING:
    from qa.evaluate import Outcome, Question
    from ui.app import App

_SHOWN = 20  # failures listed


def evaluate(
    ctx: typer.Context,
    questions: Annotated[Path, typer.Argument(metavar="QUESTIONS.jsonl", help="One question a line.")],
    collection: Collection = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Ask only the first so many.")] = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Ask every question of a file and count right answers, refusals, citations and seconds. Leaves no history."""
    from qa.evaluate import metrics, read_questions

    try:
        lines = questions.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is no UTF-8 text"
        raise NotFound(
            f"{questions} cannot be read ({why}). Name a file of questions, one JSON object a line."
        ) from exc
    rows = read_questions(lines)[:limit]
    app: App = ctx.obj.app
    outcomes: list[Outcome] = []
    stopped = False
    with _lines(out) as file:
        try:
            _ask(app, rows, app.collection(collection), file, outcomes)
        except KeyboardInterrupt:
            stopped = True
            note(f"Stopped after {len(outcomes)} of {len(rows)} questions.")
    figures = metrics(outcomes)
    if as_json:
        emit(figures)
    else:
        say(_text(figures, outcomes))
    if stopped:
        raise typer.Exit(130)


def _ask(
    app: "App", rows: Sequence["Question"], collection: str, file: TextIO | None, outcomes: list["Outcome"]
) -> None:
    """Ask one question after the other; each answer is counted and written as soon as it is there."""
    from qa.answer import Answer
    from qa.evaluate import Outcome
    from ui.cli.progress import steps_bar

    answerer = app.answerer

    @lru_cache(maxsize=32)
    def text_of(document_id: str) -> str:
        return app.library.document(document_id).text

    with steps_bar("asking") as report:
        for number, row in enumerate(rows):
            report(number, len(rows))
            *_, answer = answerer.stream(row.question, collection, _turns(row))
            assert isinstance(answer, Answer)
            exact = sum(text_of(c.document_id)[c.start : c.end] == c.quote for c in answer.citations)
            outcomes.append(Outcome(row, answer, exact))
            if file:
                file.write(json.dumps(objects.evaluated(row.id, row.question, answer), ensure_ascii=False) + "\n")
                file.flush()


def _turns(row: "Question") -> tuple[Message, ...]:
    now = datetime.now(UTC)
    return tuple(
        Message(str(number), "user" if role == "user" else "assistant", text, now)
        for number, (role, text) in enumerate(row.history)
    )


@contextmanager
def _lines(out: str | None) -> Iterator[TextIO | None]:
    if not out:
        yield None
        return
    try:
        Path(out).write_text("", encoding="utf-8")
    except OSError as exc:
        raise BadSettings(f"Cannot write {out} ({exc.strerror}). Name another file with --out.") from exc
    with Path(out).open("w", encoding="utf-8") as file:
        yield file


def _text(figures: dict[str, Any], outcomes: Sequence["Outcome"]) -> str:
    """The figures, and the first failures."""
    from qa.evaluate import failures

    rows = [(name, "-" if value is None else str(value)) for name, value in figures.items() if name != "seconds"]
    for name, times in figures["seconds"].items():
        rows.append((f"seconds {name}", f"median {times['median']}, p90 {times['p90']}"))
    text = render.columns(rows)
    failed = failures(outcomes)
    if failed:
        text += f"\n\n{len(failed)} wrong:\n" + "\n".join(_failure(o) for o in failed[:_SHOWN])
    return text


def _failure(outcome: "Outcome") -> str:
    row = outcome.question
    gold = " / ".join(row.must_contain or row.answers) if row.answerable else "(the documents don't say)"
    said = " ".join(outcome.answer.text.split())
    return render.printable(f"{row.id}  {row.question}\n    wanted: {gold}\n    said:   {said}")
