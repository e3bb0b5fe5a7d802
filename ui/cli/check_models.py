"""What `doctor` looks at of the models: folders, unfinished downloads; what would answer, embed and rerank, and why."""

from typing import TYPE_CHECKING, Any

from ui.cli.findings import Findings
from ui.cli.parts import Parts
from ui.machine import Machine
from ui.words import size

if TYPE_CHECKING:
    from qa.chat import ChatModel
    from qa.chat.worker import LocalChat
    from ui.settings import Settings

_SILENCE = 3.0  # seconds that a server may take to say which models it has


def check_store(found: Findings, parts: Parts) -> None:
    """The folders of the model store: whole, damaged, foreign, unfinished."""
    from storage.models.damage import damage, outdated

    models = [(model, damage(model.folder, model.role)) for model in parts.store.installed()]
    found.facts["installed"] = [
        {"id": model.id, "role": model.role, "bytes": model.bytes, "damaged": list(names)} for model, names in models
    ]
    for model, names in models:
        again = f"footnote models remove {model.id} && footnote models pull {model.id}"
        if names:
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            missing = f"these files are missing or cut off: {', '.join(names[:5])}{more}"
            found.problem(f"{model.id} is damaged, {missing}", again)
        elif outdated(model.folder):
            found.problem(f"{model.id} lacks what was trained for it since it was fetched: it refuses less well", again)
    strangers = parts.store.strangers()
    found.facts["strangers"] = [str(folder) for folder in strangers]
    for folder in strangers:
        found.problem(f"{folder} is no model that Footnote fetched", "move it out of the models folder")
    found.facts["unfinished"] = [{"id": name, "bytes": there} for name, there in parts.store.unfinished()]
    for half in found.facts["unfinished"]:
        found.problem(
            f"the download of {half['id']} has not ended, {size(half['bytes'])} are there",
            f"footnote models pull {half['id']} goes on with it, footnote models remove {half['id']} deletes it",
        )


def check_in_use(found: Findings, parts: Parts, settings: "Settings | None", machine: Machine) -> None:
    """What would answer, embed and rerank, on what, and why. Loads all but the chat model."""
    if not settings:
        found.facts |= {"chat_model": None, "embedder": None, "reranker": None}
        return
    from qa.chat import open_chat
    from qa.rerank import EVIDENCE
    from storage.embedder import open_embedder
    from storage.models.catalogue import DEFAULT_CHAT, DEFAULT_EMBEDDER

    chat = found.trying(lambda: open_chat(settings.chat_model, parts.store))
    embedder = open_embedder(settings.embedder, parts.store)
    found.facts["chat_model"] = {
        "id": settings.chat_model,
        "backend": chat.backend if chat else None,
        "why": "the default" if settings.chat_model == DEFAULT_CHAT else f"{settings.file} says so",
        **(_chat(found, chat, machine) if chat else {}),
    }
    found.facts["embedder"] = {
        "id": settings.embedder,
        "backend": found.trying(lambda: embedder.backend),
        "why": "the default" if settings.embedder == DEFAULT_EMBEDDER else f"{settings.file} says so",
    }
    found.facts["reranker"] = {
        "id": settings.reranker,
        "backend": _reranker_backend(found, parts, settings.reranker),
        "why": "the default" if settings.reranker == EVIDENCE else f"{settings.file} says so",
    }


def _reranker_backend(found: Findings, parts: Parts, name: str) -> str | None:
    """What ranks the passages; None where it does not load."""
    from qa.evidence.model import open_evidence
    from qa.rerank import EVIDENCE, open_reranker

    if name == EVIDENCE:
        found.trying(open_evidence(parts.store).warm)
        return "part of Footnote"
    reranker = open_reranker(name, parts.store)
    return found.trying(lambda: reranker.backend) if reranker else "passages are not reranked"


def _chat(found: Findings, chat: "ChatModel", machine: Machine) -> dict[str, Any]:
    """Device, precision and memory of a chat model on this machine; whether a server answers."""
    from qa.chat import ServerChat
    from qa.chat.worker import LocalChat

    if isinstance(chat, ServerChat):
        quick = chat.model_copy(update={"silence": _SILENCE})
        found.trying(quick.warm)
        return {"device": "server", "answers": quick.state == "ready"}
    assert isinstance(chat, LocalChat), "a chat model is a server's or local"
    facts = _placed(chat, machine)
    there = machine.gpu.memory if machine.gpu and facts["device"] == "cuda" else machine.memory
    if there is not None and facts["memory"] > there:
        found.problem(
            f"{chat.id} needs {size(facts['memory'])} of memory, and there are {size(there)}",
            "footnote models recommend",
        )
    return facts


def _placed(chat: "LocalChat", machine: Machine) -> dict[str, Any]:
    """Where a local chat model runs, in which precision, what it needs, and why it is not on the GPU."""
    from qa.chat import TransformersChat
    from storage.models.catalogue import BYTES, entries
    from storage.models.disk import size as bytes_in
    from ui.advice import half

    held = bytes_in(chat.folder)
    entry = next((entry for entry in entries() if entry.id == chat.id), None)
    if isinstance(chat, TransformersChat):
        precision = half(machine)  # the folder holds 16 bits a weight
        needs = entry.memory(precision) if entry else round(held * BYTES[precision] / BYTES["bf16"])
        device = machine.gpu.device if machine.gpu else "cpu"
        return {"device": device, "precision": precision, "memory": needs, "why_no_gpu": _why_no_gpu(machine)}
    return {
        "device": "cpu",
        "precision": entry.precision if entry else "as converted",
        "memory": entry.memory(entry.precision) if entry else held,
        "why_no_gpu": "OpenVINO runs on the processor" if machine.gpu else _why_no_gpu(machine),
    }


def _why_no_gpu(machine: Machine) -> str | None:
    if machine.gpu:
        return None
    return "; ".join(f"{gpu.name}: {gpu.why}" for gpu in machine.gpus) or "no NVIDIA or Apple GPU was found"
