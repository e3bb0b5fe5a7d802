"""A model's download as events: the store tells its progress to a function, and a job folds events."""

from collections.abc import Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread

from storage.errors import FootnoteError
from storage.models.store import ModelStore, PullProgress


@dataclass(frozen=True, slots=True)
class Pulling:
    """A model on its way to this machine."""

    model: str
    progress: PullProgress | None = None
    finished: bool = False


class _Cancelled(FootnoteError):
    """Ends a download from within the report of its progress."""


def pulled(store: ModelStore, model_id: str, cancel: Flag) -> Iterator[Pulling]:
    """The progress of a download, until it is finished or cancelled. Raises what the store raises for a person.

    A bug of the store shows its trace in the download's own thread and ends this with a RuntimeError.
    """
    steps: SimpleQueue[Pulling | FootnoteError | RuntimeError] = SimpleQueue()

    def report(progress: PullProgress) -> None:
        if cancel.is_set():
            raise _Cancelled
        steps.put(Pulling(model_id, progress))

    def pull() -> None:
        last: Pulling | FootnoteError | RuntimeError = RuntimeError("the download ended unexpectedly")
        try:
            store.pull(model_id, report)
            last = Pulling(model_id, finished=True)
        except FootnoteError as exc:
            last = exc
        finally:  # whatever happens, whoever listens learns that it ended
            steps.put(last)

    Thread(target=pull, daemon=True, name="footnote-pull").start()
    while isinstance(step := steps.get(), Pulling):
        yield step
        if step.finished:
            return
    if not isinstance(step, _Cancelled):
        raise step
