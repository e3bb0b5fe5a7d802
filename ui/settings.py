"""Settings, read once from one file and the environment into one frozen value."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import tomlkit
from tomlkit.exceptions import TOMLKitError

from ingest.pipeline import IngestOptions
from qa.answer import AnswerOptions
from qa.rerank import EVIDENCE
from storage.errors import BadSettings
from storage.models.catalogue import DEFAULT_CHAT, DEFAULT_EMBEDDER
from ui.places import read_places

T = TypeVar("T")

_KEYS = {"chat": "chat_model", "embedder": "embedder", "reranker": "reranker"}  # the setting for each role


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are, which models are in use, and the options of ingest and answers.

    `home` holds the database, the indexes and settings.toml. The environment decides the places
    (FOOTNOTE_HOME, FOOTNOTE_MODELS, FOOTNOTE_DATABASE_URL), the file everything else.
    """

    home: Path
    models: Path
    database_url: str
    chat_model: str = DEFAULT_CHAT
    embedder: str = DEFAULT_EMBEDDER
    reranker: str = EVIDENCE
    idle_minutes: float = 20.0  # after which a chat model on this machine gives its memory back; 0: never
    ingest: IngestOptions = field(default_factory=IngestOptions)
    answer: AnswerOptions = field(default_factory=AnswerOptions)

    @property
    def file(self) -> Path:
        """The settings file."""
        return self.home / "settings.toml"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this home. Raises BadSettings naming the key that is unknown or of the wrong kind."""
    places = read_places(environment)
    file = places.home / "settings.toml"
    table = _read(file)
    defaults = Settings(places.home, places.models, places.database_url)
    ingest = _options(file, "ingest.", defaults.ingest, table.pop("ingest", {}))
    answer = _options(file, "answer.", defaults.answer, table.pop("answer", {}))
    names = {name: table.pop(name) for name in _KEYS.values() if name in table}
    idle = _number(file, "idle_minutes", table.pop("idle_minutes", defaults.idle_minutes))
    if table:
        raise BadSettings(f"{file}: unknown setting {sorted(table)[0]!r}. Take it out.")
    for name, value in names.items():
        if not isinstance(value, str):
            raise BadSettings(f"{file}: {name} must be the id of a model in quotes.")
    return replace(defaults, ingest=ingest, answer=answer, idle_minutes=idle, **names)


def use_model(settings: Settings, role: str, model_id: str) -> Settings:
    """Write down a model as the one in use, and return the settings with it; the rest of the file stays as it is.

    Raises BadSettings where the file cannot be read or written; then it is as it was.
    """
    file = settings.file
    key = _KEYS[role]
    try:
        document = tomlkit.parse(file.read_text(encoding="utf-8")) if file.exists() else tomlkit.document()
        document[key] = model_id
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(".tmp")
        temporary.write_text(tomlkit.dumps(document), encoding="utf-8")
        temporary.replace(file)
    except OSError as exc:
        raise BadSettings(f"{file} cannot be written: {exc.strerror}. Get the right to write there.") from exc
    except (TOMLKitError, UnicodeDecodeError) as exc:
        raise BadSettings(f"{file} is not valid TOML ({exc}). Mend or remove it.") from exc
    return replace(settings, **{key: model_id})  # type: ignore[arg-type]  # both are text


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise BadSettings(f"{file} is not valid TOML ({exc}). Mend or remove it.") from exc


def _options(file: Path, prefix: str, defaults: T, table: object) -> T:
    """The options of one part: its defaults, changed by a table of the file; tables nest as the options do."""
    if not isinstance(table, dict):
        raise BadSettings(f"{file}: [{prefix.rstrip('.')}] must be a table of options.")
    known = {f.name: getattr(defaults, f.name) for f in fields(defaults)}  # type: ignore[arg-type]
    for name, value in table.items():
        if name not in known:
            raise BadSettings(f"{file}: unknown setting {prefix}{name}. Known are: {', '.join(sorted(known))}.")
        if hasattr(known[name], "__dataclass_fields__"):
            known[name] = _options(file, f"{prefix}{name}.", known[name], value)
        else:
            known[name] = type(known[name])(_number(file, f"{prefix}{name}", value))
    return type(defaults)(**known)


def _number(file: Path, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise BadSettings(f"{file}: {name} must be a number, not {value!r}.")
    return value
