"""One piece of work in a thread of its own, which a page can leave and find again."""

from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Event as Flag
from threading import Thread
from time import monotonic
from typing import Generic, TypeVar

from storage.errors import FootnoteError

E = TypeVar("E")
S = TypeVar("S")

BROKEN = "This ended unexpectedly. The reason is in the output of footnote serve; what was done before is kept."


class Job(Generic[S]):
    """Events folded into one state by a thread of its own. `state` is always whole: it is a frozen value."""

    def __init__(self, events: Iterator[E], state: S, fold: Callable[[S, E], S], cancel: Flag) -> None:
        self._state, self._cancel = state, cancel
        self._error = ""
        self._done = Flag()
        self._begun = monotonic()
        Thread(target=self._run, args=(events, fold), daemon=True, name="footnote-job").start()

    def _run(self, events: Iterator[E], fold: Callable[[S, E], S]) -> None:
        error = BROKEN
        try:
            for event in events:
                self._state = fold(self._state, event)
            error = ""
        except FootnoteError as exc:
            error = str(exc)
        finally:  # a bug's trace goes to the server's output, and whoever waits for this job learns that it ended
            self._error = error
            self._done.set()

    @property
    def state(self) -> S:
        """All that is known by now."""
        return self._state

    @property
    def age(self) -> float:
        """Seconds since it was begun."""
        return monotonic() - self._begun

    @property
    def done(self) -> bool:
        """Whether nothing more will come."""
        return self._done.is_set()

    @property
    def error(self) -> str:
        """One line on why it failed, else empty."""
        return self._error

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked it to end."""
        return self._cancel.is_set()

    def cancel(self) -> None:
        """Ask it to end soon and cleanly."""
        self._cancel.set()

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended, at most `seconds`; tell whether it has."""
        return self._done.wait(seconds)


def latest(_: S, now: S) -> S:
    """Fold events that each tell all there is to know."""
    return now


def until(cancel: Flag, events: Iterator[E]) -> Iterator[E]:
    """The events until `cancel` is set; then the work behind them is closed, which leaves a clean state."""
    with closing(events):  # type: ignore[type-var]  # generators, as App makes them, can be closed
        for event in events:
            yield event
            if cancel.is_set():
                return
