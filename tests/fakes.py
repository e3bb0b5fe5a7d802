"""Stand-ins for what is slow or outside: each behaves as the interface promises, and nothing more."""

import re
import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray
from pydantic import Field

from qa.chat.model import ChatModel, Reply, Request, State
from qa.prompt import wording
from storage.embedders import Embedders
from storage.entries import Entry, Stored
from storage.errors import FootnoteError, ModelUnavailable
from storage.files import Filing
from storage.folders import Folder
from storage.keywords import words
from storage.records import Failure, Known


class FakeEmbedder(Embeddings):
    """Texts that share words are near each other: every word adds to one of 64 directions."""

    id = "fake-embedder"
    dimension = 64
    backend = "fake"

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        vector = np.full(self.dimension, 1e-3)
        for word in words(text):
            vector[zlib.crc32(word.encode()) % self.dimension] += 1
        unit: list[float] = (vector / np.linalg.norm(vector)).tolist()
        return unit

    def warm(self) -> None:
        pass


class OtherEmbedder(FakeEmbedder):
    """Another embedder, with vectors of its own and of another length; `texts` keeps what it has embedded."""

    id = "other-embedder"
    dimension = 48

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.texts += texts
        return super().embed_documents(texts)


class AbsentEmbedder(FakeEmbedder):
    """An embedder that is not on this machine."""

    def __init__(self, model_id: str) -> None:
        self.id = model_id

    def warm(self) -> None:
        raise ModelUnavailable(f"The model {self.id} is not there. Run: footnote models pull {self.id}")

    def embed_query(self, text: str) -> list[float]:
        self.warm()
        raise AssertionError


def fake_embedders(in_use: FakeEmbedder, *others: FakeEmbedder) -> Embedders:
    """The first is in use, the others can be opened by their ids, and nothing else is there."""
    there = {embedder.id: embedder for embedder in (in_use, *others)}
    return Embedders(lambda name: there.get(name) or AbsentEmbedder(name), in_use.id)  # type: ignore[arg-type, return-value]


class FakeLibrary:
    """The library's surface that ingest uses, in memory; records what was written, so that tests can look."""

    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Entry]] = {}  # by collection and document id
        self.reasons: dict[str, dict[str, str]] = {}  # by collection and path
        self.looked: dict[str, tuple[int, int]] = {}  # by path
        self.folders = FakeFolders()
        self.written: list[int] = []  # documents in each transaction

    def known(self, collection: str, attached_to: str | None = None) -> tuple[Known, ...]:
        entries = self.entries.get(collection, {}).values()
        files = [(entry.part_of or entry.document.id, file) for entry in entries for file in entry.files]
        return tuple(
            Known(owner, replace(file, modified=file.modified if file.settled else None, settled=True))
            for owner, file in files
        )

    def unfinished(self, collection: str, path: str | None = None) -> dict[str, str]:
        entries = self.entries.get(collection, {})
        whole = {entry.part_of or entry.document.id for entry in entries.values() if entry.files}
        return {each.document.path: owner for owner, each in entries.items() if not each.part_of and owner not in whole}

    def stored(self, document_id: str) -> Stored | None:
        for entries in self.entries.values():
            if entry := entries.get(document_id):
                chunks = tuple(chunk.id for chunk in entry.chunks)
                return Stored(entry.document.sha256, chunks, finished=bool(entry.files))
        return None

    def ids(self) -> set[str]:
        return {document_id for entries in self.entries.values() for document_id in entries}

    def embedder(self, collection: str) -> str:
        return "fake-embedder"

    def embed(self, texts: Sequence[str], embedder: str) -> NDArray[np.float32]:
        rng = np.random.default_rng(0)
        vectors = rng.normal(size=(len(texts), 8)).astype(np.float32)
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def replace(self, collection: str, entries: Sequence[Entry]) -> None:
        self.written.append(len(entries))
        for entry in entries:
            assert len(entry.chunks) == len(entry.vectors)
            self._take(collection, {file.path for file in entry.files})
            self.entries.setdefault(collection, {})[entry.document.id] = entry

    def refile(self, collection: str, filing: Filing) -> None:
        owners = {known.file.path: known.id for known in self.known(collection)}
        placed = [(owners[path], file) for path, file in filing.moved] + list(filing.joined)
        entries = self.entries.get(collection, {})
        for owner, file in placed:
            entry = entries[owner]
            entries[owner] = replace(entry, files=(*entry.files, replace(file, path=f"new:{file.path}")))
        self._take(collection, {path for path, _ in filing.moved} | {file.path for _, file in placed})
        self._take(collection, set(filing.dropped))
        touched = {file.path: file for file in filing.touched}
        for owner, entry in entries.items():
            files = tuple(
                touched.get(file.path) or replace(file, path=file.path.removeprefix("new:")) for file in entry.files
            )
            path = entry.document.path
            if files and path not in {file.path for file in files}:
                path = files[0].path
            entries[owner] = replace(entry, document=replace(entry.document, path=path), files=files)

    def _take(self, collection: str, paths: set[str]) -> None:
        entries = self.entries.get(collection, {})
        for owner, entry in list(entries.items()):
            left = tuple(file for file in entry.files if file.path not in paths)
            entries[owner] = replace(entry, files=left)
            if entry.files and not left:
                del entries[owner]

    def remove(self, document_ids: Sequence[str]) -> None:
        for entries in self.entries.values():
            for identity, entry in list(entries.items()):
                if identity in document_ids or entry.part_of in document_ids:
                    del entries[identity]

    def fail(
        self, collection: str, failures: Sequence[Failure], looked: Mapping[str, tuple[int, int]] | None = None
    ) -> None:
        self.reasons.setdefault(collection, {}).update({failure.path: failure.reason for failure in failures})
        self.looked |= {path: look for path, look in (looked or {}).items() if path in self.reasons[collection]}

    def forget_failures(self, collection: str, paths: Sequence[str]) -> None:
        for path in paths:
            self.reasons.get(collection, {}).pop(path, None)

    def failures(self, collection: str) -> tuple[Failure, ...]:
        return tuple(Failure(path, reason) for path, reason in self.reasons.get(collection, {}).items())

    def failed(self, collection: str) -> dict[str, tuple[int, int]]:
        return {path: self.looked[path] for path in self.reasons.get(collection, {}) if path in self.looked}


