"""The training itself: batches of groups in an order drawn once, so that a stopped run goes on where it was."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from qa.evidence.pairs import Pair, Pairs
from qa.evidence.training.groups import Group, Read
from qa.evidence.training.network import Network, Target, loss

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

_POOL = 64  # batches whose groups are sorted by length together, so that little is padded


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how fast to learn."""

    batch: int = 8  # groups
    rate: float = 7e-4
    warm: float = 0.05  # share of the steps in which the rate rises
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """Where a training stands: steps done of all, the mean loss since the last report, and seconds a step."""

    done: int
    steps: int
    loss: float
    seconds: float


def train(network: Network, pairs: Pairs, groups: Sequence[Group], recipe: Recipe, checkpoint: Path) -> Iterator[Step]:
    """Learn from each group once, yielding every 50 steps.

    `checkpoint` keeps by then what is needed to go on from there, on another device too.
    """
    torch.manual_seed(recipe.seed)
    batches = _batches(groups, recipe.batch)
    learnt = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learnt, recipe.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _rise_and_fall(len(batches), recipe.warm))
    done = _resume(network, optimizer, schedule, checkpoint)
    network.train()
    total, began = 0.0, time.perf_counter()
    for number, batch in enumerate(batches[done:], start=done + 1):
        read, target = encode(pairs, batch)
        result = loss(network(read), target.on(network.device))
        optimizer.zero_grad()
        result.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        optimizer.step()
        schedule.step()
        total += result.item()
        if number % 50 == 0 or number == len(batches):
            _keep(network, optimizer, schedule, number, checkpoint)
            since = (number - 1) % 50 + 1
            yield Step(number, len(batches), total / since, (time.perf_counter() - began) / since)
            total, began = 0.0, time.perf_counter()


def encode(pairs: Pairs, batch: Sequence[Group]) -> tuple[list[Pair], Target]:
    """A batch of groups as pairs, and what is right for them."""
    read: list[Pair] = []
    answers: list[float] = []
    starts: list[int] = []
    ends: list[int] = []
    groups: list[tuple[int, int]] = []
    for group in batch:
        if group.passages[0].answers:
            groups.append((len(read), len(read) + len(group.passages)))
        found = pairs.pairs(group.question, [(passage.title, passage.text) for passage in group.passages])
        for passage, pair in zip(group.passages, found, strict=True):
            start, end = _tokens(passage, pair)
            read.append(pair)
            answers.append(float(passage.answers and start != 0))
            starts.append(start)
            ends.append(end)
    return read, Target(torch.tensor(answers), torch.tensor(starts), torch.tensor(ends), tuple(groups))


def _tokens(passage: Read, pair: Pair) -> tuple[int, int]:
    """The tokens of the answer's start and end: -100 where it is not known, 0 where there is none, or it is cut off."""
    if passage.span is None:
        return (-100, -100) if passage.answers else (0, 0)
    held = [
        i for i, (start, end) in enumerate(pair.spans)
        if i and pair.inside[i] and start < passage.span[1] and end > passage.span[0]
    ]  # fmt: skip
    return (held[0], held[-1]) if held else (0, 0)


def _batches(groups: Sequence[Group], size: int) -> list[list[Group]]:
    batches: list[list[Group]] = []
    for at in range(0, len(groups), size * _POOL):
        pool = sorted(groups[at : at + size * _POOL], key=lambda g: max(len(p.text.encode()) for p in g.passages))
        some = [pool[i : i + size] for i in range(0, len(pool), size)]
        batches += [some[i] for i in torch.randperm(len(some), generator=torch.Generator().manual_seed(at)).tolist()]
    return batches


def _rise_and_fall(steps: int, warm: float) -> Callable[[int], float]:
    rising = max(1, int(steps * warm))
    return lambda step: min((step + 1) / rising, (steps - step) / max(1, steps - rising))


def _keep(network: Network, optimizer: "Optimizer", schedule: "LRScheduler", done: int, checkpoint: Path) -> None:
    state = {
        "done": done,
        "network": network.learnt(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
    }
    part = checkpoint.with_suffix(".part")
    torch.save(state, part)
    part.replace(checkpoint)


def _resume(network: Network, optimizer: "Optimizer", schedule: "LRScheduler", checkpoint: Path) -> int:
    if not checkpoint.exists():
        return 0
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)  # loading into the network moves it
    network.load_state_dict(state["network"], strict=False)
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    return int(state["done"])
