"""A map of a collection: its documents in the plane by meaning, in topics that have names."""

from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sqlalchemy import func, select

from storage import rows
from storage import schema as t
from storage.database import Database
from storage.errors import NotFound
from storage.plane import laid_out
from storage.statements import id_of
from storage.topics import Told, grouped, named, weighed
from storage.vectors import Vectors

Stage = Literal["reading", "layout", "words"]

_BEGINNING = 3_000  # characters of a document that say what it is about
_HEADINGS = 40  # of one document
_TOGETHER = 1_000  # chunks between two signs of life
_NAMING = 120  # documents of a topic whose words name it
_DOCUMENTS = 50  # whose words are cut between two signs of life


@dataclass(frozen=True, slots=True)
class Drawing:
    """How far a map is: so many of all chunks read, steps of the layout done, or documents' words cut."""

    stage: Stage
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Place:
    """A document on the map; both coordinates lie within -1..1, `topic` is its place in `Atlas.topics`."""

    document_id: str
    title: str
    x: float
    y: float
    topic: int


@dataclass(frozen=True, slots=True)
class Topic:
    """Documents about one thing: the words that set it apart, perhaps none, and how many they are."""

    words: tuple[str, ...]
    documents: int


@dataclass(frozen=True, slots=True)
class Atlas:
    """The map of a collection as it was at a generation. Places stand in order of title, topics of size."""

    collection: str
    generation: int
    places: tuple[Place, ...]
    topics: tuple[Topic, ...]


def draw(database: Database, collection: str) -> Generator[Drawing | Atlas, None, None]:
    """Draw the map of a collection: yields how far it is, and the map at the end.

    A document lies by the mean of its chunks' vectors. Attached documents are left out. Raises NotFound.
    """
    generation = _generation(database, collection)
    headings: dict[str, dict[str, None]] = {}
    sums: dict[str, Vectors] = {}
    yield from _sum(database, collection, sums, headings)
    titles = _titles(database, collection)
    ids = sorted(sums.keys() & titles.keys(), key=lambda each: (titles[each].casefold(), each))
    vectors = _units([sums[each] for each in ids])
    yield Drawing("layout", 0, 2)
    topics = grouped(vectors)
    yield Drawing("layout", 1, 2)
    plane = laid_out(vectors)
    told: dict[str, Told] = {}
    weights: dict[str, dict[str, float]] = {}
    telling = _telling(ids, topics)
    for start in range(0, len(telling), _DOCUMENTS):
        yield Drawing("words", start, len(telling))
        some = telling[start : start + _DOCUMENTS]
        told |= {each: Told(titles[each]) for each in some}  # for those that were removed meanwhile
        told |= _told(database, some, headings)
        weights |= {each: weighed(told[each]) for each in some}
    of = dict(zip(ids, topics, strict=True))
    names = named([(told[each], weights[each]) for each in told], [of[each] for each in told])
    places = tuple(
        Place(each, titles[each], float(x), float(y), topic)
        for each, (x, y), topic in zip(ids, plane, topics, strict=True)
    )
    counts = Counter(topics)
    yield Atlas(collection, generation, places, tuple(Topic(name, counts[i]) for i, name in enumerate(names)))


def _generation(database: Database, collection: str) -> int:
    query = select(t.collections.c.generation).where(t.collections.c.name == collection)
    with database.reading() as connection:
        generation: int | None = connection.scalar(query)
    if generation is None:
        raise NotFound(f"No collection called {collection!r}. See them with: footnote documents list")
    return generation


def _sum(
    database: Database, collection: str, sums: dict[str, Vectors], headings: dict[str, dict[str, None]]
) -> Iterator[Drawing]:
    """Add up the vectors of each document's chunks, and gather its headings."""
    inside = (t.documents.c.collection_id == id_of(collection), t.documents.c.attached_to.is_(None))
    chunks = select(t.chunks.c.document_id, t.chunks.c.heading, t.chunks.c.embedding).join(t.documents).where(*inside)
    with database.reading() as connection:
        total = connection.scalar(select(func.count()).select_from(t.chunks).join(t.documents).where(*inside)) or 0
        streamed = connection.execution_options(yield_per=_TOGETHER).execute(chunks)
        for done, some in enumerate(streamed.partitions()):
            yield Drawing("reading", done * _TOGETHER, total)
            for document_id, heading, embedding in some:
                vector = rows.vectors([embedding], len(embedding) // 4)[0]
                sums[document_id] = sums[document_id] + vector if document_id in sums else vector
                found = headings.setdefault(document_id, {})
                if heading and len(found) < _HEADINGS:
                    found[heading.split(" > ")[-1]] = None


def _titles(database: Database, collection: str) -> dict[str, str]:
    d = t.documents.c
    query = select(d.id, d.title).where(d.collection_id == id_of(collection), d.attached_to.is_(None))
    with database.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def _telling(ids: Sequence[str], topics: Sequence[int]) -> list[str]:
    """Enough documents to name each topic by, evenly taken from it."""
    held: dict[int, list[str]] = {}
    for each, topic in zip(ids, topics, strict=True):
        held.setdefault(topic, []).append(each)
    return [each for some in held.values() for each in some[:: -(-len(some) // _NAMING)]]


def _told(database: Database, ids: Sequence[str], headings: dict[str, dict[str, None]]) -> dict[str, Told]:
    d = t.documents.c
    query = select(d.id, d.title, d.language, func.substr(d.text, 1, _BEGINNING)).where(d.id.in_(ids))
    with database.reading() as connection:
        found = connection.execute(query).all()
    return {row[0]: Told(row[1], tuple(headings.get(row[0], ())), row[3], row[2]) for row in found}


def _units(sums: Sequence[Vectors]) -> Vectors:
    if not sums:
        return np.zeros((0, 1), np.float32)
    vectors = np.stack(sums)
    units: Vectors = (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return units
