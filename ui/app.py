"""`build(settings) -> App`: the one place that makes every part, and what a front end may do with them."""

import math
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event as Flag
from threading import Lock

from ingest.pipeline import ingest
from ingest.progress import Progress, Report
from qa.answer import Answer, Answerer, Event
from qa.chat import open_chat
from qa.chat.absent import AbsentChat
from qa.chat.model import ChatModel
from qa.chat.worker import LocalChat
from qa.evidence.model import EvidenceModel, open_evidence
from qa.rerank import EVIDENCE, CrossEncoderReranker, open_reranker
from qa.retrieve import Reranker
from qa.title import title
from storage.conversations import Conversations
from storage.database import Database
from storage.embedder import Embedder, open_embedder
from storage.embedders import Embedders
from storage.errors import ModelUnavailable, NotFound, UnreadableFile
from storage.indexes import EVERYTHING, Indexes
from storage.library import Library
from storage.listing import Listing
from storage.models.store import ModelStore
from storage.records import Conversation, Filter, Hit, Message
from storage.spots import placed
from ui import uploads
from ui.attachments import Attachments
from ui.keeping import Told, keep
from ui.settings import ROLES, Settings, change
from ui.turns import NONE, Wishes, before, said, turn


@dataclass(frozen=True, slots=True)
class _Asked:
    question: str
    conversation: Conversation
    history: tuple[Message, ...]
    wishes: Wishes
    cancel: Flag


