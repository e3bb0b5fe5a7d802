"""Work that outlives a page: answering, ingesting, embedding anew and the rest, each in its own thread.

A page starts a job and reads its state; a reload or a second tab finds the same job again.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag
from threading import Lock
from typing import Any, Literal

from qa.chat.speed import measure
from storage.records import Conversation
from ui.app import App
from ui.asking import Asking, asked
from ui.backups import Backing, backing_up, bringing_back
from ui.ingests import Ingesting, Ingests, Line
from ui.job import Job, latest, until
from ui.keeping import Saved
from ui.pulling import Pulling, pulled
from ui.trial import Measuring, Trial, tried
from ui.turns import NONE, Wishes


@dataclass(frozen=True, slots=True)
class Reembedding:
    """Collections on their way to another embedder: the one at hand, its chunks done and in all."""

    collection: str = ""
    done: int = 0
    total: int = 0


class Jobs:
    """The jobs of one process: one answer at a time in each conversation, and one at a time of every other kind."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._lock = Lock()
        self._asking: dict[str, Job[Asking]] = {}
        self._beginning: set[str] = set()  # conversations whose next question is not in history yet
        self._line = Line()
        self.ingests = Ingests(lambda paths, collection: app.ingest(paths, collection), self._line)
        self._reembedding: Job[Reembedding] | None = None
        self._pulling: Job[Pulling] | None = None
        self._measuring: Job[Measuring] | None = None
        self._trying: Job[Trial] | None = None
        self._backing: Job[Backing] | None = None

    def ask(
        self, question: str, collection: str, conversation: Conversation | None = None, wishes: Wishes = NONE
    ) -> str:
        """Begin to answer and return the conversation's id, with the question in history already.

        Does nothing where the conversation's last answer is still being written. Raises DatabaseUnavailable, and
        NotFound where no document fits what is wished.
        """
        cancel = Flag()
        with self._alone(conversation) as alone:
            if conversation and not alone:
                return conversation.id
            events = self._app.ask(question, collection, conversation, cancel, wishes)
            saved = next(events)
            assert isinstance(saved, Saved)
            self._asking[saved.conversation] = Job(events, Asking(saved.message), asked, cancel)
            return saved.conversation

    def attach(self, paths: Sequence[Path], conversation: Conversation) -> None:
        """Begin to attach files to a conversation, which is asked nothing meanwhile; unless it is being answered."""
        cancel = Flag()
        with self._alone(conversation) as alone:
            if alone:
                events = until(cancel, self._app.attach(paths, conversation))
                self._asking[conversation.id] = Job(events, Asking(), asked, cancel)

    @contextmanager
    def _alone(self, conversation: Conversation | None) -> Iterator[bool]:
        """Whether nothing else is being answered there; if so, nothing else begins meanwhile."""
        place = conversation.id if conversation else ""
        with self._lock:
            running = self._asking.get(place)
            alone = not place or (place not in self._beginning and (running is None or running.done))
            if alone:
                self._beginning.add(place)
        try:
            yield alone
        finally:
            if alone:
                with self._lock:
                    self._beginning.discard(place)

    def asking(self, conversation_id: str) -> Job[Asking] | None:
        """The conversation's latest answer in this process, or attaching of files, done or not."""
        return self._asking.get(conversation_id)

    def ingest(self, paths: Sequence[Path], collection: str) -> Job[Ingesting]:
        """Begin to ingest, as soon as what was begun before is done."""
        return self.ingests.begin(paths, collection)

    def reembed(self) -> bool:
        """Begin to embed all outdated collections anew; False where that is running already, or there are none.

        One that was cancelled does not count as running; the next one begins when it has ended.
        """
        with self._lock:
            before = self._reembedding
            if (before and not before.done and not before.cancelled) or not self._app.outdated():
                return False
            cancel = Flag()
            events = until(cancel, self._reembedded(before))
            self._reembedding = Job(events, Reembedding(), latest, cancel)
            return True

    @property
    def reembedding(self) -> Job[Reembedding] | None:
        """The latest re-embedding, done or not."""
        return self._reembedding

    def pull(self, model_id: str) -> bool:
        """Begin to fetch a model; False where another one is being fetched."""
        with self._lock:
            if self._pulling and not self._pulling.done:
                return False
            cancel = Flag()
            self._pulling = Job(pulled(self._app.store, model_id, cancel), Pulling(model_id), latest, cancel)
            return True

    @property
    def pulling(self) -> Job[Pulling] | None:
        """The latest download of a model, done or not, until it is dismissed."""
        return self._pulling

    def dismiss_pull(self) -> None:
        """Forget a download that has ended."""
        with self._lock:
            if self._pulling and self._pulling.done:
                self._pulling = None

    def measure(self) -> None:
        """Begin to measure this machine, unless that has begun."""
        with self._lock:
            if self._measuring is None or self._measuring.error:
                self._measuring = Job((Measuring(measure()) for _ in range(1)), Measuring(), latest, Flag())

    @property
    def measuring(self) -> Job[Measuring] | None:
        """The measurement, done or not."""
        return self._measuring

    def try_chat(self) -> None:
        """Begin to let the chat model in use answer from one passage, unless that is under way."""
        with self._lock:
            if self._trying is None or self._trying.done:
                cancel = Flag()
                self._trying = Job(tried(self._app.chat, cancel), Trial(self._app.chat.id), latest, cancel)

    @property
    def trying(self) -> Job[Trial] | None:
        """The latest trial of a chat model, done or not."""
        return self._trying

    def back_up(self) -> bool:
        """Begin to make a backup; False where one is made or brought back, or documents are added or embedded."""
        return self._back("backup", Path(), backing_up)

    def bring_back(self, file: Path) -> bool:
        """Begin to bring a backup back; False as for `back_up`."""
        return self._back("restore", file, lambda app, cancel: bringing_back(app, file, cancel))

    def _back(
        self, what: Literal["backup", "restore"], file: Path, work: Callable[[App, Flag], Iterator[Backing]]
    ) -> bool:
        with self._lock:
            busy: list[Job[Any] | None] = [self._backing, self._reembedding]
            if any(job and not job.done for job in busy) or self.ingests.own:
                return False
            cancel = Flag()
            self._backing = Job(self._in_turn(work, cancel), Backing(what, file), latest, cancel)
            return True

    def _in_turn(self, work: Callable[[App, Flag], Iterator[Backing]], cancel: Flag) -> Iterator[Backing]:
        """The work while no folder is being kept in sync."""
        with self._line.turn(cancel) as place:
            if place:
                yield from work(self._app, cancel)

    @property
    def backing(self) -> Job[Backing] | None:
        """The latest backup or restore, done or not, until it is dismissed."""
        return self._backing

    def dismiss_backing(self) -> None:
        """Forget a backup or restore that has ended."""
        with self._lock:
            if self._backing and self._backing.done:
                self._backing = None

    def _reembedded(self, before: Job[Reembedding] | None) -> Iterator[Reembedding]:
        while before and not before.wait(1.0):
            pass
        while outdated := self._app.outdated():  # asked again each time: another embedder may be chosen meanwhile
            with closing(self._app.reembed(outdated[0])) as steps:
                for done, total in steps:
                    yield Reembedding(outdated[0], done, total)
