"""The story of a folder: find its files, see what changed, read, clean, chunk, embed, store."""

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from time import monotonic

import numpy as np

from ingest import scan
from ingest.chunk import ChunkOptions, passage_text, split
from ingest.clean import Reading, join
from ingest.progress import Progress, Report, Tally
from ingest.workers import Reader
from storage.errors import UnreadableFile
from storage.language import language
from storage.library import Entry, Library
from storage.records import Chunk, Document, Failure

_TOGETHER = 64  # chunks: small files are embedded and stored together until they have as many
_AT_ONCE = 16  # chunks embedded between two signs of life
_SIGN = 0.5  # seconds between two signs of life while a file is read


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """Limits for one file, and how it is cut: `read_seconds` to read it, at most `most_megabytes` on disk."""

    chunk: ChunkOptions = field(default_factory=ChunkOptions)
    read_seconds: float = 120.0
    most_megabytes: int = 200


@dataclass(frozen=True, slots=True)
class _Task:
    file: scan.File
    document_id: str
    added: bool


@dataclass(frozen=True, slots=True)
class _Ready:
    task: _Task
    document: Document
    chunks: tuple[Chunk, ...]


def ingest(
    paths: Sequence[Path], collection: str, library: Library, options: IngestOptions, attach_to: str | None = None
) -> Generator[Progress | Report, None, None]:
    """Bring a collection up to date with files and folders. Yields progress, and one report at the end.

    With `attach_to` the documents are for the conversation of that id alone, and no failure is kept.

    Raises NotFound, before anything is done, for a path that does not exist. A file that cannot be read is a failure
    in the report, and what was known of it stays. Closing the generator stops it; what was stored is whole.
    """
    run = _Run(collection, library, options, attach_to)
    places = scan.roots(paths)
    found = scan.find(places)
    run.tally.passed_over = found.passed_over
    run.fail(found.failures)
    files = yield from run.fingerprints(found.files)
    known = library.known(collection, attach_to)
    here = {str(file.path) for file in files}
    gone = frozenset(each.path for each in known if each.path not in here and scan.is_gone(each.path))
    changes = scan.compare(files, known, places, gone)
    run.tidy(changes)
    ready: list[_Ready] = []
    for step in run.read(_tasks(changes, collection, library.ids())):
        if isinstance(step, Progress):
            yield step
            continue
        ready.append(step)
        if sum(len(each.chunks) for each in ready) >= _TOGETHER:
            yield from run.store(ready)
            ready = []
    yield from run.store(ready)
    run.forget_failures(places)
    yield run.tally.report()


