"""Follow folders: bring a collection up to date with them, then again whenever something in them has changed."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic

from watchfiles import watch as changes

from ingest.patterns import IGNORE
from ingest.places import Changed, shown
from ingest.readers import READERS
from ingest.readers.plain.definitions import suffix_of
from storage.errors import BadSettings
from storage.folders import Folder

QUIET = 1.0  # seconds without a change after which a file counts as written
_LONGEST = 5.0  # seconds after which those that are quiet need not wait any more for those that are not
_TICK = 0.2  # seconds between two looks
_MANY = 500  # changes at once that are no longer told one by one: the whole folder is looked through
_POLL = 2000  # milliseconds between two looks where the system does not tell of changes
_WHOLE = 3600.0  # seconds after which everything is looked through, as systems lose a change now and then
# On these the system tells of changes made on this machine alone, if at all.
_REMOTE = {"9p", "afs", "cifs", "drvfs", "fuse.rclone", "fuse.sshfs", "nfs", "nfs4", "smb3", "smbfs", "vboxsf"}

Bring = Callable[[str, Sequence[Path]], None]  # a collection, and the places in which something has changed
Tell = Callable[[str], None]


def follow(folders: Sequence[Folder], bring: Bring, stop: Event, tell: Tell) -> None:
    """Call `bring` for all folders of each collection, and later for what has changed, until `stop` is set.

    A burst of changes is waited for, and so are files that are being written. What the changes mean is for `ingest` to
    find out: hand it the places as they are. A folder that is not there is followed as soon as it is. `tell` is told
    what a person should know, in a sentence. Raises BadSettings where changes cannot be followed at all.
    """
    roots = sorted({Path(folder.path) for folder in folders})
    pending = _Pending(roots)
    with _listening(roots, stop) as heard:
        for collection in dict.fromkeys(folder.collection for folder in folders):
            there = [Changed(f.path) for f in folders if f.collection == collection and os.path.lexists(f.path)]
            if there and not stop.is_set():
                bring(collection, there)
        whole = monotonic()
        while not stop.wait(_TICK):
            if monotonic() - whole > _WHOLE:
                whole = monotonic()
                pending.add(roots)
            for told in _all(heard):
                if isinstance(told, BadSettings):
                    raise told
                pending.add(told) if isinstance(told, frozenset) else tell(told)
            for path in pending.unfinished():
                tell(f"{path} is being written: it will be ingested when that has ended.")
            quiet = pending.take()
            for collection in dict.fromkeys(folder.collection for folder in folders):
                mine = [Path(folder.path) for folder in folders if folder.collection == collection]
                if places := _places(quiet, mine):
                    bring(collection, places)


def _places(quiet: Sequence[Path], roots: Sequence[Path]) -> tuple[Changed, ...]:
    """What of the changes lies in these folders: the paths themselves, or whole folders where they are too many."""
    places: dict[Path, None] = {}
    for root in roots:
        inside = [path for path in quiet if path.is_relative_to(root)]
        if len(inside) > _MANY:
            inside = [root]
        places |= dict.fromkeys(path.parent if path.name == IGNORE else path for path in inside)
    return tuple(map(Changed, places))


def _all(heard: "SimpleQueue[frozenset[Path] | str | BadSettings]") -> Iterator[frozenset[Path] | str | BadSettings]:
    try:
        while True:
            yield heard.get_nowait()
    except Empty:
        return


@dataclass(slots=True)
class _Waiting:
    """A changed path: how it looked last, since when it looks so, and since when it is waited for."""

    look: tuple[int, int] | None
    since: float
    first: float
    told: bool = False


@dataclass(slots=True)
class _Pending:
    """Changes that are not handed on yet."""

    roots: Sequence[Path]
    waiting: dict[Path, _Waiting] = field(default_factory=dict)

    def add(self, paths: Iterable[Path]) -> None:
        """Wait for these, unless none of them can matter."""
        now = monotonic()
        for path in paths:
            look = _look(path)
            if path in self.waiting:
                self.waiting[path].look, self.waiting[path].since = look, now
            elif path in self.roots or self._matters(path):
                self.waiting[path] = _Waiting(look, now, now)

    def take(self) -> list[Path]:
        """Those that are ready: all once they are quiet, or the quiet ones after a while."""
        now = monotonic()
        for path, each in self.waiting.items():
            if (look := _look(path)) != each.look:
                each.look, each.since = look, now
        quiet = [path for path, each in self.waiting.items() if now - each.since >= QUIET]
        if len(quiet) < len(self.waiting) and all(now - each.first < _LONGEST for each in self.waiting.values()):
            return []
        for path in quiet:
            del self.waiting[path]
        return sorted(quiet)

    def unfinished(self) -> Iterator[Path]:
        """Files that have been written for so long that a person should know; each once."""
        now = monotonic()
        for path, each in self.waiting.items():
            if not each.told and each.look and now - each.first > _LONGEST and now - each.since < QUIET:
                each.told = True
                yield path

    def _matters(self, path: Path) -> bool:
        """Whether a change there can change a collection: not so what is hidden, nor files of other formats."""
        for root in self.roots:
            if path.is_relative_to(root) and all(
                shown(name) or name == IGNORE for name in path.relative_to(root).parts
            ):
                return path.name == IGNORE or suffix_of(path.name) in READERS or not path.is_file()
        return False


def _look(path: Path) -> tuple[int, int] | None:
    """How a path looks: size and time of a file; None where there is nothing, and always the same for a folder."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return (0, 0) if path.is_dir() else (status.st_size, status.st_mtime_ns)


