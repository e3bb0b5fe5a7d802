"""`footnote ask` and `footnote search`."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Flag
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from qa.style import Length, Style
from storage.errors import BadSettings
from storage.records import Conversation
from ui import objects, render
from ui.cli.history import resolve
from ui.cli.narrow import Documents, Folder, Languages, Since, Tags, Types, Until, narrowed
from ui.cli.options import Collection, Json, Trace
from ui.cli.parts import Parts
from ui.cli.terminal import emit, note, say

if TYPE_CHECKING:
    from qa.answer import Answer
    from ui.app import App


def ask(
    ctx: typer.Context,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What you want to know, in English or Chinese.")],
    collection: Collection = None,
    conversation: Annotated[
        str | None, typer.Option("--conversation", metavar="ID", help="Ask on in this conversation.")
    ] = None,
    go_on: Annotated[bool, typer.Option("--continue", "-c", help="Ask on in the latest conversation.")] = False,
    model: Annotated[str | None, typer.Option("--model", metavar="ID", help="Answer with this chat model.")] = None,
    documents: Documents = None,
    folder: Folder = None,
    types: Types = None,
    since: Since = None,
    until: Until = None,
    tags: Tags = None,
    languages: Languages = None,
    length: Annotated[Length | None, typer.Option("--length", help="How long the answer is to be.")] = None,
    answer_in: Annotated[
        Literal["en", "zh"] | None, typer.Option("--in", help="Answer in this language, not in the question's.")
    ] = None,
    trace: Trace = False,
    as_json: Json = False,
) -> None:
    """Answer a question from your documents, every sentence with its footnote."""
    from ui.cli.screen import Screen
    from ui.turns import Wishes

    _check(question, conversation, go_on)
    parts: Parts = ctx.obj
    app = parts.app_with(model) if model else parts.app
    before = app.latest() if go_on else resolve(app.conversations, conversation) if conversation else None
    name = _collection(app, collection, before)
    filter = narrowed(
        app.library, name, documents=documents, folder=folder, types=types, since=since, until=until, tags=tags,
        languages=languages,
    )  # fmt: skip
    usual = app.settings.ask
    wishes = Wishes(filter, Style(length or usual.length, answer_in or usual.language))
    with _stoppable() as cancel, Screen(app.chat, as_json) as screen:
        for event in app.ask(question, name, before, cancel, wishes):
            screen.show(event)
    saved, answer = screen.outcome()
    emit(objects.answer(answer, saved, trace)) if as_json else _tell(answer, trace)
    if answer.stopped:
        note("Stopped. What had come is kept in history.")
        raise typer.Exit(130)


def _check(question: str, conversation: str | None, go_on: bool) -> None:
    if not question.strip():
        raise typer.BadParameter("the question is empty", param_hint="QUESTION")
    if conversation and go_on:
        raise typer.BadParameter("give --conversation or --continue, not both")


def _tell(answer: "Answer", trace: bool) -> None:
    say(render.answer(answer))
    if trace:
        note(f"\n{render.trace(answer.trace)}")


def search(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Words or a question.")],
    k: Annotated[int, typer.Option("-k", min=1, help="How many passages.")] = 10,
    collection: Collection = None,
    documents: Documents = None,
    folder: Folder = None,
    types: Types = None,
    since: Since = None,
    until: Until = None,
    tags: Tags = None,
    languages: Languages = None,
    as_json: Json = False,
) -> None:
    """Find the passages nearest to a query, without a chat model."""
    if not query.strip():
        raise typer.BadParameter("the query is empty", param_hint="QUERY")
    app = ctx.obj.app
    name = app.collection(collection)
    filter = narrowed(
        app.library, name, documents=documents, folder=folder, types=types, since=since, until=until, tags=tags,
        languages=languages,
    )  # fmt: skip
    hits = app.search(query, name, k, filter)
    if as_json:
        emit({"hits": [objects.hit(hit) for hit in hits]})
    else:
        say(render.hits(hits))


def _collection(app: "App", named: str | None, before: Conversation | None) -> str:
    """The collection to ask; a conversation stays with its own."""
    if before is None:
        return app.collection(named)
    if named not in (None, before.collection):
        raise BadSettings(
            f"That conversation is about the collection {before.collection!r}. "
            f"Ask without --collection, or begin a new conversation about {named!r}."
        )
    return before.collection


@contextmanager
def _stoppable() -> Iterator[Flag]:
    """The first Ctrl-C ends the answer and keeps what came; the second ends the command at once."""
    cancel = Flag()

    def stop(number: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)
