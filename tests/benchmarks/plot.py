"""Draw the answers of a run of the benchmarks: `make bench` does, from its record into .github/plots."""

import json
import sys
from pathlib import Path
from typing import Any

BARS = ("first word", "whole")
NAMES = {"footnote": "Footnote", "langchain": "HuggingFacePipeline, bf16"}
COLOURS = {"footnote": "#0f5f63", "langchain": "#b9b3a2"}
GROUPS = {
    "test_new_passages": "600 new tokens of prompt,\nan answer of 40",
    "test_the_same_passages": "a second question\non the same passages",
}


def rows(run: dict[str, Any]) -> dict[tuple[str, str], dict[str, float]]:
    """The figures of each test and system in a record of pytest-benchmark."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for each in run["benchmarks"]:
        name, _, rest = each["name"].partition("[")
        if name in GROUPS:
            found[name, rest.rstrip("]")] = each["extra_info"]
    return found


def draw(figures: dict[tuple[str, str], dict[str, float]], target: Path) -> None:
    """Seconds as bars, first word and whole answer, the floor of the first word as a line across its bar."""
    import matplotlib as untyped

    matplotlib: Any = untyped
    matplotlib.use("Agg")
    from matplotlib import pyplot as untyped_pyplot

    pyplot: Any = untyped_pyplot
    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.2), sharey=False, layout="constrained")
    for axis, (test, title) in zip(axes, GROUPS.items(), strict=True):
        for shift, (system, label) in enumerate(NAMES.items()):
            info = figures[test, system]
            places = [place + 0.4 * shift for place in range(len(BARS))]
            bars = axis.bar(places, [info[bar] for bar in BARS], 0.38, color=COLOURS[system], label=label)
            axis.bar_label(bars, fmt="%.1f", padding=2, fontsize=9)
            if floor := info.get("floor of the first word"):
                axis.hlines(floor, places[0] - 0.19, places[0] + 0.19, color="#d1603d", linewidth=2)
        axis.set_xticks([place + 0.2 for place in range(len(BARS))], BARS)
        axis.set_title(title, fontsize=10)
        axis.set_ylabel("seconds")
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].plot([], [], color="#d1603d", linewidth=2, label="floor: the prompt's arithmetic")
    axes[0].legend(frameon=False, fontsize=8)
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=130)


if __name__ == "__main__":
    found = rows(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    if len(found) == len(GROUPS) * len(NAMES):
        draw(found, Path(sys.argv[2]))
    else:
        print("this run did not measure all that the plot shows: nothing drawn", file=sys.stderr)
