"""Maps in the background: each drawn once for a state of its collection."""

from dataclasses import replace

from storage.library import Library
from tests.unit.test_storage_listing import document, library, put
from ui.maps import Maps

__all__ = ["library"]


def test_a_map_is_drawn_once_for_a_state_of_its_collection(library: Library) -> None:
    put(library, *(document(name) for name in "abc"))
    maps = Maps(library.database)
    job = maps.of(library.collections()[0])
    assert job.wait(60) and job.state.atlas and len(job.state.atlas.places) == 3
    assert maps.of(library.collections()[0]) is job
    put(library, document("d"))
    renewed = maps.of(library.collections()[0])
    assert renewed.wait(60) and renewed.state.atlas and len(renewed.state.atlas.places) == 4


def test_a_map_that_could_not_be_drawn_is_drawn_again_on_demand(library: Library) -> None:
    put(library, *(document(name) for name in "abc"))
    maps = Maps(library.database)
    gone = replace(library.collections()[0], name="gone")
    job = maps.of(gone)
    assert job.wait(60) and job.state.atlas is None and "gone" in job.error
    assert maps.of(gone) is job
    maps.forget("gone")
    assert maps.of(gone) is not job
