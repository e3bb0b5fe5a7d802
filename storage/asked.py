"""A question as it is asked of passages in each language (pure)."""

from dataclasses import dataclass

from storage.language import language


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and its translation if there is one: passages are searched and read by that in their language."""

    text: str
    translation: str = ""

    def of(self, spoken: str) -> str:
        """The question for passages in a language: as it was asked, where no translation is in that one."""
        return self.translation if self.translation and language(self.translation) == spoken else self.text

    def speaks(self, spoken: str) -> bool:
        """Whether there is the question in a language."""
        return language(self.of(spoken)) == spoken

    @property
    def texts(self) -> tuple[str, ...]:
        """As it was asked, then its translation."""
        return (self.text, self.translation) if self.translation else (self.text,)
