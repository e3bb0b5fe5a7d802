"""`footnote eval --make`: questions drafted from a collection into a file, for a person to correct."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from storage.records import Hit
from ui.cli.answers import append, read, rewritten
from ui.cli.terminal import emit, note, say

if TYPE_CHECKING:
    from qa.evaluation.drafting import Source
    from ui.app import App

_NEAR = 10  # passages that are looked at for an answer to a question that shall have none


def make_questions(app: "App", collection: str, wanted: int, out: Path, *, fresh: bool, as_json: bool) -> None:
    """Draft until the file has as many questions as are wanted. What it holds already stays as it is."""
    app.indexes.refresh(collection)
    rows = [] if fresh else read(out, lambda row: {"question", "answerable"} <= row.keys())
    had = len(rows)
    stopped = False
    with rewritten(out, rows) as file:
        try:
            for line in _lines(app, collection, wanted, rows):
                rows.append(line)
                append(file, line)
        except KeyboardInterrupt:
            stopped = True
    absent = sum(not row["answerable"] for row in rows)
    done = {
        "questions": len(rows),
        "drafted": len(rows) - had,
        "answerable": len(rows) - absent,
        "unanswerable": absent,
    }
    if as_json:
        emit(done | {"out": str(out)})
    else:
        say(f"{len(rows)} questions in {out}: {len(rows) - absent} with an answer, {absent} without.")
        note("Read and correct them, those marked as draft first. Then: footnote eval " + str(out))
    if stopped:
        note("Stopped. The same command goes on.")
        import typer

        raise typer.Exit(130)
    if len(rows) < wanted:
        note(f"The collection {collection!r} gave no more than {len(rows)} questions.")


def _lines(app: "App", collection: str, wanted: int, rows: list[dict[str, object]]) -> Iterator[dict[str, object]]:
    from qa.chat.model import stoppable
    from qa.evaluation.drafting import REPLY_TOKENS, draft, spread
    from ui.cli.progress import steps_bar

    if len(rows) >= wanted:
        return
    used = {row.get("context") for row in rows}
    sources = (source for source in spread(_sources(app, collection)) if source.chunk.text not in used)
    chat = stoppable(app.chat, None, REPLY_TOKENS, app.settings.answer.seconds)

    def near(question: str) -> tuple[Hit, ...]:
        return app.search(question, collection, _NEAR)

    with steps_bar("drafting") as report:
        report(len(rows), wanted)
        for each in draft(sources, chat, near, (len(rows), sum(not row["answerable"] for row in rows))):
            yield each.line()
            report(len(rows), wanted)
            if len(rows) >= wanted:
                return


def _sources(app: "App", collection: str) -> Iterator[list["Source"]]:
    from qa.evaluation.drafting import Source

    for info in app.library.documents(collection):
        yield [Source(Path(info.path).name, info.title, chunk) for chunk in app.library.chunks(info.id)]
