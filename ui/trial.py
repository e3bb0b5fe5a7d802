"""What this machine and its chat model can do, found by trying."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Event as Flag

from qa.chat.model import ChatModel, stoppable
from qa.chat.speed import Rates
from qa.evaluation.gold import contains
from qa.prompt import answer_messages
from storage.records import Chunk, Hit

QUESTION = "How long does the warranty of the lamp last?"
_PASSAGE = "The lamp comes with a warranty of 24 months from the day of delivery. Bulbs are not part of it."
_RIGHT = "24 months"
_TOKENS, _SECONDS = 40, 60.0


@dataclass(frozen=True, slots=True)
class Measuring:
    """How fast this machine runs language models, once that is known."""

    rates: Rates | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A chat model that reads one passage and answers from it: its text so far, and the seconds until its first word
    and until now. `right` is whether the answer holds what the passage states, once it is whole.
    """

    model: str
    text: str = ""
    first: float = 0.0
    total: float = 0.0
    right: bool | None = None


def tried(chat: ChatModel, cancel: Flag) -> Iterator[Trial]:
    """Ask the model; a first trial also loads it. Raises ModelUnavailable."""
    trial, began = Trial(chat.id), time.monotonic()
    chunk = Chunk(0, "", 0, _PASSAGE, 0, len(_PASSAGE), "", None)
    messages = answer_messages(QUESTION, [Hit(chunk, "Lamp", "", 1, 1.0, "fused")])
    for piece in stoppable(chat, cancel, _TOKENS, _SECONDS).stream(messages):
        spent = time.monotonic() - began
        trial = replace(trial, text=trial.text + str(piece.text), first=trial.first or spent, total=spent)
        yield trial
    if not cancel.is_set():
        yield replace(trial, right=contains(trial.text, _RIGHT))
