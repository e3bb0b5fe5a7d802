"""An evaluation as one page that needs nothing else: figures, what each stage contributes, plots, and what failed."""

import base64
from collections.abc import Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage.errors import BadSettings
from ui.words import duration, moment

if TYPE_CHECKING:
    from qa.evaluation.outcomes import Outcome

_SHOWN = 300  # failures listed
_FIGURES = {
    "Answers": {
        "correct": "right (holds the gold answer)",
        "exact_match": "exact match",
        "f1": "F1 of words, of Chinese characters",
    },
    "Refusals": {
        "refusal_recall": "refused of the unanswerable",
        "refusal_precision": "unanswerable of the refused",
        "refusal_f1": "F1 of both",
        "false_refusals": "refused of the answerable",
        "found_accuracy": "answered or refused as it should be",
    },
    "Citations": {
        "citation_precision": "from the file that was named",
        "quote_exactness": "quote as the document has it",
        "support": "sentences with a citation",
        "coverage": "answers cited throughout",
    },
    "Passages": {
        "recall_at_1": "gold passage first",
        "recall_at_5": "among the first 5",
        "recall_at_10": "among the first 10",
        "mrr": "mean reciprocal rank",
        "ndcg_at_10": "nDCG of the first 10",
        "hit_rate": "named file among those shown",
        "gold_in_hits": "gold answer among those shown",
    },
}
_TILES = {
    "correct": "right answers",
    "refusal_recall": "refused where nothing says it",
    "false_refusals": "false refusals",
    "recall_at_5": "recall at 5",
    "citation_precision": "citation precision",
}
_BEATS = {"evidence": "evidence shown", "first_token": "first word", "total": "whole answer"}
_HEADS = {
    "vectors": "by meaning only", "keywords": "by words only", "fused": "fused", "reranked": "reranked",
    "on": "with the gate", "off": "without it", "recall_at_1": "recall@1", "recall_at_5": "recall@5", "mrr": "MRR",
    "correct": "right", "wrong": "wrong", "false_refusals": "false refusals", "refusal_recall": "refusal recall",
}  # fmt: skip


def ready(folder: Path) -> None:
    """See to it that a report can be written there, before hours are spent on its figures. Raises BadSettings."""
    if find_spec("matplotlib") is None:
        raise BadSettings("The plots of a report need matplotlib. Install it with: pip install 'footnote[report]'")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise BadSettings(f"Cannot make the folder {folder} ({exc.strerror}). Name another with --report.") from exc


def write(folder: Path, figures: dict[str, Any], outcomes: Sequence["Outcome"], made_by: dict[str, Any]) -> Path:
    """Write the plots as PNG and the page that shows them; the page's path. Raises BadSettings."""
    from ui.report.plots import draw

    try:
        plots = draw(folder, figures, outcomes)
        page = folder / "report.html"
        page.write_text(html(figures, outcomes, made_by, plots), encoding="utf-8")
    except OSError as exc:
        raise BadSettings(f"Cannot write into {folder} ({exc.strerror}). Name another with --report.") from exc
    return page


def html(
    figures: dict[str, Any], outcomes: Sequence["Outcome"], made_by: dict[str, Any], plots: dict[str, tuple[Path, Path]]
) -> str:
    """The page. Whatever comes from documents, questions and models is escaped by the template."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    place = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(place), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    failed = [each for each in outcomes if each.failed]
    return environment.get_template("report.html").render(
        figures=figures, groups=_FIGURES, tiles=_TILES, beats=_BEATS, heads=_HEADS, made_by=made_by,
        plots={name: [_data(path) for path in paths] for name, paths in plots.items()},
        failed=failed[:_SHOWN], failures=len(failed), percent=percent, duration=duration,
        when=moment(datetime.now().astimezone()),
    )  # fmt: skip


def percent(share: float | None) -> str:
    """A share as "83.3 %"; a dash where there was nothing to count."""
    return "–" if share is None else f"{100 * share:.1f} %"


def _data(image: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(image.read_bytes()).decode()
