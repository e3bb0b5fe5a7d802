"""The command line as a contract: exit codes, what goes to which stream, the keys of every JSON object."""

import _thread
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ingest.progress import Report
from qa.answer import Delta
from qa.chat.discover import FoundServer
from qa.chat.speed import Rates
from qa.evidence.model import open_evidence
from qa.rerank import CrossEncoderReranker
from storage.conversations import Conversations
from storage.database import Database
from storage.errors import BadSettings, ModelUnavailable
from storage.indexes import Indexes
from storage.library import Library
from storage.models.catalogue import DEFAULT_CHAT, DEFAULT_EMBEDDER, entries, find
from storage.models.convert import CHAT_FILES
from storage.models.store import ModelStore
from tests import tiny_ranker
from tests.fakes import FakeChat, FakeEmbedder, OtherEmbedder, fake_embedders
from ui.app import App
from ui.cli import cli
from ui.cli import ingest as ingest_command
from ui.cli.parts import Parts
from ui.settings import change, read_settings

ROOT = Path(__file__).resolve().parents[2]
HANDBOOK = "# Warranty\n\nThe warranty of the washing machine is two years.\n\nKeep the invoice in a dry place.\n"
LEAVE = "# 年假\n\n正式员工每年享有十五天带薪年假。\n"
REPLY = "The warranty of the washing machine is two years."

ANSWER = ["answer", "short_answer", "found", "model", "conversation", "message", "citations", "hits", "seconds"]
CITATION = ["marker", "document", "path", "page", "start", "end", "quote", "spot"]
HIT = ["document", "path", "page", "start", "end", "text", "score"]
SECONDS = ["retrieve", "evidence", "first_token", "total"]
TRACED = [
    "question", "collection", "chunks", "embedder", "reranker", "filter", "candidates", "signals", "probability",
    "least", "seconds", "translation",
]  # fmt: skip
REPORT = ["added", "changed", "removed", "unchanged", "failures", "chunks", "seconds"]
EVALUATED = [
    "id", "question", "answer", "short_answer", "found", "citations", "hits", "seconds", "logprob", "text", "sentences",
    "draft", "reason", "made_by", "trace",
]  # fmt: skip

Run = Callable[..., Result]


@pytest.fixture
def app(home: Path) -> Iterator[App]:
    settings = read_settings()
    database, embedders = Database(settings.database_url), fake_embedders(FakeEmbedder(), OtherEmbedder())
    store = ModelStore(settings.models)
    evidence = open_evidence(store)  # not installed there
    app = App(
        settings, store, embedders, FakeChat(), Library(database, embedders),
        Indexes(database, settings.home / "indexes", embedders), Conversations(database), evidence, evidence,
    )  # fmt: skip
    yield app
    app.close()
    database.close()


@pytest.fixture(autouse=True)
def quick_doctor(monkeypatch: pytest.MonkeyPatch) -> None:
    """To read a picture takes seconds; see test_doctor_reading.py."""
    monkeypatch.setattr("ui.cli.check_reading.recognised", lambda word: word)


@pytest.fixture
def run(app: App) -> Run:
    def run(*args: object, replies: list[Any] | None = None) -> Result:
        if replies is not None:
            app.chat.replies.extend(replies)  # type: ignore[attr-defined]
        return CliRunner().invoke(cli, [str(arg) for arg in args], obj=Parts(app), prog_name="footnote")

    return run


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "handbook.md").write_text(HANDBOOK, encoding="utf-8")
    (folder / "年假.md").write_text(LEAVE, encoding="utf-8")
    return folder


@pytest.fixture
def filled(run: Run, notes: Path) -> Run:
    assert run("ingest", notes).exit_code == 0
    return run


def only_json(result: Result) -> Any:
    """stdout is one JSON object on one line, and the command was done."""
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout)


