"""The likeliest next tokens of a transformers model: prompts in slices, answers guessed from what was read before.

Two things make it quick: the keys and values of the last answers are kept for the next prompt that begins alike, as the
next turn of a conversation does; and where the last tokens stood before, what followed them there is guessed and only
checked (prompt lookup decoding, Saxena 2023), which gives the same text, for what is read costs little more than one.
"""

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

SLICE = 128  # prompt tokens read in one step, between two looks at whether to stop
GUESSED_TOKENS = 6
GUESS_FROM = 3  # tokens that must have stood before, or fewer
KEPT = 2  # caches of past answers
WORTH = 32  # tokens in common with a kept cache, to take it up

Token = tuple[int, float]  # its id and its log-probability


class Greedy:
    """Writes with one model; several answers may be under way, each a generator that takes a step at a time."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._kept: list[tuple[list[int], Any]] = []  # ids, and the cache that holds them
        self._keeps = "logits_to_keep" in inspect.signature(model.forward).parameters

    def write(self, prompt: Sequence[int], slice_tokens: int = SLICE) -> Iterator[list[Token]]:
        """Yield what each step wrote, for ever: nothing while the prompt is read, then a token and more.

        Raises RuntimeError where memory ends (torch.OutOfMemoryError on a GPU). Closing it keeps what was computed.
        """
        ids = list(prompt)
        held, cache = self._taken_up(ids)
        try:
            while True:
                feed = ids[held : held + slice_tokens]
                whole = held + len(feed) == len(ids)
                guess = guessed(ids) if whole and _can_forget(cache) else []
                unsure, cache = cache, None  # what breaks off half-way has written to some layers only
                cache, logits = self._step(feed + guess, unsure, len(guess) + 1)
                held += len(feed)
                if not whole:
                    yield []
                    continue
                written = _agreed(logits, guess)
                if wrong := len(guess) + 1 - len(written):
                    cache.crop(-wrong)
                held += len(written) - 1
                ids += [token for token, _ in written]
                yield written
        finally:
            self._keep(ids[:held], cache)

    def forget(self) -> None:
        """Give back the memory of past answers."""
        self._kept.clear()

    def _step(self, ids: list[int], cache: Any, ends: int) -> tuple[Any, Any]:
        """Read `ids` after what the cache holds; the cache, and the logits after each of the last `ends` tokens."""
        import torch

        last_only = {"logits_to_keep": ends} if self._keeps else {}
        given = torch.tensor([ids], device=self._model.device)
        output = self._model(input_ids=given, past_key_values=cache, use_cache=True, **last_only)
        return output.past_key_values, output.logits[0, -ends:].float()

    def _taken_up(self, ids: list[int]) -> tuple[int, Any]:
        """How many tokens of the beginning need not be read again, and the cache that holds them."""
        shared = [_in_common(kept, ids[:-1]) for kept, _ in self._kept]
        best = max(range(len(shared)), key=shared.__getitem__, default=None)
        if best is None or shared[best] < WORTH:
            return 0, None
        kept, cache = self._kept.pop(best)
        if wrong := len(kept) - shared[best]:
            cache.crop(-wrong)
        return shared[best], cache

    def _keep(self, ids: list[int], cache: Any) -> None:
        if cache is not None and _can_forget(cache):
            self._kept = [(ids, cache), *self._kept][:KEPT]


def guessed(ids: Sequence[int]) -> list[int]:
    """What may come next: what followed where the last tokens stood last; nothing where they are new (pure)."""
    for size in range(GUESS_FROM, 1, -1):
        tail = list(ids[-size:])
        for place in range(len(ids) - size - 1, -1, -1):
            if ids[place] == tail[0] and list(ids[place : place + size]) == tail:
                return list(ids[place + size : place + size + GUESSED_TOKENS])
    return []


def _agreed(logits: Any, guess: list[int]) -> list[Token]:
    """The guessed tokens as far as the model would have written them, and the one that it writes then."""
    logprobs, tokens = logits.log_softmax(-1).max(-1)
    written: list[Token] = list(zip(tokens.tolist(), logprobs.tolist(), strict=True))
    right = next((n for n, token in enumerate(guess) if written[n][0] != token), len(guess))
    return written[: right + 1]


def _can_forget(cache: Any) -> bool:
    """Whether the last tokens can be taken out of it again; models with a state or a sliding window cannot."""
    from transformers.cache_utils import DynamicLayer

    return cache is not None and all(type(layer) is DynamicLayer for layer in cache.layers)


def _in_common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens both begin with."""
    return next(
        (n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )
