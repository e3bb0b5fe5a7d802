"""The figures of an evaluation as terminal text (pure)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ui import render

if TYPE_CHECKING:
    from qa.evaluation.outcomes import Outcome

_SHOWN = 20  # failures listed
_TABLES = ("seconds", "stages", "gate")


def text(figures: dict[str, Any], failed: Sequence["Outcome"]) -> str:
    """All figures, each with its interval, what every stage contributes, and the first failures."""
    plain = {name: value for name, value in figures.items() if name not in {*_TABLES, "intervals"}}
    rows = [(name, number(value), interval(figures["intervals"].get(name))) for name, value in plain.items()]
    parts = [render.columns([("FIGURE", "VALUE", "95 % INTERVAL"), *rows])]
    parts += [table(key.upper(), figures[key]) for key in _TABLES if figures[key]]
    if failed:
        parts.append(f"{len(failed)} wrong:\n" + "\n".join(_failure(each) for each in failed[:_SHOWN]))
    return "\n\n".join(parts)


def table(name: str, rows: dict[str, dict[str, Any]]) -> str:
    """Rows of figures under their names."""
    heads = [head for head in next(iter(rows.values())) if head != "intervals"]
    cells = [(row, *(number(figures[head]) for head in heads)) for row, figures in rows.items()]
    return render.columns([(name, *heads), *cells])


def number(value: float | None) -> str:
    """A figure, or a dash where there was nothing to count."""
    return "-" if value is None else str(value)


def interval(ends: Sequence[float] | None) -> str:
    """Its interval, empty where it has none."""
    return "{:.3f} to {:.3f}".format(*ends) if ends else ""


def _failure(outcome: "Outcome") -> str:
    row = outcome.question
    said = " ".join(outcome.text.split())
    return render.printable(f"{row.id}  {row.question}\n    wanted: {wanted(outcome)}\n    said:   {said}")


def wanted(outcome: "Outcome") -> str:
    """The gold answers of a question."""
    row = outcome.question
    return " / ".join(row.must_contain or row.answers) if row.answerable else "(the documents don't say)"
