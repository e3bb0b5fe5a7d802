"""Settings: the environment decides the places, one file everything else, and a mistake is named."""

import math
from pathlib import Path

import pytest

from qa.chat import TransformersChat
from storage.errors import BadSettings
from ui.app import build
from ui.places import read_places
from ui.settings import read_settings, use_model


def written(home: Path, text: str) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / "settings.toml").write_text(text, encoding="utf-8")


def test_places_come_from_the_environment(tmp_path: Path) -> None:
    places = read_places({"FOOTNOTE_HOME": str(tmp_path / "h")})
    assert places.home == tmp_path / "h"
    assert places.models == tmp_path / "h" / "models"
    assert places.database_url == f"sqlite:///{(tmp_path / 'h' / 'footnote.sqlite').as_posix()}"
    other = read_places(
        {"FOOTNOTE_HOME": str(tmp_path), "FOOTNOTE_MODELS": str(tmp_path / "m"), "FOOTNOTE_DATABASE_URL": "sqlite://"}
    )
    assert (other.models, other.database_url) == (tmp_path / "m", "sqlite://")


def test_without_a_file_the_defaults_hold(home: Path) -> None:
    settings = read_settings()
    assert (settings.home, settings.file) == (home, home / "settings.toml")
    assert (settings.chat_model, settings.reranker) == ("qwen2.5-coder-1.5b-instruct", "evidence")


def test_the_file_changes_nested_options(home: Path) -> None:
    written(home, 'embedder = "other"\n[answer]\npassages = 3\n[ingest.chunk]\nlimit = 90\n')
    settings = read_settings()
    assert (settings.embedder, settings.answer.passages, settings.ingest.chunk.limit) == ("other", 3, 90)


@pytest.mark.parametrize(("minutes", "seconds"), [("2", 120), ("0", math.inf)])
def test_the_chat_model_is_told_when_to_give_its_memory_back(home: Path, minutes: str, seconds: float) -> None:
    written(home, f"idle_minutes = {minutes}\nchat_model = '{home}'\n")
    (home / "config.json").write_text("{}", encoding="utf-8")
    app = build(read_settings())
    assert isinstance(app.chat, TransformersChat)
    assert app.chat.idle == seconds
    app.close()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("colour = 1", "unknown setting 'colour'"),
        ("[answer]\ncolour = 1", "unknown setting answer.colour"),
        ("[answer]\npassages = 'three'", "answer.passages must be a number"),
        ("[answer]\npassages = -1", "answer.passages must be a number"),
        ("answer = 3", "must be a table"),
        ("chat_model = 3", "chat_model must be"),
        ("reranker = false", "reranker must be"),
        ("idle_minutes = 'long'", "idle_minutes must be a number"),
        ("= nonsense", "is not valid TOML"),
    ],
)
def test_a_mistake_is_named(home: Path, text: str, says: str) -> None:
    written(home, text)
    with pytest.raises(BadSettings, match=says):
        read_settings()


def test_choosing_a_model_leaves_the_rest_of_the_file(home: Path) -> None:
    written(home, "# mine\n[answer]\npassages = 3  # few\n")
    use_model(read_settings(), "chat", "org/name")
    use_model(read_settings(), "embedder", "another")
    use_model(read_settings(), "reranker", "none")
    settings = read_settings()
    assert (settings.chat_model, settings.embedder, settings.answer.passages) == ("org/name", "another", 3)
    assert settings.reranker == "none"
    assert "# mine" in settings.file.read_text(encoding="utf-8")
    assert "# few" in settings.file.read_text(encoding="utf-8")


def test_a_home_that_cannot_be_written_is_one_line(home: Path) -> None:
    settings = read_settings()
    home.write_text("a file, where the folder should be", encoding="utf-8")
    with pytest.raises(BadSettings, match="cannot be written") as raised:
        use_model(settings, "chat", "org/name")
    assert "\n" not in str(raised.value)


def test_a_file_that_was_broken_meanwhile_is_left_as_it_is(home: Path) -> None:
    settings = read_settings()
    written(home, "= nonsense")
    with pytest.raises(BadSettings, match="is not valid TOML"):
        use_model(settings, "chat", "org/name")
    assert settings.file.read_text(encoding="utf-8") == "= nonsense"
