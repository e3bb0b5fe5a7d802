"""Settings, read once from one file and the environment into one frozen value."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_type_hints

import tomlkit
from tomlkit.exceptions import TOMLKitError

from ingest.pipeline import IngestOptions
from qa.answer import AnswerOptions
from qa.rerank import EVIDENCE
from qa.style import Language, Length
from storage.errors import BadSettings
from storage.models.catalogue import DEFAULT_CHAT, DEFAULT_EMBEDDER
from ui.places import Places, read_places

T = TypeVar("T")

ROLES = {"chat": "chat_model", "embedder": "embedder", "reranker": "reranker"}  # the setting for each role
LIMITS: dict[str, tuple[float, float]] = {  # what a setting may be; others only not less than 0
    "idle_minutes": (0, 1440),
    "answer.candidates": (1, 1000),
    "answer.passages": (1, 50),
    "answer.budget": (50, 100_000),
    "answer.max_tokens": (16, 100_000),
    "answer.seconds": (1, 86_400),
    "answer.least": (0, 1),
}


@dataclass(frozen=True, slots=True)
class AskOptions:
    """How a new conversation begins on the pages."""

    collection: str = ""  # empty: "default", or the one used last where that holds nothing
    length: Length = "normal"
    language: Language = ""  # of the answers; empty: the question's


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
    interface_language: Literal["auto", "en", "zh"] = "auto"  # of the pages; "auto": the browser's
    theme: Literal["system", "light", "dark"] = "system"
    idle_minutes: float = 20.0  # after which a chat model on this machine gives its memory back; 0: never
    ask: AskOptions = field(default_factory=AskOptions)
    ingest: IngestOptions = field(default_factory=IngestOptions)
    answer: AnswerOptions = field(default_factory=AnswerOptions)

    @property
    def file(self) -> Path:
        """The settings file."""
        return self.home / "settings.toml"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this home. Raises BadSettings naming the key that is unknown or of the wrong kind."""
    places = read_places(environment)
    settings = Settings(places.home, places.models, places.database_url)
    try:
        return parse(settings, settings.file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return settings
    except UnicodeDecodeError as exc:
        raise BadSettings(f"{settings.file} is not valid TOML ({exc}). Mend or remove it.") from exc


def parse(places: Settings, text: str) -> Settings:
    """What a settings file with this text says, with the places of others. Raises BadSettings."""
    try:
        return _parsed(places, tomllib.loads(text))
    except tomllib.TOMLDecodeError as exc:
        raise BadSettings(f"{places.file} is not valid TOML ({exc}). Mend or remove it.") from exc


def values(options: Any, prefix: str = "") -> dict[str, str | float]:
    """Every setting by its full name, without the places and the models."""
    found: dict[str, str | float] = {}
    for name in _names(options) - set(ROLES.values()):
        inner = getattr(options, name)
        found |= values(inner, f"{prefix}{name}.") if is_dataclass(inner) else {f"{prefix}{name}": inner}
    return found


def change(settings: Settings, key: str, value: str | float) -> Settings:
    """Write one setting down, as "theme" or "answer.passages", and return the settings with it.

    The rest of the file stays as it is. Raises BadSettings for a value that is not allowed, or where the file cannot
    be read or written; then it is as it was.
    """
    file = settings.file
    part, _, name = key.rpartition(".")
    try:
        document = tomlkit.parse(file.read_text(encoding="utf-8")) if file.exists() else tomlkit.document()
        if part and part not in document:
            document[part] = tomlkit.table()
        table: Any = document[part] if part else document
        table[name] = value
        read = _parsed(settings, document.unwrap())
        _write(file, tomlkit.dumps(document))
    except OSError as exc:
        raise BadSettings(f"{file} cannot be written: {exc.strerror}. Get the right to write there.") from exc
    except (TOMLKitError, UnicodeDecodeError, TypeError, AttributeError) as exc:
        raise BadSettings(f"{file} is not valid TOML ({exc}). Mend or remove it.") from exc
    if not part:
        return replace(settings, **{name: getattr(read, name)})
    inner = replace(getattr(settings, part), **{name: getattr(getattr(read, part), name)})
    return replace(settings, **{part: inner})


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(file)


def _parsed(places: Settings, table: dict[str, Any]) -> Settings:
    defaults = Settings(places.home, places.models, places.database_url)
    return _options(defaults.file, "", defaults, table)


def _options(file: Path, prefix: str, defaults: T, table: object) -> T:
    """The options of one part: its defaults, changed by a table of the file; tables nest as the options do."""
    if not isinstance(table, dict):
        raise BadSettings(f"{file}: [{prefix.rstrip('.')}] must be a table of options.")
    names = _names(defaults)
    kinds = get_type_hints(type(defaults))
    changed: dict[str, Any] = {}
    for name, value in table.items():
        if name not in names:
            raise BadSettings(f"{file}: unknown setting {prefix}{name}. Known are: {', '.join(sorted(names))}.")
        default = getattr(defaults, name)
        if is_dataclass(default):
            changed[name] = _options(file, f"{prefix}{name}.", default, value)
        elif isinstance(default, str):
            changed[name] = _text(file, f"{prefix}{name}", get_args(kinds[name]), value)
        else:
            changed[name] = type(default)(_number(file, f"{prefix}{name}", value))
    return replace(defaults, **changed)  # type: ignore[type-var]


def _names(options: Any) -> set[str]:
    """The options of one part; the places are decided elsewhere."""
    return {f.name for f in fields(options)} - {f.name for f in fields(Places)}


def _text(file: Path, name: str, allowed: tuple[str, ...], value: object) -> str:
    if not isinstance(value, str):
        raise BadSettings(f"{file}: {name} must be a text in quotes.")
    if allowed and value not in allowed:
        raise BadSettings(f"{file}: {name} must be one of: {', '.join(map(repr, allowed))}; not {value!r}.")
    return value


def _number(file: Path, name: str, value: object) -> float:
    least, most = LIMITS.get(name, (0, float("inf")))
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise BadSettings(f"{file}: {name} must be a number, not {value!r}.")
    if not least <= value <= most:
        raise BadSettings(f"{file}: {name} must be from {least:g} to {most:g}, not {value!r}.")
    return value
