"""Search a collection by meaning and by words; each index is brought up to SQL's generation first."""

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import Connection, Row, select, tuple_

from storage import rows
from storage import schema as t
from storage.asked import Asked
from storage.database import Database
from storage.errors import NotFound
from storage.filters import fitting
from storage.keywords import KeywordHit, KeywordIndex
from storage.records import Filter, Hit, Via
from storage.scope import Scope, Scopes
from storage.statements import batches, chunks_of
from storage.vectors import Among, VectorIndex, Vectors

if TYPE_CHECKING:
    from storage.embedder import Embedder
    from storage.embedders import Embedders

EVERYTHING = Filter()  # holds no document back
_SPARED = 3600.0  # seconds
_NEIGHBOURS = 100  # how many of a language's nearest chunks tell how near that language is to a question


@dataclass(frozen=True, slots=True)
class Found:
    """What both indexes know about a question, each list best first.

    What is known of every hit, whichever index found it: `coverage`, how much of the question's words it holds (0..1,
    rare words weigh more); `similarity`, its cosine to the question; `standing`, how far that cosine stands out among
    the nearest of its language; each by the question in that language, where there is one. `languages` counts the
    chunks that could have been found.
    """

    vectors: tuple[Hit, ...]
    keywords: tuple[Hit, ...]
    coverage: Mapping[int, float]
    similarity: Mapping[int, float]
    standing: Mapping[int, float]
    languages: Mapping[str, int]

    @property
    def chunks(self) -> int:
        """How many chunks could have been found."""
        return sum(self.languages.values())


@dataclass(slots=True)
class _Pair:
    vectors: VectorIndex
    keywords: KeywordIndex
    scopes: Scopes | None = None  # of the generation that the vectors have


class Indexes:
    """The vector and the keyword index of every collection: caches of SQL in one folder, shared by threads."""

    def __init__(self, database: Database, folder: Path, embedders: "Embedders") -> None:
        self._database, self._folder, self._embedders = database, folder, embedders
        self._pairs: dict[str, _Pair] = {}
        self._lock = RLock()

    def embedder(self, collection: str) -> "Embedder":
        """The embedder that made a collection. Raises NotFound, ModelUnavailable, IndexMismatch."""
        with self._database.reading() as connection:
            made_with: str = _collection(connection, collection).embedder
        return self._embedders.of(collection, made_with)

    def search(self, collection: str, asked: Asked, k: int, filter: Filter = EVERYTHING) -> Found:
        """The `k` best chunks of each index, of those documents that fit `filter`.

        Raises NotFound, also where no document fits; ModelUnavailable, IndexMismatch.
        """
        while True:
            embedder = self.embedder(collection)
            vectors = {text: np.array(embedder.embed_query(text), np.float32) for text in asked.texts}
            with self._lock, self._database.reading() as connection:
                row = _collection(connection, collection)
                if row.embedder == embedder.id:  # else it was embedded anew in between
                    pair, scopes = self._current(connection, row)
                    whole = scopes.whole(filter.conversation)
                    scope = whole.only(fitting(connection, row, filter)) if _narrow(filter) else whole
                    hidden = scopes.hidden(filter.conversation)
                    return _search(connection, pair, _Query(asked, vectors, k), _Range(whole, scope, hidden))

    def fit(self, collection: str, filter: Filter) -> None:
        """Raises NotFound where there is no such collection, or where none of its documents fits."""
        with self._database.reading() as connection:
            row = _collection(connection, collection)
            if _narrow(filter):
                fitting(connection, row, filter)

    def neighbours(self, hits: Sequence[Hit]) -> Mapping[tuple[str, int], Hit]:
        """The chunks just before and just after each hit, by document and position, without a score of their own."""
        beside = {
            (hit.chunk.document_id, hit.chunk.position + step): replace(hit, score=0.0)
            for hit in reversed(hits)  # so that the best of them gives its rank
            for step in (-1, 1)
        }
        c = t.chunks.c
        inside = c.document_id.in_({document for document, _ in beside})  # there is an index of these alone
        query = select(t.chunks).where(inside, tuple_(c.document_id, c.position).in_(list(beside)))
        with self._database.reading() as connection:
            found = [rows.chunk(row) for row in connection.execute(query)]
        places = {(chunk.document_id, chunk.position): chunk for chunk in found}
        return {place: replace(beside[place], chunk=chunk) for place, chunk in places.items()}

    def refresh(self, collection: str) -> None:
        """Bring both indexes of a collection up to date now, as after an ingest, so that no question has to wait.

        Raises NotFound, ModelUnavailable, IndexMismatch.
        """
        self.embedder(collection)  # loads it, while others may search
        with self._lock, self._database.reading() as connection:
            self._current(connection, _collection(connection, collection))
            self._sweep([Files.of(row) for row in connection.execute(select(t.collections))])

    def _sweep(self, kept: Sequence["Files"]) -> None:
        """Delete the files of collections that are no more, and of embedders that they no longer have; but for those
        so new that another process may be at work on a collection which this one does not know yet."""
        for name in self._pairs.keys() - {files.vectors for files in kept}:
            self._pairs.pop(name).keywords.close()
        for file in self._folder.iterdir():
            known = any(files.hold(file) for files in kept)
            with suppress(OSError):  # in use, or gone already
                if not known and time.time() - file.stat().st_mtime > _SPARED:
                    file.unlink()

    def forget(self) -> None:
        """Make every index anew at its next use, as another database has taken the place of the one it was made of."""
        with self._lock:
            self.close()
            for file in self._folder.iterdir() if self._folder.exists() else ():
                with suppress(OSError):  # in use by another process; the generation tells that it is an old one
                    file.unlink()

    def close(self) -> None:
        """Give the files back."""
        with self._lock:
            for pair in self._pairs.values():
                pair.keywords.close()
            self._pairs.clear()

    def _current(self, connection: Connection, collection: Row[Any]) -> tuple[_Pair, Scopes]:
        files = Files.of(collection)
        pair = self._pairs.get(files.vectors)
        if pair is None:
            dimension = self._embedders.of(collection.name, collection.embedder).dimension
            pair = self._pairs[files.vectors] = _Pair(
                VectorIndex(self._folder, files.vectors, dimension), KeywordIndex(self._folder, files.keywords)
            )
        if pair.vectors.generation != collection.generation:
            _follow(connection, collection, pair.vectors)
            pair.scopes = None
        scopes = pair.scopes = pair.scopes or Scopes.read(connection, collection.id)
        if pair.keywords.generation != collection.generation:
            _follow(connection, collection, pair.keywords)
        return pair, scopes


