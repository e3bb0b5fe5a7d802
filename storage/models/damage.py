"""What is missing of a model's folder: of what its pull wrote down, of what its backend needs, and of what is new."""

import json
from pathlib import Path
from typing import Any

from storage.models.catalogue import Role
from storage.models.convert import CHAT_FILES
from storage.models.graph import NAME as ENCODER
from storage.models.probe import PROBE, find

# The manifest is the last file that a pull writes: what it lists was there then.
MANIFEST = "manifest.json"
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "sentencepiece.bpe.model")
_INDEX = "model.safetensors.index.json"


def listed(folder: Path) -> dict[str, int]:
    """Every file of a folder with its bytes, for the manifest."""
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in _files(folder)}


def damage(folder: Path, role: Role) -> tuple[str, ...]:
    """The files that are missing or cut off, in order of their names; none for a folder that should load."""
    pulled = _json(folder / MANIFEST).get("files", {})
    changed = [name for name, size in pulled.items() if not _has(folder / name, size)]
    return tuple(sorted({*changed, *_lacking(folder, role)}))


def outdated(folder: Path) -> bool:
    """Whether a model was converted without the probe that would be built into it now, or with another one."""
    source = _json(folder / MANIFEST).get("file")
    probe = find(Path(source)) if source else None
    return probe is not None and _json(folder / PROBE).get("id") != probe.id  # the first ones had none


def _lacking(folder: Path, role: Role) -> list[str]:
    if any((folder / name).exists() for name in CHAT_FILES):
        return _absent(folder, CHAT_FILES)
    names = ["config.json"]
    if role == "embedder" and (folder / ENCODER).exists():
        return _absent(folder, [*names, "tokenizer.json", Path(ENCODER).with_suffix(".bin").name])
    if role == "embedder":
        names.append("modules.json")
    names += sorted(set(_json(folder / _INDEX).get("weight_map", {}).values()))
    lacking = _absent(folder, names)
    if not any(folder.glob("*.safetensors")):
        lacking.append("*.safetensors")
    if not any((folder / name).exists() for name in _TOKENIZERS):
        lacking.append("tokenizer.json")
    return lacking


def _absent(folder: Path, names: list[str] | tuple[str, ...]) -> list[str]:
    return [name for name in names if not _has(folder / name)]


def _has(file: Path, size: int | None = None) -> bool:
    return file.is_file() and (size is None or file.stat().st_size == size)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _json(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