def mendable(result: Result) -> str:
    """One line on stderr says how to mend it; stdout is empty."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    last = result.stderr.splitlines()[-1]
    assert last.startswith("error: ")
    assert "Traceback" not in result.stderr
    return last


def interrupt_when(ready: Callable[[], bool]) -> None:
    """Press Ctrl-C as soon as `ready`."""

    def press() -> None:
        while not ready():
            time.sleep(0.02)
        _thread.interrupt_main()

    threading.Thread(target=press, daemon=True).start()


def document_id(run: Run, name: str) -> str:
    found = only_json(run("documents", "list", "--json"))["documents"]
    return next(str(each["id"]) for each in found if each["path"].endswith(name))


def test_ingest_reports_what_it_did(run: Run, notes: Path) -> None:
    (notes / "empty.md").write_text("", encoding="utf-8")
    report = only_json(run("ingest", notes, "--json"))
    assert list(report) == REPORT
    assert (report["added"], report["chunks"] >= 2) == (2, True)
    assert [list(each) for each in report["failures"]] == [["path", "reason"]]
    assert report["failures"][0]["path"].endswith("empty.md")
    again = only_json(run("ingest", notes, "--json"))
    assert (again["added"], again["unchanged"]) == (0, 2)


def test_ingest_in_words(run: Run, notes: Path) -> None:
    (notes / "empty.md").write_text("", encoding="utf-8")
    result = run("ingest", notes)
    assert result.stdout.startswith("2 added, 0 changed, 0 removed, 0 unchanged;")
    assert "1 file could not be read:\n" in result.stdout


def test_a_path_that_is_not_there(run: Run, tmp_path: Path) -> None:
    assert "nowhere" in mendable(run("ingest", tmp_path / "nowhere"))


def test_stopping_an_ingest_leaves_no_trace_and_no_half(run: Run, notes: Path, app: App) -> None:
    def interrupted(texts: list[str]) -> list[list[float]]:
        raise KeyboardInterrupt

    app.embedder.embed_documents = interrupted  # type: ignore[method-assign]
    result = run("ingest", notes)
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "Stopped.\n")
    assert app.library.documents() == ()


def test_ask_as_json(filled: Run) -> None:
    answer = only_json(filled("ask", "How long is the warranty?", "--json", replies=[REPLY]))
    assert list(answer) == ANSWER
    assert answer["answer"] == f"{REPLY}[1]"
    assert (answer["found"], answer["model"]) == (True, "fake-chat")
    assert [list(each) for each in answer["citations"]] == [CITATION]
    assert all(list(each) == HIT for each in answer["hits"]) and answer["hits"]
    assert list(answer["seconds"]) == SECONDS
    citation = answer["citations"][0]
    text = only_json(filled("documents", "show", citation["document"], "--json"))["text"]
    assert text[citation["start"] : citation["end"]] == citation["quote"] == REPLY
    for hit in answer["hits"]:
        text = only_json(filled("documents", "show", hit["document"], "--json"))["text"]
        assert text[hit["start"] : hit["end"]] == hit["text"]


def test_ask_in_chinese_prints_chinese(filled: Run) -> None:
    result = filled("ask", "员工每年有几天年假？", "--json", replies=["正式员工每年享有十五天带薪年假。"])
    assert "正式员工每年享有十五天带薪年假。[1]" in result.stdout


def test_ask_in_words_keeps_the_streams_apart(filled: Run, notes: Path) -> None:
    result = filled("ask", "How long is the warranty?", replies=[REPLY])
    assert result.exit_code == 0
    assert result.stdout == f"{REPLY}[1]\n\n[1] Warranty, line 3: {REPLY}\n    {notes / 'handbook.md'}\n"
    assert result.stderr == "Loading the chat model fake-chat ...\n"


def test_ask_tells_on_demand_how_the_answer_came_about(filled: Run) -> None:
    result = filled("ask", "How long is the warranty?", "--trace", replies=[REPLY])
    assert result.stdout.startswith(f"{REPLY}[1]") and "came about" not in result.stdout
    assert "How this answer came about" in result.stderr and "chosen" in result.stderr
    answer = only_json(filled("ask", "How long is the warranty?", "--trace", "--json", replies=[REPLY]))
    assert list(answer) == [*ANSWER, "trace"] and list(answer["trace"]) == TRACED
    chosen = [each for each in answer["trace"]["candidates"] if each["fate"] == "chosen"]
    assert {each["document"] for each in chosen} == {hit["document"] for hit in answer["hits"]}
    kept = only_json(filled("history", "show", answer["conversation"], "--trace", "--json"))["messages"][1]
    assert kept["trace"] == answer["trace"]
    assert "trace" not in only_json(filled("history", "show", answer["conversation"], "--json"))["messages"][1]
    assert "How this answer came about" in filled("history", "show", answer["conversation"], "--trace").stdout


def test_a_refusal_is_an_answer(filled: Run) -> None:
    answer = only_json(filled("ask", "How long is the warranty?", "--json", replies=["The documents don't say."]))
    assert (answer["found"], answer["citations"], answer["short_answer"]) == (False, [], None)
    assert answer["hits"]


def test_a_withdrawn_answer_is_not_printed(filled: Run) -> None:
    result = filled("ask", "How long is the warranty?", replies=["Bananas grow on Mars in 1999."])
    assert result.exit_code == 0
    searched = "Searched 2 passages of default for: How long is the warranty?"
    assert result.stdout.startswith(f"The documents don't say.\n{searched}\n\nNearest passages:")
    assert "Bananas" not in result.output
    assert "withdrawn" in result.stderr


def test_the_length_and_language_of_an_answer_reach_the_model(filled: Run, app: App) -> None:
    filled("ask", "How many days of leave do staff get?", "--length", "short", "--in", "zh", replies=["25 天。"])
    assert isinstance(app.chat, FakeChat)
    assert "只用一句短话" in app.chat.asked[-1][0][1]


def test_asking_on(filled: Run) -> None:
    first = only_json(filled("ask", "How long is the warranty?", "--json", replies=[REPLY]))
    question = "Where should somebody keep the invoice of the washing machine?"
    second = only_json(filled("ask", question, "--continue", "--json", replies=["Keep the invoice in a dry place."]))
    assert second["conversation"] == first["conversation"]
    third = only_json(filled("ask", question, "--conversation", first["conversation"][:8], "--json", replies=["Dry."]))
    assert third["conversation"] == first["conversation"]
    whole = only_json(filled("history", "show", first["conversation"], "--json"))
    assert [turn["role"] for turn in whole["messages"]] == ["user", "assistant"] * 3
    assert whole["messages"][3]["id"] == second["message"]


@pytest.mark.parametrize(
    ("options", "fits"),
    [
        (("--document", "handbook.md"), {"handbook.md"}),
        (("--document", "handbook.md", "--document", "年假.md"), {"handbook.md", "年假.md"}),
        (("--folder", "notes"), {"handbook.md", "年假.md"}),
        (("--type", ".MD", "--type", "pdf"), {"handbook.md", "年假.md"}),
        (("--language", "zh"), {"年假.md"}),
        (("--tag", "paper"), {"handbook.md"}),
        (("--since", "2024-05-01", "--until", "2024-05-01"), {"年假.md"}),
        (("--until", "2024-04-30"), set()),
        (("--folder", "note"), set()),
        (("--type", "pdf"), set()),
    ],
)
def test_only_what_fits_is_searched_and_asked(
    run: Run, notes: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], fits: set[str]
) -> None:
    last = datetime(2024, 5, 1, 23, 59, 59).timestamp()  # of the day, where this machine is
    os.utime(notes / "年假.md", (last, last))
    assert run("ingest", notes).exit_code == 0
    assert run("documents", "tag", document_id(run, "handbook.md"), "paper").exit_code == 0
    monkeypatch.chdir(notes.parent)
    for command in ("search", "ask"):
        result = run(command, "warranty 年假", *options, "--json", replies=["The documents don't say."])
        if fits:
            assert {Path(hit["path"]).name for hit in only_json(result)["hits"]} == fits
        else:
            assert "See them with: footnote documents list" in mendable(result)
    assert len(only_json(run("history", "list", "--json"))["conversations"]) == bool(fits)


@pytest.mark.parametrize(
    "args",
    [
        ("ask",),
        ("ask", " "),
        ("ask", "Why?", "--continue", "--conversation", "c1"),
        ("ask", "Why?", "--unknown"),
        ("search", ""),
        ("search", "x", "-k", "0"),
        ("search", "x", "--since", "May"),
        ("search", "x", "--language", "french"),
        ("documents", "remove"),
        ("documents", "remove", "--collection", "default"),
        ("history", "export", "c1", "--format", "docx"),
        ("history", "rename", "c1", " "),
        ("serve", "--port", "99999"),
        ("dance",),
    ],
)
def test_wrong_usage_exits_with_2(run: Run, args: tuple[str, ...]) -> None:
    result = run(*args)
    assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("ask", "Why?", "--continue"), "without --continue"),
        (("ask", "Why?", "--conversation", "nope"), "footnote history list"),
        (("ask", "Why?", "--collection", "nope"), "footnote ingest"),
        (("ask", "Why?", "--model", "qwen2.5-coder-1.5b-instruct"), "footnote models pull"),
        (("search", "x", "--collection", "nope", "--json"), "footnote ingest"),
        (("search", "x", "--document", "nope"), "footnote documents list"),
        (("documents", "show", "nope", "--json"), "footnote documents list"),
        (("documents", "list", "--collection", "nope"), "footnote documents list"),
        (("documents", "remove", "nope"), "footnote documents list"),
        (("documents", "remove", "--collection", "nope", "--yes"), "footnote documents list"),
        (("documents", "tag", "nope", "red"), "footnote documents list"),
        (("documents", "reembed", "--collection", "nope"), "footnote documents list"),
        (("history", "show", "nope"), "footnote history list"),
        (("history", "delete", "nope"), "footnote history list"),
        (("models", "use", "nope"), "Known: "),
        (("models", "use", "multilingual-e5-small"), "footnote models pull multilingual-e5-small"),
        (("models", "pull", "nope"), "Known: "),
        (("models", "remove", "multilingual-e5-small"), "footnote models list"),
        (("eval", "nowhere.jsonl"), "nowhere.jsonl"),
    ],
)
def test_what_a_person_can_mend_exits_with_1(run: Run, args: tuple[str, ...], says: str) -> None:
    assert says in mendable(run(*args))


def test_a_chat_model_that_fails_is_one_line_and_stays_in_history(filled: Run) -> None:
    result = filled("ask", "How long is the warranty?", "--json", replies=[ModelUnavailable("It broke. Ask again.")])
    assert mendable(result) == "error: It broke. Ask again."
    found = only_json(filled("history", "list", "--json"))["conversations"]
    whole = only_json(filled("history", "show", found[0]["id"], "--json"))
    assert whole["messages"][-1]["status"] == "failed"


def test_ctrl_c_keeps_what_came(filled: Run, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    app.chat.delay = 0.1  # type: ignore[attr-defined]
    words: list[Delta] = []  # that the command has taken, but for the last one
    ask = App.ask

    def asked(*args: Any) -> Iterator[Any]:
        for event in ask(*args):
            words.extend([event] if isinstance(event, Delta) else [])
            yield event

    monkeypatch.setattr(App, "ask", asked)
    interrupt_when(lambda: len(words) > 2)
    result = filled("ask", "How long is the warranty?", "--json", replies=[" ".join([REPLY] * 20)])
    assert result.exit_code == 130, result.output
    answer = json.loads(result.stdout)
    assert list(answer) == ANSWER
    assert answer["answer"].startswith("The warranty")
    assert "Traceback" not in result.stderr
    whole = only_json(filled("history", "show", answer["conversation"], "--json"))
    assert whole["messages"][-1]["status"] == "stopped"
    assert whole["messages"][-1]["text"].startswith("The warranty")


def test_a_conversation_stays_with_its_collection(filled: Run, notes: Path) -> None:
    only_json(filled("ask", "How long is the warranty?", "--json", replies=[REPLY]))
    assert "'default'" in mendable(filled("ask", "Why?", "--continue", "--collection", "other"))


def test_search(filled: Run) -> None:
    found = only_json(filled("search", "warranty", "-k", "1", "--json"))
    assert list(found) == ["hits"]
    assert [list(hit) for hit in found["hits"]] == [HIT]
    assert "washing machine" in filled("search", "warranty").stdout


def test_documents(filled: Run, notes: Path) -> None:
    listed = only_json(filled("documents", "list", "--json"))
    assert list(listed) == ["documents", "collections"]
    assert [Path(each["path"]).name for each in listed["documents"]] == ["handbook.md", "年假.md"]
    assert listed["collections"][0]["name"] == "default"
    assert "年假.md" in filled("documents", "list").stdout
    shown = only_json(filled("documents", "show", notes / "handbook.md", "--json"))
    assert shown["text"].startswith("Warranty") or "washing machine" in shown["text"]
    assert "washing machine" in filled("documents", "show", "handbook.md").stdout


def test_tags_are_added_and_taken(filled: Run) -> None:
    assert filled("documents", "tag", "handbook.md", "home", "machines").stderr == "Warranty: #home #machines\n"
    assert filled("documents", "tag", "handbook.md", "home", "--remove").exit_code == 0
    listed = only_json(filled("documents", "list", "--json"))["documents"]
    assert [each["tags"] for each in listed] == [["machines"], []]


def test_removing_by_id_path_and_folder(filled: Run, notes: Path) -> None:
    (notes / "more").mkdir()
    for name in ("a.txt", "b.txt"):
        (notes / "more" / name).write_text(f"Something about {name}.", encoding="utf-8")
    filled("ingest", notes)
    assert filled("documents", "remove", notes / "more").stderr == "Removed 2 documents.\n"
    assert filled("documents", "remove", document_id(filled, "年假.md")).stderr == "Removed 1 document.\n"
    assert filled("documents", "remove", notes / "handbook.md").exit_code == 0
    assert only_json(filled("documents", "list", "--json"))["documents"] == []
    assert (notes / "handbook.md").exists()


def test_removing_a_collection_needs_a_yes(filled: Run) -> None:
    assert filled("documents", "remove", "--collection", "default", "--yes").exit_code == 0
    assert only_json(filled("documents", "list", "--json")) == {"documents": [], "collections": []}


def put_embedder(app: App, model_id: str) -> None:
    """As if it had been pulled."""
    folder = app.store.folder / model_id
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"id": model_id, "role": "embedder"}), encoding="utf-8")


def test_another_embedder_serves_at_once_and_in_all_collections(filled: Run, app: App, notes: Path) -> None:
    assert filled("ingest", notes, "--collection", "work").exit_code == 0
    put_embedder(app, "other-embedder")
    result = filled("models", "use", "other-embedder")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.splitlines() == [
        "other-embedder is now the embedder in use.",
        "Embedded 2 chunks of 'default' with other-embedder.",
        "Embedded 2 chunks of 'work' with other-embedder.",
    ]
    assert read_settings().embedder == "other-embedder"
    listed = only_json(filled("documents", "list", "--json"))["collections"]
    assert {each["embedder"] for each in listed} == {"other-embedder"}
    assert only_json(filled("search", "warranty", "--json"))["hits"]


def test_stopping_a_reembedding_is_one_line_and_it_goes_on_later(filled: Run, app: App) -> None:
    put_embedder(app, "other-embedder")
    other, embed = app.embedders.by_id("other-embedder"), OtherEmbedder.embed_documents

    def interrupted(texts: list[str]) -> list[list[float]]:
        raise KeyboardInterrupt

    other.embed_documents = interrupted  # type: ignore[method-assign]
    result = filled("models", "use", "other-embedder")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.splitlines()[1:] == [
        "Stopped; 'default' answers as before. Go on with: footnote documents reembed"
    ]
    assert only_json(filled("search", "warranty", "--json"))["hits"]
    other.embed_documents = embed.__get__(other)  # type: ignore[method-assign]
    assert filled("documents", "reembed").stderr == "Embedded 2 chunks of 'default' with other-embedder.\n"
    assert filled("documents", "reembed").stderr == "Nothing to do: everything was embedded with other-embedder.\n"


def test_one_collection_alone_is_embedded_anew(filled: Run, app: App, notes: Path) -> None:
    assert filled("ingest", notes, "--collection", "work").exit_code == 0
    app.use("embedder", "other-embedder")
    assert filled("documents", "reembed", "--collection", "work").stderr == (
        "Embedded 2 chunks of 'work' with other-embedder.\n"
    )
    assert app.outdated() == ("default",)


def test_an_embedder_that_is_gone_is_one_line_with_the_ways_out(filled: Run, app: App) -> None:
    app.embedders = fake_embedders(OtherEmbedder())
    app.library, app.indexes = (
        Library(app.library._database, app.embedders),
        Indexes(app.library._database, app.settings.home / "indexes", app.embedders),
    )
    said = mendable(filled("search", "warranty"))
    assert "footnote models pull fake-embedder" in said and "footnote documents reembed --collection default" in said
    assert filled("documents", "reembed").exit_code == 0
    assert only_json(filled("search", "warranty", "--json"))["hits"]


def test_history(filled: Run, tmp_path: Path) -> None:
    asked = only_json(filled("ask", "How long is the warranty?", "--json", replies=[REPLY]))
    listed = only_json(filled("history", "list", "--json"))["conversations"]
    assert [list(each) for each in listed] == [["id", "title", "collection", "created", "updated"]]
    beginning = asked["conversation"][:6]
    assert "two years.[1]" in filled("history", "show", beginning).stdout
    assert "two years" in filled("history", "search", "TWO YEARS").stdout
    assert only_json(filled("history", "search", "two years", "--json"))["found"][0]["message_id"] == asked["message"]
    assert filled("history", "rename", beginning, "Washing").exit_code == 0
    assert "Washing" in filled("history", "list").stdout
    assert filled("history", "export", beginning).stdout.startswith("# Washing\n")
    file = tmp_path / "out.json"
    assert filled("history", "export", beginning, "--format", "json", "--out", file).stdout == ""
    assert json.loads(file.read_text(encoding="utf-8"))["messages"][1]["citations"][0]["quote"] == REPLY
    assert "--out" in mendable(filled("history", "export", beginning, "--out", tmp_path / "no" / "x.md"))
    assert filled("history", "delete", beginning).exit_code == 0
    assert only_json(filled("history", "list", "--json")) == {"conversations": []}


def test_history_comes_back_from_its_export(filled: Run, tmp_path: Path) -> None:
    asked = only_json(filled("ask", "How long is the warranty?", "--json", replies=[REPLY]))
    id, file = asked["conversation"], tmp_path / "out.json"
    assert filled("history", "tag", id, "red", "blue").exit_code == 0
    assert filled("history", "pin", id).exit_code == 0
    assert filled("history", "export", id, "--format", "json", "--out", file).exit_code == 0
    for _ in range(2):
        back = only_json(filled("history", "import", file, "--json"))["conversations"]
        whole = only_json(filled("history", "show", back[0]["id"], "--json"))
        assert whole["tags"] == ["blue", "imported", "red"] and whole["pinned"]
        assert whole["messages"][1]["citations"][0]["quote"] == REPLY
    assert len(only_json(filled("history", "list", "--json"))["conversations"]) == 3
    assert filled("history", "tag", id, "red", "--remove").exit_code == 0
    assert filled("history", "pin", id, "--off").exit_code == 0
    whole = only_json(filled("history", "show", id, "--json"))
    assert (whole["tags"], whole["pinned"]) == (["blue"], False)


@pytest.mark.parametrize(("format", "begins"), [("html", b"<!doctype html>"), ("pdf", b"%PDF-"), ("json", b"{")])
def test_history_is_exported_in_each_format(filled: Run, tmp_path: Path, format: str, begins: bytes) -> None:
    asked = only_json(filled("ask", "How long is the warranty?", "--json", replies=[REPLY]))
    file = tmp_path / "out"
    assert filled("history", "export", asked["conversation"], "--format", format, "--out", file).exit_code == 0
    assert file.read_bytes().startswith(begins)
    assert filled("history", "export", asked["conversation"], "--format", format).stdout_bytes.startswith(begins)


def test_importing_names_each_file_that_is_no_export(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text("[]", encoding="utf-8")
    said = mendable(filled("history", "import", tmp_path / "notes.json", tmp_path / "none.json"))
    assert "notes.json is not a conversation" in said and "none.json" in said


def test_an_id_must_be_given_far_enough(run: Run, app: App) -> None:
    ids = [app.conversations.start(f"c{number}", "default").id for number in range(40)]
    first = next(id[0] for id in ids if sum(other[0] == id[0] for other in ids) > 1)
    assert "Give more of the id" in mendable(run("history", "show", first))


MODEL = [
    "id", "installed", "in_use", "role", "name", "parameters", "backend", "precision", "context", "licence",
    "commercial", "memory", "languages", "language_count", "bytes", "folder",
]  # fmt: skip
ADVICE = ["id", "role", "installed", "fits", "best", "seconds", "memory", "device", "precision", "reason"]


def installed(app: App, model_id: str, *files: str) -> Path:
    """A chat model in the store, with these files."""
    folder = app.store.folder / model_id.replace("/", "--")
    folder.mkdir(parents=True)
    for name in files:
        (folder / name).write_bytes(b"12345")
    (folder / "manifest.json").write_text(json.dumps({"id": model_id, "role": "chat"}), encoding="utf-8")
    return folder


def narrow(text: str) -> str:
    """The text, which a terminal of a hundred columns shows without breaking a line, but for long paths."""
    assert all(len(line) <= 100 or tempfile.gettempdir() in line for line in text.splitlines()), text
    return text


def test_models_are_listed_with_those_that_are_here_first(run: Run, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "qa.chat.discover.discover", lambda: (FoundServer("http://127.0.0.1:11434/v1", "Ollama", ("a",)),)
    )
    folder = installed(app, "org/mine", "config.json")
    listed = only_json(run("models", "list", "--json"))
    assert list(listed) == ["models", "servers"]
    assert all(list(each) == MODEL for each in listed["models"])
    first, *others = listed["models"]
    assert (first["id"], first["installed"], first["folder"]) == ("org/mine", True, str(folder))
    assert {each["id"] for each in others} == {entry.id for entry in entries()}
    assert {each["id"] for each in others if each["in_use"]} == {DEFAULT_CHAT, DEFAULT_EMBEDDER}
    assert listed["servers"] == [{"url": "http://127.0.0.1:11434/v1", "kind": "Ollama", "models": ["a"]}]
    text = narrow(run("models", "list").stdout)
    assert text.index("org/mine") < text.index(DEFAULT_CHAT)
    assert "footnote models use http://127.0.0.1:11434/v1#a" in text
    assert "reranked by the evidence model" in text


def test_models_are_recommended_for_this_machine(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.chat.speed.measure", lambda: Rates(1e12, 2e10))
    result = run("models", "recommend", "--json")
    advice = only_json(result)
    assert result.stderr.startswith("Measuring ")
    assert {"memory", "processors", "free_disk", "gpus"} <= advice.keys()
    assert all(list(each) == ADVICE for each in advice["models"])
    (chat,) = [each for each in advice["models"] if each["best"] and each["role"] == "chat"]
    text = narrow(run("models", "recommend").stdout)
    assert f"Best chat model here: {chat['id']}" in text
    assert f"footnote models pull {chat['id']} && footnote models use {chat['id']}" in text
    assert "commercial use" in text


def test_without_measuring_no_speed_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.chat.speed.measure", lambda: pytest.fail("it measures"))
    result = run("models", "recommend", "--no-measure", "--json")
    assert result.stderr == ""
    assert {each["seconds"] for each in only_json(result)["models"]} == {None}
    assert "speed not measured" in run("models", "recommend", "--no-measure").stdout


def test_removing_a_model_says_what_it_frees(run: Run, app: App) -> None:
    folder = installed(app, "org/mine", "a", "b")
    freed = sum(path.stat().st_size for path in folder.iterdir())
    assert run("models", "remove", "org/mine").stderr == f"Removed org/mine, which frees {freed} bytes.\n"
    assert not folder.exists()


def test_removing_an_embedder_names_the_collections_that_need_it(filled: Run, app: App) -> None:
    put_embedder(app, "fake-embedder")
    said = filled("models", "remove", "fake-embedder").stderr.splitlines()
    assert said[0].startswith("Removed fake-embedder") and "It embedded default." in said[-1]
    assert "footnote documents reembed" in said[-1]


def test_a_server_is_used_from_then_on(run: Run) -> None:
    assert run("models", "use", "http://127.0.0.1:9/v1#tiny").exit_code == 0
    assert read_settings().chat_model == "http://127.0.0.1:9/v1#tiny"


def test_a_reranker_is_used_until_the_evidence_model_comes_back(run: Run, app: App) -> None:
    folder = tiny_ranker.write(app.store.folder / "org--ranker")
    manifest = json.dumps({"id": "org/ranker", "role": "reranker"})
    (folder / "manifest.json").write_text(manifest, encoding="utf-8")
    assert run("models", "use", "org/ranker").exit_code == 0
    assert read_settings().reranker == "org/ranker" and isinstance(app.reranker, CrossEncoderReranker)
    (here,) = [each for each in only_json(run("models", "list", "--json"))["models"] if each["installed"]]
    assert (here["id"], here["role"], here["in_use"]) == ("org/ranker", "reranker", True)
    told = only_json(run("doctor", "--json"))["reranker"]
    assert told["id"] == "org/ranker" and told["backend"].startswith("sentence-transformers ")
    assert "Passages are not reranked" in run("models", "use", "none").stderr
    assert (read_settings().reranker, app.reranker) == ("none", None)
    assert "Passages are not reranked" in narrow(run("models", "list").stdout)
    assert run("models", "use", "evidence").stderr.startswith("Passages are reranked by the evidence model")
    assert read_settings().reranker == "evidence" and app.reranker is app.evidence


def test_a_reranker_that_does_not_load_changes_nothing_and_doctor_says_why(run: Run, app: App, tmp_path: Path) -> None:
    folder = tiny_ranker.write(tmp_path / "ranker")
    run("models", "use", folder)
    (folder / "model.safetensors").write_bytes(b"xx")
    run("models", "use", "evidence")
    assert "does not load" in mendable(run("models", "use", folder))
    assert read_settings().reranker == "evidence" and app.reranker is app.evidence
    change(app.settings, "reranker", str(folder))
    found = only_json(CliRunner().invoke(cli, ["doctor", "--json"], prog_name="footnote"))
    assert (found["reranker"]["id"], found["reranker"]["backend"]) == (str(folder), None)
    assert any("does not load" in each["problem"] for each in found["problems"])


def test_a_folder_that_is_no_embedder_changes_nothing(filled: Run, tmp_path: Path) -> None:
    before = read_settings()
    (tmp_path / "embedder").mkdir()
    (tmp_path / "embedder" / "modules.json").write_text("[]", encoding="utf-8")
    assert "is not there" in mendable(filled("models", "use", tmp_path / "embedder"))
    assert read_settings() == before


def questions(folder: Path, *rows: dict[str, Any]) -> Path:
    file = folder / "questions.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file


WARRANTY = {
    "id": "q1", "question": "How long is the warranty?", "answers": ["two years"], "answerable": True,
    "document": "handbook.md",
}  # fmt: skip
ABSENT = {"id": "q2", "question": "How long is the warranty of the car?", "answers": [], "answerable": False}


def test_eval(filled: Run, tmp_path: Path) -> None:
    out = tmp_path / "answers.jsonl"
    file = questions(tmp_path, WARRANTY, ABSENT)
    figures = only_json(filled("eval", file, "--out", out, "--json", replies=[REPLY, "The documents don't say."]))
    assert (figures["questions"], figures["correct"], figures["refusal_recall"]) == (2, 1.0, 1.0)
    assert (figures["citation_precision"], figures["quote_exactness"], figures["hit_rate"]) == (1.0, 1.0, 1.0)
    assert list(figures["seconds"]) == ["evidence", "first_token", "total"]
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [list(line) for line in lines] == [EVALUATED] * 2
    assert [list(line["seconds"]) for line in lines] == [SECONDS] * 2
    assert only_json(filled("history", "list", "--json")) == {"conversations": []}


def test_eval_in_words_lists_what_went_wrong(filled: Run, tmp_path: Path) -> None:
    result = filled("eval", questions(tmp_path, WARRANTY, ABSENT), "--limit", "1", replies=["The documents don't say."])
    assert result.exit_code == 0
    assert "1 wrong:\nq1  How long is the warranty?\n    wanted: two years\n    said:   The documents" in result.stdout


def test_eval_asks_with_the_turns_before(filled: Run, tmp_path: Path, app: App) -> None:
    row = WARRANTY | {"question": "And it?", "history": [{"role": "user", "text": "What about the warranty?"}]}
    only_json(filled("eval", questions(tmp_path, row), "--json", replies=["How long is the warranty?", REPLY]))
    assert "What about the warranty?" in app.chat.asked[0][-1][1]  # type: ignore[attr-defined]


def test_eval_names_a_bad_line(filled: Run, tmp_path: Path) -> None:
    assert "Line 2 " in mendable(filled("eval", questions(tmp_path, WARRANTY, {"id": "x"})))


def test_stopping_an_eval_keeps_what_was_answered(filled: Run, tmp_path: Path, app: App) -> None:
    app.chat.delay = 0.1  # type: ignore[attr-defined]
    out = tmp_path / "answers.jsonl"
    interrupt_when(lambda: len(app.chat.asked) > 1 and out.exists())  # type: ignore[attr-defined]
    slow = [REPLY, " ".join([REPLY] * 20)]
    result = filled("eval", questions(tmp_path, WARRANTY, WARRANTY), "--out", out, "--json", replies=slow)
    assert result.exit_code == 130, result.output
    assert json.loads(result.stdout)["questions"] == 1
    assert len(out.read_text(encoding="utf-8").splitlines()) == 1


def test_doctor(filled: Run) -> None:
    found = only_json(filled("doctor", "--json"))
    assert list(found) == [
        "python", "system", "processors", "memory", "home", "models_folder", "free_disk", "chinese_font", "watch_limit",
        "machine", "libraries", "ocr", "disk", "settings", "database", "installed", "strangers", "unfinished",
        "chat_model", "embedder", "reranker", "collections", "problems",
    ]  # fmt: skip
    assert (found["database"]["reachable"], found["database"]["check"]) == (True, "ok")
    assert found["chat_model"]["id"] == "qwen2.5-coder-1.5b-instruct"
    assert found["chat_model"]["why"] == found["reranker"]["why"] == "the default"
    (collection,) = found["collections"]
    told = {"name": "default", "documents": 2, "chunks": 2, "embedder": "fake-embedder", "index": "ready"}
    assert told.items() <= collection.items()
    for index in (collection["vectors"], collection["keywords"]):
        assert (index["state"], index["chunks"], index["generation"]) == ("ready", 2, collection["generation"])
    mends = [each["mend"] for each in found["problems"]]
    assert "footnote models pull qwen2.5-coder-1.5b-instruct" in mends
    assert mends.count("footnote models pull multilingual-e5-small") == 1  # embedder and evidence model
    text = narrow(filled("doctor").stdout)
    assert "footnote models pull qwen2.5-coder-1.5b-instruct" in text
    assert "2 documents, 2 chunks" in text


def test_doctor_finds_a_damaged_index_and_one_that_is_missing(filled: Run, app: App, home: Path) -> None:
    app.indexes.close()
    (keywords,) = (home / "indexes").glob("*.keywords")
    keywords.write_bytes(b"not a database" * 1000)
    for leftover in (home / "indexes").glob("*.keywords-*"):
        leftover.unlink()
    for vectors in (home / "indexes").glob("*.faiss"):
        vectors.unlink()
    found = only_json(filled("doctor", "--json"))
    (collection,) = found["collections"]
    assert (collection["keywords"]["state"], collection["vectors"]["state"]) == ("damaged", "missing")
    assert [each["mend"] for each in found["problems"] if str(keywords) in each["problem"]] == [
        f"remove {keywords}; the next question makes it anew from the database"
    ]


def test_doctor_tells_what_would_answer_and_why_not_on_a_gpu(run: Run, app: App) -> None:
    files = [f"openvino_{part}.{end}" for part in ("model", "tokenizer", "detokenizer") for end in ("xml", "bin")]
    installed(app, DEFAULT_CHAT, *files)
    chat = only_json(run("doctor", "--json"))["chat_model"]
    assert (chat["backend"], chat["device"], chat["precision"]) == ("openvino cpu", "cpu", "int8")
    assert chat["memory"] > 1.5e9
    assert chat["why_no_gpu"]
    assert "no GPU: " in narrow(run("doctor").stdout)


def test_doctor_goes_on_where_the_app_cannot_be_made(filled: Run, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: object) -> App:
        raise BadSettings("The address of the chat model is none. Choose another one.")

    monkeypatch.setattr("ui.cli.parts.Parts.app", property(broken))
    found = only_json(filled("doctor", "--json"))
    assert [each["name"] for each in found["collections"]] == ["default"]
    assert "The address of the chat model is none" in [each["problem"] for each in found["problems"]]


def test_doctor_finds_what_is_wrong_in_the_models_folder(run: Run, app: App) -> None:
    installed(app, DEFAULT_CHAT, "openvino_model.xml", "openvino_model.bin")
    (app.store.folder / "junk").mkdir()
    half = app.store.folder / ".partial" / "org--big"
    half.mkdir(parents=True)
    (half / "weights.part").write_bytes(b"123")
    found = only_json(run("doctor", "--json"))
    mends = {each["problem"]: each["mend"] for each in found["problems"]}
    (damaged,) = [problem for problem in mends if "is damaged" in problem]
    assert "openvino_tokenizer.xml" in damaged
    assert mends[damaged] == f"footnote models remove {DEFAULT_CHAT} && footnote models pull {DEFAULT_CHAT}"
    assert any("junk is no model" in problem for problem in mends)
    (unfinished,) = [problem for problem in mends if "org/big" in problem]
    assert "3 bytes" in unfinished and "footnote models pull org/big" in mends[unfinished]
    assert found["unfinished"] == [{"id": "org/big", "bytes": 3}]


def test_doctor_tells_of_a_chat_model_that_was_converted_before_its_probe_was_trained(run: Run, app: App) -> None:
    folder = installed(app, DEFAULT_CHAT, *CHAT_FILES)
    gguf = find(DEFAULT_CHAT, entries()).file
    (folder / "manifest.json").write_text(json.dumps({"id": DEFAULT_CHAT, "role": "chat", "file": gguf}), "utf-8")
    mends = {each["problem"]: each["mend"] for each in only_json(run("doctor", "--json"))["problems"]}
    (lacks,) = [problem for problem in mends if "lacks what was trained for it" in problem]
    assert mends[lacks] == f"footnote models remove {DEFAULT_CHAT} && footnote models pull {DEFAULT_CHAT}"
    assert not any("is damaged" in problem for problem in mends)


def test_doctor_says_that_a_server_does_not_answer(run: Run, home: Path) -> None:
    run("models", "use", "http://127.0.0.1:9/v1#tiny")
    found = only_json(CliRunner().invoke(cli, ["doctor", "--json"], prog_name="footnote"))
    assert found["chat_model"]["answers"] is False
    assert any("127.0.0.1:9" in each["problem"] for each in found["problems"])


def test_doctor_works_on_a_broken_home(home: Path) -> None:
    home.mkdir()
    (home / "footnote.sqlite").write_bytes(b"no database at all" * 1000)
    (home / "settings.toml").write_text("chat_model = [", encoding="utf-8")
    found = only_json(CliRunner().invoke(cli, ["doctor", "--json"], prog_name="footnote"))
    assert found["database"]["reachable"] is False
    assert found["settings"]["readable"] is False
    assert (found["chat_model"], found["collections"]) == (None, [])
    problems = " ".join(each["problem"] for each in found["problems"])
    assert "footnote.sqlite" in problems and "settings.toml" in problems
    text = CliRunner().invoke(cli, ["doctor"], prog_name="footnote").stdout
    assert "cannot be used" in text


def test_serve_says_that_a_port_is_busy(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert "--port" in mendable(run("serve", "--port", port))


def command(*args: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    """A process of its own, which builds everything as a person's would."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | env
    return subprocess.run([sys.executable, *args], env=environment, capture_output=True, check=False)


