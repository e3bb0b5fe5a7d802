"""Make one model: fetch, check, convert, sign. All in a work folder; the store renames the result when it is whole."""

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from storage.errors import DownloadFailed
from storage.models import hub
from storage.models.catalogue import Entry, Role
from storage.models.convert import convert
from storage.models.damage import MANIFEST, listed
from storage.models.disk import check_room
from storage.models.sources import Progress, PullProgress, fetch


def make(entry: Entry, work: Path, progress: Progress) -> Path:
    """The folder of a catalogue model, fetched and converted. Raises DownloadFailed, ModelUnavailable, OSError."""
    for stale in work.glob("model-*"):  # of a conversion that was killed
        shutil.rmtree(stale)
    source, folder = work / entry.file, work / f"model-{os.getpid()}"
    fetch(entry, source, work, progress)
    total = entry.folder_size

    def report(written: int) -> None:
        progress(PullProgress("converting", min(written, total), total, entry.file))

    converter = convert(source, folder, total, report)
    report(total)
    _sign(folder, entry.id, entry.role, file=entry.file, sha256=entry.sha256, converter=converter)
    return folder


def copy(repository: str, work: Path, progress: Progress) -> Path:
    """A transformers or OpenVINO folder of the Hugging Face hub as it is. Raises DownloadFailed."""
    commit, files = hub.listing(repository)
    total = sum(file.size for file in files)
    check_room(repository, work, total)
    folder, before = work / commit, 0

    def report(done: int) -> None:
        progress(PullProgress("downloading", before + done, total, "hub"))

    for file in files:
        if not (folder / file.path).exists():
            hub.download(file, folder / file.path, work, report)
        before += file.size
    _sign(folder, repository, role(folder), commit=commit)
    return folder


def _sign(folder: Path, model_id: str, role: Role, **facts: str) -> None:
    when = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = {"id": model_id, "role": role, **facts, "pulled": when, "files": listed(folder)}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")


def role(folder: Path) -> Role:
    """What a model's folder is for, told by its settings, or by what its OpenVINO graph takes and gives.

    Raises DownloadFailed where they do not tell.
    """
    kind = folder / "config_sentence_transformers.json"
    if kind.exists() and '"CrossEncoder"' in kind.read_text(encoding="utf-8", errors="replace"):
        return "reranker"
    if (folder / "modules.json").exists():
        return "embedder"
    if (folder / "openvino_model.xml").exists():
        graph = (folder / "openvino_model.xml").read_text(encoding="utf-8", errors="replace")
        if '"beam_idx"' in graph:  # the input of a model that remembers what it wrote
            return "chat"
        return "reranker" if '"logits"' in graph else "embedder"
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        names = [str(name) for name in config.get("architectures") or []]
    except (FileNotFoundError, AttributeError, TypeError, ValueError) as error:
        raise DownloadFailed(f"{folder} has no config.json that tells what the model is for.") from error
    return "reranker" if any(name.endswith("ForSequenceClassification") for name in names) else "chat"
