"""Text that is safe in a prompt; token ids to text as they come: whole characters, ending before a stop text (pure)."""

import re
from collections.abc import Callable, Sequence

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"  # what a decoder shows for a character of which some bytes are missing


# A document may hold a model's control tokens or our own fence, also in full-width marks, which some tokenizers fold.
_CONTROL = re.compile(
    r"[<＜](?=[|｜/／]|passage\b|\w{1,40}[>＞])|(?<=[|｜])[>＞]"
    r"|\[(?=/?(?:INST|[gs]?MASK|THINK|IMG|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_\w{1,20})\])",
    re.IGNORECASE,
)


def disarm(text: str) -> str:
    """A text with what may be control tokens, like the end of a turn, made harmless: as text they must not act."""
    return _CONTROL.sub(lambda match: match.group() + " ", text)


class Decoder:
    """Feeds on token ids and gives text; the pieces join to exactly what decoding all ids at once gives.

    `decode` must be one that only ever appends, as those of byte-level and byte-fallback tokenizers do,
    save for characters whose bytes have not all come: these are held back.
    """

    def __init__(self, decode: Callable[[list[int]], str], stop: Sequence[str] = ()) -> None:
        self.stopped = False
        self._decode = decode
        self._stop = tuple(text for text in stop if text)
        self._ids: list[int] = []
        self._given = 0

    def feed(self, ids: Sequence[int]) -> str:
        """Take more ids, return the text that is certain by now. Sets `stopped` where a stop text came."""
        self._ids += ids
        text = self._decode(self._ids)
        return self._give(self._cut(text), hold=True)

    def rest(self) -> str:
        """Return what was held back, at the end."""
        return "" if self.stopped else self._give(self._cut(self._decode(self._ids)), hold=False)

    def _cut(self, text: str) -> str:
        places = [place for stop in self._stop if (place := text.find(stop)) >= 0]
        self.stopped = bool(places)
        return text[: min(places)] if places else text

    def _give(self, text: str, hold: bool) -> str:
        end = len(text)
        if hold and not self.stopped:
            end = len(text.rstrip(REPLACEMENT))
            end -= max((_overlap(text[:end], stop) for stop in self._stop), default=0)
        piece = text[self._given : end]
        self._given = max(self._given, end)
        return piece


def _overlap(text: str, stop: str) -> int:
    """Return how many characters at the end of `text` may be the beginning of `stop`."""
    return next((size for size in range(len(stop) - 1, 0, -1) if text.endswith(stop[:size])), 0)
