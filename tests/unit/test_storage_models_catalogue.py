"""The catalogue's facts hold together."""

import re

import pytest

from storage.errors import NotFound
from storage.models import catalogue
from storage.models.catalogue import Entry


def test_the_defaults_are_the_pinned_ones() -> None:
    chat, embedder = catalogue.entry(catalogue.DEFAULT_CHAT), catalogue.entry(catalogue.DEFAULT_EMBEDDER)
    assert (chat.role, chat.size) == ("chat", 1_117_320_768)
    assert chat.sha256 == "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
    assert [part.split("part")[1] for part in chat.index] == [f"{number}==0.2.0" for number in range(1, 23)]
    assert (embedder.role, embedder.size) == ("embedder", 71_622_400)
    assert embedder.sha256 == "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"


def test_ids_are_told_apart() -> None:
    ids = [entry.id for entry in catalogue.entries()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("entry", catalogue.entries(), ids=lambda entry: entry.id)
def test_every_entry_can_be_fetched_and_checked(entry: Entry) -> None:
    assert re.fullmatch("[0-9a-f]{64}", entry.sha256)
    assert entry.hub or entry.index
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", part) for part in entry.index)  # an exact version each
    assert bool(entry.index) == bool(entry.data) == bool(entry.index_size)
    assert min(entry.size, entry.folder_size, entry.parameters, entry.memory, entry.context) > 0
    assert {"en", "zh"} <= set(entry.languages)


def test_an_unknown_id_is_told_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match=catalogue.DEFAULT_EMBEDDER):
        catalogue.entry("gpt-9")
