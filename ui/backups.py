"""The backups of a home folder: made, listed and brought back while Footnote runs."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Flag
from typing import Literal

from storage.backup import Progress, Step, backup, silent
from storage.database import Database
from storage.errors import BadSettings, UnreadableFile
from storage.restore import restore
from ui.app import App
from ui.settings import Settings, parse, values
from ui.told import told


@dataclass(frozen=True, slots=True)
class Backing:
    """A backup that is being made or brought back."""

    what: Literal["backup", "restore"]
    file: Path
    step: Step | None = None
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup in the folder of backups."""

    file: Path
    bytes: int
    written: datetime


def folder(home: Path) -> Path:
    """Where backups lie that are made on the pages, or before a restore."""
    return home / "backups"


def kept(home: Path) -> tuple[Kept, ...]:
    """The backups there, the newest first."""
    there = [file for file in folder(home).glob("*.zip") if not file.name.startswith(".")]
    facts = [(file, file.stat()) for file in there]
    found = (Kept(file, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC)) for file, stat in facts)
    return tuple(sorted(found, key=lambda each: each.written, reverse=True))


def new(home: Path) -> Path:
    """What a backup that is made now is called."""
    return folder(home) / f"footnote-{datetime.now(UTC):%Y%m%d-%H%M%S}.zip"


def free(home: Path, name: str) -> Path:
    """Where a backup of this name can be put without replacing another."""
    plain = folder(home) / name
    file, number = plain, 1
    while file.exists():
        number += 1
        file = plain.with_name(f"{plain.stem} ({number}){plain.suffix}")
    return file


def back_up(app: App, file: Path, progress: Progress = silent) -> None:
    """Write a backup. Raises BadSettings, DatabaseUnavailable."""
    with closing(Database(app.settings.database_url)) as database:
        backup(database, app.settings.home, file, progress)


def bring_back(app: App, file: Path, progress: Progress = silent) -> None:
    """Put a backup in the place of all that is there; its settings too, but for the models, which may not be here.

    Raises UnreadableFile, BadSettings, DatabaseUnavailable; then everything is as it was, but where the settings file
    alone cannot be written: they come last.
    """

    def accept(text: str) -> None:
        try:
            parse(app.settings, text)
        except BadSettings as exc:
            raise UnreadableFile(f"The settings in {file.name} cannot be used ({exc}) Choose another one.") from exc

    with closing(Database(app.settings.database_url)) as database:
        text = restore(file, database, app.settings.home, accept, progress)
    app.indexes.forget()
    app.conversations.interrupt()  # what was being written when the backup was made will not go on
    _adopt(app, parse(app.settings, text))


def _adopt(app: App, settings: Settings) -> None:
    now = values(app.settings)
    for key, value in values(settings).items():
        if value != now[key]:
            app.configure(key, value)


def backing_up(app: App, cancel: Flag) -> Iterator[Backing]:
    """A backup into the folder of backups, as events."""
    file = new(app.settings.home)

    def work(report: Callable[[Backing], None]) -> None:
        back_up(app, file, lambda step: report(Backing("backup", file, step)))
        report(Backing("backup", file, finished=True))

    return told(work, cancel)


def bringing_back(app: App, file: Path, cancel: Flag) -> Iterator[Backing]:
    """A restore, as events."""

    def work(report: Callable[[Backing], None]) -> None:
        bring_back(app, file, lambda step: report(Backing("restore", file, step)))
        report(Backing("restore", file, finished=True))

    return told(work, cancel)
