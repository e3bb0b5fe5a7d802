"""`footnote eval`: goes on where it was, never writes over anything else, writes a report, drafts questions."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from storage.errors import ModelUnavailable
from tests.flows.place import fake_app, fill
from ui.app import App
from ui.cli import cli
from ui.cli.parts import Parts

Run = Callable[..., Result]
LEAVE = {"id": "q1", "question": "How many days of leave do staff get?", "answers": ["25 days", "25"],
         "answerable": True, "document": "leave.md"}  # fmt: skip
EXPIRE = {"id": "q2", "question": "When do unused days of leave expire?", "answers": ["31 March"], "answerable": True}
ABSENT = {"id": "q3", "question": "Who is the owner of the staff car park?", "answers": [], "answerable": False}
SAID = ["Staff get 25 days of leave a year.", "Unused days expire on 31 March.", "The documents don't say."]


@pytest.fixture
def app(home: Path, tmp_path: Path) -> Iterator[App]:
    app = fake_app(home)
    fill(app, tmp_path / "notes")
    yield app
    app.close()


@pytest.fixture
def run(app: App) -> Run:
    def run(*args: object, replies: list[Any] | None = None) -> Result:
        app.chat.replies[:] = replies or []  # type: ignore[attr-defined]
        return CliRunner().invoke(cli, ["eval", *map(str, args)], obj=Parts(app), prog_name="footnote")

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path / "questions.jsonl", LEAVE, EXPIRE, ABSENT)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "answers.jsonl"


def written(file: Path, *rows: dict[str, Any]) -> Path:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def figures(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def without_times(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "seconds"}


def test_what_was_answered_is_not_asked_again_and_counts_the_same(run: Run, file: Path, out: Path) -> None:
    whole = figures(run(file, "--out", out, "--json", replies=SAID))
    assert figures(run(file, "--out", out, "--json")) == whole  # no reply is queued: nothing may be asked
    assert [line["id"] for line in lines(out)] == ["q1", "q2", "q3"]
    assert whole["correct"] == 1.0 and whole["intervals"]["correct"][0] < 1.0


def test_a_half_written_last_line_is_asked_again(run: Run, file: Path, out: Path) -> None:
    whole = figures(run(file, "--out", out, "--json", replies=SAID))
    out.write_bytes(out.read_bytes()[:-40])
    result = run(file, "--out", out, "--json", replies=SAID[2:])
    assert without_times(figures(result)) == without_times(whole)
    assert "2 of 3 questions were answered before" in result.stderr
    assert [line["id"] for line in lines(out)] == ["q1", "q2", "q3"]


def test_a_chat_model_that_fails_loses_nothing(run: Run, file: Path, out: Path) -> None:
    result = run(file, "--out", out, "--json", replies=[*SAID[:1], ModelUnavailable("It broke. Ask again.")])
    assert (result.exit_code, result.stdout) == (1, "")
    assert figures(run(file, "--out", out, "--json", replies=SAID[1:]))["questions"] == 3


def test_a_gold_answer_that_was_corrected_counts_without_asking(run: Run, file: Path, out: Path) -> None:
    assert figures(run(file, "--out", out, "--json", replies=SAID))["correct"] == 1.0
    written(file, LEAVE | {"answers": ["30 days"]}, EXPIRE, ABSENT)
    assert figures(run(file, "--out", out, "--json"))["correct"] == 0.5


def test_a_question_in_other_words_is_asked_and_takes_the_place_of_the_old(run: Run, file: Path, out: Path) -> None:
    figures(run(file, "--out", out, "--json", replies=SAID))
    written(file, LEAVE | {"question": "How much leave do staff get a year?"})
    figures(run(file, "--out", out, "--json", replies=SAID[:1]))
    assert [line["question"] for line in lines(out) if line["id"] == "q1"] == ["How much leave do staff get a year?"]
    assert len(lines(out)) == 3  # the answers to others stay


def test_fresh_begins_anew(run: Run, file: Path, out: Path) -> None:
    figures(run(file, "--out", out, "--json", replies=SAID))
    assert figures(run(file, "--out", out, "--fresh", "--limit", "1", "--json", replies=["It is 9."]))["correct"] == 0
    assert len(lines(out)) == 1


def test_answers_of_other_documents_are_not_mixed_in(run: Run, file: Path, out: Path, app: App, tmp_path: Path) -> None:
    figures(run(file, "--out", out, "--json", replies=SAID))
    before = out.read_bytes()
    (tmp_path / "notes" / "more.md").write_text("The car park belongs to the city.", encoding="utf-8")
    list(app.ingest([tmp_path / "notes"], "default"))
    result = run(file, "--out", out, "--json", replies=SAID)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "generation" in result.stderr and "--fresh" in result.stderr
    assert out.read_bytes() == before


@pytest.mark.parametrize("text", ['{"note": "mine"}\n', "Dear diary\nmore\n", "[1]\n"])
def test_a_file_that_holds_something_else_is_left_alone(run: Run, file: Path, out: Path, text: str) -> None:
    out.write_text(text, encoding="utf-8")
    for command in ([file, "--out", out], ["--make", "2", "--out", out]):
        result = run(*command, "--json")
        assert result.exit_code == 1
        assert "something else (line 1)" in result.stderr
        assert out.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["--make", "3"],
        ["{file}", "--make", "3", "--out", "{out}"],
        ["--make", "3", "--out", "{out}", "--limit", "2"],
        ["--make", "3", "--out", "{out}", "--report", "{out}"],
        ["--make", "0", "--out", "{out}"],
        ["{file}", "--fresh"],
        ["{file}", "--out", "{file}"],
    ],
)
def test_what_says_nothing_is_wrong_usage(run: Run, file: Path, out: Path, args: list[str]) -> None:
    before = file.read_bytes()
    result = run(*(arg.format(file=file, out=out) for arg in args))
    assert (result.exit_code, result.stdout) == (2, "")
    assert file.read_bytes() == before and not out.exists()


def test_the_figures_in_words(run: Run, file: Path) -> None:
    result = run(file, replies=[*SAID[:2], "The owner is Staff."])
    assert re.search(r"^correct +1\.0 +0\.\d+ to 1\.000$", result.stdout, re.MULTILINE)
    assert re.search(r"^SECONDS +median +p90 +p95$", result.stdout, re.MULTILINE)


def test_a_report_is_one_page_that_asks_for_nothing_and_trusts_nothing(run: Run, file: Path, tmp_path: Path) -> None:
    nasty = EXPIRE | {"question": "Do <script>alert(1)</script> days expire?", "answers": ["<b>never</b>"]}
    written(file, LEAVE, nasty, ABSENT)
    folder = tmp_path / "report"
    result = run(file, "--report", folder, "--json", replies=SAID)
    assert str(folder / "report.html") in result.stderr
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)" in page and "&lt;b&gt;never" in page
    assert "<script" not in page and "<b>never" not in page
    assert not re.search(r'(?:src|srcset|href)="(?!data:image/png;base64,)', page)
    assert "http://" not in page and "https://" not in page
    assert {path.name for path in folder.iterdir()} >= {"seconds.png", "seconds-dark.png"}
    for image in folder.glob("*.png"):
        assert image.read_bytes().startswith(b"\x89PNG")


def test_a_report_that_cannot_be_written_is_told_before_anything_is_asked(run: Run, file: Path, app: App) -> None:
    result = run(file, "--report", file, replies=SAID)
    assert result.exit_code == 1 and "--report" in result.stderr
    assert app.chat.asked == []  # type: ignore[attr-defined]


DRAFTS = {
    "leave": "Question: How many days of leave do the staff get a year?\nAnswer: 25 days",
    "trip": "问题：出差住宿标准是每晚多少元？\n答案：500元",
}


def ask_by_passage(app: App) -> None:
    """Whichever passage comes first, the reply is about it."""
    chat = app.chat
    begin = chat.begin

    def begin_with(request: Any, reply: Any) -> None:
        chat.replies[:] = [DRAFTS["trip" if "差旅" in request.turns[-1]["content"] else "leave"]]  # type: ignore[attr-defined]
        begin(request, reply)

    object.__setattr__(chat, "begin", begin_with)


def test_questions_are_drafted_and_can_be_asked(run: Run, out: Path, app: App) -> None:
    ask_by_passage(app)
    result = run("--make", "2", "--out", out, "--json")
    assert figures(result) == {"questions": 2, "drafted": 2, "answerable": 2, "unanswerable": 0, "out": str(out)}
    assert sorted((line["document"], line["answers"]) for line in lines(out)) == [
        ("leave.md", ["25 days"]), ("差旅.md", ["500元"]),
    ]  # fmt: skip
    assert all(list(line) == ["id", "question", "answers", "answerable", "document", "context"] for line in lines(out))
    assert figures(run(out, "--json", replies=["25 days.", "500元。"]))["questions"] == 2


def test_drafting_goes_on_and_leaves_what_was_corrected(run: Run, out: Path, app: App) -> None:
    ask_by_passage(app)
    figures(run("--make", "1", "--out", out, "--json"))
    (first,) = lines(out)
    written(out, first | {"answers": ["corrected"]})
    assert figures(run("--make", "2", "--out", out, "--json"))["drafted"] == 1
    assert lines(out)[0]["answers"] == ["corrected"] and lines(out)[1]["document"] != first["document"]
    result = run("--make", "9", "--out", out)
    assert result.exit_code == 0 and "no more than 2 questions" in result.stderr
