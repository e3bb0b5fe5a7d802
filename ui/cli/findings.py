"""What `doctor` has found: facts, and problems with the command that mends each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from storage.errors import FootnoteError

T = TypeVar("T")


@dataclass(slots=True)
class Findings:
    """What was found so far."""

    facts: dict[str, Any] = field(default_factory=dict)
    problems: list[dict[str, str]] = field(default_factory=list)

    def problem(self, what: str, mend: str) -> None:
        """Note something that a person can mend."""
        if (told := {"problem": what, "mend": mend}) not in self.problems:  # two parts may lack the same model
            self.problems.append(told)

    def trying(self, what: Callable[[], T]) -> T | None:
        """What `what` returns; if it raises, a problem, whose message says how to mend it, and None."""
        try:
            return what()
        except FootnoteError as exc:
            message, _, mend = " ".join(str(exc).split()).partition(". ")
            self.problem(message, mend.removeprefix("Run: ") or "see the message")
            return None