@contextmanager
def _listening(roots: Sequence[Path], stop: Event) -> Iterator["SimpleQueue[frozenset[Path] | str | BadSettings]"]:
    """What changes from now on, noticed by a thread of its own: also while an ingest is running."""
    ears = _Ears(roots)
    thread = Thread(target=ears.listen, daemon=True, name="footnote-watch")
    thread.start()
    try:
        while thread.is_alive() and not ears.ready.wait(_TICK) and not stop.is_set():
            pass
        yield ears.heard
    finally:
        ears.stop.set()
        thread.join(5)


class _Ears:
    """Puts what has changed into a queue; `ready` once nothing can be missed any more."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self.heard: SimpleQueue[frozenset[Path] | str | BadSettings] = SimpleQueue()
        self.ready, self.stop = Event(), Event()
        self._roots = roots
        self._polling = False

    def listen(self) -> None:
        """Until `stop` is set. Folders that come and go meanwhile are changes too."""
        there = _identities(self._roots)
        if remote := [str(root) for root in there if _kind(root) in _REMOTE]:
            self._poll(f"{', '.join(remote)} lies on another machine")
        while not self.stop.is_set():
            if not there:
                self.ready.set()
                self.stop.wait(_POLL / 1000)
            else:
                try:
                    self._hear(there)
                except (OSError, RuntimeError) as error:  # such as the system's limit of watched folders
                    if _identities(self._roots) != there:
                        pass
                    elif self._polling:
                        self.heard.put(
                            BadSettings(f"Changes cannot be followed here ({error}). Ingest without --watch.")
                        )
                        return
                    else:
                        self._poll(f"the system does not tell of changes ({error})")
            before, there = there, _identities(self._roots)
            self.heard.put(frozenset(root for root in self._roots if there.get(root) != before.get(root)))

    def _poll(self, why: str) -> None:
        self._polling = True
        self.heard.put(f"Changes are looked for every {_POLL // 1000} seconds: {why}.")

    def _hear(self, there: dict[Path, tuple[int, int]]) -> None:
        for batch in changes(
            *there,
            watch_filter=None,
            stop_event=self.stop,
            rust_timeout=round(_TICK * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            force_polling=self._polling or None,
            poll_delay_ms=_POLL,
            ignore_permission_denied=True,
        ):
            self.ready.set()
            if batch:
                self.heard.put(frozenset(Path(path) for _, path in batch))
            if _identities(self._roots) != there:
                return


def _identities(roots: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    """Which of the roots are there, each with what tells it from another one put in its place."""
    found = {}
    for root in roots:
        try:
            status = root.stat()
        except OSError:
            continue
        found[root] = (status.st_dev, status.st_ino)
    return found


def _kind(root: Path) -> str:
    """The kind of file system that a folder lies on, where the system tells it as Linux does; else empty."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    kinds = {}
    for mount in mounts:
        _, place, kind, *_ = mount.split(" ")
        kinds[Path(place.replace("\\040", " "))] = kind
    return next((kinds[place] for place in (root, *root.parents) if place in kinds), "")
