"""Settings: the environment decides the places, one file everything else, and a mistake is named."""

import math
from pathlib import Path

import pytest

from qa.chat import TransformersChat
from storage.errors import BadSettings
from ui.app import build
from ui.places import read_places
from ui.settings import LIMITS, change, read_settings


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
        ("colour = 1", "unknown setting colour"),
        ("[answer]\ncolour = 1", "unknown setting answer.colour"),
        ("[answer]\npassages = 'three'", "answer.passages must be a number"),
        ("[answer]\npassages = -1", "answer.passages must be a number"),
        ("answer = 3", "must be a table"),
        ("chat_model = 3", "chat_model must be"),
        ("reranker = false", "reranker must be"),
        ("idle_minutes = 'long'", "idle_minutes must be a number"),
        ("idle_minutes = 9999", "idle_minutes must be from 0 to 1440"),
        ("[answer]\nleast = 1.5", "answer.least must be from 0 to 1"),
        ("[answer]\nmax_tokens = 3", "answer.max_tokens must be from 16"),
        ("[answer]\nseconds = inf", "answer.seconds must be a number"),
        ("theme = 'pink'", "theme must be one of: 'system', 'light', 'dark'; not 'pink'"),
        ("interface_language = 'de'", "interface_language must be one of: 'auto', 'en', 'zh'"),
        ("interface_language = true", "interface_language must be a text"),
        ("[ask]\nlength = 'endless'", "ask.length must be one of"),
        ("[ask]\ncolour = 1", "unknown setting ask.colour"),
        ("home = '/elsewhere'", "unknown setting home"),
        ("= nonsense", "is not valid TOML"),
    ],
)
def test_a_mistake_is_named(home: Path, text: str, says: str) -> None:
    written(home, text)
    with pytest.raises(BadSettings, match=says):
        read_settings()


def test_choosing_a_model_leaves_the_rest_of_the_file(home: Path) -> None:
    written(home, "# mine\n[answer]\npassages = 3  # few\n")
    change(read_settings(), "chat_model", "org/name")
    change(read_settings(), "embedder", "another")
    change(read_settings(), "reranker", "none")
    settings = read_settings()
    assert (settings.chat_model, settings.embedder, settings.answer.passages) == ("org/name", "another", 3)
    assert settings.reranker == "none"
    assert "# mine" in settings.file.read_text(encoding="utf-8")
    assert "# few" in settings.file.read_text(encoding="utf-8")


def test_a_home_that_cannot_be_written_is_one_line(home: Path) -> None:
    settings = read_settings()
    home.write_text("a file, where the folder should be", encoding="utf-8")
    with pytest.raises(BadSettings, match="cannot be written") as raised:
        change(settings, "chat_model", "org/name")
    assert "\n" not in str(raised.value)


def test_a_file_that_was_broken_meanwhile_is_left_as_it_is(home: Path) -> None:
    settings = read_settings()
    written(home, "= nonsense")
    with pytest.raises(BadSettings, match="is not valid TOML"):
        change(settings, "chat_model", "org/name")
    assert settings.file.read_text(encoding="utf-8") == "= nonsense"


def test_a_change_is_written_beside_what_stands_there(home: Path) -> None:
    written(home, "# mine\nchat_model = 'a'\n\n[answer]\npassages = 3  # few\n")
    settings = read_settings()
    settings = change(settings, "theme", "dark")
    settings = change(settings, "answer.passages", 5)
    settings = change(settings, "ask.language", "zh")
    settings = change(settings, "answer.least", 0.25)
    assert settings == read_settings()
    assert (settings.theme, settings.answer.passages, settings.ask.language) == ("dark", 5, "zh")
    assert settings.answer.least == 0.25 and settings.chat_model == "a"
    text = settings.file.read_text(encoding="utf-8")
    assert text.startswith("# mine\nchat_model = 'a'") and "passages = 5  # few" in text


@pytest.mark.parametrize(
    ("key", "value"),
    [("theme", "pink"), ("answer.passages", 0), ("answer.passages", "many"), ("colour", 1), ("ask.length", "")],
)
def test_a_value_that_is_not_allowed_changes_nothing(home: Path, key: str, value: str | float) -> None:
    written(home, "[answer]\npassages = 3\n")
    settings = read_settings()
    with pytest.raises(BadSettings):
        change(settings, key, value)
    assert settings.file.read_text(encoding="utf-8") == "[answer]\npassages = 3\n" and read_settings() == settings


def test_a_change_keeps_to_its_key_when_the_file_was_edited_meanwhile(home: Path) -> None:
    settings = read_settings()
    written(home, "chat_model = 'other'\n")  # the model that runs is still the one from before
    changed = change(settings, "theme", "light")
    assert (changed.chat_model, changed.theme) == (settings.chat_model, "light")
    assert read_settings().chat_model == "other"


def test_each_limit_is_of_a_setting_and_holds_its_default(home: Path) -> None:
    for key, (least, most) in LIMITS.items():
        part, _, name = key.rpartition(".")
        settings = read_settings()
        assert least <= getattr(getattr(settings, part) if part else settings, name) <= most