class FakeFolders:
    """The links that ingest uses, in memory."""

    def __init__(self) -> None:
        self.linked: list[Folder] = []

    def folders(self, collection: str) -> tuple[Folder, ...]:
        return tuple(folder for folder in self.linked if folder.collection == collection)

    def synced(self, collection: str, path: str) -> None:
        self.linked = [
            replace(each, synced=datetime.now(UTC)) if (each.collection, each.path) == (collection, path) else each
            for each in self.linked
        ]


TRANSLATING = tuple(wording("translate", language) for language in ("en", "zh"))
CONFIRMING = tuple(wording("confirm", language) for language in ("en", "zh"))


def aside(request: Request) -> bool:
    """Whether it is none of the questions that `FakeChat.replies` are for, but a translation or a yes or no."""
    turns = request.turns
    return turns[0]["content"] in TRANSLATING or turns[-1]["content"].endswith(CONFIRMING)


class FakeChat(ChatModel):
    """Gives the queued replies in order, word by word; a reply that is an error is raised, none queued is an error.

    `asked` keeps the messages of each question as (role, text), `delay` is the seconds before each word. Apart from all
    that, questions that it is to translate are looked up in `translations` (what is not there it cannot translate), and
    whether passages state an answer it says by `confirms`.
    """

    id: str = "fake-chat"
    replies: list[str | FootnoteError] = Field(default_factory=list)
    delay: float = 0.0
    translations: dict[str, str] = Field(default_factory=dict)
    confirms: str | FootnoteError = "Yes"
    asked: list[list[tuple[str, str]]] = Field(default_factory=list)
    loaded: bool = False

    @property
    def backend(self) -> str:
        return "fake"

    @property
    def state(self) -> State:
        return "ready" if self.loaded else "cold"

    @property
    def reason(self) -> str:
        return ""

    def start(self) -> None:
        self.loaded = True

    def warm(self) -> None:
        self.loaded = True

    def begin(self, request: Request, reply: Reply) -> None:
        self.warm()
        asked = request.turns[-1]["content"]
        if aside(request):
            answer = self.confirms if asked.endswith(CONFIRMING) else self.translations.get(asked, "")
        else:
            self.asked.append([(turn["role"], turn["content"]) for turn in request.turns])
            answer = self.replies.pop(0) if self.replies else ModelUnavailable("The fake model has no reply queued.")
        reply.input_tokens = sum(len(turn["content"].split()) for turn in request.turns)
        threading.Thread(target=self._write, args=(answer, request, reply), daemon=True).start()

    def _write(self, answer: str | FootnoteError, request: Request, reply: Reply) -> None:
        if isinstance(answer, FootnoteError):
            reply.fail(answer)
            return
        places = [answer.find(stop) for stop in request.stop if stop in answer]
        pieces = re.findall(r"\s*\S+|\s+$", answer[: min(places)] if places else answer)
        for piece in pieces[: request.max_tokens]:
            if self.delay:
                time.sleep(self.delay)
            if reply.stopped:
                return
            reply.output_tokens += 1
            reply.write(piece)
        reply.end("stop" if len(pieces) <= request.max_tokens else "length")
