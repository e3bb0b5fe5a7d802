"""Every word of the pages is said in two languages, and in the one of the person who looks."""

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.web.conftest import APP
from ui.app import App
from ui.web import speech
from ui.words import Say, english, moment, small_print

ROOT = Path(__file__).resolve().parent.parent.parent
WEB = ROOT / "ui" / "web"
EXPORTS = sorted((ROOT / "ui" / "export").glob("*.py"))
SPEAKING = [
    *sorted(WEB.rglob("*.py")),
    *EXPORTS,
    *(ROOT / "ui" / name for name in ("words.py", "trace.py", "advice.py")),
]
FILES = sorted((WEB / "zh").glob("*.toml"))
# What of a widget a person sees or hears.
VISIBLE = {"label", "title", "help", "placeholder", "caption", "text", "body", "page_title", "unit"}
# These show their first argument as it is; others, as st.session_state.get, show nothing.
SHOWING = {
    "button", "caption", "checkbox", "download_button", "error", "expander", "file_uploader", "form_submit_button",
    "header", "info", "link_button", "markdown", "metric", "multiselect", "number_input", "page_link", "pills",
    "popover", "progress", "radio", "segmented_control", "select_slider", "selectbox", "slider", "spinner", "status",
    "subheader", "success", "tabs", "text", "text_area", "text_input", "title", "toast", "toggle", "warning", "write",
    "chat_input", "date_input", "html", "Dialog", "confirm", "Page", "dialog",
}  # fmt: skip
# Names that are the same in every language.
NAMES = {"Footnote", "English", "简体中文", "Markdown", "HTML", "JSON", "PDF"}
TAG = re.compile(r"<style>.*?</style>|<script>.*?</script>|<[^>]*>?", re.DOTALL)
MARKUP = re.compile(r":material/\w+:|&\w+;|https?://\S+|~/\S+")
WORD = re.compile(r"[A-Za-z]{2,}")


def entries(file: Path) -> dict[str, str]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def literals(node: ast.expr) -> list[str] | None:
    """The texts that an expression can be, where they are all written there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        first, second = literals(node.body), literals(node.orelse)
        return None if first is None or second is None else [*first, *second]
    return None


def called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def said() -> Iterator[tuple[Path, int, ast.Call]]:
    for path in SPEAKING:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if called(node) == "say":
                assert isinstance(node, ast.Call)
                yield path, node.lineno, node


def test_each_text_has_its_chinese_with_the_same_values() -> None:
    chinese = {key: value for file in FILES for key, value in entries(file).items() if file.name != "errors.toml"}
    problems = []
    for path, line, node in said():
        texts = literals(node.args[0])
        place = f"{path.name}:{line}"
        if texts is None:
            problems.append(f"{place}: the text is no literal")
            continue
        given = {keyword.arg for keyword in node.keywords}
        for text in texts:
            if text not in chinese:
                problems.append(f"{place}: no Chinese for {text!r}")
            elif fields(text) != fields(chinese[text]):
                problems.append(f"{place}: other values in the Chinese of {text!r}")
            if None not in given and given and given != fields(text):  # None: a mapping of values
                problems.append(f"{place}: {text!r} is given {sorted(given)}")  # type: ignore[type-var]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_chinese_is_left_over(file: Path) -> None:
    if file.name == "errors.toml":
        return  # see test_errors_in_chinese.py
    used = {text for _, _, node in said() for text in literals(node.args[0]) or ()}
    assert not sorted(entries(file).keys() - used)


def test_a_text_has_one_chinese_in_all_files() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for file in FILES:
        for key, value in entries(file).items() if file.name != "errors.toml" else ():
            there, other = seen.setdefault(key, (value, file.name))
            assert there == value, f"{key!r} is {there!r} in {other} and {value!r} in {file.name}"


def words(node: ast.expr) -> list[str]:
    """The words of a text that stand in the code itself, without those of HTML, of icons and of say()."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        # What is put in between can be a tag's attribute: it stands as nothing between the literal parts.
        whole = "".join(str(p.value) if isinstance(p, ast.Constant) else "\0" for p in node.values)
        inside = [w for p in node.values if isinstance(p, ast.FormattedValue) for w in words(p.value)]
        return [whole, *inside]
    if isinstance(node, ast.BoolOp) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)):  # no paths
        sides = [node.left, node.right] if isinstance(node, ast.BinOp) else node.values
        return [word for side in sides for word in words(side)]
    if isinstance(node, ast.IfExp):
        return [*words(node.body), *words(node.orelse)]
    if isinstance(node, ast.List | ast.Tuple):
        return [word for each in node.elts for word in words(each)]
    return []


