"""A model's download as events."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event as Flag

from storage.models.store import ModelStore, PullProgress
from ui.told import told


@dataclass(frozen=True, slots=True)
class Pulling:
    """A model on its way to this machine."""

    model: str
    progress: PullProgress | None = None
    finished: bool = False


def pulled(store: ModelStore, model_id: str, cancel: Flag) -> Iterator[Pulling]:
    """The progress of a download, until it is finished or cancelled. Raises what the store raises for a person."""

    def pull(report: Callable[[Pulling], None]) -> None:
        store.pull(model_id, lambda progress: report(Pulling(model_id, progress)))
        report(Pulling(model_id, finished=True))

    return told(pull, cancel)
