"""`footnote history`: the conversations."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from storage.errors import BadSettings, NotFound
from ui import objects, render
from ui.cli.options import Json, Out, Trace
from ui.cli.terminal import emit, note, say
from ui.export import as_markdown

if TYPE_CHECKING:
    from storage.conversations import Conversations
    from storage.records import Conversation

commands = typer.Typer(no_args_is_help=True, help="List, read, search and export conversations.")
Id = Annotated[str, typer.Argument(metavar="ID", help="A conversation's id, or its beginning.")]


@commands.command("list")
def list_(ctx: typer.Context, as_json: Json = False) -> None:
    """List the conversations, the latest first."""
    found = ctx.obj.conversations.conversations()
    if as_json:
        emit({"conversations": [objects.conversation(c) for c in found]})
    else:
        say(render.conversations(found))


@commands.command()
def show(ctx: typer.Context, id: Id, trace: Trace = False, as_json: Json = False) -> None:
    """Show a conversation with its footnotes."""
    found = resolve(ctx.obj.conversations, id)
    if as_json:
        emit(objects.whole_conversation(found, trace))
    else:
        say(render.conversation(found, trace))


@commands.command()
def search(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Words as they were written, in any letter case.")],
    as_json: Json = False,
) -> None:
    """Find messages that hold a text."""
    found = ctx.obj.conversations.search(text)
    if as_json:
        emit(objects.found(found))
    else:
        say(render.found(found))


@commands.command()
def rename(
    ctx: typer.Context, id: Id, title: Annotated[str, typer.Argument(metavar="TITLE", help="The new title.")]
) -> None:
    """Give a conversation another title."""
    if not title.strip():
        raise typer.BadParameter("the title is empty", param_hint="TITLE")
    found = resolve(ctx.obj.conversations, id)
    ctx.obj.conversations.rename(found.id, title.strip())
    note(f"{found.title!r} is now {title.strip()!r}.")


@commands.command()
def export(
    ctx: typer.Context,
    id: Id,
    format: Annotated[str, typer.Option("--format", metavar="md|json", help="Markdown or JSON.")] = "md",
    out: Out = None,
) -> None:
    """Write a conversation with its footnotes to stdout or a file."""
    if format not in ("md", "json"):
        raise typer.BadParameter("md or json", param_hint="--format")
    found = resolve(ctx.obj.conversations, id)
    whole = objects.whole_conversation(found)
    text = as_markdown(found) if format == "md" else json.dumps(whole, ensure_ascii=False, indent=2) + "\n"
    if not out:
        say(text.rstrip("\n"))
        return
    try:
        Path(out).write_text(text, encoding="utf-8")
    except OSError as exc:
        raise BadSettings(f"Cannot write {out} ({exc.strerror}). Name another file with --out.") from exc
    note(f"Wrote {out}.")


@commands.command()
def delete(ctx: typer.Context, id: Id) -> None:
    """Forget a conversation."""
    found = resolve(ctx.obj.conversations, id)
    ctx.obj.conversations.delete(found.id)
    note(f"Deleted {found.title!r}.")


def resolve(conversations: "Conversations", beginning: str) -> "Conversation":
    """The one conversation whose id begins so. Raises NotFound where there is none, or more than one."""
    ids = [c.id for c in conversations.conversations() if beginning and c.id.startswith(beginning)]
    if len(ids) > 1 and beginning not in ids:
        raise NotFound(f"{len(ids)} conversations begin with {beginning!r}. Give more of the id.")
    return conversations.conversation(beginning if beginning in ids or not ids else ids[0])
