"""The page of an evaluation: everything that was measured is on it, and nothing on it is trusted."""

from pathlib import Path

from qa.evaluation.metrics import metrics
from qa.evaluation.outcomes import Outcome, Quote
from qa.evaluation.questions import Question
from ui.report import html, write

MADE_BY = {"collection": "<i>mine</i>", "model": "m", "embedder": "e", "reranker": "r", "footnote": "1"}
KNOWN = Question("1", "How <script>long</script>?", ("two years",), document="a.md")
ABSENT = Question("2", "Who?", answerable=False)


def outcomes() -> list[Outcome]:
    ranks = {stage: (False, True) for stage in ("vectors", "keywords", "fused", "reranked", "final")}
    seconds = {"evidence": 0.2, "first_token": 0.5, "total": 1.5}
    return [
        Outcome(KNOWN, "Two years.", True, draft="Two years.", quotes=(Quote("a.md", "Two.", exact=True),), sentences=1,
                supported=1, rankings=ranks, probability=0.9, least=0.5, seconds=seconds),
        Outcome(KNOWN, "Nine <b>years</b>.", True, draft="Nine <b>years</b>.", sentences=1, supported=1,
                quotes=(Quote("<x>.md", "Nine <img src=//evil> years.", exact=False),), rankings=ranks, probability=0.6,
                least=0.5, seconds=seconds),
        Outcome(ABSENT, "The documents don't say.", False, draft="You.", probability=0.1, least=0.5, seconds=seconds),
    ]  # fmt: skip


def test_a_whole_report(tmp_path: Path) -> None:
    page = write(tmp_path, metrics(outcomes()), outcomes(), MADE_BY)
    names = {"stages", "refusals", "seconds"}
    assert {path.name for path in tmp_path.iterdir()} == {
        "report.html", *(f"{name}{theme}.png" for name in names for theme in ("", "-dark")),
    }  # fmt: skip
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert text.count("data:image/png;base64,") == 6
    for told in ("50.0 %", "reranked", "without it", "&lt;x&gt;.md, not as the document has it", "two years"):
        assert told in text
    for nasty in ("<script", "<b>years", "<img src=//", "<i>mine"):
        assert nasty not in text


def test_a_report_without_traces_says_only_what_is_known() -> None:
    plain = [Outcome(KNOWN, "Two years.", True)]
    text = html(metrics(plain), plain, MADE_BY, {})
    assert "100.0 %" in text and "Nothing." in text
    assert "What each stage contributes" not in text and "What the gate contributes" not in text


def test_a_report_of_nothing() -> None:
    assert "0 questions" in html(metrics([]), [], MADE_BY, {})