def unsaid(path: Path) -> list[str]:
    """The visible words of a page that do not go through say()."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if called(node) not in SHOWING:
            continue
        assert isinstance(node, ast.Call)
        shown = [*node.args[:1], *(k.value for k in node.keywords if k.arg in VISIBLE)]
        if called(node) in ("Page", "page_link"):
            shown = shown[len(node.args[:1]) :]  # its first argument is a file
        for text in (word for each in shown for word in words(each)):
            bare = MARKUP.sub(" ", TAG.sub(" ", text)).replace("\0", "…").strip(" …")
            if WORD.search(bare) and bare not in NAMES:
                found.append(f"{path.name}:{node.lineno}: {bare!r}")
            found += [f"{path.name}:{node.lineno}: {label!r}" for label in ARIA.findall(text) if WORD.search(label)]
    return found


ARIA = re.compile(r"(?:aria-label|title|alt)=\"([^\"\0]*)")


@pytest.mark.parametrize("path", sorted(WEB.rglob("*.py")), ids=lambda path: path.stem)
def test_nothing_visible_is_said_in_english_alone(path: Path) -> None:
    assert not unsaid(path), "\n".join(unsaid(path))


def test_the_check_sees_what_is_not_said(tmp_path: Path) -> None:
    page = tmp_path / "page.py"
    page.write_text(
        'st.button("Add", key="add")\n'
        'st.html(f\'<div class="fn-note">{say("Empty")}</div>\')\n'
        "st.html(f'<p aria-label=\"Passages\">{a}</p><b>Note {b}</b>')\n"
        'st.text_input(say("Name"), placeholder="Your name" if new else say("Name"))\n'
        'st.Page("chat.py", title="Chat", icon=":material/forum:")\n'
        'st.title("Footnote")\nst.caption(f"{n} · {m}")\n',
        encoding="utf-8",
    )
    assert [line.split(": ", 1)[1] for line in unsaid(page)] == ["'Add'", "'Note'", "'Passages'", "'Your name'",
                                                                "'Chat'"]  # fmt: skip


def test_outside_a_page_it_is_english_and_braces_in_values_are_kept() -> None:
    assert speech.say("{model} is here.", model="{a} and {model}") == "{a} and {model} is here."
    assert speech.say("Nothing {here}") == "Nothing {here}"  # without values, nothing is put in


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "language", lambda: "zh")


@pytest.mark.usefixtures("chinese")
def test_numbers_and_times_are_said_in_chinese() -> None:
    from dataclasses import replace
    from datetime import UTC, datetime

    from storage.anchors import Cells, Lines
    from storage.records import Citation, Message, Timings

    when = datetime(2025, 11, 24, 9, 58).astimezone()
    assert speech.moment(when) == "2025 年 11 月 24 日 09:58"
    assert moment(when, now=when, say=speech.say) == "今天 09:58" and moment(when) == "24 Nov 2025, 09:58"
    assert [speech.size(n) for n in (1, 640, 3_400_000)] == ["1 字节", "640 字节", "3.4 MB"]
    assert [speech.duration(n) for n in (0.4, 38, 240, 7500)] == ["0.4 秒", "38 秒", "4 分钟", "2 小时 5 分钟"]
    cited = Citation(1, "d", "手册", "/手册.pdf", 3, 0, 1, "年", 0, 1)
    assert speech.place(cited) == "手册，第 3 页" and speech.place(replace(cited, page=None)) == "手册"
    assert speech.place(replace(cited, path="/表.xlsx", spot=Cells(5, 1, 6, 4))) == "手册，第 3 个工作表，A5:D6"
    assert speech.place(replace(cited, path="/a.txt", page=None, spot=Lines(3, 9))) == "手册，第 3–9 行"
    times = Timings(evidence=0.4, first_token=2, total=9)
    message = Message("m", "assistant", "", datetime(2025, 1, 2, tzinfo=UTC), model="qwen", timings=times)
    assert speech.small_print(message).endswith(" · qwen · 证据 0.4 秒 · 首字 2.0 秒 · 共 9.0 秒")
    assert small_print(message, english).endswith(" · qwen · evidence 0.4 s · first word 2.0 s · total 9.0 s")


@pytest.mark.parametrize(
    ("choice", "browser", "title"),
    [("zh", "en-GB", "模型"), ("en", "zh-CN", "Models"), ("auto", "zh-TW", "模型"), ("auto", "de", "Models"),
     ("auto", None, "Models")],
)  # fmt: skip
def test_the_page_speaks_as_it_is_set_or_as_the_browser(
    app: App, monkeypatch: pytest.MonkeyPatch, choice: str, browser: str | None, title: str
) -> None:
    from dataclasses import replace

    app.settings = replace(app.settings, interface_language=choice)
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.locale", browser)
    at = AppTest.from_file(str(APP), default_timeout=60).switch_page("models.py").run()
    assert not at.exception and at.title[0].value == title


def a_say(say: Say) -> Say:
    return say


def test_both_ways_of_saying_fit() -> None:
    assert a_say(english)("{n} s", n=2) == a_say(speech.say)("{n} s", n=2) == "2 s"
