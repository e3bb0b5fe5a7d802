"""The whole line with the two real models: the demo folder, a question in each language, one it cannot answer."""

from pathlib import Path

import pytest

from ingest.progress import Report
from qa.answer import Answer
from tests.flows.place import answer
from ui.app import App

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def app(real_app: App) -> App:
    *_, report = real_app.ingest([Path("ui/demo")], "demo")
    assert isinstance(report, Report) and (report.added, report.failures) == (10, ())
    return real_app


def exact(app: App, got: Answer) -> bool:
    """Whether every quote stands where its citation says."""
    return all(app.library.document(c.document_id).text[c.start : c.end] == c.quote for c in got.citations)


@pytest.mark.parametrize(
    ("question", "expected", "file"),
    [
        ("How many days of annual leave do full-time staff get?", "27", "Staff leave policy.md"),
        ("在一线城市出差，住宿每晚最多报销多少钱？", "600", "公司差旅报销制度.md"),
    ],
)
def test_a_question_is_answered_with_footnotes(app: App, question: str, expected: str, file: str) -> None:
    got = answer(app.answerer, question, "demo")
    assert got.found and expected in got.text
    assert {Path(citation.path).name for citation in got.citations} == {file}
    assert exact(app, got)
    assert (got.model, got.backend) == ("qwen2.5-coder-1.5b-instruct", "openvino cpu")


def test_an_english_question_finds_the_chinese_passage(app: App) -> None:
    hits = app.search("How much does the company pay for a hotel night in Beijing?", "demo", k=3)
    assert "公司差旅报销制度.md" in {Path(hit.path).name for hit in hits}


def test_what_no_document_says_is_refused(app: App) -> None:
    got = answer(app.answerer, "What is the phone number of the office in Paris?", "demo")
    assert not got.found and got.text == "The documents don't say." and got.hits


def test_ingesting_again_changes_nothing(app: App) -> None:
    *_, report = app.ingest([Path("ui/demo")], "demo")
    assert isinstance(report, Report)
    assert (report.added, report.changed, report.removed, report.unchanged) == (0, 0, 0, 10)
