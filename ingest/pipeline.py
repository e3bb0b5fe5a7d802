"""The story of a folder: find its files, see what changed, read, clean, chunk, embed, store."""

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ingest import scan
from ingest.chunk import ChunkOptions, passage_text, split
from ingest.clean import Reading, join
from ingest.progress import Progress, Report, Tally
from ingest.survey import Survey, Task
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
class _Ready:
    task: Task
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
    survey = Survey(collection, library, Tally(), attach_to)
    places = scan.roots(paths)
    tasks = yield from survey.tasks(places, options.most_megabytes * 1_000_000)
    run = _Run(survey, library, options)
    ready: list[_Ready] = []
    for step in run.read(tasks):
        if isinstance(step, Progress):
            yield step
            continue
        ready.append(step)
        if sum(len(each.chunks) for each in ready) >= _TOGETHER:
            yield from run.store(ready)
            ready = []
    yield from run.store(ready)
    survey.forget_failures(places)
    yield survey.tally.report()


class _Run:
    """One ingest: its collection, its options and its counts."""

    def __init__(self, survey: Survey, library: Library, options: IngestOptions) -> None:
        self.tally = survey.tally
        self._survey, self._library, self._options = survey, library, options

    def read(self, tasks: Sequence[Task]) -> Iterator[Progress | _Ready]:
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
                    self._survey.fail([Failure(task.file.path, str(error))])
                    self.tally.files_done += 1
                    self.tally.bytes_done += task.file.size

    def _wait(self, outcome: "Future[_Ready]", task: Task) -> Iterator[Progress]:
        yield self.tally.progress("reading", task.file.path)
        while not outcome.done():
            try:
                outcome.exception(timeout=_SIGN)
            except TimeoutError:
                yield self.tally.progress("reading", task.file.path)

    def _prepare(self, reader: Reader, task: Task) -> _Ready:
        document = _document(task, reader.read(Path(task.file.path)))
        return _Ready(task, document, split(document, self._options.chunk))

    def store(self, ready: Sequence[_Ready]) -> Iterator[Progress]:
        """Embed the chunks of some documents, then write it all in one transaction."""
        if not ready:
            return
        passages = [(each, passage_text(each.document, chunk)) for each in ready for chunk in each.chunks]
        embedder = self._library.embedder(self._survey.collection)
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
            self._survey.collection,
            [
                Entry(each.document, each.chunks, part, embedder, self._survey.attach_to, each.task.files)
                for each, part in zip(ready, parts, strict=True)
            ],
        )
        self.tally.files_done += len(ready)
        self.tally.added += sum(each.task.added for each in ready)
        self.tally.changed += sum(not each.task.added for each in ready)


def _document(task: Task, reading: Reading) -> Document:
    text, sections, anchors = join(reading.pieces)
    if not text.strip():
        raise UnreadableFile("holds no text.")
    return Document(
        id=task.document_id,
        path=task.file.path,
        title=reading.title,
        sha256=task.file.sha256,
        text=text,
        sections=sections,
        format=Path(task.file.path).suffix.lower().removeprefix("."),
        language=language(text),
        size=task.file.size,
        modified=(task.file.modified or 0) / 1e9,
        pages=reading.pages,
        tags=reading.tags,
        anchors=anchors,
        authors=reading.authors,
        created=reading.created,
    )
