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
    if entry.file:  # one pinned file, turned into a folder
        assert "/" not in entry.id
        assert re.fullmatch("[0-9a-f]{64}", entry.sha256)
        assert entry.hub or entry.index
        assert min(entry.size, entry.folder_size) > 0
    else:  # a repository of the hub, which `pull` takes by its name
        assert entry.id.count("/") == 1
        assert not (entry.hub or entry.sha256 or entry.size or entry.folder_size or entry.index)
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", part) for part in entry.index)  # an exact version each
    assert bool(entry.index) == bool(entry.data) == bool(entry.index_size)


@pytest.mark.parametrize("entry", catalogue.entries(), ids=lambda entry: entry.id)
def test_every_entry_tells_what_a_person_chooses_by(entry: Entry) -> None:
    assert entry.licence and entry.name
    assert min(entry.parameters, entry.context) > 0
    assert 0 <= entry.active <= entry.parameters
    assert entry.languages or entry.language_count
    assert all(re.fullmatch("[a-z]{2}", code) for code in entry.languages)
    assert bool(entry.cache) == (entry.role == "chat")  # keys and values are part of its memory
    assert entry.weights(entry.precision) < entry.memory(entry.precision)


def test_a_licence_that_forbids_business_is_told() -> None:
    assert not catalogue.entry("Qwen/Qwen2.5-3B-Instruct").commercial


def test_memory_is_what_was_measured_of_the_default_models() -> None:
    chat, embedder = catalogue.entry(catalogue.DEFAULT_CHAT), catalogue.entry(catalogue.DEFAULT_EMBEDDER)
    assert chat.memory("int8") == pytest.approx(1.9e9, rel=0.1)
    assert embedder.memory("bf16") == pytest.approx(550e6, rel=0.1)
    # The same model in bfloat16 by transformers took 3.7 GB.
    assert catalogue.entry("Qwen/Qwen2.5-1.5B-Instruct").memory("bf16") == pytest.approx(3.7e9, rel=0.05)


def test_a_mixture_of_experts_is_held_whole() -> None:
    entry = catalogue.entry("OpenVINO/Qwen3-30B-A3B-Instruct-2507-int4-ov")
    assert entry.active < 4e9 < 20e9 < entry.memory("int4")


def test_an_unknown_id_is_told_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match=catalogue.DEFAULT_EMBEDDER):
        catalogue.entry("gpt-9")
