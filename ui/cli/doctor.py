"""`footnote doctor`: what is here, what would be used and why, and what to mend."""

from textwrap import wrap
from typing import Any

import typer

from ui import machine
from ui.cli.check_models import check_in_use, check_store
from ui.cli.check_reading import check_reading
from ui.cli.check_system import (
    check_collections,
    check_database,
    check_disk,
    check_libraries,
    check_machine,
    check_settings,
)
from ui.cli.findings import Findings
from ui.cli.options import Json
from ui.cli.parts import Parts
from ui.cli.tables import WIDTH
from ui.cli.tables import machine as machine_text
from ui.cli.terminal import emit, say
from ui.words import count, size

Facts = dict[str, Any]


def doctor(ctx: typer.Context, as_json: Json = False) -> None:
    """Say what is installed, which models would be used and why, and what to mend."""
    found, parts = Findings(), ctx.obj
    there = machine.read(parts.places.home)
    _examine(found, parts, there)
    if as_json:
        emit(found.facts | {"problems": found.problems})
    else:
        say(_text(found, there))


def _examine(found: Findings, parts: Parts, there: machine.Machine) -> None:
    check_machine(found, parts, there)
    check_libraries(found)
    check_reading(found)
    check_disk(found, parts)
    settings = check_settings(found, parts)
    check_database(found, parts)
    check_store(found, parts)
    check_in_use(found, parts, settings, there)
    check_collections(found, parts, settings)


def _text(found: Findings, there: machine.Machine) -> str:
    facts = found.facts
    libraries = [f"{name} {number}" for name, number in facts["libraries"].items() if number]
    disk = facts["disk"]
    rows = [
        ("python", f"{facts['python']} on {facts['system']}"),
        *(("machine", line) for line in machine_text(there).splitlines()),
        ("libraries", ", ".join(libraries)),
        ("home", f"{facts['home']} ({size(disk['home'])}, of which indexes {size(disk['indexes'])})"),
        ("settings", _settings(facts["settings"])),
        ("database", _database(facts["database"])),
        ("models", f"{facts['models_folder']} ({size(disk['models'])})"),
        *(("", _installed(model)) for model in facts["installed"]),
        ("chat model", _chat(facts["chat_model"])),
        ("embedder", _in_use(facts["embedder"])),
        ("reranker", _in_use(facts["reranker"])),
        *((f"collection {each['name']}", _collection(each)) for each in facts["collections"]),
        ("chinese font", {True: "yes", False: "no", None: "not known"}[facts["chinese_font"]]),
        ("text in pictures", "can be read" if facts["ocr"]["works"] else "cannot be read"),
        ("following", _following(facts["watch_limit"])),
    ]
    problems = [f"- {_hung(each['problem'], 2)}\n  {_hung(each['mend'], 2)}" for each in found.problems]
    return _rows(rows) + "\n\n" + ("\n".join(["Problems:", *problems]) if problems else "No problems.")


def _rows(rows: list[tuple[str, str]]) -> str:
    """Names and values side by side, long values wrapped; a name is told once for values that follow each other."""
    left = max(len(name) for name, _ in rows) + 2
    lines, before = [], ""
    for name, value in rows:
        lines.append(("" if name == before else name).ljust(left) + _hung(value, left))
        before = name
    return "\n".join(lines)


def _hung(text: str, indent: int) -> str:
    lines = wrap(text, WIDTH - indent, break_long_words=False, break_on_hyphens=False) or [""]
    return f"\n{' ' * indent}".join(lines)


def _settings(facts: Facts) -> str:
    if not facts["there"]:
        return "all defaults, no settings.toml"
    return facts["file"] if facts["readable"] else f"{facts['file']} cannot be used"


def _database(facts: Facts) -> str:
    if not facts["reachable"]:
        return "cannot be used"
    bytes_ = f", {size(facts['bytes'])}" if facts["bytes"] is not None else ""
    return f"{facts['name']}{bytes_}, integrity {facts['check'] or 'not known'}"


def _installed(model: Facts) -> str:
    return f"{model['id']}, {model['role']}, {size(model['bytes'])}{', damaged' if model['damaged'] else ''}"


def _in_use(facts: Facts | None) -> str:
    if not facts:
        return "not known"
    return f"{facts['id']} ({facts['backend'] or 'cannot be used'}; {facts['why']})"


def _chat(facts: Facts | None) -> str:
    if not facts or not facts["backend"]:
        return _in_use(facts)
    if facts["device"] == "server":
        return f"{_in_use(facts)}, {'answers' if facts['answers'] else 'does not answer'}"
    gpu = f"; no GPU: {facts['why_no_gpu']}" if facts["why_no_gpu"] else ""
    where = f"on {facts['device']} in {facts['precision']}, about {size(facts['memory'])} of memory"
    return f"{_in_use(facts)}, {where}{gpu}"


def _following(limit: int | None) -> str:
    return f"{limit:,} folders at most (inotify)" if limit is not None else "no limit is known"


def _collection(facts: Facts) -> str:
    index = f"index {facts['index']}"
    if facts["index"] == "ready":
        index += f" ({size(facts['vectors']['bytes'] + facts['keywords']['bytes'])})"
    elif facts["index"] in ("behind", "missing"):
        index += ", which the next question mends"
    return f"{count(facts['documents'], 'document')}, {count(facts['chunks'], 'chunk')}, {facts['embedder']}, {index}"
