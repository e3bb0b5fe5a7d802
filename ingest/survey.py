"""What an ingest has to do: which files are to be read, after all that needs no reading was done."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from time import monotonic

from ingest import scan
from ingest.progress import Progress, Tally
from storage.errors import UnreadableFile
from storage.library import Library
from storage.records import Failure, File

_SIGN = 0.5  # seconds between two signs of life


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

    def tasks(self, places: Sequence[Path], most_bytes: int) -> Generator[Progress, None, list[Task]]:
        """Find what is new, changed, renamed and gone; do what needs no reading, and return the rest, by path."""
        found = scan.find(places)
        self.tally.passed_over = found.passed_over
        self.fail(found.failures)
        files = yield from self._fingerprints(found.files, most_bytes)
        known = self._library.known(self.collection, self.attach_to)
        here = {file.path for file in files}
        gone = frozenset(
            each.file.path for each in known if each.file.path not in here and scan.is_gone(each.file.path)
        )
        changes = scan.compare(files, known, places, gone)
        self._tidy(changes)
        return self._tasks(changes)

    def _fingerprints(self, paths: Sequence[Path], most_bytes: int) -> Generator[Progress, None, list[File]]:
        """Hash every file; returns those that can be opened."""
        self.tally.begin(len(paths), 0)
        files: list[File] = []
        shown = 0.0
        for path in paths:
            if monotonic() - shown > _SIGN:
                yield self.tally.progress("scanning", scan.printable(path))
                shown = monotonic()
            try:
                files.append(scan.fingerprint(path, most_bytes))
            except UnreadableFile as error:
                self.fail([Failure(scan.printable(path), str(error))])
            self.tally.files_done += 1
        return files

    def _tidy(self, changes: scan.Changes) -> None:
        """What needs no reading: files that are gone or have another name."""
        self._library.remove([known.id for known in changes.removed])
        for file, before in changes.renamed:
            self._library.rename(before.id, file.path)
        self.tally.removed = len(changes.removed)
        self.tally.changed = len(changes.renamed)
        self.tally.unchanged = changes.unchanged

    def _tasks(self, changes: scan.Changes) -> list[Task]:
        taken = self._library.ids()
        tasks = [Task(file, before.id, added=False) for file, before in changes.changed]
        for file in changes.added:
            identity = _document_id(self.collection, file, taken)
            taken.add(identity)
            tasks.append(Task(file, identity, added=True))
        return sorted(tasks, key=lambda task: task.file.path)

    def fail(self, failures: Sequence[Failure]) -> None:
        """Count failures, and remember them at once: the ingest may be stopped before its end."""
        self.tally.failures += failures
        if failures and not self.attach_to:
            self._library.fail(self.collection, failures)

    def forget_failures(self, places: Sequence[Path]) -> None:
        """Forget what failed at these places in earlier runs and did not fail in this one."""
        failed = {failure.path for failure in self.tally.failures}
        remembered = [failure.path for failure in self._library.failures(self.collection)]
        mended = [path for path in remembered if path not in failed and scan.below(path, places)]
        if mended:
            self._library.forget_failures(self.collection, mended)


def _document_id(collection: str, file: File, taken: set[str]) -> str:
    """From collection, path and content at first sight; counted on where something that was renamed has it already."""
    count = 0
    while True:
        value = "\0".join([collection, file.path, file.sha256, *([str(count)] if count else [])])
        identity = blake2b(value.encode(), digest_size=8).hexdigest()
        if identity not in taken:
            return identity
        count += 1
