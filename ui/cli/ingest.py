"""`footnote ingest`."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, cast

import typer

from storage.errors import NotFound
from ui import objects, render
from ui.cli.options import Json
from ui.cli.parts import Parts
from ui.cli.progress import follow_ingest
from ui.cli.terminal import emit, note, say

if TYPE_CHECKING:
    from collections.abc import Generator

    from ingest.progress import Progress, Report
    from storage.folders import Folder
    from ui.app import App

_PATTERNS = 'in the folders named, also later; written as in a .gitignore file. "" forgets those given before.'


def ingest(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH...", help="Files and folders; without any, the folders brought in before."),
    ] = None,
    collection: Annotated[
        str | None,
        typer.Option("--collection", metavar="NAME", help="Where to put them, made if it is new; else default."),
    ] = None,
    include: Annotated[
        list[str] | None, typer.Option("--include", metavar="GLOB", help=f"Only files like this count {_PATTERNS}")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="GLOB", help=f"Files like this do not count {_PATTERNS}")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on following changes until Ctrl-C.")] = False,
    as_json: Json = False,
) -> None:
    """Bring files and folders into a collection. Run it again at any time: only what changed is read."""
    parts: Parts = ctx.obj
    app = parts.app
    if paths:
        folders = _named(app, paths, collection or "default", (include or None, exclude or None))
    elif include or exclude:
        raise typer.BadParameter("name the folder that the patterns are for")
    else:
        folders = _linked(app, collection)
    if watch:
        _follow(app, folders, as_json)
    else:
        _print(_merged([_run(app, places, name) for name, places in _together(folders)]), as_json)


def _named(
    app: "App", paths: Sequence[Path], collection: str, patterns: tuple[list[str] | None, list[str] | None]
) -> Sequence["Folder"]:
    """What was named; folders are linked, with their patterns. Raises NotFound."""
    from ingest import scan
    from storage.folders import Folder
    from ui.links import link

    places = scan.roots(paths)
    for place in places:
        if place.is_dir():
            link(app.library.folders, collection, place, *patterns)
    return [Folder(collection, str(place)) for place in places]


def _linked(app: "App", collection: str | None) -> Sequence["Folder"]:
    found = app.library.folders.folders(collection)
    if not found:
        inside = f" with {collection!r}" if collection else ""
        raise NotFound(f"No folder is linked{inside} yet. Name one: footnote ingest PATH")
    return found


def _together(folders: Sequence["Folder"]) -> Iterator[tuple[str, list[Path]]]:
    """The folders of each collection. Those that are not there are places where something has changed."""
    from ingest.places import Changed

    for collection in dict.fromkeys(folder.collection for folder in folders):
        places = [Path(folder.path) for folder in folders if folder.collection == collection]
        yield collection, [place if place.exists() else Changed(place) for place in places]


def _follow(app: "App", folders: Sequence["Folder"], as_json: bool) -> None:
    from ingest.watch import follow

    begun: set[str] = set()
    whole = dict(_together(folders))

    def bring(collection: str, places: Sequence[Path]) -> None:
        first = collection not in begun
        begun.add(collection)
        done = _run(app, whole[collection] if first else places, collection)
        if as_json or done.added or done.changed or done.removed or done.failures:
            _print(done, as_json)
        if first and len(begun) == len(whole):
            note("Watching for changes; Ctrl-C ends it.")

    follow(folders, bring, Event(), note)


def _run(app: "App", paths: Sequence[Path], collection: str) -> "Report":
    events = cast("Generator[Progress | Report, None, None]", app.ingest(paths, collection))
    with closing(events):
        return follow_ingest(events)


def _merged(reports: Sequence["Report"]) -> "Report":
    """What several ingests did, in one."""
    from ingest.progress import Report

    first, *rest = reports
    for each in rest:
        first = Report(
            first.added + each.added,
            first.changed + each.changed,
            first.removed + each.removed,
            first.unchanged + each.unchanged,
            first.failures + each.failures,
            first.chunks + each.chunks,
            first.seconds + each.seconds,
            first.passed_over + each.passed_over,
        )
    return first


def _print(report: "Report", as_json: bool) -> None:
    if as_json:
        emit(objects.report(report))
    else:
        say(render.report(report))
