"""`build(settings) -> App`: the one place that makes every part, and what a front end may do with them."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Flag
from uuid import uuid4

from ingest.pipeline import ingest
from ingest.progress import Progress, Report
from qa.answer import Answer, Answerer, Delta, Event, Evidence
from qa.chat import open_chat
from qa.chat.absent import AbsentChat
from qa.chat.model import ChatModel
from qa.retrieve import retrieve
from storage.conversations import Conversations
from storage.database import Database
from storage.embedder import Embedder, open_embedder
from storage.errors import FootnoteError, ModelUnavailable, NotFound
from storage.indexes import Indexes
from storage.library import Library
from storage.models.store import ModelStore
from storage.records import Conversation, Hit, Message, Role
from ui.settings import Settings

_SAVE_EVERY = 1.0  # seconds between two savings of an answer that is being written


@dataclass(frozen=True, slots=True)
class Saved:
    """The first event of a question: where it and its answer are kept."""

    conversation: str
    message: str


@dataclass(frozen=True, slots=True)
class App:
    """Every part of Footnote, made once. Safe to share between threads."""

    settings: Settings
    store: ModelStore
    embedder: Embedder
    chat: ChatModel
    library: Library
    indexes: Indexes
    conversations: Conversations

    @property
    def answerer(self) -> Answerer:
        """What answers questions, also for use in a LangChain program (see qa.chain)."""
        return Answerer(self.indexes, self.embedder, self.chat, self.settings.answer)

    def ingest(self, paths: Sequence[Path], collection: str) -> Iterator[Progress | Report]:
        """Bring files and folders into a collection; closing the iterator cancels and leaves a clean state."""
        with closing(ingest(paths, collection, self.library, self.settings.ingest)) as events:
            for event in events:
                if isinstance(event, Report) and any(c.name == collection for c in self.library.collections()):
                    self.indexes.refresh(collection)
                yield event

    def search(self, query: str, collection: str, k: int = 10) -> tuple[Hit, ...]:
        """Retrieval alone: the `k` best passages."""
        return retrieve(self.indexes.search(collection, query, max(k, self.settings.answer.candidates)), k)

    def ask(
        self, question: str, collection: str, conversation: Conversation | None = None, cancel: Flag | None = None
    ) -> Iterator[Saved | Event]:
        """Ask, and keep question and answer in history while it is written: nothing that was shown is lost.

        Without a conversation a new one begins, titled by the question; a conversation stays with its collection.
        """
        self.indexes.refresh(conversation.collection if conversation else collection)
        history = conversation.messages if conversation else ()
        conversation = conversation or self.conversations.start(title(question), collection)
        self.conversations.append(conversation.id, _message("user", question))
        writing = replace(_message("assistant", ""), status="writing", model=self.answerer.model)
        self.conversations.append(conversation.id, writing)
        stream = self.answerer.stream(question, conversation.collection, _said(history), cancel)
        yield from self._keep(conversation.id, writing, stream)

    def _keep(self, conversation: str, message: Message, stream: Iterator[Event]) -> Iterator[Saved | Event]:
        """Pass the events on and save what they say; however it ends, the message says how."""
        saved = time.monotonic()
        message = replace(message, status="interrupted")
        try:
            yield Saved(conversation, message.id)
            for event in stream:
                if isinstance(event, Evidence):
                    message = replace(message, hits=event.hits)
                elif isinstance(event, Delta):
                    message = replace(message, text=message.text + event.text)
                else:
                    message = _answered(message, event)
                if isinstance(event, Answer) or time.monotonic() - saved > _SAVE_EVERY:
                    growing = message if isinstance(event, Answer) else replace(message, status="writing")
                    self.conversations.update(growing)
                    saved = time.monotonic()
                yield event
        except GeneratorExit:
            message = message if message.status == "done" else replace(message, status="stopped")
            raise
        except FootnoteError as exc:
            if not message.text:  # else what had come is kept as it is
                message = replace(message, status="failed", text=str(exc))
            raise
        finally:
            if message.status != "done":
                self.conversations.update(message)

    def latest(self) -> Conversation:
        """The conversation used last. Raises NotFound."""
        for conversation in self.conversations.conversations(limit=1):
            return self.conversations.conversation(conversation.id)
        raise NotFound("There is no conversation to continue yet. Ask without --continue.")

    def collection(self, name: str | None) -> str:
        """The collection meant: the one named; else "default", or the one used last where "default" holds nothing."""
        if name:
            return name
        held = {c.name for c in self.library.collections() if c.documents}
        if DEFAULT_COLLECTION in held or not held:
            return DEFAULT_COLLECTION
        newest = max(self.library.documents(), key=lambda document: document.ingested)
        return newest.collection

    def close(self) -> None:
        """Give files, connections and the chat model's memory back."""
        self.indexes.close()
        self.chat.close()
        self.library.close()


DEFAULT_COLLECTION = "default"


def build(settings: Settings) -> App:
    """Make every part. Quick: models load at first use, or when `embedder.warm` and `chat.warm` are called.

    A chat model that is not there says so when it is asked. Raises DatabaseUnavailable, BadSettings.
    """
    store = ModelStore(settings.models)
    database = Database(settings.database_url)
    embedder = open_embedder(settings.embedder, store)
    try:
        chat = open_chat(settings.chat_model, store)
    except ModelUnavailable as exc:  # documents can be ingested, searched and read without it
        chat = AbsentChat(id=settings.chat_model, why=str(exc))
    return App(
        settings, store, embedder, chat, Library(database, embedder),
        Indexes(database, settings.home / "indexes", embedder), Conversations(database),
    )  # fmt: skip


def title(question: str) -> str:
    """A conversation's first title: its first question, cut at 60 characters."""
    line = " ".join(question.split())
    return line if len(line) <= 60 else line[:59].rstrip() + "…"


def _message(role: Role, text: str) -> Message:
    return Message(uuid4().hex[:16], role, text, datetime.now(UTC))


def _said(history: Sequence[Message]) -> tuple[Message, ...]:
    """The turns that say something: a failed answer's text is an error message."""
    return tuple(message for message in history if message.text and message.status != "failed")


def _answered(message: Message, answer: Answer) -> Message:
    return replace(
        message, text=answer.text, status="stopped" if answer.stopped else "done", found=answer.found,
        short_answer=answer.short_answer, model=answer.model, backend=answer.backend, citations=answer.citations,
        unsupported=answer.unsupported, hits=answer.hits, timings=answer.timings,
    )  # fmt: skip
