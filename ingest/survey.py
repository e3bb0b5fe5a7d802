"""What an ingest has to do: which files are to be read, after all that needs no reading was done."""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from time import monotonic

from ingest import scan
from ingest.changes import Changes, ToRead, compare
from ingest.fingerprints import fingerprints
from ingest.patterns import Rules
from ingest.places import Changed, Inside, is_empty, is_gone
from ingest.progress import Progress, Tally
from storage.folders import Folder
from storage.library import Library
from storage.records import Failure, File, Known

_SIGN = 0.5  # seconds between two signs of life
_DISK = (
    "is empty or not there, as when a disk is not connected: its documents are kept. "
    "Connect it, or forget them with: footnote documents remove PATH"
)


@dataclass(frozen=True, slots=True)
class Task:
    """A file to read, and others with the same content; `added` tells that none of them was known."""

    file: File
    document_id: str
    added: bool
    copies: tuple[File, ...] = ()

    @property
    def files(self) -> tuple[File, ...]:
        """All that hold this content."""
        return (self.file, *self.copies)


class Survey:
    """The files at some places, against what a collection, or a conversation that they are attached to, knows."""

    def __init__(self, collection: str, library: Library, tally: Tally, attach_to: str | None = None) -> None:
        self.collection, self.attach_to, self.tally = collection, attach_to, tally
        self._library = library
        self._folders: tuple[Folder, ...] = ()
        self._found = scan.Found()
        self._spared: set[str] = set()  # failed before, and not read again before they change
        self._shown = 0.0

    def tasks(self, places: Sequence[Path], most_bytes: int) -> Generator[Progress, None, list[Task]]:
        """Find what is new, changed, moved and gone; do what needs no reading, and return the rest, by path."""
        self._folders = () if self.attach_to else self._library.folders.folders(self.collection)
        known, rules = self._library.known(self.collection, self.attach_to), Rules(self._folders, places)
        yield from self._look(places, rules, known)
        files = yield from self._fingerprints(known, self._unsure(known, places), most_bytes)
        gone, dropped = self._gone(known, files, places, rules)
        kept = self._kept(dropped, places)
        changes = compare(files, known, gone, dropped - kept.keys())
        self._library.refile(self.collection, changes.filing)
        self._count(changes)
        self._say_kept(kept, changes)
        return self._tasks(changes.to_read)

    def _look(self, places: Sequence[Path], rules: Rules, known: Sequence[Known]) -> Generator[Progress, None, None]:
        """Find the files, without opening them."""
        self.tally.begin(0, 0)
        inside = Inside(places)
        walk = scan.find(places, rules, [k.file.path for k in known if k.file.named and k.file.path in inside])
        while True:
            try:
                folder = next(walk)
            except StopIteration as end:
                self._found = end.value
                break
            yield from self._sign(folder)
        self.tally.passed_over = len(self._found.others)
        self.fail(self._found.failures)

    def _unsure(self, known: Sequence[Known], places: Sequence[Path]) -> dict[str, scan.Seen]:
        """The files that do not look as they did when they were read. Those that failed and still look so are spared,
        unless a person asks for them."""
        looks = {each.file.path: (each.file.size, each.file.modified) for each in known}
        asked = not all(isinstance(place, Changed) for place in places)
        failed = {} if asked or self.attach_to else self._library.failed(self.collection)
        unsure = {}
        for path, seen in sorted(self._found.files.items()):
            look = (seen.size, seen.modified)
            if failed.get(path) == look:
                self._spared.add(path)
            elif looks.get(path) != look:
                unsure[path] = seen
        return unsure

    def _fingerprints(
        self, known: Sequence[Known], unsure: dict[str, scan.Seen], most_bytes: int
    ) -> Generator[Progress, None, list[File]]:
        """Hash the files that may have changed. Returns all that count, but those that cannot be opened."""
        here, there = self._found.files, {each.file.path: each.file for each in known}
        files = [
            File(path, there[path].sha256, seen.size, seen.modified, seen.named or there[path].named)
            for path, seen in here.items()
            if path not in unsure and path not in self._spared
        ]
        self.tally.begin(len(here), 0)
        self.tally.files_done = len(here) - len(unsure)
        for step in fingerprints(list(unsure.values()), most_bytes):
            if step is None:
                yield self.tally.progress("scanning", "")
                continue
            seen, outcome = step
            if isinstance(outcome, File):
                before = there.get(seen.path)
                files.append(replace(outcome, named=True) if before and before.named else outcome)
            elif outcome is not None:
                self.fail([Failure(scan.printable(seen.path), str(outcome))])
            self.tally.files_done += 1
            yield from self._sign(seen.path)
        return files

    def _gone(
        self, known: Sequence[Known], files: Sequence[File], places: Sequence[Path], rules: Rules
    ) -> tuple[set[str], set[str]]:
        """Known paths that hold no file any more, or none that counts: all that matter, and those at the places.

        What a person named counts, whatever patterns say.
        """
        inside = Inside(places)
        there = {each.file.path for each in known}
        new = {file.sha256 for file in files if file.path not in there}
        gone: set[str] = set()
        dropped: set[str] = set()
        for each in known:
            path = each.file.path
            at_place = path in inside
            if path in self._found.files or not (at_place or each.file.sha256 in new):
                continue
            passed_over = at_place and not each.file.named and rules.pass_over(path)
            if passed_over or is_gone(Path(path)):
                gone.add(path)
                dropped |= {path} if at_place else set()
        return gone, dropped

    def _kept(self, dropped: set[str], places: Sequence[Path]) -> dict[str, str]:
        """Which of these paths are not dropped, with the folder that keeps them: a linked one, or a place, that is not
        there or has nothing in it at all. A disk that is not connected looks so."""
        named, inside = {str(place) for place in places}, Inside(places)
        whole = {str(place) for place in places if not isinstance(place, Changed)} - self._found.files.keys()
        whole |= {each.path for each in self._folders if each.path in inside}
        kept: dict[str, str] = {}
        for folder in sorted(whole, reverse=True) if dropped else ():
            if is_empty(Path(folder)):
                here = Inside([folder])
                kept |= {path: folder for path in dropped if path not in named and path in here}
        return kept

    def _say_kept(self, kept: dict[str, str], changes: Changes) -> None:
        moved = {path for path, _ in changes.filing.moved}
        self.fail([Failure(folder, _DISK) for folder in sorted({kept[path] for path in kept.keys() - moved})])

    def _count(self, changes: Changes) -> None:
        self.tally.added, self.tally.changed = changes.added, changes.changed
        self.tally.removed, self.tally.unchanged = len(changes.filing.dropped), changes.unchanged

    def _tasks(self, to_read: Iterable[ToRead]) -> list[Task]:
        taken, unfinished = self._library.ids(), self._library.unfinished(self.collection)
        tasks = []
        for each in to_read:
            first, *copies = each.files
            identity = each.id or next((unfinished[f.path] for f in each.files if f.path in unfinished), None)
            if identity is None:
                identity = _document_id(self.collection, first, taken)
                taken.add(identity)
            tasks.append(Task(first, identity, each.added, tuple(copies)))
        return sorted(tasks, key=lambda task: task.file.path)

    def _sign(self, path: str) -> Generator[Progress, None, None]:
        """A sign of life, now and then."""
        if monotonic() - self._shown > _SIGN:
            self._shown = monotonic()
            yield self.tally.progress("scanning", scan.printable(path))

    def fail(self, failures: Sequence[Failure]) -> None:
        """Count failures, and remember them at once: the ingest may be stopped before its end."""
        self.tally.fail(failures)
        if failures and not self.attach_to:
            seen = {failure.path: self._found.files.get(failure.path) for failure in failures}
            looks = {path: (each.size, each.modified) for path, each in seen.items() if each}
            self._library.fail(self.collection, failures, looks)

    def finish(self, places: Sequence[Path]) -> None:
        """The end of a run: forget what failed at these places in earlier ones and did not fail in this one, and note
        which linked folders the collection is up to date with."""
        failed = {failure.path for failure in self.tally.failures} | self._spared
        inside = Inside(places)
        remembered = [failure.path for failure in self._library.failures(self.collection)]
        mended = [path for path in remembered if path not in failed and path in inside]
        if mended:
            self._library.forget_failures(self.collection, mended)
        news = self.tally.added or self.tally.changed or self.tally.removed
        for folder in self._folders:
            part = news and any(isinstance(place, Changed) and place.is_relative_to(folder.path) for place in places)
            if part or folder.path in inside:
                self._library.folders.synced(self.collection, folder.path)


def _document_id(collection: str, file: File, taken: set[str]) -> str:
    """From collection, path and content at first sight; counted on where something that was moved has it already."""
    count = 0
    while True:
        value = "\0".join([collection, file.path, file.sha256, *([str(count)] if count else [])])
        identity = blake2b(value.encode(), digest_size=8).hexdigest()
        if identity not in taken:
            return identity
        count += 1
