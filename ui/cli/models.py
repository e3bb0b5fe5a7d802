"""`footnote models`: what is there, what fits, and which are in use."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from storage.errors import NotFound
from ui import machine, render
from ui.cli.options import Json
from ui.cli.parts import Parts
from ui.cli.terminal import emit, note, say
from ui.words import count, size

if TYPE_CHECKING:
    from storage.models.catalogue import Entry

commands = typer.Typer(no_args_is_help=True, help="Fetch, choose and remove models.")
Id = Annotated[str, typer.Argument(metavar="ID", help="An id as `models list` shows it, or org/name on the hub.")]


@commands.command("list")
def list_(ctx: typer.Context, as_json: Json = False) -> None:
    """List the models that are installed or can be fetched."""
    from storage.models.catalogue import entries

    parts: Parts = ctx.obj
    installed = {model.id: model for model in parts.store.installed()}
    in_use = {parts.settings.chat_model, parts.settings.embedder}
    known = {entry.id: entry for entry in entries()}
    found: list[dict[str, Any]] = []
    for model_id in sorted(known.keys() | installed.keys()):
        entry, there = known.get(model_id), installed.get(model_id)
        found.append(
            {
                "id": model_id,
                "role": entry.role if entry else installed[model_id].role,
                "installed": there is not None,
                "in_use": model_id in in_use,
                "bytes": there.bytes if there else known[model_id].size,
                "licence": entry.licence if entry else None,
                "commercial": entry.commercial if entry else None,
                "languages": list(entry.languages) if entry else None,
            }
        )
    if as_json:
        emit({"models": found})
        return
    rows = [(m["id"], m["role"], _state(m), size(m["bytes"]), m["licence"] or "see its page") for m in found]
    say(render.columns([("ID", "ROLE", "STATE", "SIZE", "LICENCE"), *rows]))


def _state(model: dict[str, Any]) -> str:
    return " ".join(("installed" if model["installed"] else "not here", *(["in use"] if model["in_use"] else [])))


@commands.command()
def recommend(as_json: Json = False) -> None:
    """Say which models of the catalogue fit this machine, and why."""
    from storage.models.catalogue import entries

    there, processors = machine.memory(), machine.processors()
    found: list[dict[str, Any]] = [
        {"id": e.id, "role": e.role, "fits": _fits(e, there), "reason": _reason(e, there)} for e in entries()
    ]
    if as_json:
        emit({"memory": there, "processors": processors, "models": found})
        return
    say(f"{size(there) if there else 'An unknown amount'} of memory, {count(processors, 'processor')}.")
    rows = [(m["id"], m["role"], "fits" if m["fits"] else "too large", m["reason"]) for m in found]
    say(render.columns([("ID", "ROLE", "HERE", "WHY"), *rows]))


def _fits(entry: "Entry", there: int | None) -> bool:
    return there is None or entry.memory < there


def _reason(entry: "Entry", there: int | None) -> str:
    facts = f"{entry.parameters / 1e9:.1f}" if entry.parameters >= 1e9 else f"{entry.parameters / 1e9:.2f}"
    licence = f"{entry.licence}, {'also' if entry.commercial else 'not'} for commercial use"
    needs = f"needs {size(entry.memory)} of memory" + (f" of {size(there)}" if there else "")
    return f"{needs}; {facts} billion parameters; {count(len(entry.languages), 'language')}; {licence}"


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
    """Use a model from now on: an id, a folder, or a server as http://host:port/v1#model."""
    from ui.settings import use_model

    parts: Parts = ctx.obj
    role, name = _chosen(parts, id)
    use_model(parts.settings, role, name)
    note(f"{name} is now the {'embedder' if role == 'embedder' else 'chat model'} in use.")
    if role == "embedder":
        for collection in parts.library.collections():
            if collection.embedder != name:
                note(
                    f"{collection.name!r} was embedded with {collection.embedder}. Before you ask it, run: "
                    f"footnote documents reembed --collection {collection.name}"
                )


def _chosen(parts: Parts, name: str) -> tuple[str, str]:
    """The role of what a person named, and how the settings write it. Raises NotFound, ModelUnavailable."""
    if name.startswith(("http://", "https://")):
        return "chat", name
    installed = {model.id: model.role for model in parts.store.installed()}
    folder = Path(name).expanduser()
    if name not in installed and folder.is_dir():
        return ("embedder" if (folder / "modules.json").is_file() else "chat"), str(folder.resolve())
    if name not in installed and "/" not in name:
        from storage.models.catalogue import entry

        entry(name)  # names the ids there are
    parts.store.path(name)  # says how to fetch it
    if installed[name] == "reranker":
        raise NotFound(f"{name} is a reranker, and Footnote uses none yet. Choose a chat model or an embedder.")
    return installed[name], name


@commands.command()
def remove(ctx: typer.Context, id: Id) -> None:
    """Delete a model from this machine."""
    parts: Parts = ctx.obj
    parts.store.remove(id)
    note(f"Removed {id}.")
    if id in (parts.settings.chat_model, parts.settings.embedder):
        note(f"It is still the one in use. Fetch it again with: footnote models pull {id}")
