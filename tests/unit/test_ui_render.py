"""What a terminal shows: markers where they belong, footnotes, lists that line up, nothing that steers the terminal."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from ingest.progress import Report
from qa.answer import Answer
from qa.gate import Reason
from storage.anchors import Cells, Lines
from storage.records import Candidate, Citation, Conversation, DocumentInfo, Failure, Filter, Found, Hit, Message, Trace
from tests.unit.passages import hit
from tests.unit.traces import TRACE
from ui import objects, render

NOW = datetime(2025, 11, 24, 9, 58, tzinfo=UTC)


def cited(marker: int, end: int, start: int = 0, **more: object) -> Citation:
    facts = {
        "document_id": "d1",
        "title": "Handbook",
        "path": "/n/handbook.pdf",
        "page": 3,
        "quote": "It is two years.",
    }
    return Citation(marker=marker, start=0, end=16, answer_start=start, answer_end=end, **(facts | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "ends", "expected"),
    [
        ("Two years.", [(1, 10)], "Two years.[1]"),
        ("One. Two. Three.", [(1, 4), (2, 9), (1, 16)], "One.[1] Two.[2] Three.[1]"),
        ("保修期为两年。需要发票。", [(1, 7), (2, 12)], "保修期为两年。[1]需要发票。[2]"),
        ("One.\nTwo.\n", [(1, 5), (2, 10)], "One.[1]\nTwo.[2]\n"),
        ("One.", [(1, 4), (2, 4), (1, 4)], "One.[1][2]"),
        ("Nothing cited.", [], "Nothing cited."),
        ("Short", [(1, 99)], "Short[1]"),
    ],
)
def test_markers_stand_right_after_the_cited_sentence(text: str, ends: list[tuple[int, int]], expected: str) -> None:
    assert render.with_markers(text, [cited(marker, end) for marker, end in ends]) == expected


def test_an_answer_shows_each_footnote_once_with_its_place_and_path() -> None:
    answer = Answer("Two years. Really.", True, citations=(cited(1, 10), cited(1, 18, 11)))
    assert render.answer(answer) == (
        "Two years.[1] Really.[1]\n\n[1] Handbook, page 3: It is two years.\n    /n/handbook.pdf"
    )


def test_a_footnote_names_slides_sheets_and_lines() -> None:
    sheet = cited(1, 10, path="/n/prices.xlsx", spot=Cells(5, 1, 5, 4))
    passage = replace(hit("Tool: Saw"), chunk=replace(hit("x").chunk, start=0, heading="2024 > Tools"))
    assert "[1] Handbook, sheet “2024”, A5:D5: It is" in render.answer(
        Answer("Two years.", True, citations=(sheet,), hits=(passage,))
    )
    lines = cited(1, 10, path="/n/handbook.py", title="handbook", page=None, spot=Lines(3, 9))
    assert "[1] handbook.py, lines 3–9: It is" in render.answer(Answer("Two years.", True, citations=(lines,)))
    slide = replace(hit("The gym opens."), path="/n/deck.pptx")
    assert render.hits([slide]).startswith(" 1. Handbook, slide 3 · Rules\n")
    assert render.hits([replace(slide, path="/n/deck.xlsx")]).startswith(" 1. Handbook, sheet “Rules”\n")


def test_the_object_of_a_citation_tells_its_lines_or_cells() -> None:
    assert objects.citation(cited(1, 10))["spot"] is None
    assert objects.citation(cited(1, 10, spot=Lines(3, 9)))["spot"] == {"lines": [3, 9]}
    assert objects.citation(cited(1, 10, spot=Cells(5, 1, 5, 4)))["spot"] == {"cells": "A5:D5"}


def test_a_refusal_shows_the_nearest_passages() -> None:
    shown = render.answer(Answer("The documents don't say.", False, hits=(hit("The gym opens at six."),)))
    assert shown.startswith("The documents don't say.\n\nNearest passages:\n 1. ")
    assert "The gym opens at six." in shown


def test_a_refusal_without_passages_is_one_line() -> None:
    assert render.answer(Answer("文档中没有说明。", False)) == "文档中没有说明。"


def test_text_of_documents_cannot_steer_the_terminal() -> None:
    evil = "safe\x1b]0;title\x07\x1b[2J\u202edone\n"
    assert render.printable(evil) == "safe]0;title[2Jdone\n"
    assert "\x1b" not in render.hits([hit("red \x1b[31m text")])


def test_a_report_names_each_failure_on_one_line() -> None:
    done = Report(3, 1, 0, 2, (Failure("/n/a.pdf", "is encrypted.\nTake the password out."),), 12, 3.21)
    assert render.report(done).splitlines() == [
        "3 added, 1 changed, 0 removed, 2 unchanged; 12 chunks in 3.2 s",
        "1 file could not be read:",
        "  /n/a.pdf: is encrypted. Take the password out.",
    ]


def test_columns_line_up_with_chinese_and_cut_nothing() -> None:
    shown = render.columns([("名称", "x"), ("abcdef", "a long last column stays whole"), ("中文", "z")])
    assert shown.splitlines() == ["名称    x", "abcdef  a long last column stays whole", "中文    z"]


def test_lists_say_when_they_are_empty() -> None:
    assert render.documents(()) == "No documents."
    assert render.collections(()) == "No collections."
    assert render.conversations(()) == "No conversations yet."
    assert render.found(()) == "Nothing found."
    assert render.hits(()) == "Nothing found."


def test_a_document_list_shows_id_tags_and_path() -> None:
    info = DocumentInfo("d1", "default", "/n/报告.md", "报告", "md", "zh", 10, None, 1234, 2, ("work",), NOW)
    row = render.documents([info]).splitlines()[1]
    assert row.startswith("d1  default")
    assert "1,234" in row and "#work" in row and row.endswith("/n/报告.md")


def test_a_conversation_tells_how_an_answer_ended() -> None:
    turns = (
        Message("m1", "user", "How long?", NOW),
        Message("m2", "assistant", "Two years.", NOW, status="interrupted", citations=(cited(1, 10),)),
    )
    shown = render.conversation(Conversation("c1", "Warranty", "default", NOW, NOW, turns))
    assert "> How long?\n\nTwo years.[1]\n\n[1] Handbook, page 3" in shown
    assert shown.endswith("(cut off when Footnote ended)")


def test_a_trace_lines_up_and_tells_of_every_stage() -> None:
    told = replace(TRACE, filter=replace(TRACE.filter, since=None, until=None))  # else it depends on the time zone
    assert render.trace(told) == TOLD


TOLD = """\
How this answer came about

