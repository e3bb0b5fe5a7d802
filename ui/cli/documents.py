"""`footnote documents`: what the library holds."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from storage.errors import NotFound
from storage.files import Filing
from ui import objects, render
from ui.cli.options import EveryCollection, Json
from ui.cli.parts import Parts
from ui.cli.terminal import emit, note, say
from ui.words import count

if TYPE_CHECKING:
    from storage.folders import Folders
    from storage.library import Library
    from storage.records import Document, DocumentInfo
    from ui.app import App

commands = typer.Typer(no_args_is_help=True, help="List, show, tag and remove documents.")
Names = Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="Ids, paths, or folders.")]


@commands.command("list")
def list_(ctx: typer.Context, collection: EveryCollection = None, as_json: Json = False) -> None:
    """List the documents, and the collections they are in."""
    parts: Parts = ctx.obj
    found = parts.library.documents(collection)
    collections = [c for c in parts.library.collections() if collection in (None, c.name)]
    if collection and not collections:
        raise NotFound(f"No collection called {collection!r}. See them with: footnote documents list")
    if as_json:
        emit(
            {
                "documents": [objects.document_info(info) for info in found],
                "collections": [objects.collection(c) for c in collections],
            }
        )
    else:
        say(f"{render.documents(found)}\n\n{render.collections(collections)}")


@commands.command()
def show(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its id, path, file name or title.")],
    as_json: Json = False,
) -> None:
    """Show a document's facts and the text that was read from it."""
    library: Library = ctx.obj.library
    found = _document(library, name)
    paths = library.paths(found.id)
    if as_json:
        emit(objects.document(found, paths))
    else:
        say(render.document(found, paths))


