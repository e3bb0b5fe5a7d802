"""What the store lists, finds and deletes, and what it never touches."""

import json
from pathlib import Path

import pytest

from storage.errors import ModelUnavailable, NotFound
from storage.models.catalogue import DEFAULT_CHAT, DEFAULT_EMBEDDER
from storage.models.store import ModelStore, PullProgress

ODD_IDS = ["..", ".", "", "../..", "/", "a/..", "../a", "a/b/c", ".partial", "a\\b", "/etc", "C:x", "a b"]


def install(folder: Path, model_id: str, role: str) -> Path:
    target = folder / model_id.replace("/", "--")
    target.mkdir(parents=True)
    (target / "weights").write_bytes(b"12345")
    (target / "manifest.json").write_text(json.dumps({"id": model_id, "role": role}), encoding="utf-8")
    return target


def nothing(progress: PullProgress) -> None:
    pass


def test_installed_lists_models_and_passes_over_anything_else(tmp_path: Path) -> None:
    install(tmp_path, "org/reader", "chat")
    install(tmp_path, DEFAULT_EMBEDDER, "embedder")
    install(tmp_path / ".partial", "half", "chat")
    (tmp_path / "junk").mkdir()
    (tmp_path / "junk" / "manifest.json").write_text('["not ours"]', encoding="utf-8")
    (tmp_path / "junk.txt").touch()
    listed = ModelStore(tmp_path).installed()
    assert [(model.id, model.role) for model in listed] == [(DEFAULT_EMBEDDER, "embedder"), ("org/reader", "chat")]
    manifest = (tmp_path / "org--reader" / "manifest.json").stat().st_size
    assert listed[1].bytes == 5 + manifest
    assert listed[1].folder == tmp_path / "org--reader"


def test_a_store_that_is_not_there_yet_holds_nothing(tmp_path: Path) -> None:
    assert ModelStore(tmp_path / "none").installed() == ()


def test_a_model_that_is_not_there_is_told_with_the_command_that_brings_it(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=f"Run: footnote models pull {DEFAULT_CHAT}"):
        ModelStore(tmp_path).path(DEFAULT_CHAT)


def test_an_unknown_model_is_told_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=DEFAULT_CHAT):
        ModelStore(tmp_path / "store").pull("gpt-9", nothing)
    assert not (tmp_path / "store").exists()


def test_a_model_that_is_there_is_not_pulled_again(tmp_path: Path) -> None:
    folder = install(tmp_path, DEFAULT_CHAT, "chat")
    assert ModelStore(tmp_path).pull(DEFAULT_CHAT, lambda progress: pytest.fail("nothing to do")) == folder


def test_remove_takes_the_model_and_its_partials_and_nothing_else(tmp_path: Path) -> None:
    install(tmp_path, "org/reader", "chat")
    kept = install(tmp_path, DEFAULT_EMBEDDER, "embedder")
    (tmp_path / ".partial" / "org--reader").mkdir(parents=True)
    (tmp_path / ".partial" / DEFAULT_EMBEDDER).mkdir(parents=True)
    (tmp_path / ".partial" / "org--reader" / "weights.part").write_bytes(b"123")
    manifest = (tmp_path / "org--reader" / "manifest.json").stat().st_size
    assert ModelStore(tmp_path).remove("org/reader") == 3 + 5 + manifest
    assert not (tmp_path / "org--reader").exists()
    assert not (tmp_path / ".partial" / "org--reader").exists()
    assert (kept / "weights").exists()
    assert (tmp_path / ".partial" / DEFAULT_EMBEDDER).exists()


def test_what_a_pull_left_and_what_is_foreign_is_told(tmp_path: Path) -> None:
    install(tmp_path, DEFAULT_EMBEDDER, "embedder")
    half = tmp_path / ".partial" / "org--reader"
    half.mkdir(parents=True)
    (half / "weights.part").write_bytes(b"123")
    (tmp_path / ".partial" / "org--reader.lock").touch()
    (tmp_path / "junk").mkdir()
    assert ModelStore(tmp_path).unfinished() == (("org/reader", 3),)
    assert ModelStore(tmp_path).strangers() == (tmp_path / "junk",)


def test_a_folder_of_somebody_else_is_neither_removed_nor_replaced(tmp_path: Path) -> None:
    (tmp_path / DEFAULT_CHAT).mkdir()
    (tmp_path / DEFAULT_CHAT / "letter.txt").touch()
    (tmp_path / DEFAULT_CHAT / "manifest.json").write_text('{"id": "an extension", "role": "x"}', encoding="utf-8")
    with pytest.raises(NotFound):
        ModelStore(tmp_path).remove(DEFAULT_CHAT)
    with pytest.raises(ModelUnavailable, match="in the way"):
        ModelStore(tmp_path).pull(DEFAULT_CHAT, nothing)
    (tmp_path / ".partial" / DEFAULT_CHAT).mkdir(exist_ok=True)
    ModelStore(tmp_path).remove(DEFAULT_CHAT)  # takes what the pull left, and only that
    assert (tmp_path / DEFAULT_CHAT / "letter.txt").exists()


@pytest.mark.parametrize("model_id", ODD_IDS)
def test_no_id_reaches_outside_the_store(tmp_path: Path, model_id: str) -> None:
    store = tmp_path / "outer" / "store"
    kept = [install(store, DEFAULT_CHAT, "chat") / "weights", store / ".partial" / "half" / "part"]
    kept.append(tmp_path / "outer" / "letter.txt")
    for path in kept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for act in (ModelStore(store).remove, ModelStore(store).path, lambda name: ModelStore(store).pull(name, nothing)):
        with pytest.raises(NotFound):
            act(model_id)
    assert all(path.exists() for path in kept)
