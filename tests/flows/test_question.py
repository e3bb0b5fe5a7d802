"""From a question to an answer that is kept: evidence first, every sentence cited or marked, refusals plain."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableLambda

from qa.answer import Answer, Answerer, Delta, Evidence
from qa.chain import AnswerChain
from qa.chat.model import Reply, Request
from qa.evidence.model import Reading
from qa.retriever import FootnoteRetriever
from qa.style import Style
from storage.errors import ModelUnavailable, NotFound
from storage.models.catalogue import DEFAULT_EMBEDDER
from storage.records import Filter, Hit
from tests.fakes import FakeChat, FakeEmbedder, fake_embedders
from tests.flows.place import answer, fake_app, fill
from ui.app import App, build
from ui.keeping import Saved
from ui.settings import Settings
from ui.turns import Wishes

ASKED = "How many days of leave do staff get?"
TRUE = "Staff get 25 days of leave a year."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "docs"


def app_with(tmp_path: Path, folder: Path, *replies: str | Exception) -> App:
    app = fake_app(tmp_path / "home", *replies)
    fill(app, folder)
    return app


def test_evidence_comes_first_then_the_text_then_the_cited_answer(tmp_path: Path, folder: Path) -> None:
    app = app_with(tmp_path, folder, TRUE)
    events = list(app.answerer.stream(ASKED, "default"))
    first, *deltas, last = events
    assert isinstance(first, Evidence) and isinstance(last, Answer)
    assert first.marked is not None and first.marked.text == TRUE
    assert "".join(delta.text for delta in deltas if isinstance(delta, Delta)) == last.text == TRUE
    (citation,) = last.citations
    document = app.library.document(citation.document_id)
    assert document.text[citation.start : citation.end] == citation.quote == TRUE
    assert citation.path == str(folder / "leave.md")
    assert last.found and last.short_answer == "25 days" and last.model == "fake-chat" and last.backend == "fake"
    times = last.timings
    assert 0 < times.retrieve <= times.evidence <= times.first_token <= times.total


HOTEL = "How much does a hotel cost per night?"
CHINESE_HOTEL = "出差住宿标准为每晚多少元？"


def test_a_question_is_translated_where_its_own_language_does_not_answer_it(tmp_path: Path, folder: Path) -> None:
    app = app_with(tmp_path, folder, "It costs 500 yuan.", "It costs 500 yuan.")
    app.answerer.chat.translations[HOTEL] = CHINESE_HOTEL  # type: ignore[attr-defined]
    got = answer(app.answerer, HOTEL)
    assert got.hits[0].path == str(folder / "差旅.md")
    assert got.trace is not None and got.trace.translation == CHINESE_HOTEL
    assert "translate" in dict(got.trace.seconds)
    assert app.answerer.retrieve(HOTEL, "default", 1)[0].path == str(folder / "差旅.md")
    options = replace(app.answerer.options, translate="never")
    alone = answer(replace(app.answerer, options=options), HOTEL)
    assert alone.trace is not None and alone.trace.translation == "" and "translate" not in dict(alone.trace.seconds)


def test_a_collection_in_one_language_needs_no_translation(tmp_path: Path, folder: Path) -> None:
    app = fake_app(tmp_path / "home", TRUE)
    folder.mkdir()
    (folder / "leave.md").write_text("# Leave\n\nStaff get 25 days of leave a year.\n", encoding="utf-8")
    list(app.ingest([folder], "default"))
    got = answer(app.answerer, ASKED)
    assert got.found and got.trace is not None and "translate" not in dict(got.trace.seconds)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("The documents don't say.", "refused"),
        ("Staff get 40 days of leave a year.", "made up"),
        ("Lunch tastes wonderful here.", "unsupported"),
    ],
)
def test_what_the_documents_do_not_say_is_not_passed_on(tmp_path: Path, folder: Path, reply: str, reason: str) -> None:
    got = answer(app_with(tmp_path, folder, reply).answerer, ASKED)
    assert (got.found, got.reason, got.text) == (False, reason, "The documents don't say.")
    assert got.hits and not got.citations and got.short_answer is None


def test_where_the_chat_model_says_that_nothing_answers_no_word_is_written(tmp_path: Path, folder: Path) -> None:
    app = app_with(tmp_path, folder)
    app.answerer.chat.confirms = "No"  # type: ignore[attr-defined]
    *events, last = app.answerer.stream("Which animals may be brought to the office?", "default")
    assert not any(isinstance(event, Delta) for event in events)
    assert isinstance(last, Answer) and (last.found, last.reason) == (False, "unlikely") and last.hits
    assert last.trace is not None and dict(last.trace.signals)["confirmed"] < 0
    assert "confirm" in dict(last.trace.seconds) and "write" not in dict(last.trace.seconds)


class Reader:
    """An evidence model that finds a phrase and is as sure of it as it is told."""

    installed = True

    def __init__(self, sure: float, phrase: str = "25 days") -> None:
        self._sure, self._phrase = sure, phrase

    def read(self, question: str, hits: Sequence[Hit]) -> tuple[Reading, ...]:
        return tuple(self._reading(hit.chunk.text.find(self._phrase), hit) for hit in hits)

    def _reading(self, at: int, hit: Hit) -> Reading:
        start = hit.chunk.start + max(at, 0)
        return Reading(hit, at + 1.0, 0.9, start, start + len(self._phrase), self._sure if at >= 0 else -9.0)


@pytest.mark.parametrize(
    ("sure", "style", "alone"),
    [(8.0, Style(), True), (1.0, Style(), False), (8.0, Style("detailed"), False), (8.0, Style(wide=True), False)],
)
def test_a_passage_that_surely_answers_is_read_alone(
    tmp_path: Path, folder: Path, sure: float, style: Style, alone: bool
) -> None:
    app = app_with(tmp_path, folder, TRUE)
    got = answer(replace(app.answerer, evidence=Reader(sure), style=style), ASKED)  # type: ignore[arg-type]
    read = app.answerer.chat.asked[-1][-1][1]  # type: ignore[attr-defined]
    assert TRUE in read and (read.count("<passage>") == 1) is alone
    assert got.trace is not None and ("not needed" in {each.fate for each in got.trace.candidates}) is alone
    assert len(got.hits) > 1 and got.citations  # all that was found is shown


@pytest.mark.parametrize("reply", ["The documents don't say.", "Staff get 40 days of leave a year."])
@pytest.mark.parametrize("sure", [8.0, 1.0])
def test_where_a_phrase_is_likely_its_sentence_answers_for_a_model_that_does_not(
    tmp_path: Path, folder: Path, reply: str, sure: float
) -> None:
    app = app_with(tmp_path, folder, reply, reply)
    got = answer(replace(app.answerer, evidence=Reader(sure)), ASKED)  # type: ignore[arg-type]
    assert (got.found, got.reason, got.text, got.draft) == (True, "quoted", TRUE, reply)
    assert got.short_answer == "25 days" and [citation.quote for citation in got.citations] == [TRUE]
    unsure = answer(replace(app.answerer, evidence=Reader(0.3)), ASKED)  # type: ignore[arg-type]
    assert not unsure.found and unsure.text == "The documents don't say."


def test_against_the_chat_models_no_nothing_is_quoted(tmp_path: Path, folder: Path) -> None:
    app = app_with(tmp_path, folder, "The documents don't say.")
    app.answerer.chat.confirms = "No"  # type: ignore[attr-defined]
    assert not answer(replace(app.answerer, evidence=Reader(8.0)), ASKED).found  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reply", "sure", "expected"),
    [
        ("餐费每天100元，凭发票报销。", 6.0, "出差住宿标准为每晚500元。"),  # the answer to something else
        ("餐费每天100元，凭发票报销。", 3.0, "餐费每天100元，凭发票报销。"),
        ("出差住宿为每晚500元。", 6.0, "出差住宿为每晚500元。"),  # says the same
    ],
)
def test_a_surer_phrase_is_quoted_in_place_of_a_chinese_answer_without_it(
    tmp_path: Path, folder: Path, reply: str, sure: float, expected: str
) -> None:
    app = app_with(tmp_path, folder, reply)
    got = answer(replace(app.answerer, evidence=Reader(sure, "每晚500元")), "出差住宿标准是多少？")  # type: ignore[arg-type]
    assert (got.found, got.text, got.draft) == (True, expected, reply) and got.citations


def test_a_question_about_nothing_in_the_documents_asks_no_model(tmp_path: Path, folder: Path) -> None:
    embedder = FakeEmbedder()
    embedder.id = DEFAULT_EMBEDDER  # whose cosines the gate knows
    app = fake_app(tmp_path / "home", embedders=fake_embedders(embedder))
    fill(app, folder)
    (folder / "差旅.md").unlink()  # of a passage in another language nothing is known before it is read
    list(app.ingest([folder], "default"))
    got = answer(app.answerer, "zeppelin altimeter calibration")
    assert (got.found, got.reason) == (False, "nothing relevant")
    assert isinstance(app.chat, FakeChat) and app.chat.asked == []


def test_a_chinese_question_is_answered_and_refused_in_chinese(tmp_path: Path, folder: Path) -> None:
    app = app_with(tmp_path, folder, "出差住宿标准为每晚500元。", "文档中没有说明。")
    got = answer(app.answerer, "出差住宿标准是多少？")
    assert got.found and got.citations[0].quote == "出差住宿标准为每晚500元。"
    assert answer(app.answerer, "出差住宿标准是谁定的？").text == "文档中没有说明。"


def test_question_and_answer_are_kept_as_they_were(tmp_path: Path, folder: Path) -> None:
    app = app_with(tmp_path, folder, TRUE)
    saved, *_, last = app.ask(ASKED, "default")
    assert isinstance(saved, Saved) and isinstance(last, Answer)
    (folder / "leave.md").unlink()
    list(app.ingest([folder], "default"))
    asked, answered = fake_app(tmp_path / "home").conversations.conversation(saved.conversation).messages
    assert (asked.text, answered.text, answered.id) == (ASKED, TRUE, saved.message)
    assert (answered.citations, answered.hits, answered.status) == (last.citations, last.hits, "done")


def test_a_follow_up_is_searched_as_it_stands_alone(tmp_path: Path, folder: Path) -> None:
    app = app_with(tmp_path, folder, TRUE, "When do unused days of leave expire?", "Unused days expire on 31 March.")
    saved, *_ = app.ask(ASKED, "default")
    assert isinstance(saved, Saved)
    events = list(app.ask("And when do they expire?", "ignored", app.conversations.conversation(saved.conversation)))
    evidence = next(event for event in events if isinstance(event, Evidence))
    assert evidence.question == "When do unused days of leave expire?"
    last = events[-1]
    assert isinstance(last, Answer) and last.text == "Unused days expire on 31 March."
    assert len(app.conversations.conversation(saved.conversation).messages) == 4


def test_stopping_keeps_what_had_come(tmp_path: Path, folder: Path) -> None:
    app = app_with(tmp_path, folder, TRUE + " Unused days expire on 31 March.")
    assert isinstance(app.chat, FakeChat)
    app.chat.delay = 0.02
    cancel = threading.Event()
    saved = None
    for event in app.ask(ASKED, "default", cancel=cancel):
        saved = event if isinstance(event, Saved) else saved
        if isinstance(event, Delta):
            cancel.set()
    assert saved is not None
    kept = app.conversations.conversation(saved.conversation).messages[-1]
    assert kept.status == "stopped" and TRUE.startswith(kept.text.split(".")[0]) and kept.text


def test_leaving_in_mid_answer_keeps_what_had_come(tmp_path: Path, folder: Path) -> None:
    app = app_with(tmp_path, folder, TRUE)
    events = app.ask(ASKED, "default")
    saved = next(events)
    while not isinstance(next(events), Delta):
        pass
    events.close()  # type: ignore[attr-defined]
    assert isinstance(saved, Saved)
    kept = app.conversations.conversation(saved.conversation).messages[-1]
    assert (kept.text, kept.status) == ("Staff", "stopped")


def test_a_model_that_fails_leaves_the_reason_in_history(tmp_path: Path, folder: Path) -> None:
    app = app_with(tmp_path, folder, ModelUnavailable("Out of memory. Choose a smaller model."))
    with pytest.raises(ModelUnavailable, match="smaller"):
        list(app.ask(ASKED, "default"))
    kept = app.latest().messages[-1]
    assert (kept.status, kept.text) == ("failed", "Out of memory. Choose a smaller model.")


def test_a_model_that_breaks_off_leaves_what_had_come(tmp_path: Path, folder: Path) -> None:
    class Breaking(FakeChat):
        def begin(self, request: Request, reply: Reply) -> None:
            reply.write("Staff get 25")
            reply.fail(ModelUnavailable("The server broke off. Ask again."))

    app = replace(app_with(tmp_path, folder), chat=Breaking())
    with pytest.raises(ModelUnavailable, match="broke off"):
        list(app.ask(ASKED, "default"))
    kept = app.latest().messages[-1]
    assert (kept.status, kept.text) == ("interrupted", "Staff get 25")


def test_a_collection_that_is_not_there_is_said_before_anything_is_kept(tmp_path: Path) -> None:
    app = fake_app(tmp_path / "home")
    with pytest.raises(NotFound, match="ingest"):
        list(app.ask(ASKED, "nowhere"))
    assert app.conversations.conversations() == ()


def test_the_chain_and_the_retriever_work_in_a_langchain_program(tmp_path: Path, folder: Path) -> None:
    app = app_with(tmp_path, folder, TRUE, TRUE, "How many days of leave do staff get a year?", TRUE)
    chain = AnswerChain(app.answerer, "default")
    assert (chain | RunnableLambda(lambda got: got.text)).invoke({"question": ASKED}) == TRUE
    assert isinstance(list(chain.stream({"question": ASKED}))[-1], Answer)
    history = [HumanMessage("What is leave?"), AIMessage("Days off.")]
    assert chain.invoke({"question": "How many of them?", "history": history}).found
    passages = FootnoteRetriever(answerer=app.answerer, collection="default", k=1).invoke("days of leave")
    assert passages[0].metadata["path"] == str(folder / "leave.md")
    assert "25 days" in passages[0].page_content
    pdfs = FootnoteRetriever(answerer=app.answerer, collection="default", filter=Filter(formats=("pdf",)))
    with pytest.raises(NotFound):
        pdfs.invoke("days of leave")


def test_any_langchain_chat_model_can_write_the_answer(tmp_path: Path, folder: Path) -> None:
    app = app_with(tmp_path, folder)
    other: Answerer = replace(app.answerer, chat=FakeListChatModel(responses=[TRUE]))
    got = answer(other, ASKED)
    assert got.found and got.model == "FakeListChatModel"


def test_without_the_chat_model_everything_else_works(tmp_path: Path, folder: Path) -> None:
    settings = Settings(tmp_path, tmp_path / "models", f"sqlite:///{tmp_path / 'f.sqlite'}")
    chat = build(settings).chat
    assert chat.state == "failed" and "models pull qwen2.5-coder-1.5b-instruct" in chat.reason
    app = replace(app_with(tmp_path, folder), chat=chat)
    assert app.search("days of leave", "default")
    with pytest.raises(ModelUnavailable, match="models pull"):
        list(app.ask(ASKED, "default"))


def test_search_alone_returns_ranked_passages(tmp_path: Path, folder: Path) -> None:
    hits = app_with(tmp_path, folder).search("days of leave", "default", k=1)
    assert [hit.rank for hit in hits] == [1] and "25 days" in hits[0].chunk.text


def test_the_collection_meant_is_the_default_or_the_one_used_last(tmp_path: Path, folder: Path) -> None:
    app = fake_app(tmp_path / "home")
    assert app.collection(None) == "default"
    fill(app, folder, "demo")
    assert app.collection(None) == "demo"
    fill(app, folder, "default")
    assert app.collection(None) == "default"
    assert app.collection("other") == "other"


def test_an_answer_wanted_anew_is_written_from_more_and_the_first_one_stays(tmp_path: Path, folder: Path) -> None:
    app = app_with(tmp_path, folder, TRUE, "Staff get 25 days.", TRUE)
    saved, *_ = app.ask(ASKED, "default")
    assert isinstance(saved, Saved)
    held = app.conversations.conversation(saved.conversation)
    list(app.ask(ASKED, "default", held, wishes=Wishes(style=Style(wide=True), beside=saved.message)))
    asked, renewed = app.conversations.conversation(saved.conversation).messages
    assert renewed.text == "Staff get 25 days." and renewed.variants == (saved.message, renewed.id)
    list(app.ask("How much leave is there?", "default", held, wishes=Wishes(beside=asked.id)))
    edited, again = app.conversations.conversation(saved.conversation).messages
    assert edited.variants == (asked.id, edited.id) and (edited.text, again.variants) == (
        "How much leave is there?",
        (),
    )


TWOFOLD = "How many days of leave do staff get, and who pays for the hotel?"


def test_a_question_half_answered_is_answered_by_half_and_says_what_is_missing(tmp_path: Path, folder: Path) -> None:
    app = app_with(tmp_path, folder, TRUE, "The documents don't say.")
    first, *_, last = app.answerer.stream(TWOFOLD, "default")
    assert isinstance(first, Evidence) and isinstance(last, Answer)
    assert last.text == f"{TRUE}\n\nThe documents don't say: Who pays for the hotel?"
    assert last.found and last.short_answer == "25 days" and last.unsupported == ()
    (citation,) = last.citations
    assert last.text[citation.answer_start : citation.answer_end] == citation.quote == TRUE
    assert last.trace is not None and last.trace.question == TWOFOLD


def test_a_question_of_two_parts_that_both_fail_is_refused_once(tmp_path: Path, folder: Path) -> None:
    app = app_with(tmp_path, folder, "The documents don't say.", "The documents don't say.")
    *_, last = app.answerer.stream(TWOFOLD, "default")
    assert isinstance(last, Answer) and not last.found
    assert last.text == "The documents don't say." and last.citations == ()
