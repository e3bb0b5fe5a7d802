"""Work that tells its progress to a function, as events: a job folds events."""

from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import TypeVar

from storage.errors import FootnoteError

S = TypeVar("S")


class _Cancelled(FootnoteError):
    """Ends the work from within the report of its progress."""


def told(work: Callable[[Callable[[S], None]], None], cancel: Flag) -> Iterator[S]:
    """What the work reports, until it is done or cancelled. Raises what it raises for a person.

    A bug shows its trace in the work's own thread and ends this with a RuntimeError.
    """
    steps: SimpleQueue[tuple[S] | FootnoteError | RuntimeError | None] = SimpleQueue()

    def report(step: S) -> None:
        if cancel.is_set():
            raise _Cancelled
        steps.put((step,))

    def run() -> None:
        last: FootnoteError | RuntimeError | None = RuntimeError("the work ended unexpectedly")
        try:
            work(report)
            last = None
        except FootnoteError as exc:
            last = exc
        finally:  # whatever happens, whoever listens learns that it ended
            steps.put(last)

    Thread(target=run, daemon=True, name="footnote-work").start()
    while isinstance(step := steps.get(), tuple):
        yield step[0]
    if step is not None and not isinstance(step, _Cancelled):
        raise step