Question               How many days of leave?
In the other language  年假有多少天？
Searched               默认 (1,204 chunks)
Only                   documents d1, d2; folder /文档; formats pdf, md; languages zh; tags 人事
Embedder               e5
Reranker               cross-encoder

FATE         MEANING  WORDS  COSINE  COVERAGE  FUSED  RELEVANCE  PASSAGE
chosen       1        –      0.844   0.33      0.100  4.250      手册, 0–5
passed over  –        3      0.700   0.50      0.050  –          <script>x</script>[2J, 9–99

Signals  similarity 0.844, margin 0.000
Gate     probability 0.970, at least 0.410 needed
Seconds  search 0.012, rerank 0.400"""


def test_a_trace_without_passages_reranker_or_gate_says_so() -> None:
    shown = render.trace(Trace("q", "c", 1, "e5"))
    assert "Nothing found." in shown and "(1 chunk)" in shown
    assert shown.endswith("not asked") and "none" in shown and "Only" not in shown
    assert render.trace(None) == "No trace of this answer was kept."


def test_without_a_reranker_no_relevance_is_told() -> None:
    plain = replace(TRACE, candidates=tuple(replace(each, relevance=None) for each in TRACE.candidates))
    assert "RELEVANCE" not in render.trace(plain)


def test_a_conversation_tells_on_demand_how_each_answer_came_about() -> None:
    turns = (
        Message("m1", "user", "How long?", NOW),
        Message("m2", "assistant", "Two years.", NOW, trace=TRACE),
        Message("m3", "assistant", "Three.", NOW),
    )
    found = Conversation("c1", "Warranty", "default", NOW, NOW, turns)
    assert "came about" not in render.conversation(found)
    shown = render.conversation(found, traced=True)
    assert shown.count("How this answer came about") == 1
    assert shown.index("Two years.") < shown.index("How this answer") < shown.index("Three.")
    assert shown.endswith("Three.\n\nNo trace of this answer was kept.")


def test_the_object_of_a_trace_holds_all_of_it_as_json() -> None:
    made = json.loads(json.dumps(objects.trace(TRACE)))
    assert list(made) == [field.name for field in fields(Trace)]
    hidden = {"chunk_id", "document_id"}
    assert list(made["candidates"][0]) == ["document", *(f.name for f in fields(Candidate) if f.name not in hidden)]
    assert made["filter"]["until"] == "2025-01-01T00:00:00+00:00" and made["filter"]["formats"] == ["pdf", "md"]
    assert made["signals"] == dict(TRACE.signals) and made["seconds"] == dict(TRACE.seconds)
    assert objects.trace(replace(TRACE, filter=Filter()))["filter"] == {}  # type: ignore[index]
    assert objects.trace(None) is None


def test_a_search_of_the_history_shows_conversation_and_excerpt() -> None:
    shown = render.found([Found("c1", "Warranty", "m2", "assistant", "…two years…", NOW)])
    assert shown.splitlines()[1].startswith("c1 ")
    assert shown.endswith("…two years… (Warranty)")


def test_hits_show_their_place() -> None:
    shown = render.hits([hit("The gym opens at six.")])
    assert isinstance(hit("x"), Hit)
    assert shown.splitlines()[1].strip() == "The gym opens at six."


def test_every_reason_that_can_follow_text_has_its_words() -> None:
    assert render.WITHDRAWN.keys() == {*get_args(Reason)} - {"", "nothing relevant"}
