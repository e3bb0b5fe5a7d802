"""The map of a collection, drawn from what SQL holds."""

from pathlib import Path

import pytest

from storage.atlas import Atlas, Drawing, draw
from storage.errors import NotFound
from storage.library import Library
from tests.unit.test_storage_listing import document, library, put

__all__ = ["library"]


def atlas(library: Library) -> Atlas:
    *steps, last = draw(library.database, "c")
    assert isinstance(last, Atlas) and all(isinstance(step, Drawing) for step in steps)
    return last


def test_every_document_has_a_place_and_a_topic(library: Library, tmp_path: Path) -> None:
    put(library, *(document(name, title=f"Title {name}") for name in "cabdefghij"))
    drawn = atlas(library)
    assert [place.document_id for place in drawn.places] == list("abcdefghij")
    assert sum(topic.documents for topic in drawn.topics) == 10
    assert all(abs(place.x) <= 1 and abs(place.y) <= 1 for place in drawn.places)


def test_a_map_is_of_a_generation_and_leaves_attached_documents_out(library: Library) -> None:
    put(library, document("a"), document("b"))
    put(library, document("d"), attached_to="conversation")
    before = atlas(library)
    assert [place.document_id for place in before.places] == ["a", "b"]
    put(library, document("e"))
    assert atlas(library).generation > before.generation


def test_an_empty_collection_has_an_empty_map_and_a_missing_one_none(library: Library) -> None:
    put(library, document("a"))
    library.remove(["a"])
    assert atlas(library).places == ()
    with pytest.raises(NotFound):
        list(draw(library.database, "nothing"))
