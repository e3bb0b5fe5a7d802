"""The chat models: `open_chat` finds the one of a name. Nothing is loaded before `warm` or the first question."""

import math
import re
from pathlib import Path

from qa.chat.model import ChatModel
from qa.chat.openvino import OpenVinoChat
from qa.chat.server import ServerChat
from qa.chat.transformers import TransformersChat
from storage.errors import ModelUnavailable
from storage.models.store import ModelStore

__all__ = ["ChatModel", "OpenVinoChat", "ServerChat", "TransformersChat", "open_chat"]

SERVER = re.compile(r"(?P<url>https?://[^#\s]+?)/?(#(?P<model>.*))?")


def open_chat(model: str, store: ModelStore, idle: float = math.inf) -> ChatModel:
    """Return the chat model of that name: a server's URL, a folder, or an id of the catalogue or of the hub.

    A server is written http://host:port/v1#model-name; without #model-name it is the first that the server offers.
    After `idle` seconds without a question a local model gives its memory back, until the next one.
    Raises ModelUnavailable where the folder holds no chat model, or the store has no such model: pull it first.
    """
    if server := SERVER.fullmatch(model):
        return ServerChat(id=model, url=server["url"], model=server["model"] or "")
    folder = Path(model).expanduser()
    if not folder.is_dir():
        if folder.is_absolute():
            raise ModelUnavailable(f"The folder {folder} is not there. Choose another model: footnote models list")
        folder = store.path(model)
    if (folder / "openvino_model.xml").is_file():
        return OpenVinoChat(id=model, folder=folder, idle=idle)
    if (folder / "config.json").is_file():
        return TransformersChat(id=model, folder=folder, idle=idle)
    raise ModelUnavailable(
        f"There is no chat model in {folder}: it has neither openvino_model.xml nor config.json. "
        "Name a folder with a model, or one of: footnote models list"
    )
