"""Models, servers and advice as tables of a hundred columns and as JSON (pure)."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

from ui import render
from ui.words import count, size

if TYPE_CHECKING:
    from qa.chat.discover import FoundServer
    from storage.models.catalogue import Entry
    from storage.models.store import Installed
    from ui.advice import Advice
    from ui.machine import Machine

Object = dict[str, Any]
WIDTH = 100  # columns of a terminal
_TITLES = {"chat": "CHAT MODEL", "embedder": "EMBEDDER", "reranker": "RERANKER"}
_ANSWER = {"chat": ("ANSWER",)}  # what takes a time that is foretold


def model(model_id: str, entry: "Entry | None", there: "Installed | None", in_use: bool) -> Object:
    """What the catalogue and the disk know of a model; every key also where both know nothing."""
    plain = ("role", "name", "parameters", "backend", "precision", "context", "licence", "commercial")
    known: Object = {name: getattr(entry, name, None) for name in plain} | {
        "memory": entry.memory(entry.precision) if entry else None,
        "languages": list(entry.languages) if entry else None,
        "language_count": max(entry.language_count, len(entry.languages)) if entry else None,
        "bytes": entry.download if entry else None,
        "folder": None,
    }
    if there:
        known |= {"role": there.role, "bytes": there.bytes, "folder": str(there.folder)}
    return {"id": model_id, "installed": there is not None, "in_use": in_use} | known


def server(found: "FoundServer") -> Object:
    """A chat server that answers on this machine."""
    return {"url": found.url, "kind": found.kind, "models": list(found.models)}


def listed(folder: Path, models: Sequence[Object], servers: Sequence[Object]) -> str:
    """What is installed, what can be had, and what answers by a URL."""
    here = [(m["id"], m["role"], size(m["bytes"]), "in use" if m["in_use"] else "") for m in models if m["installed"]]
    there = [
        (m["id"], m["role"], _billions(m["parameters"]), size(m["memory"]), f"{m['context']:,}", _licence(m))
        for m in models
        if not m["installed"]
    ]
    head = ("TO BE HAD", "ROLE", "SIZE", "MEMORY", "CONTEXT", "LICENCE")
    blocks = [f"Installed in {folder}:\n" + render.columns([("ID", "ROLE", "ON DISK", ""), *here])] if here else []
    if there:
        blocks.append(render.columns([head, *there]))
    blocks.append(
        "Fetch one with: footnote models pull ID\n"
        "or any other of the Hugging Face hub: footnote models pull ORGANISATION/NAME"
    )
    for each in servers:
        names = "\n".join(f"  footnote models use {each['url']}#{name}" for name in each["models"])
        blocks.append(f"{each['kind']} answers at {each['url']}:\n{names or '  it offers no model yet'}")
    return "\n\n".join(blocks)


def advised(advice: "Advice") -> Object:
    """Advice on a model."""
    facts = asdict(advice) | {"id": advice.entry.id, "role": advice.entry.role}
    order = ("id", "role", "installed", "fits", "best", "seconds", "memory", "device", "precision", "reason")
    return {name: facts[name] for name in order}


def recommended(there: "Machine", advice: "Sequence[Advice]") -> str:
    """The machine, the best of each role, then what fits and what does not."""
    blocks = [machine(there), *(_best(each) for each in advice if each.best)]
    for role, title in _TITLES.items():
        fitting = [each for each in advice if each.fits and each.entry.role == role]
        if fitting:
            head = (title, *_ANSWER.get(role, ()), "MEMORY", "LANGUAGES", "LICENCE")
            blocks.append(render.columns([head, *map(_row, fitting)]))
    large = [(each.entry.id, each.reason.partition(";")[0]) for each in advice if not each.fits]
    if large:
        blocks.append(render.columns([("DOES NOT FIT", "WHY"), *large]))
    return "\n\n".join(blocks)


def _best(advice: "Advice") -> str:
    entry = advice.entry
    reason = fill(advice.reason, WIDTH, initial_indent="  ", subsequent_indent="  ")
    fetch = "" if advice.installed else f"footnote models pull {entry.id} && "
    return f"Best {_TITLES[entry.role].lower()} here: {entry.id}\n{reason}\n  {fetch}footnote models use {entry.id}"


def _row(advice: "Advice") -> tuple[str, ...]:
    entry = advice.entry
    licence = _licence({"licence": entry.licence, "commercial": entry.commercial})
    return entry.id, *_answer(advice), size(advice.memory), _languages(entry), licence


def machine(there: "Machine") -> str:
    """A machine in a line or two."""
    memory = f"{size(there.memory)} of memory" if there.memory else "an unknown amount of memory"
    free = f" ({size(there.available)} free now)" if there.available is not None else ""
    lines = [
        f"{there.processor}, {count(there.processors, 'processor')}",
        *([f"with {', '.join(there.extensions)}"] if there.extensions else []),
        f"{memory}{free}, {size(there.free_disk)} of disk free",
        *(f"{gpu.name}, {gpu.why or 'which torch uses'}" for gpu in there.gpus),
    ]
    return "\n".join(lines)


def _answer(advice: "Advice") -> tuple[str, ...]:
    from ui.advice import whole_seconds

    if advice.entry.role not in _ANSWER:
        return ()
    return ("unknown" if advice.seconds is None else whole_seconds(advice.seconds),)


def _languages(entry: "Entry") -> str:
    named = [code for code in ("en", "zh") if code in entry.languages]
    others = max(entry.language_count, len(entry.languages)) - len(named)
    return " ".join([*named, *([f"+{others}" if named else str(others)] if others else [])])


def _billions(parameters: int) -> str:
    return f"{parameters / 1e9:.2f}B" if parameters < 0.5e9 else f"{parameters / 1e9:.1f}B"


def _licence(facts: Object) -> str:
    return str(facts["licence"]) if facts["commercial"] else "non-commercial"
