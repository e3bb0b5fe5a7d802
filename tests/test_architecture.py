"""The shape of the code: who may import whom, how long things get, and what the package carries."""

import ast
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

MAY_IMPORT = {"storage": set(), "ingest": {"storage"}, "qa": {"storage"}, "ui": {"storage", "ingest", "qa"}}
# Slow to import: only inside functions, so that the commands that need none of them start at once.
HEAVY = {
    "faiss",
    "openai",
    "openvino",
    "openvino_genai",
    "openvino_tokenizers",
    "peft",
    "sentence_transformers",
    "streamlit",
    "torch",
    "transformers",
}
UNSAFE = {"dill", "marshal", "pickle", "shelve"}
VAGUE_NAMES = {"base", "common", "factory", "helpers", "manager", "service", "utils"}
UNFINISHED = ("TODO", "FIXME", "XXX")

LONGEST_FILE = 300
LONGEST_FUNCTION = 50

MIGRATIONS = ROOT / "storage" / "migrations" / "versions"
PRODUCT = [path for package in MAY_IMPORT for path in sorted((ROOT / package).rglob("*.py"))]
TESTS = [path for path in sorted((ROOT / "tests").rglob("*.py")) if path != Path(__file__).resolve()]


def name_of(path: Path) -> str:
    """Return the path as a person writes it."""
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a source file."""
    return ast.parse(path.read_text(encoding="utf-8"), name_of(path))


def imports(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """Yield the line and the top-level module of each absolute import among the nodes."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.lineno, (node.module or "").split(".")[0]


def loaded_on_import(tree: ast.Module) -> list[ast.AST]:
    """Return the nodes that run when the module is imported: all but function bodies and `if TYPE_CHECKING`."""
    nodes: list[ast.AST] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting.extend(node.orelse)
            continue
        waiting.extend(ast.iter_child_nodes(node))
    return nodes


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_imports_run_downwards_only(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    forbidden = (MAY_IMPORT.keys() | {"tests"}) - MAY_IMPORT[package] - {package}
    for line, module in imports(ast.walk(parsed(path))):  # walks into functions too: no import may hide there
        assert module not in forbidden, f"{name_of(path)}:{line} imports {module}"


# The web pages run inside Streamlit, which is loaded by then; training is a command of its own, all of it torch.
LOADED = (ROOT / "ui/web", ROOT / "qa/evidence/training")


@pytest.mark.parametrize("path", [p for p in PRODUCT if not any(map(p.is_relative_to, LOADED))], ids=name_of)
def test_heavy_libraries_are_imported_inside_functions(path: Path) -> None:
    for line, module in imports(loaded_on_import(parsed(path))):
        assert module not in HEAVY, f"{name_of(path)}:{line} imports {module} at module level"


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_files_and_functions_stay_short(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_FILE, f"{name_of(path)} has {lines} lines"
    if path.parent == MIGRATIONS:  # flat lists of columns, written once and never changed
        return
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length < LONGEST_FUNCTION, f"{name_of(path)}:{node.lineno} {node.name} has {length} lines"


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_modules_are_named_for_what_they_hold(path: Path) -> None:
    assert path.stem not in VAGUE_NAMES


@pytest.mark.parametrize("path", [path for path in PRODUCT if not path.is_relative_to(ROOT / "ui")], ids=name_of)
def test_only_the_ui_prints(path: Path) -> None:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", f"{name_of(path)}:{node.lineno} prints"


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_nothing_is_unpickled_and_no_foreign_code_trusted(path: Path) -> None:
    nodes = list(ast.walk(parsed(path)))
    for line, module in imports(nodes):
        assert module not in UNSAFE, f"{name_of(path)}:{line} imports {module}"
    for node in nodes:
        if isinstance(node, ast.keyword) and node.arg == "trust_remote_code":
            assert ast.unparse(node.value) == "False", f"{name_of(path)}:{node.value.lineno} trusts remote code"


@pytest.mark.parametrize("path", PRODUCT + TESTS, ids=name_of)
def test_nothing_is_left_unfinished(path: Path) -> None:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        assert not any(mark in line for mark in UNFINISHED), f"{name_of(path)}:{number} {line.strip()}"


def carried() -> dict[str, list[Path]]:
    """Return the files that each package-data pattern of pyproject.toml finds, by "package/pattern"."""
    patterns: dict[str, list[str]] = PYPROJECT["tool"]["setuptools"]["package-data"]
    return {
        f"{package}/{pattern}": [path for path in (ROOT / package).glob(pattern) if path.is_file()]
        for package, globs in patterns.items()
        for pattern in globs
    }


def test_every_data_file_is_carried_by_the_package() -> None:
    known = {path for paths in carried().values() for path in paths}
    data = {
        path
        for package in MAY_IMPORT
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    assert sorted(map(name_of, data - known)) == []


@pytest.mark.parametrize("pattern", sorted(name for name in carried() if any((ROOT / name).parent.glob("*.*"))))
def test_every_package_data_pattern_finds_files(pattern: str) -> None:
    assert carried()[pattern], f"pyproject.toml names {pattern}, which matches nothing"


def test_the_changelog_tells_of_this_version() -> None:
    version = PYPROJECT["project"]["version"]
    assert f"\n## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_dependency_is_locked() -> None:
    locked = {
        line.split("==")[0]
        for name in ("requirements.lock", "requirements-dev.lock")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if line[:1].isalnum()
    }
    wanted = PYPROJECT["project"]["dependencies"] + PYPROJECT["dependency-groups"]["dev"]
    names = {requirement.split("[")[0].split(">")[0].split("=")[0].strip() for requirement in wanted}
    assert names - locked == {"torch"}  # which build of it fits depends on the machine: see the Makefile
    assert "openvino-telemetry" not in locked  # sends data without asking, and openvino runs without it
