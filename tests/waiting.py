"""What is right on a busy machine, too: to wait for what is to come, and to take the best of several times."""

import time
from collections.abc import Callable

PATIENCE = 60.0  # seconds that a busy machine may take for what an idle one does in one


def until(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for what happens in another thread or process."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.02)


def quickest(seconds: Callable[[], float], enough: float, tries: int = 8) -> float:
    """The least of several times, or the first below `enough`: what else the machine does can only add to each."""
    least = float("inf")
    for _ in range(tries):
        least = min(least, seconds())
        if least < enough:
            break
    return least
