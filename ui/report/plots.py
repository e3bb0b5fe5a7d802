"""The plots of an evaluation, each for a light and for a dark page."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.evaluation.stages import trade_off

if TYPE_CHECKING:
    from qa.evaluation.outcomes import Outcome

_THEMES = {
    "light": {"text": "#1d2a2b", "ground": "#ffffff", "colours": ("#0f5f63", "#c9762f", "#8a8474")},
    "dark": {"text": "#e4e9e8", "ground": "#14191a", "colours": ("#6fbdb8", "#e0a35f", "#a49d8c")},
}
_RECALLS = {"recall_at_1": "recall@1", "recall_at_5": "recall@5", "mrr": "MRR"}
_BEATS = {"evidence": "evidence", "first_token": "first word", "total": "whole answer"}


def draw(folder: Path, figures: dict[str, Any], outcomes: Sequence["Outcome"]) -> dict[str, tuple[Path, Path]]:
    """Draw what there is to draw: "stages", "refusals" and "seconds", each as a light and a dark PNG."""
    import matplotlib as untyped

    matplotlib: Any = untyped
    points = trade_off(outcomes)
    seconds = {
        label: [each.seconds[beat] for each in outcomes if each.seconds.get(beat)] for beat, label in _BEATS.items()
    }
    wanted: dict[str, Any] = {
        "stages": figures["stages"] and (lambda axes, theme: _stages(axes, theme, figures["stages"])),
        "refusals": points and (lambda axes, theme: _refusals(axes, theme, points, outcomes)),
        "seconds": any(seconds.values()) and (lambda axes, theme: _seconds(axes, theme, seconds)),
    }
    drawn: dict[str, tuple[Path, Path]] = {}
    for name, paint in wanted.items():
        if paint:
            light, dark = folder / f"{name}.png", folder / f"{name}-dark.png"
            for path, theme in ((light, _THEMES["light"]), (dark, _THEMES["dark"])):
                _save(matplotlib, path, theme, paint)
            drawn[name] = light, dark
    return drawn


def _save(matplotlib: Any, path: Path, theme: dict[str, Any], paint: Any) -> None:
    """Draw without a window, and without leaving settings behind for others."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    text, ground = theme["text"], theme["ground"]
    colours = {f"{part}.{what}": text for part in ("xtick", "ytick") for what in ("color", "labelcolor")}
    with matplotlib.rc_context(
        colours
        | {"text.color": text, "axes.labelcolor": text, "axes.edgecolor": text, "font.size": 11}
        | {"figure.facecolor": ground, "axes.facecolor": ground, "axes.spines.top": False, "axes.spines.right": False}
    ):
        figure: Any = Figure(figsize=(7, 3.6), layout="constrained")
        FigureCanvasAgg(figure)
        paint(figure.subplots(), theme)
        figure.savefig(path, dpi=150)


def _stages(axes: Any, theme: dict[str, Any], stages: dict[str, dict[str, Any]]) -> None:
    """A group of bars for each stage, with the intervals as whiskers."""
    for shift, (key, label) in enumerate(_RECALLS.items()):
        values = [row[key] for row in stages.values()]
        ends = [row["intervals"][key] for row in stages.values()]
        below = [value - low for value, (low, _) in zip(values, ends, strict=True)]
        above = [high - value for value, (_, high) in zip(values, ends, strict=True)]
        places = [place + 0.26 * shift for place in range(len(stages))]
        axes.bar(places, values, 0.24, color=theme["colours"][shift], label=label, yerr=[below, above], capsize=2,
                 ecolor=theme["text"], error_kw={"elinewidth": 0.8})  # fmt: skip
    axes.set_xticks([place + 0.26 for place in range(len(stages))], list(stages))
    axes.set_ylim(0, 1.05)
    axes.legend(frameon=False, ncols=3, loc="upper center", bbox_to_anchor=(0.5, 1.16), labelcolor=theme["text"])


def _refusals(axes: Any, theme: dict[str, Any], points: Sequence[Any], outcomes: Sequence["Outcome"]) -> None:
    """What each probability to refuse below would give, and where the one in use stands."""
    axes.step([point.false_refusals for point in points], [point.refusal_recall for point in points], where="post",
              color=theme["colours"][0], linewidth=2)  # fmt: skip
    least = next((each.least for each in outcomes if each.least is not None), None)
    if least is not None:
        here = next((point for point in points if point.least >= least), points[-1])
        axes.plot([here.false_refusals], [here.refusal_recall], "o", color=theme["colours"][1])
        axes.annotate(f" refuse below {least:.2f}", (here.false_refusals, here.refusal_recall), va="top")
    axes.set_xlabel("false refusals (of the answerable)")
    axes.set_ylabel("refusal recall")
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.05)


def _seconds(axes: Any, theme: dict[str, Any], seconds: dict[str, list[float]]) -> None:
    """How many answers took how long to each beat."""
    import numpy as np

    edges = np.histogram_bin_edges([second for some in seconds.values() for second in some], bins=24)
    for (label, some), colour in zip(seconds.items(), theme["colours"], strict=True):
        if some:
            axes.hist(some, edges, color=colour, alpha=0.75, label=label)
    axes.set_xlabel("seconds since the question")
    axes.set_ylabel("answers")
    axes.legend(frameon=False, labelcolor=theme["text"])
