"""What a reasoning model thinks before it answers is not the answer (pure)."""

OPEN, CLOSE = "<think>", "</think>"


class WithoutThinking:
    """Takes the pieces of a reply as they come and gives back those of the answer, without the <think> block before it.

    Only a block at the very beginning is thinking; a tag further on is part of the answer. `thinking` tells whether the
    block is still open: a reply that ends so has no answer.
    """

    def __init__(self) -> None:
        self.thinking = False
        self._begun = False  # nothing is held back any more
        self._thought = False
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take a piece, which may end within a tag; return what is certainly of the answer."""
        if self._begun:
            return piece
        self._held += piece
        start = self._held.lstrip()
        if not self._thought and start.startswith(OPEN):
            self.thinking, self._thought, self._held = True, True, start.removeprefix(OPEN)
        if self.thinking:
            return self._close()
        if not start or (not self._thought and OPEN.startswith(start)):
            return ""
        return self._begin()

    def rest(self) -> str:
        """Return what was held back, at the end."""
        return "" if self.thinking else self._begin()

    def _close(self) -> str:
        _, tag, after = self._held.partition(CLOSE)
        self.thinking = not tag
        self._held = after if tag else self._held[1 - len(CLOSE) :]
        return self.feed("") if tag else ""

    def _begin(self) -> str:
        held, self._held, self._begun = self._held, "", True
        return held.lstrip() if self._thought else held