@dataclass(slots=True, eq=False)
class App:
    """Every part of Footnote, made once; only `use` changes which models these are. Safe to share between threads."""

    settings: Settings
    store: ModelStore
    embedders: Embedders
    chat: ChatModel
    library: Library
    indexes: Indexes
    conversations: Conversations
    evidence: EvidenceModel
    reranker: Reranker  # the evidence model, another one in its place, or None
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)
    _answering: Counter[int] = field(default_factory=Counter, init=False, repr=False)  # answers being written, by chat

    @property
    def embedder(self) -> Embedder:
        """What embeds new collections."""
        return self.embedders.in_use

    @property
    def answerer(self) -> Answerer:
        """What answers questions, also for use in a LangChain program (see qa.chain)."""
        return Answerer(self.indexes, self.chat, self.settings.answer, self.evidence, self.reranker)

    @property
    def attachments(self) -> Attachments:
        """The files that are attached to conversations."""
        return Attachments(self.library, uploads.of(self.settings.home), self.settings.ingest)

    def use(self, role: str, model_id: str) -> None:
        """Make a model the one in use for "chat", "embedder" or "reranker": from now on, and after the next start.

        Answers that are being written are finished by the chat model that began them, which is closed then. A new
        embedder makes new collections; `reembed` brings it to the others. Raises ModelUnavailable, NotFound; then
        nothing has changed.
        """
        if role == "embedder":
            embedder = self.embedders.open(model_id)
            embedder.warm()
            with self._lock:
                self.settings = change(self.settings, ROLES[role], model_id)
                self.embedders.use(embedder)
            return
        if role == "reranker":
            reranker = _reranker(model_id, self.store, self.evidence)
            if isinstance(reranker, CrossEncoderReranker):  # the evidence model waits for its encoder
                reranker.warm()
            with self._lock:
                self.settings = change(self.settings, ROLES[role], model_id)
                self.reranker = reranker
            return
        chat = open_chat(model_id, self.store, _idle(self.settings))
        with self._lock:
            self.settings = change(self.settings, ROLES[role], model_id)
            before, self.chat = self.chat, chat
            idle = not self._answering[id(before)]
        if idle:
            before.close()

    def configure(self, key: str, value: str | float) -> None:
        """Change a setting that names no model, as "answer.passages": from now on, and after the next start.

        Raises BadSettings; then nothing has changed.
        """
        with self._lock:
            self.settings = change(self.settings, key, value)
            if isinstance(self.chat, LocalChat):
                self.chat.rest(_idle(self.settings))

    def outdated(self) -> tuple[str, ...]:
        """The collections that were embedded with another embedder than the one in use, by name."""
        return tuple(c.name for c in self.library.collections() if c.embedder != self.embedder.id)

    def reembed(self, collection: str) -> Generator[tuple[int, int], None, None]:
        """Embed a collection anew with the embedder in use, yielding chunks done and chunks in all.

        The old vectors serve meanwhile. It can be closed at any time, and goes on there the next time; it ends early
        where another embedder is chosen meanwhile. Raises ModelUnavailable.
        """
        embedder = self.embedder
        with closing(self.library.reembed(collection)) as steps:
            for step in steps:
                yield step
                if self.embedder is not embedder:
                    return
        self._refresh(collection)
        self.embedders.keep({c.embedder for c in self.library.collections()})

    def ingest(self, paths: Sequence[Path], collection: str) -> Iterator[Progress | Report]:
        """Bring files and folders into a collection; closing the iterator cancels and leaves a clean state."""
        with closing(ingest(paths, collection, self.library, self.settings.ingest)) as events:
            for event in events:
                if isinstance(event, Report) and (event.added or event.changed or event.removed):
                    self._refresh(collection)
                yield event

    def search(self, query: str, collection: str, k: int = 10, filter: Filter = EVERYTHING) -> tuple[Hit, ...]:
        """Retrieval alone: the `k` best passages, of those documents that fit `filter`."""
        return self.answerer.retrieve(query, collection, k, filter)

    def ask(
        self,
        question: str,
        collection: str,
        conversation: Conversation | None = None,
        cancel: Flag | None = None,
        wishes: Wishes = NONE,
    ) -> Iterator[Told]:
        """Ask, and keep question and answer in history while it is written: nothing that was shown is lost.

        Without a conversation a new one begins, titled by the question; a conversation stays with its collection. What
        stands after a message that the question or answer takes the place of is not read as history. Files that are
        wished for are attached to the conversation first. All of it is in history before anything that takes time.
        """
        collection = conversation.collection if conversation else collection
        if not wishes.files:  # else the collection may be made by them
            self.indexes.fit(collection, self.attachments.seen_by(conversation, wishes.filter))
        history = before(conversation, wishes.beside)
        if conversation is None:
            conversation = self.conversations.start(title(question), collection)
        elif not conversation.messages:
            self.conversations.rename(conversation.id, title(question))  # until now it was called by its files
        renewed = next((m.id for m in conversation.messages if m.id == wishes.beside and m.role == "assistant"), None)
        if not renewed:
            self.conversations.append(conversation.id, turn("user", question), wishes.beside)
        with self._answerer_for_one() as answerer:
            answerer = replace(answerer, style=wishes.style)
            writing = replace(turn("assistant", ""), status="writing", model=answerer.model)
            self.conversations.append(conversation.id, writing, renewed)
            asked = _Asked(question, conversation, said(history), wishes, cancel or Flag())
            yield from keep(self.conversations, conversation.id, writing, self._answered(answerer, asked))

    def _answered(self, answerer: Answerer, asked: "_Asked") -> Iterator[Progress | Report | Event]:
        """Read the files that were given along, bring the indexes up to date, and answer."""
        conversation, wishes, cancel = asked.conversation, asked.wishes, asked.cancel
        if wishes.files:
            with closing(self.attachments.read(wishes.files, conversation)) as events:
                for event in events:
                    yield event
                    if cancel.is_set():
                        return
                    if isinstance(event, Report):
                        _some_read(event, wishes.files)
        self.indexes.refresh(conversation.collection)
        filter = self.attachments.seen_by(conversation, wishes.filter)
        for told in answerer.stream(asked.question, conversation.collection, asked.history, cancel, filter):
            if isinstance(told, Answer):
                told = replace(told, citations=placed(self.library.database, told.citations))
            yield told

    def attach(self, paths: Sequence[Path], conversation: Conversation) -> Iterator[Progress | Report]:
        """Attach copies that `attachments.keep` made to a conversation; closing the iterator cancels."""
        with closing(self.attachments.read(paths, conversation)) as events:
            for event in events:
                if isinstance(event, Report):
                    self._refresh(conversation.collection)
                yield event

    def forget(self, conversation_id: str) -> None:
        """Delete a conversation for good, with the files that are attached to it. Raises NotFound."""
        self.attachments.forget(conversation_id)
        self.conversations.delete(conversation_id)

    @contextmanager
    def _answerer_for_one(self) -> Iterator[Answerer]:
        """What writes one answer; if its chat model is replaced meanwhile, the last answer closes it."""
        with self._lock:
            chat, answerer = self.chat, self.answerer
            self._answering[id(chat)] += 1
        try:
            yield answerer
        finally:
            with self._lock:
                self._answering[id(chat)] -= 1
                left = chat is not self.chat and not self._answering[id(chat)]
            if left:
                chat.close()

    def _refresh(self, collection: str) -> None:
        with suppress(NotFound):  # nothing could be read into it, or it was removed meanwhile
            self.indexes.refresh(collection)

    def latest(self) -> Conversation:
        """The conversation used last. Raises NotFound."""
        held = self.conversations.conversations()
        if not held:
            raise NotFound("There is no conversation to continue yet. Ask without --continue.")
        return self.conversations.conversation(max(held, key=lambda conversation: conversation.updated).id)

    def collection(self, name: str | None) -> str:
        """The collection meant: the one named; else "default", or the one used last where "default" holds nothing."""
        if name:
            return name
        held = {c.name for c in self.library.collections() if c.documents}
        if DEFAULT_COLLECTION in held or not held:
            return DEFAULT_COLLECTION
        return Listing(self.library.database).newest()

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
    embedders = Embedders(lambda name: open_embedder(name, store), settings.embedder)
    try:
        chat = open_chat(settings.chat_model, store, _idle(settings))
    except (ModelUnavailable, NotFound) as exc:  # documents can be ingested, searched and read without it
        chat = AbsentChat(id=settings.chat_model, why=str(exc))
    evidence = open_evidence(store)
    return App(
        settings, store, embedders, chat, Library(database, embedders),
        Indexes(database, settings.home / "indexes", embedders), Conversations(database),
        evidence, _reranker(settings.reranker, store, evidence),
    )  # fmt: skip


def _some_read(report: Report, files: Sequence[Path]) -> None:
    """Raises UnreadableFile where none of the files that a question came with can be read."""
    if len(report.failures) == len(files):
        first = report.failures[0]
        raise UnreadableFile(f"{Path(first.path).name} {first.reason}")


def _reranker(name: str, store: ModelStore, evidence: EvidenceModel) -> EvidenceModel | CrossEncoderReranker | None:
    """What ranks the passages: the evidence model, a cross-encoder by its name, or nothing."""
    return evidence if name == EVIDENCE else open_reranker(name, store)


def _idle(settings: Settings) -> float:
    return 60 * settings.idle_minutes or math.inf