@dataclass(frozen=True, slots=True)
class Files:
    """What the files of a collection are called. Name and id can be used again after it was removed; its birth cannot.
    Embedded anew, it has other vectors under the same ids, and so another file of them; its words stay the same."""

    vectors: str
    keywords: str

    @classmethod
    def of(cls, collection: Row[Any]) -> "Files":
        """Those of a row of `collections`; a vector file has its generation behind the name."""
        name = f"{collection.id}-{collection.created:%Y%m%d%H%M%S%f}"
        return cls(f"{name}-{blake2b(collection.embedder.encode(), digest_size=4).hexdigest()}", name)

    def hold(self, file: Path) -> bool:
        """Whether a file is one of them."""
        return file.name.startswith((f"{self.vectors}-", f"{self.keywords}.")) and file.suffix != ".tmp"


def _collection(connection: Connection, name: str) -> Row[Any]:
    row = connection.execute(select(t.collections).where(t.collections.c.name == name)).one_or_none()
    if row is None:
        raise NotFound(f"No collection called {name!r}. Make it with: footnote ingest PATH --collection NAME")
    return row


def _narrow(filter: Filter) -> bool:
    """Whether it holds back any document that its conversation may find."""
    return replace(filter, conversation="") != EVERYTHING


def _follow(connection: Connection, collection: Row[Any], index: VectorIndex | KeywordIndex) -> None:
    """Take out what SQL no longer holds and in what it holds now; ids derive from content, so a set tells all."""
    wanted = set(connection.scalars(chunks_of(collection.id)))
    held = index.ids()
    added, removed = sorted(wanted - held), sorted(held - wanted)
    runs = (list(_rows(connection, some)) for some in batches(added))  # never all of them: there may be millions
    if isinstance(index, VectorIndex):
        dimension = index.dimension
        vectors = (([row.id for row in run], rows.vectors([row.embedding for row in run], dimension)) for run in runs)
        index.update(vectors, removed, collection.generation)
    else:
        texts = ((row.id, rows.passage_text(row.title, row.heading, row.text)) for run in runs for row in run)
        index.update(texts, removed, collection.generation)


