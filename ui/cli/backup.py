"""`footnote backup` and `footnote restore`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.parts import Parts
from ui.cli.progress import steps_bar
from ui.cli.terminal import note
from ui.words import moment, size

if TYPE_CHECKING:
    from storage.backup import Progress, Step

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup, a .zip.")]


def backup(ctx: typer.Context, file: File) -> None:
    """Write database, settings and dropped files into one file, also while Footnote runs; models are not in it."""
    from ui.backups import back_up

    parts: Parts = ctx.obj
    file = file.expanduser().absolute()
    with _told() as progress:
        back_up(parts.app, file, progress)
    note(f"{file} holds everything but the models ({size(file.stat().st_size)}). Bring it back with: footnote restore")


def restore(
    ctx: typer.Context,
    file: File,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Put a backup in the place of database, settings and dropped files; what is there now is kept as one first."""
    from storage.restore import read
    from ui.backups import bring_back, folder

    parts: Parts = ctx.obj
    file = file.expanduser().absolute()
    made = moment(read(file).created)
    home = parts.places.home
    if not yes:
        typer.confirm(f"Replace everything in {home} by what was there {made}?", abort=True, err=True)
    with _told() as progress:
        bring_back(parts.app, file, progress)
    note(f"Everything is as it was {made}. What was there before is kept in {folder(home)}.")


@contextmanager
def _told() -> Iterator["Progress"]:
    with steps_bar("megabytes") as bar:

        def report(step: "Step") -> None:
            bar(step.done // 1_000_000, max(step.total // 1_000_000, 1))

        yield report
