"""An answer, written as a line of `eval --out` and read again, tells what came of its question."""

import json
from typing import Any

from qa.answer import Answer
from qa.evaluation.outcomes import Outcome, Quote, outcome
from qa.evaluation.questions import Question
from storage.records import Candidate, Chunk, Citation, Document, Hit, Timings, Trace
from ui import objects

TEXT = "The warranty is two years. Keep the invoice. The boiler is red."
DOCUMENT = Document("d", "/notes/boiler.md", "Boiler", "", TEXT, (), "md", "en", 1, 0.0)
QUESTION = Question("1", "How long is the warranty?", ("two years",), document="boiler.md")


def document(document_id: str) -> Document | None:
    return DOCUMENT if document_id == "d" else None


def citation(
    quote: str, *, start: int, at: tuple[int, int], marker: int = 1, path: str = "/notes/boiler.md"
) -> Citation:
    return Citation(marker, "d", "Boiler", path, None, start, start + len(quote), quote, *at)


def candidate(start: int, end: int, document_id: str = "d", **known: Any) -> Candidate:
    plain = {"vectors": None, "keywords": None, "similarity": 0.8, "standing": 0.1, "coverage": 0.5, "fused": 0.0}
    return Candidate(start, document_id, "Boiler", start, end, **(plain | known))


def read_again(answer: Answer, question: Question = QUESTION) -> Outcome:
    line = json.dumps(objects.evaluated("1", question.question, answer, {"model": "m"}))
    return outcome(question, json.loads(line), document)


def test_sentences_citations_and_times() -> None:
    text = "It is two years. It is red. It sings."
    first = "The warranty is two years."
    answer = Answer(
        text, True, "two years",
        (citation(first, start=0, at=(0, 16)), citation("The boiler is blue.", start=45, at=(17, 27), marker=2),
         citation(first, start=0, at=(17, 27))),
        ((28, 37),), timings=Timings(0.1, 0.2, 0.3, 0.4), draft="It is two years, I think.",
    )  # fmt: skip
    found = read_again(answer)
    assert (found.text, found.short_answer, found.draft) == (text, "two years", "It is two years, I think.")
    assert (found.sentences, found.supported) == (3, 2)
    true = Quote("boiler.md", first, exact=True)
    assert found.quotes == (true, Quote("boiler.md", "The boiler is blue.", exact=False), true)
    assert found.seconds == {"retrieve": 0.1, "evidence": 0.2, "first_token": 0.3, "total": 0.4}


def test_without_a_trace_the_final_order_is_that_of_the_hits() -> None:
    chunks = [Chunk(n, "d", n, text, 0, len(text), "", None) for n, text in enumerate(("It is red.", "Two years."))]
    hits = tuple(Hit(chunk, "Boiler", "C:\\notes\\boiler.md", 1, 1.0, "fused") for chunk in chunks)
    found = read_again(Answer("?", True, hits=hits))
    assert found.rankings == {"final": (False, True)}
    assert found.named and found.holds_gold
    assert found.probability is None


def test_a_trace_tells_the_order_of_every_stage() -> None:
    candidates = (
        candidate(27, 44, vectors=1, fused=0.1, relevance=0.2),
        candidate(0, 26, vectors=2, keywords=1, fused=0.2, relevance=0.9),
        candidate(0, 26, "removed", vectors=3, fused=0.0),
    )
    found = read_again(Answer("?", True, trace=Trace("q", "c", 9, "e", candidates=candidates)))
    assert found.rankings == {
        "vectors": (False, True, False), "keywords": (True,), "fused": (True, False, False),
        "reranked": (True, False, False), "final": (False, True, False),
    }  # fmt: skip


def test_the_gates_probability_counts_where_it_decided() -> None:
    trace = Trace("q", "c", 9, "e", probability=0.3, least=0.5)
    weighed = read_again(Answer("-", False, reason="unlikely", trace=trace, draft="Three."))
    assert (weighed.probability, weighed.least) == (0.3, 0.5)
    for reason in ("nothing relevant", "refused", "made up"):
        other = read_again(Answer("-", False, reason=reason, trace=trace))  # type: ignore[arg-type]
        assert other.probability is None


def test_a_question_without_a_known_passage_is_not_ranked() -> None:
    assert read_again(Answer("?", True), Question("1", "q", answerable=False)).rankings == {}


def test_right_and_failed() -> None:
    assert Outcome(QUESTION, "Two years.", True).right
    assert Outcome(QUESTION, "Two years.", False).failed
    absent = Question("2", "q", answerable=False)
    assert Outcome(absent, "Two years.", True).failed
    assert not Outcome(absent, "-", False).failed and not Outcome(absent, "-", False).right