@dataclass(frozen=True, slots=True)
class _Query:
    """What is asked, each of its texts as a vector, and how many chunks are wanted of each index."""

    asked: Asked
    vectors: Mapping[str, Vectors]
    k: int


@dataclass(frozen=True, slots=True)
class _Range:
    """All that a conversation may find, what of it is searched, and the chunks that it may not find."""

    whole: Scope
    scope: Scope
    hidden: list[int]


def _search(connection: Connection, pair: _Pair, query: _Query, range_: _Range) -> Found:
    near, levels = _nearest(pair, query, range_)
    matching = _matching(pair, query, range_)
    ids = {chunk_id for chunk_id, _ in near} | {hit.chunk_id for hits in matching.values() for hit in hits}
    found = {row.id: row for row in _rows(connection, ids)}
    compared = {chunk_id: query.asked.of(row.language) for chunk_id, row in found.items()}  # with which text
    cosines = {text: dict(pair.vectors.nearest(vector, len(ids), Among(ids))) for text, vector in query.vectors.items()}
    similarity = {i: cosines[text][i] for i, text in compared.items() if i in cosines[text]}
    matched = [hit for text, hits in matching.items() for hit in hits if compared.get(hit.chunk_id) == text]
    matched.sort(key=lambda hit: -hit.score)
    return Found(
        _hits(found, near, "vectors"),
        _hits(found, [(hit.chunk_id, hit.score) for hit in matched], "keywords"),
        dict.fromkeys(ids, 0.0) | {hit.chunk_id: hit.coverage for hit in matched},
        similarity,
        {i: score - levels[found[i].language] for i, score in similarity.items()},
        {language: len(among) for language, among in range_.scope.languages.items()},
    )


def _matching(pair: _Pair, query: _Query, range_: _Range) -> dict[str, list[KeywordHit]]:
    """The `k` chunks that hold most of the question's words, by each of its texts."""
    among = None if range_.scope is range_.whole else range_.scope.chunks()
    hidden = range_.hidden if among is None else ()
    return {text: pair.keywords.search(text, query.k, among, hidden) for text in query.asked.texts}


def _nearest(pair: _Pair, query: _Query, range_: _Range) -> tuple[list[tuple[int, float]], dict[str, float]]:
    """The `k` chunks that stand out most among their language's nearest, and the level each language has.

    A multilingual embedder puts a question nearer to passages in its own language, whatever they say; by plain cosine
    the other language of a collection would be buried. Taking off the mean of the nearest neighbours is the
    cross-domain similarity local scaling of Conneau et al. (2018), with a language as the domain. The neighbours are
    those of the whole collection, also where only some of its documents are searched: few would tell no level.
    """
    scored: list[tuple[int, float]] = []
    levels: dict[str, float] = {}
    for language, among in range_.scope.languages.items():
        vector = query.vectors[query.asked.of(language)]
        near = pair.vectors.nearest(vector, max(query.k, _NEIGHBOURS), range_.whole.languages[language])
        levels[language] = float(np.mean([score for _, score in near[:_NEIGHBOURS]]))
        if range_.scope is not range_.whole:
            near = pair.vectors.nearest(vector, query.k, among)
        scored += [(chunk_id, score - levels[language]) for chunk_id, score in near]
    return sorted(scored, key=lambda pair: -pair[1])[: query.k], levels


def _rows(connection: Connection, ids: Iterable[int]) -> Iterable[Row[Any]]:
    query = select(t.chunks, t.documents.c.title, t.documents.c.path, t.documents.c.language).join(t.documents)
    for some in batches(list(ids)):
        yield from connection.execute(query.where(t.chunks.c.id.in_(some)))


def _hits(found: Mapping[int, Row[Any]], ranked: Sequence[tuple[int, float]], via: Via) -> tuple[Hit, ...]:
    present = [(found[chunk_id], score) for chunk_id, score in ranked if chunk_id in found]
    return tuple(
        Hit(rows.chunk(row), row.title, row.path, rank, score, via) for rank, (row, score) in enumerate(present, 1)
    )
