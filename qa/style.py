"""How a person wants an answer written: its length, its language, and from how much."""

from dataclasses import dataclass
from typing import Literal

from storage.language import language

Length = Literal["short", "normal", "detailed"]
Language = Literal["", "en", "zh"]

_WANTED: dict[str, dict[Length, str]] = {
    "en": {
        "short": "in one short sentence",
        "normal": "in one to three short sentences",
        "detailed": "in detail, in four to eight sentences, with all that the passages say about it",
    },
    "zh": {
        "short": "只用一句短话",
        "normal": "一到三句话",
        "detailed": "详细回答，四到八句话，写出段落中与问题有关的全部内容",
    },
}
_SHORT_TOKENS = 96
_WIDER = 2


@dataclass(frozen=True, slots=True)
class Style:
    """Wishes for one answer. Without a `language` it is the question's. `wide` reads twice as many passages."""

    length: Length = "normal"
    language: Language = ""
    wide: bool = False

    def spoken(self, question: str) -> str:
        """The language to answer in, "en" or "zh"."""
        return self.language or language(question)

    def wanted(self, question: str) -> str:
        """The length in words of the answer's language, as a part of the instructions."""
        return _WANTED[self.spoken(question)][self.length]

    @property
    def thorough(self) -> bool:
        """Whether all passages are wanted, also where one of them would do."""
        return self.wide or self.length == "detailed"

    def tokens(self, usual: int) -> int:
        """The most tokens of the answer, where `usual` are those of a normal one."""
        return {"short": min(_SHORT_TOKENS, usual), "normal": usual, "detailed": 2 * usual}[self.length]

    def passages(self, usual: int) -> int:
        """How many passages, or tokens of them, to read, where one usually reads so many."""
        return usual * _WIDER if self.wide else usual


PLAIN = Style()
