"""Where Footnote keeps things: what the environment decides, before any settings file is read."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path


@dataclass(frozen=True, slots=True)
class Places:
    """The home folder (settings.toml, indexes, uploads), the folder of the models, and the database."""

    home: Path
    models: Path
    database_url: str


def read_places(environment: Mapping[str, str] = os.environ) -> Places:
    """The places that FOOTNOTE_HOME, FOOTNOTE_MODELS and FOOTNOTE_DATABASE_URL name, or their defaults."""
    home = Path(environment.get("FOOTNOTE_HOME") or user_data_path("footnote", appauthor=False)).expanduser().resolve()
    models = Path(environment.get("FOOTNOTE_MODELS") or home / "models").expanduser().absolute()
    url = environment.get("FOOTNOTE_DATABASE_URL") or f"sqlite:///{(home / 'footnote.sqlite').as_posix()}"
    return Places(home, models, url)