class _Run:
    """One ingest: its collection, its options and its counts."""

    def __init__(self, collection: str, library: Library, options: IngestOptions, attach_to: str | None) -> None:
        self.tally = Tally()
        self._collection, self._library, self._options, self._attach_to = collection, library, options, attach_to

    def fingerprints(self, paths: Sequence[Path]) -> Generator[Progress, None, list[scan.File]]:
        """Hash every file; returns those that can be opened."""
        self.tally.begin(len(paths), 0)
        files: list[scan.File] = []
        shown = 0.0
        for path in paths:
            if monotonic() - shown > _SIGN:
                yield self.tally.progress("scanning", scan.printable(path))
                shown = monotonic()
            try:
                files.append(scan.fingerprint(path, self._options.most_megabytes * 1_000_000))
            except UnreadableFile as error:
                self.fail([Failure(scan.printable(path), str(error))])
            self.tally.files_done += 1
        return files

    def tidy(self, changes: scan.Changes) -> None:
        """What needs no reading: files that are gone or have another name."""
        self._library.remove([known.id for known in changes.removed])
        for file, before in changes.renamed:
            self._library.rename(before.id, str(file.path))
        self.tally.removed = len(changes.removed)
        self.tally.changed = len(changes.renamed)
        self.tally.unchanged = changes.unchanged

    def read(self, tasks: Sequence[_Task]) -> Iterator[Progress | _Ready]:
        """Read one file after the other in a child process, the next while this one is embedded and stored."""
        self.tally.begin(len(tasks), sum(task.file.size for task in tasks))
        with ThreadPoolExecutor(1) as pool, Reader(self._options.read_seconds) as reader:
            ahead: Future[_Ready] | None = None
            for number, task in enumerate(tasks, start=1):
                outcome = ahead or pool.submit(self._prepare, reader, task)
                yield from self._wait(outcome, task)
                ahead = pool.submit(self._prepare, reader, tasks[number]) if number < len(tasks) else None
                try:
                    yield outcome.result()
                except UnreadableFile as error:
                    self.fail([Failure(str(task.file.path), str(error))])
                    self.tally.files_done += 1
                    self.tally.bytes_done += task.file.size

    def _wait(self, outcome: "Future[_Ready]", task: _Task) -> Iterator[Progress]:
        yield self.tally.progress("reading", str(task.file.path))
        while not outcome.done():
            try:
                outcome.exception(timeout=_SIGN)
            except TimeoutError:
                yield self.tally.progress("reading", str(task.file.path))

    def _prepare(self, reader: Reader, task: _Task) -> _Ready:
        document = _document(task, reader.read(task.file.path))
        return _Ready(task, document, split(document, self._options.chunk))

    def store(self, ready: Sequence[_Ready]) -> Iterator[Progress]:
        """Embed the chunks of some documents, then write it all in one transaction."""
        if not ready:
            return
        passages = [(each, passage_text(each.document, chunk)) for each in ready for chunk in each.chunks]
        embedder = self._library.embedder(self._collection)
        vectors = []
        for start in range(0, len(passages), _AT_ONCE):
            some = passages[start : start + _AT_ONCE]
            yield self.tally.progress("embedding", some[0][0].document.path)
            vectors.append(self._library.embed([text for _, text in some], embedder))
            self.tally.chunks += len(some)
            self.tally.bytes_done += sum(each.document.size / len(each.chunks) for each, _ in some)
        yield self.tally.progress("writing", ready[-1].document.path)
        ends = np.cumsum([len(each.chunks) for each in ready])[:-1]
        parts = np.split(np.concatenate(vectors), ends)
        self._library.replace(
            self._collection,
            [
                Entry(each.document, each.chunks, part, embedder, self._attach_to)
                for each, part in zip(ready, parts, strict=True)
            ],
        )
        self.tally.files_done += len(ready)
        self.tally.added += sum(each.task.added for each in ready)
        self.tally.changed += sum(not each.task.added for each in ready)

    def fail(self, failures: Sequence[Failure]) -> None:
        """Count failures, and remember them at once: the ingest may be stopped before its end."""
        self.tally.failures += failures
        if failures and not self._attach_to:
            self._library.fail(self._collection, failures)

    def forget_failures(self, places: Sequence[Path]) -> None:
        """Forget what failed at these places in earlier runs and did not fail in this one."""
        failed = {failure.path for failure in self.tally.failures}
        remembered = [failure.path for failure in self._library.failures(self._collection)]
        mended = [path for path in remembered if path not in failed and scan.below(path, places)]
        if mended:
            self._library.forget_failures(self._collection, mended)


def _tasks(changes: scan.Changes, collection: str, taken: set[str]) -> list[_Task]:
    tasks = [_Task(file, before.id, added=False) for file, before in changes.changed]
    for file in changes.added:
        identity = _document_id(collection, file, taken)
        taken.add(identity)
        tasks.append(_Task(file, identity, added=True))
    return sorted(tasks, key=lambda task: task.file.path)


def _document_id(collection: str, file: scan.File, taken: set[str]) -> str:
    """From collection, path and content at first sight; counted on where something that was renamed has it already."""
    count = 0
    while True:
        value = "\0".join([collection, str(file.path), file.sha256, *([str(count)] if count else [])])
        identity = blake2b(value.encode(), digest_size=8).hexdigest()
        if identity not in taken:
            return identity
        count += 1


def _document(task: _Task, reading: Reading) -> Document:
    text, sections = join(reading.pieces)
    if not text.strip():
        raise UnreadableFile("holds no text.")
    return Document(
        id=task.document_id,
        path=str(task.file.path),
        title=reading.title,
        sha256=task.file.sha256,
        text=text,
        sections=sections,
        format=task.file.path.suffix.lower().removeprefix("."),
        language=language(text),
        size=task.file.size,
        modified=task.file.modified,
        pages=reading.pages,
    )
