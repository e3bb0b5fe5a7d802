"""Which chunks a search may find: those of a whole collection, of some of its documents, or of one conversation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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

    def only(self, documents: Iterable[str]) -> "Scope":
        """That of these documents alone."""
        wanted = set(documents)
        parts = {name: {d: held[d] for d in wanted & held.keys()} for name, held in self.documents.items()}
        return Scope.of({name: part for name, part in parts.items() if part})

    def and_(self, other: "Scope") -> "Scope":
        """That of the documents of both."""
        names = self.documents.keys() | other.documents.keys()
        return Scope.of({name: {**self.documents.get(name, {}), **other.documents.get(name, {})} for name in names})

    def chunks(self) -> list[int]:
        """The ids of all its chunks."""
        return [chunk for held in self.documents.values() for part in held.values() for chunk in part]

    def __len__(self) -> int:
        return sum(map(len, self.languages.values()))


@dataclass(frozen=True, slots=True)
class Scopes:
    """All scopes of one collection: `library` is what every search may find, `attached` what is attached to each
    conversation, which alone finds it."""

    library: Scope
    attached: Mapping[str, Scope]
    _whole: dict[str, Scope] = field(default_factory=dict, init=False)  # made once for each conversation

    @classmethod
    def read(cls, connection: Connection, collection_id: int) -> "Scopes":
        """Those of a collection as SQL has it."""
        d = t.documents.c
        held: dict[str, dict[str, dict[str, list[int]]]] = {}
        for chunk_id, language, document, conversation in connection.execute(
            chunks_of(collection_id).add_columns(d.language, d.id, d.attached_to)
        ):
            of_language = held.setdefault(conversation or "", {}).setdefault(language, {})
            of_language.setdefault(document, []).append(chunk_id)
        scopes = {conversation: Scope.of(documents) for conversation, documents in held.items()}
        return cls(scopes.pop("", Scope({}, {})), scopes)

    def whole(self, conversation: str) -> Scope:
        """All that a search for a conversation may find; for none, "", that is the library."""
        if conversation not in self.attached:
            return self.library
        if conversation not in self._whole:
            self._whole[conversation] = self.library.and_(self.attached[conversation])
        return self._whole[conversation]

    def hidden(self, conversation: str) -> list[int]:
        """The chunks that are attached to others."""
        return [chunk for name, scope in self.attached.items() if name != conversation for chunk in scope.chunks()]
