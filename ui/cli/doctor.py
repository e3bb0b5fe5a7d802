"""`footnote doctor`: what is here, what would be used, and what to mend."""

import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path
from typing import Any

import typer

from storage.errors import FootnoteError
from ui import machine, render
from ui.cli.options import Json
from ui.cli.parts import Parts
from ui.cli.terminal import emit, say
from ui.words import count, size

_LIBRARIES = (
    "footnote", "faiss-cpu", "faiss-gpu", "langchain-core", "openvino", "openvino-genai", "sentence-transformers",
    "sqlalchemy", "streamlit", "torch", "transformers",
)  # fmt: skip
_MEGABYTES = 1_000_000
_LITTLE_DISK = 500 * _MEGABYTES


@dataclass(slots=True)
class Findings:
    """What was found so far; a problem comes with the command that mends it."""

    facts: dict[str, Any] = field(default_factory=dict)
    problems: list[dict[str, str]] = field(default_factory=list)

    def problem(self, what: str, mend: str) -> None:
        """Note something that a person can mend."""
        self.problems.append({"problem": what, "mend": mend})

    def trying(self, what: Callable[[], Any]) -> Any:
        """What `what` returns; if it raises, a problem, whose message says how to mend it, and None."""
        try:
            return what()
        except FootnoteError as exc:
            message, _, mend = " ".join(str(exc).split()).partition(". ")
            self.problem(message, mend.removeprefix("Run: ") or "see the message")
            return None


def doctor(ctx: typer.Context, as_json: Json = False) -> None:
    """Say what is installed, which models would be used, and what to mend."""
    found = Findings()
    _machine(found, ctx.obj)
    _libraries(found)
    _database(found, ctx.obj)
    _models(found, ctx.obj)
    _collections(found, ctx.obj)
    if as_json:
        emit(found.facts | {"problems": found.problems})
    else:
        say(_text(found))


def _machine(found: Findings, parts: Parts) -> None:
    home = parts.places.home
    free = shutil.disk_usage(_existing(home)).free
    found.facts |= {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": machine.processors(),
        "memory": machine.memory(),
        "home": str(home),
        "models_folder": str(parts.places.models),
        "free_disk": free,
        "chinese_font": machine.shows_chinese(),
    }
    if free < _LITTLE_DISK:
        found.problem(f"only {size(free)} are free on the disk of {home}", "free some space")
    if found.facts["chinese_font"] is False:
        found.problem("no font for Chinese is installed", "apt install fonts-noto-cjk, or your system's like")


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())


def _libraries(found: Findings) -> None:
    found.facts["libraries"] = {name: _version(name) for name in _LIBRARIES}
    names = {str(each.metadata["Name"]).lower() for each in distributions()}
    if {"faiss-cpu", "faiss-gpu"} <= names:
        found.problem(
            "faiss-cpu and faiss-gpu are both installed and overwrite each other",
            'pip uninstall -y faiss-cpu faiss-gpu && pip install --no-deps "faiss-gpu>=1.15"',
        )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _database(found: Findings, parts: Parts) -> None:
    database = found.trying(lambda: parts.database)
    found.facts["database"] = {"name": database.name if database else None, "reachable": database is not None}


def _models(found: Findings, parts: Parts) -> None:
    """What would answer and embed, and why it is that one. Loads the embedder, not the chat model."""
    found.facts["installed"] = [
        {"id": model.id, "role": model.role, "bytes": model.bytes} for model in parts.store.installed()
    ]
    settings = found.trying(lambda: parts.settings)
    if not settings:
        found.facts |= {"chat_model": None, "embedder": None}
        return
    from qa.chat import open_chat
    from storage.embedder import open_embedder
    from storage.models.catalogue import DEFAULT_CHAT, DEFAULT_EMBEDDER

    chat = found.trying(lambda: open_chat(settings.chat_model, parts.store))
    embedder = open_embedder(settings.embedder, parts.store)
    backend = found.trying(lambda: embedder.backend)
    found.facts["chat_model"] = {
        "id": settings.chat_model,
        "backend": chat.backend if chat else None,
        "why": "the default" if settings.chat_model == DEFAULT_CHAT else f"{settings.file} says so",
    }
    found.facts["embedder"] = {
        "id": settings.embedder,
        "backend": backend,
        "why": "the default" if settings.embedder == DEFAULT_EMBEDDER else f"{settings.file} says so",
    }


def _collections(found: Findings, parts: Parts) -> None:
    found.facts["collections"] = []
    if not found.facts["database"]["reachable"]:
        return
    for collection in parts.library.collections():
        index = found.trying(lambda name=collection.name: _refreshed(parts, name))  # type: ignore[misc]
        found.facts["collections"].append(
            {
                "name": collection.name,
                "documents": collection.documents,
                "chunks": collection.chunks,
                "embedder": collection.embedder,
                "index": index,
            }
        )


def _refreshed(parts: Parts, collection: str) -> str:
    parts.app.indexes.refresh(collection)
    return "ready"


def _text(found: Findings) -> str:
    facts = found.facts
    memory = size(facts["memory"]) if facts["memory"] else "unknown"
    rows = [
        ("python", f"{facts['python']} on {facts['system']}"),
        ("machine", f"{count(facts['processors'], 'processor')}, {memory} of memory, {size(facts['free_disk'])} free"),
        *((name, number or "not installed") for name, number in facts["libraries"].items()),
        ("home", facts["home"]),
        ("models", f"{facts['models_folder']}: {', '.join(m['id'] for m in facts['installed']) or 'none'}"),
        ("database", facts["database"]["name"] or "cannot be used"),
        *((what.replace("_", " "), _model(facts[what])) for what in ("chat_model", "embedder")),
        *(
            (
                f"collection {c['name']}",
                f"{count(c['documents'], 'document')}, {count(c['chunks'], 'chunk')}, {c['embedder']}, "
                f"index {c['index'] or 'cannot be used'}",
            )
            for c in facts["collections"]
        ),
        ("chinese font", {True: "yes", False: "no", None: "not known"}[facts["chinese_font"]]),
    ]
    problems = [f"- {each['problem']}\n  {each['mend']}" for each in found.problems]
    return render.columns(rows) + "\n\n" + ("\n".join(["Problems:", *problems]) if problems else "No problems.")


def _model(fact: dict[str, Any] | None) -> str:
    if not fact:
        return "not known"
    return f"{fact['id']} ({fact['backend'] or 'cannot be used'}; {fact['why']})"
