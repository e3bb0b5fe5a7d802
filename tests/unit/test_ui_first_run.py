"""The first start fetches what is in use and missing, and nothing else."""

import json
from pathlib import Path

import pytest

from storage.database import Database
from storage.library import Library
from storage.models.store import ModelStore
from ui import first_run

DEFAULTS = ("multilingual-e5-small", "qwen2.5-coder-1.5b-instruct")


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


def test_the_defaults_are_missing_at_first(store: ModelStore) -> None:
    assert set(first_run.missing(store, DEFAULTS)) == set(DEFAULTS)


def test_what_is_there_is_not_fetched_again(store: ModelStore) -> None:
    folder = store.folder / DEFAULTS[0]
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"id": DEFAULTS[0], "role": "embedder"}), encoding="utf-8")
    assert first_run.missing(store, DEFAULTS) == (DEFAULTS[1],)


def test_a_server_or_a_folder_is_the_persons_own_matter(store: ModelStore) -> None:
    assert first_run.missing(store, ("http://127.0.0.1:9/v1", "/models/mine")) == ()


def test_an_empty_library_gets_the_demo(tmp_path: Path) -> None:
    library = Library(Database(f"sqlite:///{(tmp_path / 'f.sqlite').as_posix()}"))
    assert first_run.wants_demo(library)
    assert any(first_run.DEMO.iterdir())
