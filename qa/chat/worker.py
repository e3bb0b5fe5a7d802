"""What local models share: one thread that loads the model, answers for it, and ends before the program does."""

import math
import sys
import threading
import time
import weakref
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from pydantic import PrivateAttr

from qa.chat.model import ChatModel, Reply, Request, State
from storage.errors import ModelUnavailable

GET_ANEW = "If its files are damaged, get it anew: footnote models remove, then footnote models pull"


_GLANCE = 10.0  # seconds after which a change of `idle` is seen


class Worker(ABC):
    """One thread, one model. Requests may come while it loads; whatever ends it fails those still open.

    After `idle` seconds without a request it retires: the model's memory goes back, and the next question hires anew.
    `idle` may be changed meanwhile.
    """

    def __init__(self, name: str, idle: float = math.inf) -> None:
        self.name = name
        self.error = ""
        self.loaded = threading.Event()  # set when loading is over, well or not
        self.ended = False
        self.retired = False
        self.idle, self._used = idle, time.monotonic()
        self.closed = threading.Event()
        self._open: dict[int, Reply] = {}
        self._number = 0
        self._gate = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"footnote {name}", daemon=True)

    @abstractmethod
    def work(self) -> None:
        """Load, set `loaded`, then answer until `stop`. Raises ModelUnavailable where the model breaks."""

    @abstractmethod
    def send(self, number: int, request: Request) -> None:
        """Pass a request on to the model. Returns at once."""

    @abstractmethod
    def drop(self, number: int) -> None:
        """Tell the model that nobody wants this answer any more. Returns at once; harmless for one that is written."""

    @abstractmethod
    def stop(self) -> None:
        """Make `work` return soon."""

    def start(self) -> None:
        """Begin to load."""
        self._thread.start()
        threading.Thread(target=self._retire, name=f"footnote {self.name} idle", daemon=True).start()

    def submit(self, request: Request, reply: Reply) -> bool:
        """Take a request, or fail it if this worker has ended. False if it has retired: hire another one."""
        with self._gate:
            if self.retired:
                return False
            if self.ended:
                reply.fail(ModelUnavailable(self.error))
                return True
            self._number += 1
            number = self._number
            self._open[number] = reply
        reply.when_left(lambda: self._forget(number))
        self.send(number, request)
        return True

    def reply(self, number: int) -> Reply | None:
        """Return the reply of a request that somebody still waits for."""
        reply = self._open.get(number)
        return reply if reply and not reply.stopped else None

    def close(self) -> None:
        """End the thread and give the model's memory back. Waits for what is in progress.

        A thread inside native code while Python shuts down would end the program with a crash.
        """
        self.closed.set()
        self.stop()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join()

    def _forget(self, number: int) -> None:
        self._used = time.monotonic()
        if self._open.pop(number, None) and not self.ended:
            self.drop(number)

    def _retire(self) -> None:
        while not self.retired and not self.ended:
            rest = max(self._used + self.idle - time.monotonic(), self.idle / 10)
            if self.closed.wait(min(rest, _GLANCE)):
                return
            with self._gate:
                self.retired = not self._open and self.loaded.is_set() and time.monotonic() - self._used >= self.idle
        self.close()

    def _run(self) -> None:
        try:
            self.work()
        except ModelUnavailable as error:
            self.error = "" if self.closed.is_set() else str(error)
        finally:
            broken = sys.exception()  # a bug's, or a library's in an unknown case; its trace is shown where that is due
            with self._gate:
                self.ended = True
                if broken and not self.closed.is_set():
                    what = f"{type(broken).__name__}: {' '.join(str(broken).split())[:200]}"
                    self.error = f"The chat model {self.name} broke ({what}). {GET_ANEW}"
                self.error = self.error or f"The chat model {self.name} was closed. Ask again to load it anew."
            for reply in tuple(self._open.values()):
                reply.fail(ModelUnavailable(self.error))
            self.loaded.set()


class LocalChat(ChatModel):
    """A chat model that lies in a folder and runs on this machine; the next question tries a failed one anew."""

    folder: Path
    idle: float = math.inf  # seconds without a question after which the memory is given back

    _worker: Worker | None = PrivateAttr(default=None)
    # Ends the worker with this model, or with the program.
    _at_exit: "weakref.finalize[..., Any] | None" = PrivateAttr(default=None)
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    def hire(self) -> Worker:
        """Make the worker that loads this folder."""
        raise NotImplementedError

    @property
    def state(self) -> State:
        """See ChatModel."""
        worker = self._worker
        if worker is None or worker.retired:
            return "cold"
        if worker.ended:
            return "failed"
        return "ready" if worker.loaded.is_set() else "loading"

    @property
    def reason(self) -> str:
        """See ChatModel."""
        worker = self._worker
        return worker.error if worker and worker.ended and not worker.retired else ""

    def start(self) -> None:
        """See ChatModel."""
        self._hired()

    def warm(self) -> None:
        """See ChatModel."""
        worker = self._hired()
        worker.loaded.wait()
        if worker.ended:
            raise ModelUnavailable(worker.error)

    def begin(self, request: Request, reply: Reply) -> None:
        """See ChatModel."""
        while not self._hired().submit(request, reply):
            pass

    def close(self) -> None:
        """See ChatModel."""
        with self._lock:
            worker = self._part()
        if worker:
            worker.close()

    def rest(self, idle: float) -> None:
        """Give the memory back after so many seconds without a question from now on, also where it is loaded."""
        with self._lock:
            self.idle = idle
            if self._worker:
                self._worker.idle = idle

    def _hired(self) -> Worker:
        with self._lock:
            if self._worker is None or self._worker.ended or self._worker.retired:
                self._part()
                self._worker = self.hire()
                self._at_exit = weakref.finalize(self, self._worker.close)
                self._worker.start()
            return self._worker

    def _part(self) -> Worker | None:
        """Hold on to no worker any more, so that what it holds goes with it."""
        worker, self._worker = self._worker, None
        if self._at_exit:
            self._at_exit.detach()
        return worker
