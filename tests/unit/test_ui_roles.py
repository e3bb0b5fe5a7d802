"""What a model that a person names is for."""

import json
from pathlib import Path

import pytest

from storage.errors import ModelUnavailable, NotFound
from storage.models.store import ModelStore
from ui.roles import role_of


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


def folder(place: Path, architecture: str) -> str:
    place.mkdir()
    (place / "config.json").write_text(json.dumps({"architectures": [architecture]}), encoding="utf-8")
    return str(place)


def test_a_server_is_named_by_its_address(store: ModelStore) -> None:
    assert role_of("http://127.0.0.1:1/v1#m", store) == ("chat", "http://127.0.0.1:1/v1#m")


def test_a_folder_tells_by_what_is_in_it(store: ModelStore, tmp_path: Path) -> None:
    chat, ranker = folder(tmp_path / "c", "Qwen3ForCausalLM"), folder(tmp_path / "r", "BertForSequenceClassification")
    assert role_of(chat, store) == ("chat", chat)
    (tmp_path / "c" / "modules.json").write_text("[]", encoding="utf-8")
    assert role_of(chat, store) == ("embedder", chat)
    assert role_of(ranker, store) == ("reranker", ranker)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelUnavailable, match=r"has no config\.json"):
        role_of(str(tmp_path / "empty"), store)


def test_a_cross_encoder_saved_by_sentence_transformers_is_no_embedder(store: ModelStore, tmp_path: Path) -> None:
    saved = folder(tmp_path / "r", "BertForSequenceClassification")
    (tmp_path / "r" / "modules.json").write_text("[]", encoding="utf-8")
    about = tmp_path / "r" / "config_sentence_transformers.json"
    about.write_text('{"model_type": "CrossEncoder"}', encoding="utf-8")
    assert role_of(saved, store) == ("reranker", saved)


@pytest.mark.parametrize("word", ["evidence", "none"])
def test_two_words_stand_in_a_rerankers_place(store: ModelStore, word: str) -> None:
    assert role_of(word, store) == ("reranker", word)


def test_what_is_not_here_is_said_with_the_way_to_it(store: ModelStore) -> None:
    with pytest.raises(NotFound, match="There is no model nonsense"):
        role_of("nonsense", store)
    with pytest.raises(ModelUnavailable, match="footnote models pull org/name"):
        role_of("org/name", store)
