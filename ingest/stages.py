"""The stages of bringing files in: read, embed, write. Each has threads of its own and runs a bit ahead of the next."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from threading import Event, Lock
from time import monotonic

import numpy as np

from ingest.belt import Belt
from ingest.chunk import ChunkOptions, chunks, passage_text
from ingest.parts import Part
from ingest.places import Inside
from ingest.readers.plain.definitions import suffix_of
from ingest.survey import Survey, Task
from ingest.workers import Limits, Reader
from storage.entries import Entry
from storage.errors import NotFound, UnreadableFile
from storage.language import tokens
from storage.library import Library
from storage.records import Chunk, Document, Failure
from storage.vectors import Vectors

_TOGETHER = 256  # chunks that are sorted by length together, and, if they are of small files, stored together
_AHEAD = 1000  # chunks that a stage may be ahead of the next one
_A_LOOK = 0.5  # seconds of embedding between two looks at whether to stop
_LEAST = 8  # texts that are embedded at once
_NO_VECTORS = np.empty((0, 0), np.float32)


@dataclass(frozen=True, slots=True)
class Ready:
    """A document that is read: all of a file, or a part, which is a share of it; `known` if it is stored already."""

    task: Task
    document: Document
    chunks: tuple[Chunk, ...]
    share: float
    last: bool
    part_of: str | None = None
    becomes: str | None = None
    known: bool = False

    @property
    def whole(self) -> bool:
        """Whether it is all of its file."""
        return self.last and self.part_of is None


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that cannot be read further, though parts of it were."""

    task: Task
    reason: str


Item = Ready | Failed


