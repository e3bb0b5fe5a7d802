"""`footnote history`: the conversations."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from storage.errors import BadSettings, NotFound, UnreadableFile
from ui import objects, render
from ui.cli.options import Json, Out, Trace
from ui.cli.terminal import emit, note, say
from ui.export import FORMATS
from ui.export import export as exported

if TYPE_CHECKING:
    from storage.conversations import Conversations
    from storage.records import Conversation

commands = typer.Typer(no_args_is_help=True, help="List, read, search, export and import conversations.")
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
def pin(ctx: typer.Context, id: Id, off: Annotated[bool, typer.Option("--off", help="Unpin it.")] = False) -> None:
    """Keep a conversation above the others."""
    found = resolve(ctx.obj.conversations, id)
    ctx.obj.conversations.pin(found.id, not off)
    note(f"{found.title!r} is {'no longer pinned' if off else 'pinned'}.")


@commands.command()
def tag(
    ctx: typer.Context,
    id: Id,
    tags: Annotated[list[str], typer.Argument(metavar="TAG...", help="Words to find it by.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take these tags away.")] = False,
) -> None:
    """Give a conversation tags, or take them away."""
    found = resolve(ctx.obj.conversations, id)
    named = {each.strip() for each in tags} - {""}
    wanted = set(found.tags) - named if remove else set(found.tags) | named
    ctx.obj.conversations.tag(found.id, sorted(wanted))
    note(f"{render.printable(found.title)}: {' '.join(f'#{each}' for each in sorted(wanted)) or 'no tags'}")


@commands.command()
def export(
    ctx: typer.Context,
    id: Id,
    format: Annotated[
        str,
        typer.Option("--format", metavar="md|html|json|pdf", help="HTML is one file to share; JSON can be imported."),
    ] = "md",
    out: Out = None,
) -> None:
    """Write a conversation with its footnotes to stdout or a file."""
    if format not in FORMATS:
        raise typer.BadParameter(", ".join(FORMATS), param_hint="--format")
    if format == "pdf" and not out and sys.stdout.isatty():
        raise typer.BadParameter("a PDF is not for a terminal; name a file", param_hint="--out")
    content = exported(resolve(ctx.obj.conversations, id), format)
    if not out:
        typer.echo(content, nl=False)
        return
    try:
        Path(out).write_bytes(content)
    except OSError as exc:
        raise BadSettings(f"Cannot write {out} ({exc.strerror}). Name another file with --out.") from exc
    note(f"Wrote {out}.")


@commands.command("import")
def import_(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="JSON exports of conversations.")],
    as_json: Json = False,
) -> None:
    """Bring exported conversations in, each as a new one with the tag "imported"."""
    brought, problems = [], []
    for file in files:
        try:
            brought.append(_imported(ctx.obj.conversations, file))
            note(f"Imported {brought[-1].title!r} as {brought[-1].id}.")
        except UnreadableFile as exc:
            problems.append(exc)
    if as_json:
        emit({"conversations": [objects.conversation(each) for each in brought]})
    if problems:
        raise UnreadableFile(" ".join(map(str, problems)))


def _imported(conversations: "Conversations", file: Path) -> "Conversation":
    from ui.export.reading import LARGEST, read

    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)  # no more than tells that it is too large
    except OSError as exc:
        raise UnreadableFile(f"Cannot read {file} ({exc.strerror}). Name a JSON export of a conversation.") from exc
    return conversations.adopt(read(content, file.name, "imported"))


@commands.command()
def delete(ctx: typer.Context, id: Id) -> None:
    """Forget a conversation for good, with the files attached to it; the pages keep a deleted one for some days."""
    found = resolve(ctx.obj.conversations, id)
    ctx.obj.app.forget(found.id)
    note(f"Deleted {found.title!r}.")


def resolve(conversations: "Conversations", beginning: str) -> "Conversation":
    """The one conversation whose id begins so. Raises NotFound where there is none, or more than one."""
    ids = [c.id for c in conversations.conversations() if beginning and c.id.startswith(beginning)]
    if len(ids) > 1 and beginning not in ids:
        raise NotFound(f"{len(ids)} conversations begin with {beginning!r}. Give more of the id.")
    return conversations.conversation(beginning if beginning in ids or not ids else ids[0])
