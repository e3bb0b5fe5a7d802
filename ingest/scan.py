"""Which files there are at some places."""

import os
import stat
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.patterns import Rules
from ingest.places import Changed, hidden, shown
from ingest.readers import READERS, supported
from ingest.readers.plain.definitions import suffix_of
from storage.errors import NotFound
from storage.records import Failure


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it looks from outside: `size` in bytes, `modified` in nanoseconds; `named` by a person."""

    path: str
    size: int
    modified: int
    named: bool = False


@dataclass(slots=True)
class Found:
    """The files to ingest by their paths, what was named or met but cannot be read, and which have other formats."""

    files: dict[str, Seen] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    others: set[str] = field(default_factory=set)


def roots(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The paths, absolute and resolved. Raises NotFound for the first that does not exist; Changed ones stay so."""
    resolved = []
    for path in paths:
        try:
            resolved.append(path if isinstance(path, Changed) else path.expanduser().resolve(strict=True))
        except (OSError, RuntimeError) as error:  # the latter for the home of a person whom the system does not know
            raise NotFound(f"No such file or folder: {path}. Check the spelling, or give its full path.") from error
    return tuple(resolved)


def find(places: Sequence[Path], rules: Rules, named: Iterable[str] = ()) -> Generator[str, None, Found]:
    """Look for files of a supported format: those named, now or before, and those below folders. Yields each folder it
    looks into.

    Below folders, what is hidden or litter does not count, nor what the rules pass over. Links are followed, with the
    path through the link; every folder is looked into once, and without a link where that is possible. A link to a
    folder above a place is a circle and leads nowhere. Nothing but regular files counts, and nothing is opened.
    """
    walk = _Walk(Found(), rules)
    for path in (path for path in named if Path(path).is_file()):
        walk.file(path, named=True)
    for place in places:
        path, changed = str(place), isinstance(place, Changed)
        if changed and (path in walk.found.files or rules.pass_over(path, place.is_dir()) or not place.exists()):
            continue
        if place.is_dir():
            yield from walk.into(path)
        else:
            walk.file(path, named=not changed)
    yield from walk.through_links({os.path.realpath(place) for place in places})
    walk.found.failures += rules.failures
    return walk.found


@dataclass(slots=True)
class _Walk:
    """One look at some places."""

    found: Found
    rules: Rules
    been: set[tuple[int, int]] = field(default_factory=set)  # the folders that were looked into
    links: list[str] = field(default_factory=list)  # to folders, for later

    def file(self, path: str, named: bool) -> None:
        """A file that is a place itself."""
        try:
            status = Path(path).stat()
        except OSError as error:
            self.found.failures.append(_unopened(path, error))
            return
        if not stat.S_ISREG(status.st_mode):
            if named:
                self.found.failures.append(Failure(path, "is no file with content: name a file or a folder."))
        elif suffix_of(Path(path).name) in READERS:
            self.found.files[path] = Seen(path, status.st_size, status.st_mtime_ns, named)
        elif named:
            self.found.failures.append(Failure(path, f"has a format that cannot be read. Supported: {supported()}"))

    def into(self, top: str) -> Iterator[str]:
        """Take the files of a folder and of those in it; links to folders are kept for later."""
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            try:
                if not self._first_time(folder):
                    continue
                yield folder
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if shown(entry.name):
                            waiting += self._met(entry)
            except OSError as error:
                reason = f"cannot be listed ({error.strerror}): check that you may read it."
                self.found.failures.append(Failure(printable(folder), reason))

    def through_links(self, places: set[str]) -> Iterator[str]:
        """Then the folders that links lead to, in the order of their paths."""
        while self.links:
            self.links.sort(reverse=True)
            link = self.links.pop()
            target = os.path.realpath(link)
            inside = target if target.endswith(os.sep) else target + os.sep
            if not any(place == target or place.startswith(inside) for place in places):
                yield from self.into(link)

    def _first_time(self, folder: str) -> bool:
        status = Path(folder).stat()
        this = (status.st_dev, status.st_ino)
        new = this not in self.been or this[1] == 0  # some file systems number nothing
        self.been.add(this)
        return new

    def _met(self, entry: "os.DirEntry[str]") -> Iterator[str]:
        """Take a file, or yield a folder."""
        try:
            is_folder, status = entry.is_dir(), entry.stat()
        except OSError:  # a link that leads nowhere or to itself, or gone meanwhile
            return
        if hidden(status) or self.rules.pass_over(entry.path, is_folder):
            return
        if is_folder and entry.is_symlink():
            self.links.append(entry.path)
        elif is_folder:
            yield entry.path
        elif stat.S_ISREG(status.st_mode) and entry.path not in self.found.files:
            if suffix_of(entry.name) in READERS:
                self.found.files[entry.path] = Seen(entry.path, status.st_size, status.st_mtime_ns)
            else:
                self.found.others.add(entry.path)


def _unopened(path: str, error: OSError) -> Failure:
    return Failure(printable(path), f"cannot be opened ({error.strerror}): check that you may read it.")


def printable(path: str | Path) -> str:
    """The path as text that can be stored and shown, whatever bytes are in it."""
    return str(path).encode("utf-8", errors="replace").decode()
