"""`footnote eval`: ask every question of a file, and count; or draft such a file."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from storage.errors import NotFound
from storage.records import Document, Message
from ui import objects
from ui.cli import figures
from ui.cli.answers import Answers, answers
from ui.cli.drafts import make_questions
from ui.cli.options import Collection, Json, Out
from ui.cli.terminal import emit, note, say

if TYPE_CHECKING:
    from qa.evaluation.outcomes import Outcome
    from qa.evaluation.questions import Question
    from ui.app import App


def evaluate(
    ctx: typer.Context,
    questions: Annotated[
        Path | None, typer.Argument(metavar="QUESTIONS.jsonl", help="One question a line; not with --make.")
    ] = None,
    collection: Collection = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Ask only the first so many.")] = None,
    out: Out = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin FILE anew; else what it holds is kept.")] = False,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FOLDER", help="Write a page with plots into this folder.")
    ] = None,
    make: Annotated[
        int | None,
        typer.Option("--make", metavar="N", min=1, help="Draft N questions from the collection into FILE instead."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask every question of a file and count right answers, refusals, citations and seconds. Leaves no history.

    With --out the answers are kept, and the same command goes on where it was stopped.
    """
    _refuse_what_says_nothing(questions, out, {"--limit": limit, "--report": report}, make, fresh)
    app: App = ctx.obj.app
    if questions is None:
        assert make and out
        make_questions(app, app.collection(collection), make, Path(out), fresh=fresh, as_json=as_json)
        return
    _evaluate(app, _read(questions)[:limit], app.collection(collection), (out, fresh, report, as_json))


def _refuse_what_says_nothing(
    questions: Path | None, out: str | None, of_asking: dict[str, object], make: int | None, fresh: bool
) -> None:
    """Wrong usage ends with 2, before anything is loaded or asked."""
    if make is None and questions is None:
        raise typer.BadParameter("name a file of questions, or draft one with --make N", param_hint="QUESTIONS.jsonl")
    if make is not None:
        if questions is not None:
            raise typer.BadParameter("--make drafts questions: name none, only the FILE to write with --out")
        if not out:
            raise typer.BadParameter("say where to write the drafts: --out FILE", param_hint="--make")
        if silly := [name for name, value in of_asking.items() if value is not None]:
            raise typer.BadParameter("it says nothing with --make, which asks no questions", param_hint=silly[0])
    if fresh and not out:
        raise typer.BadParameter("it begins the FILE of --out anew: name one", param_hint="--fresh")
    if out and questions is not None and Path(out).resolve() == questions.resolve():
        raise typer.BadParameter("the answers would take the place of the questions", param_hint="--out")


def _read(file: Path) -> tuple["Question", ...]:
    from qa.evaluation.questions import read_questions

    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is no UTF-8 text"
        raise NotFound(f"{file} cannot be read ({why}). Name a file of questions, one JSON object a line.") from exc
    return read_questions(lines)


def _evaluate(
    app: "App", rows: Sequence["Question"], collection: str, options: tuple[str | None, bool, Path | None, bool]
) -> None:
    from qa.evaluation.metrics import failures, metrics
    from ui.report import ready, write

    out, fresh, folder, as_json = options
    if folder:
        ready(folder)
    app.indexes.refresh(collection)
    made_by = _made_by(app, collection)
    done: dict[int, Outcome] = {}
    with answers(Path(out) if out else None, rows, made_by, fresh) as kept:
        stopped = _ask(app, rows, kept, made_by, done)
    outcomes = [done[place] for place in sorted(done)]
    found = metrics(outcomes)
    if as_json:
        emit(found)
    else:
        say(figures.text(found, failures(outcomes)))
    if folder:
        note(f"Report: {write(folder, found, outcomes, made_by)}")
    if stopped:
        note(f"Stopped after {len(done)} of {len(rows)} questions." + (" The same command goes on." if out else ""))
        raise typer.Exit(130)


def _made_by(app: "App", collection: str) -> objects.Object:
    """What an answer depends on: an evaluation goes on only where all of it is the same."""
    (known,) = (each for each in app.library.collections() if each.name == collection)
    made_by = {
        "model": app.answerer.model, "collection": collection, "generation": known.generation,
        "embedder": known.embedder, "reranker": app.settings.reranker, "options": asdict(app.settings.answer),
        "footnote": version("footnote"),
    }  # fmt: skip
    return dict(json.loads(json.dumps(made_by)))  # as it is read again


def _ask(
    app: "App", rows: Sequence["Question"], kept: Answers, made_by: objects.Object, done: dict[int, "Outcome"]
) -> bool:
    """Ask what is not kept, one question after the other, into `done` by place; whether it was stopped."""
    from qa.evaluation.outcomes import outcome
    from ui.cli.progress import steps_bar

    document = _documents(app)
    for place, question in enumerate(rows):
        if row := kept.take(question):
            done[place] = outcome(question, row, document)
    if done:
        note(f"{len(done)} of {len(rows)} questions were answered before.")
    try:
        with steps_bar("asking") as report:
            for place in [place for place in range(len(rows)) if place not in done]:
                report(len(done), len(rows))
                row = _answered(app, rows[place], made_by)
                kept.add(row)
                done[place] = outcome(rows[place], row, document)
    except KeyboardInterrupt:
        return True
    return False


def _answered(app: "App", question: "Question", made_by: objects.Object) -> dict[str, Any]:
    from qa.answer import Answer

    *_, answer = app.answerer.stream(question.question, made_by["collection"], _turns(question))
    assert isinstance(answer, Answer)
    return objects.evaluated(question.id, question.question, answer, made_by)


def _documents(app: "App") -> Callable[[str], Document | None]:
    @lru_cache(maxsize=256)
    def document(document_id: str) -> Document | None:
        try:
            return app.library.document(document_id)
        except NotFound:  # removed while it is being asked about
            return None

    return document


def _turns(row: "Question") -> tuple[Message, ...]:
    now = datetime.now(UTC)
    return tuple(
        Message(str(number), "user" if role == "user" else "assistant", text, now)
        for number, (role, text) in enumerate(row.history)
    )