@commands.command()
def folders(
    ctx: typer.Context,
    collection: EveryCollection = None,
    unlink: Annotated[
        Path | None, typer.Option("--unlink", metavar="PATH", help="No longer link this folder; keep its documents.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the folders that `ingest` brings up to date when it is given no path."""
    links: Folders = ctx.obj.library.folders
    found = links.folders(collection)
    if unlink:
        gone = [each for each in found if Path(each.path) in _places(str(unlink))]
        if not gone:
            raise NotFound(f"{unlink} is not linked. See: footnote documents folders")
        for each in gone:
            links.unlink(each.collection, each.path)
            note(f"{each.path} is no longer linked with {each.collection!r}; its documents stay.")
    elif as_json:
        emit({"folders": [objects.folder(each) for each in found]})
    else:
        say(render.folders(found))


@commands.command()
def failures(ctx: typer.Context, collection: EveryCollection = None, as_json: Json = False) -> None:
    """List the files that could not be read, and why. Each `ingest` of their folder tries them again."""
    library: Library = ctx.obj.library
    names = [each.name for each in library.collections() if collection in (None, each.name)]
    found = [(name, failure) for name in names for failure in library.failures(name)]
    if as_json:
        emit({"failures": [objects.failure(*each) for each in found]})
    else:
        say(render.failures(found))


@commands.command()
def remove(
    ctx: typer.Context,
    names: Names = None,
    collection: Annotated[
        str | None, typer.Option("--collection", metavar="NAME", help="Only there; alone: the whole collection.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Really remove the whole collection.")] = False,
) -> None:
    """Forget documents. The files themselves stay where they are."""
    library: Library = ctx.obj.library
    if names:
        ids = {found: None for name in names for found in ids_of(library, name, collection)}
        kept = _shown_elsewhere(library, list(ids), names)
        for info, paths in kept:
            library.refile(info.collection, Filing(dropped=paths))
            note(f"{info.title!r} stays, as {next(path for path in info.paths if path not in paths)} holds it too.")
        gone = [each for each in ids if each not in {info.id for info, _ in kept}]
        library.remove(gone)
        note(f"Removed {count(len(gone), 'document')}.")
        _unlink(library, names, collection)
    elif not collection:
        raise typer.BadParameter("name documents, or a collection with --collection")
    elif not yes:
        raise typer.BadParameter(f"this forgets the whole collection {collection!r}; if you mean it, add --yes")
    else:
        library.remove_collection(collection)
        note(f"Removed the collection {collection!r}.")


@commands.command()
def tag(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its id, path, file name or title.")],
    tags: Annotated[list[str], typer.Argument(metavar="TAG...", help="Words to find it by.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take these tags away.")] = False,
) -> None:
    """Give a document tags, or take them away."""
    library: Library = ctx.obj.library
    found = _document(library, name)
    wanted = set(found.tags) - set(tags) if remove else set(found.tags) | set(tags)
    library.tag(found.id, sorted(wanted))
    note(f"{render.printable(found.title)}: {' '.join(f'#{each}' for each in sorted(wanted)) or 'no tags'}")


@commands.command()
def reembed(
    ctx: typer.Context,
    collection: Annotated[
        str | None, typer.Option("--collection", metavar="NAME", help="Only this one; without it all that need it.")
    ] = None,
) -> None:
    """Embed collections anew with the embedder in use. What was begun goes on where it stopped."""
    app: App = ctx.obj.app
    if collection and all(c.name != collection for c in app.library.collections()):
        raise NotFound(f"No collection called {collection!r}. See them with: footnote documents list")
    outdated = [name for name in app.outdated() if collection in (None, name)]
    embed_anew(app, outdated)
    if not outdated:
        note(f"Nothing to do: {collection or 'everything'} was embedded with {app.embedder.id}.")


def embed_anew(app: "App", collections: Sequence[str]) -> None:
    """Embed collections with the embedder in use, one after the other, and show how far it is."""
    from ui.cli.progress import steps_bar

    for name in collections:
        total = 0
        try:
            with steps_bar("embedding") as report:
                for done, total in app.reembed(name):
                    report(done, total)
        except KeyboardInterrupt as exc:
            note(f"Stopped; {name!r} answers as before. Go on with: footnote documents reembed")
            raise typer.Exit(130) from exc
        note(f"Embedded {count(total, 'chunk')} of {name!r} with {app.embedder.id}.")


def _shown_elsewhere(
    library: "Library", ids: Sequence[str], names: Sequence[str]
) -> list[tuple["DocumentInfo", tuple[str, ...]]]:
    """Of documents that were named by a path or folder, those that other files hold too; each with the paths named."""
    places = {place for name in names for place in _places(name)}
    found = []
    for info in library.documents():
        named = tuple(path for path in info.paths if places & {Path(path), *Path(path).parents})
        if info.id in ids and info.id not in names and named and len(named) < len(info.paths):
            found.append((info, named))
    return found


def _places(name: str) -> set[Path]:
    """What a name is as a path: as it stands, and where its links lead to."""
    path = Path(name).expanduser().absolute()
    return {path, Path(os.path.realpath(path))}


def _unlink(library: "Library", names: Sequence[str], collection: str | None) -> None:
    """A linked folder that is removed shall not come back; in one that is followed, a single document does."""
    gone = {place for name in names for place in _places(name)}
    for each in library.folders.folders(collection):
        path = Path(each.path)
        if gone & {path, *path.parents}:
            library.folders.unlink(each.collection, each.path)
            note(f"{each.path} is no longer linked with {each.collection!r}.")
        elif each.watched and any(path in other.parents and other.exists() for other in gone):
            note(f"{each.path} is followed: what is still there comes back, unless .footnoteignore excludes it.")


def _document(library: "Library", name: str) -> "Document":
    """By id, title, file name or path; a path may be relative to here."""
    try:
        return library.document(name)
    except NotFound:
        held = {path: info.id for info in library.documents() if info.part == 1 for path in info.paths}
        for place in _places(name):
            if str(place) in held:
                return library.document(held[str(place)])
        raise


def ids_of(library: "Library", name: str, collection: str | None) -> list[str]:
    """The documents called so, or all those below the folder called so."""
    everything = library.documents(collection)
    places = _places(name)
    for matching in (
        [info.id for info in everything if info.id == name],
        [info.id for info in everything if places & set(map(Path, info.paths))],
        [info.id for info in everything if any(places & set(Path(path).parents) for path in info.paths)],
    ):
        if matching:
            return matching
    found = _document(library, name)
    if all(info.id != found.id for info in everything):
        raise NotFound(f"{name!r} is not in the collection {collection!r}. See: footnote documents list")
    return [found.id]
