"""The evidence model that ships reads passages in both languages and across them, and says where the answer stands."""

from pathlib import Path

import pytest

from qa.evidence.mark import mark_read
from qa.evidence.model import EvidenceModel, Reading, open_evidence
from storage.errors import ModelUnavailable
from storage.models.store import ModelStore
from storage.records import Hit
from tests.unit.passages import hit

WARRANTY = hit("The Aqua 7 was first sold in 2019. Its warranty lasts 24 months from the day of purchase.", 1)
TEA = hit("Tea is served at four in the small hall. Cake is sold on Sundays.", 2, document="d2")
CLINIC = hit(
    "青禾体检中心位于静安区，成立于2008年。体检报告在五个工作日后可以领取。", 3, title="体检须知", document="d3"
)
HITS = (TEA, WARRANTY, CLINIC)


@pytest.fixture(scope="module")
def model(models_folder: Path) -> EvidenceModel:
    return open_evidence(ModelStore(models_folder))


@pytest.mark.models
@pytest.mark.parametrize(
    ("question", "passage", "phrase"),
    [
        ("How long is the warranty of the Aqua 7?", WARRANTY, "24 months"),
        ("When is tea served?", TEA, "four"),
        ("青禾体检中心成立于哪一年？", CLINIC, "2008年"),
    ],
)
def test_the_passage_that_answers_is_found_with_the_phrase(
    model: EvidenceModel, question: str, passage: Hit, phrase: str
) -> None:
    readings = model.read(question, HITS)
    assert [reading.hit for reading in readings] == list(HITS)
    best = max(readings, key=lambda reading: reading.relevance)
    assert best.hit is passage
    assert phrase in best.phrase
    marked = mark_read(readings)
    assert marked is not None and phrase in marked.text
    chunk = marked.hit.chunk
    assert chunk.text[marked.start - chunk.start : marked.end - chunk.start] == marked.text


@pytest.mark.models
@pytest.mark.parametrize(
    ("question", "passage"),
    [("In which year was the Qinghe clinic founded?", CLINIC), ("Aqua 7 的保修期是多久？", WARRANTY)],
)
def test_across_languages_the_passage_that_answers_comes_first(
    model: EvidenceModel, question: str, passage: Hit
) -> None:
    assert max(model.read(question, HITS), key=lambda reading: reading.relevance).hit is passage


@pytest.mark.models
def test_a_question_that_no_passage_answers_is_known_as_one(model: EvidenceModel) -> None:
    answered = max(r.answers for r in model.read("How long is the warranty of the Aqua 7?", HITS))
    unanswered = max(r.answers for r in model.read("Who founded the company that makes the Aqua 7?", HITS))
    assert unanswered < 0.5 < answered


@pytest.mark.models
def test_the_order_and_the_company_of_passages_change_no_reading(model: EvidenceModel) -> None:
    question = "When is tea served?"
    long = hit("Nothing of note happened that day. " * 40, 9, document="d9")
    alone, among = model.read(question, [TEA])[0], model.read(question, [long, WARRANTY, TEA])[2]
    assert (alone.start, alone.end) == (among.start, among.end)
    assert alone.relevance == pytest.approx(among.relevance, abs=0.3)  # bf16
    assert model.read(question, []) == ()


def test_without_its_encoder_it_is_not_installed_and_says_how_to_get_it(tmp_path: Path) -> None:
    model = open_evidence(ModelStore(tmp_path))
    assert not model.installed
    with pytest.raises(ModelUnavailable, match="footnote models pull multilingual-e5-small"):
        model.read("Anything?", [TEA])


def test_nothing_is_marked_where_no_phrase_is_likelier_than_none() -> None:
    assert mark_read([Reading(TEA, 1.0, 0.4, TEA.chunk.start, TEA.chunk.start + 3, -0.5)]) is None
    assert mark_read([]) is None
