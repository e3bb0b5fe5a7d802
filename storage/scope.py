"""Which chunks a search may find: those of a whole collection, or of some of its documents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import Connection

from storage import schema as t
from storage.statements import chunks_of
from storage.vectors import Among


@dataclass(frozen=True, slots=True)
class Scope:
    """The chunks of each document, by language, and all of a language as the vector index wants them."""

    documents: Mapping[str, Mapping[str, list[int]]]
    languages: Mapping[str, Among]

    @classmethod
    def of(cls, documents: Mapping[str, Mapping[str, list[int]]]) -> "Scope":
        """That of documents in each language: id, and ids of the chunks."""
        return cls(documents, {name: Among(chain(*held.values())) for name, held in documents.items()})

    @classmethod
    def read(cls, connection: Connection, collection_id: int) -> "Scope":
        """That of a whole collection."""
        documents: dict[str, dict[str, list[int]]] = {}
        query = chunks_of(collection_id).add_columns(t.documents.c.language, t.documents.c.id)
        for chunk_id, language, document in connection.execute(query):
            documents.setdefault(language, {}).setdefault(document, []).append(chunk_id)
        return cls.of(documents)

    def only(self, documents: Iterable[str]) -> "Scope":
        """That of these documents alone."""
        wanted = set(documents)
        parts = {name: {d: held[d] for d in wanted & held.keys()} for name, held in self.documents.items()}
        return Scope.of({name: part for name, part in parts.items() if part})

    def chunks(self) -> list[int]:
        """The ids of all its chunks."""
        return [chunk for held in self.documents.values() for part in held.values() for chunk in part]

    def __len__(self) -> int:
        return sum(map(len, self.languages.values()))
