"""What a model that a person names is for."""

from pathlib import Path

from qa.rerank import EVIDENCE, NONE
from storage.models.catalogue import entry
from storage.models.pull import role
from storage.models.store import ModelStore


def role_of(name: str, store: ModelStore) -> tuple[str, str]:
    """What a model that a person names is for, "chat", "embedder" or "reranker", and how the settings write its name.

    A server's address, a folder, the id of an installed model, or "evidence" or "none" in a reranker's place. Raises
    NotFound, ModelUnavailable: pull it first.
    """
    if name in (EVIDENCE, NONE):
        return "reranker", name
    if name.startswith(("http://", "https://")):
        return "chat", name
    installed = {model.id: model.role for model in store.installed()}
    folder = Path(name).expanduser()
    if name not in installed and folder.is_dir():
        found, name = role(folder), str(folder.resolve())
    else:
        if name not in installed and "/" not in name:
            entry(name)  # names the ids there are
        store.path(name)  # says how to fetch it
        found = installed[name]
    return found, name