def test_lists_start_without_the_heavy_libraries() -> None:
    heavy = ("torch", "openvino", "faiss", "langchain_core", "transformers", "streamlit")
    for args in (["--help"], ["history", "list"], ["documents", "list"]):
        done = command("-X", "importtime", "-m", "ui.cli", *args)
        assert done.returncode == 0
        loaded = {line.split(b"|")[-1].strip().split(b".")[0].decode() for line in done.stderr.splitlines()}
        assert not loaded & set(heavy)


def test_without_models_one_line_says_how_to_get_them(notes: Path) -> None:
    done = command("-m", "ui.cli", "ingest", str(notes), "--json")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"footnote models pull" in done.stderr and done.stderr.count(b"\n") == 1


def test_output_is_utf8_in_any_locale(filled: Run) -> None:
    done = command("-m", "ui.cli", "documents", "list", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "年假.md" in done.stdout.decode("utf-8")


def test_watching_brings_in_what_changes(run: Run, notes: Path, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    told, tell = [0], ingest_command._print

    def count(report: Report, as_json: bool) -> None:
        tell(report, as_json)
        told[0] += report.added

    def change() -> None:
        while len(app.library.documents()) < 2:
            time.sleep(0.05)
        (notes / "new.txt").write_text("The office opens at nine.", encoding="utf-8")

    monkeypatch.setattr(ingest_command, "_print", count)
    threading.Thread(target=change, daemon=True).start()
    interrupt_when(lambda: told[0] == 3)
    result = run("ingest", notes, "--watch", "--json")
    assert result.exit_code == 130
    reports = [json.loads(line) for line in result.stdout.splitlines()]
    assert [list(report) for report in reports] == [REPORT] * len(reports)
    assert sum(report["added"] for report in reports) == 3
    assert result.stderr.endswith("Stopped.\n")
