"""The insights page: the figures of what was asked, the gaps with their ways on, and nothing of the bin."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from tests.unit.test_storage_insights import ask
from tests.web.conftest import APP, asked
from tests.web.test_chat import html, texts
from ui.app import App
from ui.web import markup, speech


def opened() -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=60)
    at.run()
    at.switch_page("insights.py").run()
    assert not at.exception
    return at


def plots(at: AppTest) -> list[dict[str, object]]:
    return [json.loads(each.proto.spec) for each in at.get("vega_lite_chart")]


def test_an_empty_history_says_what_comes_here(app: App) -> None:
    at = opened()
    assert "What you ask is counted here" in texts(at)
    assert not at.selectbox and not plots(at)


def test_answers_refusals_and_citations_are_counted(filled: App) -> None:
    asked(filled, "How long does the warranty last?")
    asked(filled, "Who won the football match in Rome?")
    at = opened()
    assert "<dt>Questions</dt><dd>2</dd>" in html(at)
    assert "<dt>Answered</dt><dd>50%</dd><dd>1 of 2</dd>" in html(at)
    assert "cited by 1 answer" in texts(at)
    assert [each.label for each in at.expander] == ["2 documents were never cited"]
    assert [plot["description"] for plot in plots(at)] == ["Questions over time", "Outcomes over time", "Times"]
    assert "<td>2</td>" in html(at)  # the same figures for those who hear the page


def test_a_gap_leads_to_its_conversation_and_the_nearest_document(filled: App) -> None:
    name, refused = asked(filled, "Who won the football match in Rome?")
    at = opened()
    links = [each for each in at.get("page_link") if "football" in each.proto.label]
    assert [name in each.proto.query_string for each in links] == [True, True]  # in the sidebar too
    nearest = at.button(key="open-gap-0")
    assert nearest.label == markup.plain(f"Nearest: {refused.hits[0].title}")
    nearest.click().run()
    assert not at.exception and f'fn-document">{refused.hits[0].title}' in html(at)


def test_a_cited_document_opens_beside_the_page(filled: App) -> None:
    asked(filled, "How long does the warranty last?")
    at = opened()
    at.button(key="open-cited-0").click().run()
    assert not at.exception and 'fn-document">Warranty' in html(at)


def test_what_lies_in_the_bin_is_not_counted(filled: App) -> None:
    name, _ = asked(filled, "Who won the football match in Rome?")
    filled.conversations.bin(name)
    assert "What you ask is counted here" in texts(opened())


def test_a_time_without_questions_says_so(app: App) -> None:
    ask(app.conversations, "old", datetime.now(UTC) - timedelta(days=100))
    at = opened()
    assert "Nothing was asked in this time" in texts(at)
    at.segmented_control(key="insights-period").set_value("all").run()
    assert "<dt>Questions</dt><dd>1</dd>" in html(at)


def test_one_collection_alone(filled: App) -> None:
    asked(filled, "How long does the warranty last?")
    ask(filled.conversations, "elsewhere", datetime.now(UTC), collection="other", found=False)
    at = opened()
    assert "<dt>Questions</dt><dd>2</dd>" in html(at)
    at.selectbox(key="insights-collection").set_value("other").run()
    assert "<dt>Questions</dt><dd>1</dd>" in html(at) and "cited by" not in texts(at)


def test_feedback_is_told_with_its_comment_as_it_was_written(filled: App) -> None:
    _, answer = asked(filled, "How long does the warranty last?")
    filled.conversations.rate(answer.id, -1, "<b>too short</b>")
    at = opened()
    assert "0 helpful, 1 not helpful" in texts(at)
    assert "&lt;b&gt;too short&lt;/b&gt;" in html(at)


def test_many_gaps_come_page_by_page(app: App) -> None:
    for number in range(23):
        ask(app.conversations, f"{number:02}", datetime.now(UTC) - timedelta(minutes=number), found=False)
    at = opened()
    labels = [each.proto.label for each in at.get("page_link")]
    assert "00" in labels and "09" in labels and "10" not in labels


def test_it_speaks_chinese(filled: App, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(filled, "年假有几天？")
    monkeypatch.setattr(speech, "language", lambda: "zh")
    at = opened()
    assert at.title[0].value == "洞察" and "提问" in texts(at)
