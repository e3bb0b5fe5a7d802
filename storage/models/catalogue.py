"""What models there are: facts from catalogue.toml, each file pinned by its hash."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from storage.errors import NotFound

Role = Literal["chat", "embedder", "reranker"]

DEFAULT_CHAT = "qwen2.5-coder-1.5b-instruct"
DEFAULT_EMBEDDER = "multilingual-e5-small"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One model. Sizes and memory in bytes, context in tokens, languages as ISO 639-1 codes.

    `hub` is a repository on the Hugging Face hub that has `file`, or "". `index` names wheels on the package index,
    each holding one file that `data` matches; joined in order they are `file`. See catalogue.toml for the rest.
    """

    id: str
    role: Role
    name: str
    file: str
    sha256: str
    size: int
    folder_size: int
    parameters: int
    memory: int
    context: int
    languages: tuple[str, ...]
    licence: str
    commercial: bool
    hub: str
    index: tuple[str, ...]
    index_size: int
    data: str
    backend: str


@cache
def entries() -> tuple[Entry, ...]:
    """Every model of the catalogue."""
    tables = tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))["model"]
    lists = ("languages", "index")
    return tuple(Entry(**table | {name: tuple(table[name]) for name in lists}) for table in tables)


def entry(model_id: str) -> Entry:
    """The model of that id. Raises NotFound naming the ids there are."""
    return find(model_id, entries())


def find(model_id: str, among: tuple[Entry, ...]) -> Entry:
    """The entry of that id. Raises NotFound naming the ids there are."""
    for known in among:
        if known.id == model_id:
            return known
    raise NotFound(
        f"There is no model {model_id}. Known: {', '.join(known.id for known in among)}; "
        "any other as org/name, from the Hugging Face hub."
    )