class Stages:
    """What an ingest does with the files that are to be read. Each stage is a function for a thread of its own."""

    def __init__(self, survey: Survey, library: Library, tasks: Sequence[Task], options: ChunkOptions) -> None:
        self._survey, self._library, self._options = survey, library, options
        self._tally = survey.tally
        self._tasks = iter(tasks)
        self._readers: list[Reader] = []
        self._stopped, self._lock = Event(), Lock()
        self._read: Belt[Item] = Belt(_AHEAD, _weight)
        self._embedded: Belt[tuple[Item, Vectors]] = Belt(_AHEAD, lambda pair: _weight(pair[0]))
        self._embedder, self._pace = "", 0.0  # tokens a second
        self._lost: set[str] = set()  # paths of files whose first parts somebody has removed meanwhile

    def stop(self) -> None:
        """End all stages, whatever they do. What is not stored is forgotten."""
        with self._lock:
            self._stopped.set()
            for reader in self._readers:
                reader.close()
        self._read.end(clear=True)
        self._embedded.end(clear=True)

    def read(self, limits: Limits) -> None:
        """Read one file after the other. Several threads may; when the last one ends, so does the stage."""
        with Reader(limits) as reader:
            with self._lock:
                self._readers.append(reader)
            try:
                while not self._stopped.is_set() and (task := next(self._tasks, None)):
                    self._read_one(reader, task)
            finally:
                with self._lock:
                    self._readers.remove(reader)
                    over = not self._readers
                if over:
                    self._read.end()

    def _read_one(self, reader: Reader, task: Task) -> None:
        self._tally.open(task.file.path, task.file.size)
        begun = False
        try:
            for ready in self._documents(reader, task):
                self._read.put(ready)
                begun = True
                if task.file.path in self._lost:  # its document was removed: the rest would be read for nothing
                    break
        except UnreadableFile as error:
            failed = Failed(task, str(error))
            self._read.put(failed) if begun else self._fail(failed)  # after the parts that are on their way

    def _documents(self, reader: Reader, task: Task) -> Iterator[Ready]:
        """What a file makes: one document or, if it is long, several; some may be there from a run that was stopped."""
        path, first, becomes, known = task.file.path, task.document_id, None, True
        parts = reader.read(Path(path), self._options, lambda done, total: self._tally.pages(path, done, total))
        for number, (part, last) in enumerate(parts, start=1):
            if number == 1 and not last:
                before = self._library.stored(first)
                if before is not None and before.finished:  # it stays until the new one is whole
                    first, becomes = _derived(first, task.file.sha256), first
            document = _document(task, part, number, first if number == 1 else _derived(first, str(number)))
            cut = chunks(document, part.cuts)
            share = self._tally.read(path, len(cut), last, len(part.joined.text.encode()))
            known = known and not last and self._is_stored(document, cut)
            yield Ready(task, document, cut, share, last, first if number > 1 else None, becomes, known)

    def _is_stored(self, document: Document, cut: Sequence[Chunk]) -> bool:
        there = self._library.stored(document.id)
        return there is not None and there.sha256 == document.sha256 and there.chunks == tuple(each.id for each in cut)

    def embed(self) -> None:
        """Give chunks their vectors, many of like length together, of whatever file they are."""
        self._embedder = self._library.embedder(self._survey.collection)
        while items := self._read.take(_TOGETHER):
            for item, vectors in self._with_vectors(items):
                self._embedded.put((item, vectors))
        self._embedded.end()

    def _with_vectors(self, items: Sequence[Item]) -> Iterator[tuple[Item, Vectors]]:
        texts = [
            (item, passage_text(item.document, chunk))
            for item in items
            if isinstance(item, Ready) and not item.known
            for chunk in item.chunks
        ]
        lengths = [tokens(text) for _, text in texts]
        order = deque(sorted(range(len(texts)), key=lengths.__getitem__))
        vectors = [_NO_VECTORS] * len(texts)
        while order:
            if self._stopped.is_set():
                return
            began, size = monotonic(), 0
            run: list[int] = []
            while order and (len(run) < _LEAST or size < self._pace * _A_LOOK):
                run.append(order.popleft())
                size += lengths[run[-1]]
            self._tally.at("embedding", texts[run[0]][0].task.file.path)
            made = self._library.embed([texts[at][1] for at in run], self._embedder)
            for at, vector in zip(run, made, strict=True):
                ready, vectors[at] = texts[at][0], vector
                self._tally.embedded(ready.task.file.path, 1, ready.share / len(ready.chunks))
            self._pace = size / max(monotonic() - began, 0.001)
        self._tally.at("reading")
        start = 0
        for item in items:
            count = len(item.chunks) if isinstance(item, Ready) and not item.known else 0
            yield item, np.array(vectors[start : start + count], np.float32)
            start += count

    def write(self) -> None:
        """Store documents: those of many small files in one transaction, each part of a long one in its own."""
        while pairs := self._embedded.take(_TOGETHER):
            ready = [(item, vectors) for item, vectors in pairs if isinstance(item, Ready)]
            self._store([pair for pair in ready if pair[0].whole])
            for item, vectors in pairs:
                if item.task.file.path in self._lost:
                    continue
                if isinstance(item, Failed):
                    self._fail(item)
                elif not item.whole:
                    self._store_part(item, vectors)

    def _store_part(self, ready: Ready, vectors: Vectors) -> None:
        if ready.known:
            self._tally.embedded(ready.task.file.path, len(ready.chunks), ready.share, known=True)
            return
        try:
            self._store([(ready, vectors)])
        except NotFound as error:
            self._lost.add(ready.task.file.path)
            self._fail(Failed(ready.task, str(error)))

    def _store(self, pairs: Sequence[tuple[Ready, Vectors]]) -> None:
        if not pairs or self._stopped.is_set():
            return
        self._tally.at("writing", pairs[-1][0].task.file.path)
        self._library.replace(self._survey.collection, [self._entry(ready, vectors) for ready, vectors in pairs])
        for task in (ready.task for ready, _ in pairs if ready.last):
            self._tally.close(task.file.path, task.file.size)
            self._tally.added += len(task.files) * task.added
            self._tally.changed += len(task.files) * (not task.added)

    def _entry(self, ready: Ready, vectors: Vectors) -> Entry:
        return Entry(
            ready.document,
            ready.chunks,
            vectors,
            self._embedder,
            self._survey.attach_to,
            ready.task.files if ready.last else (),
            ready.part_of,
            ready.becomes,
        )

    def _fail(self, failed: Failed) -> None:
        """Nothing stays half there: what was stored of the file goes, but for what was whole before."""
        if self._stopped.is_set():  # then every file that is being read seems to fail
            return
        path = failed.task.file.path
        if begun := self._library.unfinished(self._survey.collection, path).get(path):
            self._library.remove([begun])
        self._survey.fail([Failure(file.path, failed.reason) for file in failed.task.files])
        self._tally.close(path, failed.task.file.size)


def forget_unfinished(library: Library, collection: str, tasks: Sequence[Task], inside: Inside) -> None:
    """Remove what a run that was stopped has left, but for what is still to be read with the same content."""
    going_on = {
        (task.file.path, identity)
        for task in tasks
        for identity in (task.document_id, _derived(task.document_id, task.file.sha256))
    }
    left = [(path, each) for path, each in library.unfinished(collection).items() if path in inside]
    library.remove([each for path, each in left if (path, each) not in going_on])


def _document(task: Task, part: Part, number: int, identity: str) -> Document:
    return Document(
        id=identity,
        path=task.file.path,
        title=part.title if number == 1 else f"{part.title} (part {number})",
        sha256=task.file.sha256,
        text=part.joined.text,
        sections=part.joined.sections,
        format=suffix_of(Path(task.file.path).name).removeprefix("."),
        language=part.language,
        size=task.file.size,
        modified=(task.file.modified or 0) / 1e9,
        pages=part.pages,
        tags=part.tags,
        anchors=part.joined.anchors,
        authors=part.authors,
        created=part.created,
        part=number,
    )


def _derived(identity: str, what: str) -> str:
    return blake2b(f"{identity}\0{what}".encode(), digest_size=8).hexdigest()


def _weight(item: Item) -> int:
    return len(item.chunks) + 1 if isinstance(item, Ready) else 1
