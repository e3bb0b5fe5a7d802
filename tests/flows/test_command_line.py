"""The command line as a contract: exit codes, what goes to which stream, the keys of every JSON object."""

import _thread
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from storage.conversations import Conversations
from storage.database import Database
from storage.errors import ModelUnavailable
from storage.indexes import Indexes
from storage.library import Library
from storage.models.store import ModelStore
from tests.fakes import FakeChat, FakeEmbedder
from ui.app import App
from ui.cli import cli
from ui.cli.parts import Parts
from ui.settings import read_settings

ROOT = Path(__file__).resolve().parents[2]
HANDBOOK = "# Warranty\n\nThe warranty of the washing machine is two years.\n\nKeep the invoice in a dry place.\n"
LEAVE = "# 年假\n\n正式员工每年享有十五天带薪年假。\n"
REPLY = "The warranty of the washing machine is two years."

ANSWER = ["answer", "short_answer", "found", "model", "conversation", "message", "citations", "hits", "seconds"]
CITATION = ["marker", "document", "path", "page", "start", "end", "quote"]
HIT = ["document", "path", "page", "start", "end", "text", "score"]
SECONDS = ["retrieve", "evidence", "first_token", "total"]
REPORT = ["added", "changed", "removed", "unchanged", "failures", "chunks", "seconds"]
EVALUATED = ["id", "question", "answer", "short_answer", "found", "citations", "hits", "seconds"]

Run = Callable[..., Result]


@pytest.fixture
def app(home: Path) -> Iterator[App]:
    settings = read_settings()
    database, embedder = Database(settings.database_url), FakeEmbedder()
    app = App(
        settings, ModelStore(settings.models), embedder, FakeChat(), Library(database, embedder),
        Indexes(database, settings.home / "indexes", embedder), Conversations(database),
    )  # type: ignore[arg-type]  # fmt: skip
    yield app
    app.close()
    database.close()


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
    """Press Ctrl-C half a second after `ready`."""

    def press() -> None:
        while not ready():
            time.sleep(0.02)
        time.sleep(0.5)
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
    assert result.stdout == f"{REPLY}[1]\n\n[1] Warranty: {REPLY}\n    {notes / 'handbook.md'}\n"
    assert result.stderr == "Loading the chat model fake-chat ...\n"


def test_a_refusal_is_an_answer(filled: Run) -> None:
    answer = only_json(filled("ask", "How long is the warranty?", "--json", replies=["The documents don't say."]))
    assert (answer["found"], answer["citations"], answer["short_answer"]) == (False, [], None)
    assert answer["hits"]


