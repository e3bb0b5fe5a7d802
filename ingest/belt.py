"""Hand work on from thread to thread: each may run ahead of the next, but not far."""

from collections import deque
from collections.abc import Callable
from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


class Belt(Generic[T]):
    """Things on their way from some threads to one. Who puts one on waits while more than `most` lies there."""

    def __init__(self, most: int, weight: Callable[[T], int]) -> None:
        self._most, self._weight = most, weight
        self._things: deque[T] = deque()
        self._weighs = 0
        self._ended = False
        self._moved = Condition()

    def put(self, thing: T) -> None:
        """Lay a thing on the belt, as soon as there is room; after the end it is dropped."""
        with self._moved:
            self._moved.wait_for(lambda: self._ended or self._weighs < self._most or not self._things)
            if not self._ended:
                self._things.append(thing)
                self._weighs += self._weight(thing)
                self._moved.notify_all()

    def take(self, enough: int) -> list[T]:
        """What lies there, in its order, until its weight is `enough`; waits for the first. Nothing means the end."""
        taken: list[T] = []
        weighs = 0
        with self._moved:
            self._moved.wait_for(lambda: self._ended or self._things)
            while self._things and weighs < enough:
                thing = self._things.popleft()
                weighs += self._weight(thing)
                taken.append(thing)
            self._weighs -= weighs
            self._moved.notify_all()
        return taken

    def end(self, clear: bool = False) -> None:
        """Nothing more will come; with `clear`, nor does what still lies there."""
        with self._moved:
            self._ended = True
            if clear:
                self._things.clear()
            self._moved.notify_all()
