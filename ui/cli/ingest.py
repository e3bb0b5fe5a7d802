"""`footnote ingest`."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated, cast

import typer

from storage.errors import BadSettings, FootnoteError
from ui import objects, render
from ui.cli.options import Json
from ui.cli.parts import Parts
from ui.cli.progress import follow_ingest
from ui.cli.terminal import emit, note, say

if TYPE_CHECKING:
    from collections.abc import Generator

    from ingest.progress import Progress, Report
    from ui.app import App


def ingest(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files and folders.")],
    collection: Annotated[
        str, typer.Option("--collection", metavar="NAME", help="Where to put them; made if it is new.")
    ] = "default",
    watch: Annotated[bool, typer.Option("--watch", help="Go on following changes until Ctrl-C.")] = False,
    as_json: Json = False,
) -> None:
    """Bring files and folders into a collection. Run it again at any time: only what changed is read."""
    parts: Parts = ctx.obj
    app = parts.app
    if not watch:
        _print(_run(app, paths, collection), as_json)
        return
    with _changes(paths) as changed:
        while True:
            done = _run(app, paths, collection)
            if as_json or done.added or done.changed or done.removed or done.failures:
                _print(done, as_json)
            note("Watching for changes; Ctrl-C ends it.")
            _wait(changed)


def _run(app: "App", paths: Sequence[Path], collection: str) -> "Report":
    events = cast("Generator[Progress | Report, None, None]", app.ingest(paths, collection))
    with closing(events):
        return follow_ingest(events)


def _print(report: "Report", as_json: bool) -> None:
    if as_json:
        emit(objects.report(report))
    else:
        say(render.report(report))


@contextmanager
def _changes(paths: Sequence[Path]) -> Iterator["SimpleQueue[object]"]:
    """What changes below the paths from now on, noticed by a thread of its own: also while an ingest is running."""
    from ingest.watch import watch

    changed: SimpleQueue[object] = SimpleQueue()
    stop = Event()

    def notice() -> None:
        try:
            for batch in watch(paths, stop):
                changed.put(batch)
        except (OSError, RuntimeError) as exc:  # such as the system's limit of watched folders
            changed.put(BadSettings(f"Changes cannot be followed here ({exc}). Run ingest without --watch."))

    existing = [path for path in paths if path.exists()]
    thread = Thread(target=notice, daemon=True, name="footnote-watch")
    if len(existing) == len(paths):  # else the ingest says which one is missing
        thread.start()
    try:
        yield changed
    finally:
        stop.set()


def _wait(changed: "SimpleQueue[object]") -> None:
    """Until something has changed; in short steps, since on Windows Ctrl-C cannot end a wait without a limit."""
    while True:
        try:
            change = changed.get(timeout=0.5)
        except Empty:
            continue
        if isinstance(change, FootnoteError):
            raise change
        while not changed.empty():
            changed.get()
        return