def test_a_withdrawn_answer_is_not_printed(filled: Run) -> None:
    result = filled("ask", "How long is the warranty?", replies=["Bananas grow on Mars in 1999."])
    assert result.exit_code == 0
    assert result.stdout.startswith("The documents don't say.\n\nNearest passages:")
    assert "Bananas" not in result.output
    assert "withdrawn" in result.stderr


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
    "args",
    [
        ("ask",),
        ("ask", " "),
        ("ask", "Why?", "--continue", "--conversation", "c1"),
        ("ask", "Why?", "--unknown"),
        ("search", ""),
        ("search", "x", "-k", "0"),
        ("documents", "remove"),
        ("documents", "remove", "--collection", "default"),
        ("documents", "reembed"),
        ("history", "export", "c1", "--format", "pdf"),
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


def test_ctrl_c_keeps_what_came(filled: Run, app: App) -> None:
    app.chat.delay = 0.1  # type: ignore[attr-defined]
    interrupt_when(lambda: bool(app.chat.asked))  # type: ignore[attr-defined]
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


def test_another_embedder_is_refused_with_the_way_out(filled: Run, app: App) -> None:
    app.embedder.id = "another"
    assert "footnote documents reembed --collection default" in mendable(filled("search", "warranty"))
    assert "with another" in filled("documents", "reembed", "--collection", "default").stderr
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


def test_an_id_must_be_given_far_enough(run: Run, app: App) -> None:
    ids = [app.conversations.start(f"c{number}", "default").id for number in range(40)]
    first = next(id[0] for id in ids if sum(other[0] == id[0] for other in ids) > 1)
    assert "Give more of the id" in mendable(run("history", "show", first))


def test_models(run: Run) -> None:
    listed = only_json(run("models", "list", "--json"))["models"]
    assert {each["id"]: each["installed"] for each in listed} == {
        "multilingual-e5-small": False,
        "qwen2.5-coder-1.5b-instruct": False,
    }
    assert all(each["in_use"] for each in listed)
    assert "Apache-2.0" in run("models", "list").stdout
    advice = only_json(run("models", "recommend", "--json"))
    assert list(advice) == ["memory", "processors", "models"]
    assert [list(each) for each in advice["models"]] == [["id", "role", "fits", "reason"]] * 2
    assert "billion parameters" in run("models", "recommend").stdout


def test_a_server_is_used_from_then_on(run: Run) -> None:
    assert run("models", "use", "http://127.0.0.1:9/v1#tiny").exit_code == 0
    assert read_settings().chat_model == "http://127.0.0.1:9/v1#tiny"


def test_another_embedder_in_use_says_what_to_do(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "embedder").mkdir()
    (tmp_path / "embedder" / "modules.json").write_text("[]", encoding="utf-8")
    result = filled("models", "use", tmp_path / "embedder")
    assert result.exit_code == 0
    assert "footnote documents reembed --collection default" in result.stderr
    assert read_settings().embedder == str(tmp_path / "embedder")


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
    interrupt_when(lambda: out.exists() and out.read_text(encoding="utf-8").endswith("\n"))
    slow = [REPLY, " ".join([REPLY] * 20)]
    result = filled("eval", questions(tmp_path, WARRANTY, WARRANTY), "--out", out, "--json", replies=slow)
    assert result.exit_code == 130, result.output
    assert json.loads(result.stdout)["questions"] == 1
    assert len(out.read_text(encoding="utf-8").splitlines()) == 1


def test_doctor(filled: Run) -> None:
    found = only_json(filled("doctor", "--json"))
    assert list(found) == [
        "python", "system", "processors", "memory", "home", "models_folder", "free_disk", "chinese_font", "libraries",
        "database", "installed", "chat_model", "embedder", "collections", "problems",
    ]  # fmt: skip
    assert found["database"]["reachable"] is True
    assert found["chat_model"]["id"] == "qwen2.5-coder-1.5b-instruct"
    assert found["chat_model"]["why"] == "the default"
    assert found["collections"] == [
        {"name": "default", "documents": 2, "chunks": 2, "embedder": "fake-embedder", "index": "ready"}
    ]
    mends = [each["mend"] for each in found["problems"]]
    assert "footnote models pull qwen2.5-coder-1.5b-instruct" in mends
    assert "footnote models pull qwen2.5-coder-1.5b-instruct" in filled("doctor").stdout


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


def test_watching_brings_in_what_changes(run: Run, notes: Path, app: App) -> None:
    def change() -> None:
        while len(app.library.documents()) < 2:
            time.sleep(0.05)
        (notes / "new.txt").write_text("The office opens at nine.", encoding="utf-8")
        while len(app.library.documents()) < 3:
            time.sleep(0.05)
        time.sleep(0.5)
        _thread.interrupt_main()

    threading.Thread(target=change, daemon=True).start()
    result = run("ingest", notes, "--watch", "--json")
    assert result.exit_code == 130
    reports = [json.loads(line) for line in result.stdout.splitlines()]
    assert [list(report) for report in reports] == [REPORT] * len(reports)
    assert sum(report["added"] for report in reports) == 3
    assert result.stderr.endswith("Stopped.\n")
