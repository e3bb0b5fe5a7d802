"""The tree that messages stand in: an edited question or a new answer opens another branch of it (pure)."""

from collections.abc import Sequence
from typing import NamedTuple


class Place(NamedTuple):
    """Where a message stands: after `parent`, or at the beginning."""

    id: str
    parent: str | None


class Shown(NamedTuple):
    """A message of a branch, with the ids of all that stand in its place where there is more than one."""

    id: str
    variants: tuple[str, ...]


def branch(places: Sequence[Place], end: str | None) -> list[Shown]:
    """The messages from the beginning to `end`; none where `end` is not there. `places` are in the order of writing."""
    parents = {place.id: place.parent for place in places}
    beside: dict[str | None, tuple[str, ...]] = {}
    for place in places:
        beside[place.parent] = (*beside.get(place.parent, ()), place.id)
    shown: list[Shown] = []
    while end is not None and end in parents:
        variants = beside[parents[end]]
        shown.append(Shown(end, variants if len(variants) > 1 else ()))
        end = parents[end]
    return shown[::-1]


def end_of(places: Sequence[Place], start: str) -> str:
    """The last message of the branch that goes on from `start`, by the newest message at each fork."""
    newest = {place.parent: place.id for place in places}
    while start in newest:
        start = newest[start]
    return start
