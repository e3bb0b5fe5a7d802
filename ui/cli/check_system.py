"""What `doctor` looks at beside the models: machine, libraries, disk, settings, database, collections."""

import os
import platform
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, distributions, version
from typing import TYPE_CHECKING, Any

from ui.cli.findings import Findings
from ui.cli.parts import Parts
from ui.machine import Machine, existing, shows_chinese, watch_limit
from ui.words import size

if TYPE_CHECKING:
    from storage.health import Health, Index
    from ui.settings import Settings

_LIBRARIES = (
    "footnote", "faiss-cpu", "faiss-gpu", "langchain-core", "openvino", "openvino-genai", "rapidocr",
    "sentence-transformers", "sqlalchemy", "streamlit", "torch", "transformers",
)  # fmt: skip
_LITTLE_DISK = 500_000_000
_FEW_WATCHES = 20_000  # Linux's own least are 8,192, which one large folder of a developer uses up


def check_machine(found: Findings, parts: Parts, machine: Machine) -> None:
    """Processor, memory, disk, graphics, fonts."""
    home = parts.places.home
    found.facts |= {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": machine.processors,
        "memory": machine.memory,
        "home": str(home),
        "models_folder": str(parts.places.models),
        "free_disk": machine.free_disk,
        "chinese_font": shows_chinese(),
        "watch_limit": watch_limit(),
        "machine": asdict(machine),
    }
    if machine.free_disk < _LITTLE_DISK:
        found.problem(f"only {size(machine.free_disk)} are free on the disk of {home}", "free some space")
    if not os.access(existing(home), os.W_OK):
        found.problem(
            f"{home} cannot be written", "get the right to write there, or set FOOTNOTE_HOME to another folder"
        )
    if found.facts["chinese_font"] is False:
        found.problem("no font for Chinese is installed", "apt install fonts-noto-cjk, or your system's like")
    if (limit := found.facts["watch_limit"]) is not None and limit < _FEW_WATCHES:
        found.problem(
            f"only {limit:,} folders can be followed for changes (inotify max_user_watches)",
            "echo fs.inotify.max_user_watches=524288 | sudo tee /etc/sysctl.d/60-footnote.conf && sudo sysctl --system",
        )
    for gpu in machine.gpus:
        if gpu.why:
            found.problem(f"the {gpu.name} is not used: {gpu.why}", gpu.mend)


def check_libraries(found: Findings) -> None:
    """The versions of what matters, and two that harm each other."""
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


def check_settings(found: Findings, parts: Parts) -> "Settings | None":
    """The settings, if their file can be read."""
    settings = found.trying(lambda: parts.settings)
    file = parts.places.home / "settings.toml"
    found.facts["settings"] = {"file": str(file), "there": file.exists(), "readable": settings is not None}
    return settings


def check_database(found: Findings, parts: Parts) -> None:
    """Its kind, size and integrity."""
    from storage import health

    database = found.trying(lambda: parts.database)
    found.facts["database"] = facts = {
        "name": database.name if database else None,
        "reachable": database is not None,
        "kind": database.engine.dialect.name if database else None,
        "bytes": health.file_size(database) if database else None,
        "check": found.trying(lambda: health.check(database)) if database else None,
    }
    if database and facts["check"] not in ("ok", "not checked", None):
        file = database.engine.url.database
        found.problem(
            f"SQLite finds damage in {file}: {facts['check']}",
            f"copy {file} to a safe place, then: sqlite3 {file} .recover | sqlite3 mended.sqlite",
        )


def check_collections(found: Findings, parts: Parts, settings: "Settings | None") -> None:
    """What SQL holds of each, and whether its indexes hold the same."""
    from storage import health

    found.facts["collections"] = []
    if not found.facts["database"]["reachable"]:
        return
    folder = parts.places.home / "indexes"
    collections = found.trying(lambda: health.collections(parts.database, folder)) or ()
    app = found.trying(lambda: parts.app) if settings and collections else None
    for collection in collections:
        found.facts["collections"].append(_collection(collection))
        for index in (collection.vectors, collection.keywords):
            if index.state == "damaged":
                found.problem(
                    f"an index of {collection.name!r} is damaged: {index.file}",
                    f"remove {index.file}; the next question makes it anew from the database",
                )
        if app and collection.embedder != app.embedder.id:  # the one in use is looked at with the models
            found.trying(lambda c=collection: app.embedders.of(c.name, c.embedder))  # type: ignore[misc]


def _collection(found: "Health") -> dict[str, Any]:
    states = [found.vectors.state, found.keywords.state]
    return {
        "name": found.name,
        "documents": found.documents,
        "chunks": found.chunks,
        "embedder": found.embedder,
        "generation": found.generation,
        "index": max(states, key=["ready", "behind", "missing", "damaged"].index),
        "vectors": _index(found.vectors),
        "keywords": _index(found.keywords),
    }


def _index(found: "Index") -> dict[str, Any]:
    return {"state": found.state, "chunks": found.chunks, "generation": found.generation, "bytes": found.bytes}


def check_disk(found: Findings, parts: Parts) -> None:
    """What Footnote takes of the disk."""
    from storage.models.disk import size as bytes_in

    home, models = parts.places.home, parts.places.models
    inside = bytes_in(models) if models.is_relative_to(home) else 0
    found.facts["disk"] = {
        "home": bytes_in(home) - inside,
        "indexes": bytes_in(home / "indexes"),
        "models": bytes_in(models),
    }
