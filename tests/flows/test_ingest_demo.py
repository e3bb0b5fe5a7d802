"""The demo folder that ships with the product reads whole, and its questions fit it."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from ingest.pipeline import IngestOptions, ingest
from ingest.progress import Report
from storage.library import Library
from tests.fakes import FakeLibrary

ROOT = Path(__file__).parent.parent.parent
QUESTIONS = [
    json.loads(line)
    for line in (ROOT / "tests" / "golden" / "demo_questions.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    library = FakeLibrary()
    *_, report = ingest([ROOT / "ui" / "demo"], "demo", cast(Library, library), IngestOptions())
    assert isinstance(report, Report)
    assert (report.added, report.failures) == (10, ())
    documents = [entry.document for entry in library.entries["demo"].values()]
    assert {document.language for document in documents} == {"en", "zh"}
    assert {document.format for document in documents} == {"md", "txt", "html", "csv", "docx", "pdf"}
    return {Path(document.path).name: document.text for document in documents}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: str(question["id"]))
def test_the_answer_is_in_the_document(question: dict[str, Any], texts: dict[str, str]) -> None:
    if question["answerable"]:
        assert any(answer in texts[question["document"]] for answer in question["answers"])
    else:
        assert question["answers"] == []


def test_ids_are_unique() -> None:
    assert len({question["id"] for question in QUESTIONS}) == len(QUESTIONS) == 24
