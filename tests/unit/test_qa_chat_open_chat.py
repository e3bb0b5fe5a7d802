"""Which chat model a name stands for, and that finding it costs nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from qa.chat import OpenVinoChat, ServerChat, TransformersChat, open_chat
from storage.errors import ModelUnavailable
from storage.models.store import ModelStore


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


def put(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_text("{}", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "url", "model"),
    [
        ("http://localhost:11434/v1#qwen3:4b", "http://localhost:11434/v1", "qwen3:4b"),
        ("https://host/v1/", "https://host/v1", ""),
        ("http://[::1]:8000/v1#org/name", "http://[::1]:8000/v1", "org/name"),
    ],
)
def test_a_url_is_a_server(store: ModelStore, name: str, url: str, model: str) -> None:
    chat = open_chat(name, store)
    assert isinstance(chat, ServerChat)
    assert (chat.id, chat.url, chat.model, chat.state) == (name, url, model, "cold")


def test_a_folder_is_what_lies_in_it(store: ModelStore, tmp_path: Path) -> None:
    openvino = put(tmp_path / "a", "openvino_model.xml", "config.json")
    hugging_face = put(tmp_path / "b", "config.json")
    assert isinstance(open_chat(str(openvino), store), OpenVinoChat)
    assert isinstance(open_chat(str(hugging_face), store), TransformersChat)


def test_a_folder_with_nothing_to_load_is_refused(store: ModelStore, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="neither openvino_model"):
        open_chat(str(put(tmp_path / "c", "notes.txt")), store)


def installed(store: ModelStore, model_id: str, *names: str) -> Path:
    folder = put(store.folder / model_id.replace("/", "--"), *names)
    (folder / "manifest.json").write_text(json.dumps({"id": model_id, "role": "chat"}), encoding="utf-8")
    return folder


def test_what_the_store_has_is_opened_by_id(store: ModelStore) -> None:
    folder = installed(store, "qwen2.5-coder-1.5b-instruct", "openvino_model.xml")
    installed(store, "org/name", "config.json")
    chat = open_chat("qwen2.5-coder-1.5b-instruct", store)
    assert isinstance(chat, OpenVinoChat)
    assert (chat.id, chat.folder) == ("qwen2.5-coder-1.5b-instruct", folder)
    assert isinstance(open_chat("org/name", store), TransformersChat)


@pytest.mark.parametrize("name", ["qwen2.5-coder-1.5b-instruct", "org/name"])
def test_what_the_store_lacks_comes_with_the_command_that_gets_it(store: ModelStore, name: str) -> None:
    with pytest.raises(ModelUnavailable, match=f"footnote models pull {name}"):
        open_chat(name, store)


def test_opening_imports_nothing_heavy(tmp_path: Path) -> None:
    put(tmp_path / "a", "openvino_model.xml")
    put(tmp_path / "b", "config.json")
    program = f"""
import sys
from pathlib import Path
from qa.chat import open_chat
from storage.models.store import ModelStore
store = ModelStore(Path({str(tmp_path)!r}))
chats = [open_chat(name, store) for name in ({str(tmp_path / "a")!r}, {str(tmp_path / "b")!r}, "http://h/v1")]
print([chat.state for chat in chats])
print([name for name in ("torch", "transformers", "openvino", "openvino_genai", "openai") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["['cold', 'cold', 'cold']", "[]"]
