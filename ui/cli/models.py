"""`footnote models`: what is there, what fits, and which are in use."""

from dataclasses import asdict
from typing import Annotated

import typer

from ui import machine
from ui.cli import tables
from ui.cli.documents import embed_anew
from ui.cli.options import Json
from ui.cli.parts import Parts
from ui.cli.terminal import emit, note, say
from ui.words import size

commands = typer.Typer(no_args_is_help=True, help="Fetch, choose and remove models.")
Id = Annotated[str, typer.Argument(metavar="ID", help="An id as `models list` shows it, or org/name on the hub.")]


@commands.command("list")
def list_(ctx: typer.Context, as_json: Json = False) -> None:
    """List the models that are installed or can be fetched, and the chat servers that answer on this machine."""
    from qa.chat.discover import discover
    from storage.models.catalogue import entries

    parts: Parts = ctx.obj
    known = {entry.id: entry for entry in entries()}
    installed = {model.id: model for model in parts.store.installed()}
    in_use = _in_use(parts)
    ids = [*installed, *(model_id for model_id in known if model_id not in installed)]
    models = [tables.model(each, known.get(each), installed.get(each), each in in_use) for each in ids]
    servers = [tables.server(each) for each in discover()]
    if as_json:
        emit({"models": models, "servers": servers})
    else:
        say(tables.listed(parts.store.folder, models, servers))
        say(f"\n{_ranking(parts.settings.reranker)}")


NoMeasure = Annotated[bool, typer.Option("--no-measure", help="Do not spend five seconds on telling the speed.")]


@commands.command()
def recommend(ctx: typer.Context, as_json: Json = False, no_measure: NoMeasure = False) -> None:
    """Say which models fit this machine, how long an answer takes with each, and which is the best."""
    from qa.chat.speed import measure
    from storage.models.catalogue import entries
    from ui.advice import advise

    parts: Parts = ctx.obj
    there, rates = machine.read(parts.store.folder), None
    if not no_measure:
        note("Measuring how fast a language model runs on this processor, about five seconds ...")
        rates = measure()
    advice = advise(there, rates, entries(), [model.id for model in parts.store.installed()])
    if as_json:
        models = [tables.advised(each) for each in advice]
        emit(asdict(there) | {"rates": asdict(rates) if rates else None, "models": models})
    else:
        say(tables.recommended(there, advice))


@commands.command()
def pull(
    ctx: typer.Context,
    id: Annotated[
        str | None, typer.Argument(metavar="ID", help="A catalogue id or org/name; without it the two defaults.")
    ] = None,
) -> None:
    """Fetch a model, or the two defaults. What was begun goes on where it stopped."""
    from storage.models.catalogue import DEFAULT_CHAT, DEFAULT_EMBEDDER
    from ui.cli.progress import pull_bar

    parts: Parts = ctx.obj
    for model_id in (id,) if id else (DEFAULT_EMBEDDER, DEFAULT_CHAT):
        with pull_bar(model_id) as report:
            folder = parts.store.pull(model_id, report)
        note(f"{model_id} is in {folder}")


@commands.command()
def use(ctx: typer.Context, id: Id) -> None:
    """Use a model from now on: an id, a folder, or a server as http://host:port/v1#model.

    With an embedder all collections are embedded anew; the one that made them serves meanwhile. A reranker takes the
    evidence model's place in ranking; `evidence` gives it back, and with `none` nothing is reranked.
    """
    from qa.chat import open_chat
    from ui.roles import role_of
    from ui.settings import ROLES, change

    parts: Parts = ctx.obj
    role, name = role_of(id, parts.store)
    if role == "embedder":
        parts.app.use(role, name)
        note(f"{name} is now the embedder in use.")
        embed_anew(parts.app, parts.app.outdated())
    elif role == "reranker":
        parts.app.use(role, name)
        note(_ranking(name))
    else:
        open_chat(name, parts.store)  # says what is wrong with it
        change(parts.settings, ROLES[role], name)
        note(f"{name} is now the chat model in use.")


@commands.command()
def remove(ctx: typer.Context, id: Id) -> None:
    """Delete a model from this machine."""
    parts: Parts = ctx.obj
    note(f"Removed {id}, which frees {size(parts.store.remove(id))}.")
    if id in _in_use(parts):
        note(f"It is still the one in use. Fetch it again with: footnote models pull {id}")
    if needed := [collection.name for collection in parts.library.collections() if collection.embedder == id]:
        note(
            f"It embedded {', '.join(needed)}. Until you pull it again, or choose another embedder and run: footnote "
            f"documents reembed, {'that collection' if len(needed) == 1 else 'those collections'} cannot be searched."
        )


def _in_use(parts: Parts) -> set[str]:
    settings = parts.settings
    return {settings.chat_model, settings.embedder, settings.reranker}


def _ranking(reranker: str) -> str:
    """What puts the passages in order, in a line."""
    from qa.rerank import EVIDENCE, NONE

    if reranker == EVIDENCE:
        return "Passages are reranked by the evidence model, which is part of Footnote."
    if reranker == NONE:
        return f"Passages are not reranked. The evidence model does it after: footnote models use {EVIDENCE}"
    return f"Passages are reranked by {reranker}. The evidence model does it after: footnote models use {EVIDENCE}"
