"""What is attached to a conversation is found by that conversation alone, on both indexes, and counted nowhere else."""

from dataclasses import replace
from pathlib import Path

import pytest

from storage.asked import Asked
from storage.errors import NotFound
from storage.indexes import EVERYTHING
from storage.records import Document, Filter
from tests.unit.test_storage_library import Place, written


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def attach(place: Place, name: str, *texts: str, to: str, language: str = "en") -> Document:
    document, chunks = written(name, *texts)
    document = replace(document, language=language)
    place.library.replace("c", [replace(place.entry(document, chunks), attached_to=to)])
    return document


def found(place: Place, filter: Filter = EVERYTHING) -> tuple[set[str], set[str]]:
    both = place.indexes.search("c", Asked("whales"), 10, filter)
    return {hit.title for hit in both.vectors}, {hit.title for hit in both.keywords}


def both(*names: str) -> tuple[set[str], set[str]]:
    return set(names), set(names)


def test_only_its_conversation_finds_what_is_attached(place: Place) -> None:
    place.put("a.txt", "whales sing")
    attach(place, "b.txt", "whales dive", to="one")
    attach(place, "c.txt", "whales eat", to="two")
    assert found(place) == both("a.txt")
    assert found(place, Filter(conversation="one")) == both("a.txt", "b.txt")
    assert found(place, Filter(conversation="two")) == both("a.txt", "c.txt")
    assert found(place, Filter(conversation="three")) == both("a.txt")
    assert place.indexes.search("c", Asked("whales"), 10).chunks == 1
    assert place.indexes.search("c", Asked("whales"), 10, Filter(conversation="one")).chunks == 2


def test_it_stays_hidden_however_well_it_fits(place: Place) -> None:
    for number in range(30):
        attach(place, f"{number}.txt", f"whales whales whales {number}", to="one")
    place.put("a.txt", "whales and many words more about boats, nets and the sea")
    assert found(place) == both("a.txt")


def test_no_other_part_of_a_filter_holds_it_back_or_lets_it_in(place: Place) -> None:
    library = place.put("a.txt", "whales sing")
    place.put("b.txt", "whales sleep")
    mine = attach(place, "c.txt", "whales dive", to="one")
    assert found(place, Filter(documents=(library.id,), conversation="one")) == both("a.txt", "c.txt")
    assert found(place, Filter(formats=("pdf",), conversation="one")) == both("c.txt")
    with pytest.raises(NotFound):
        found(place, Filter(documents=(mine.id,)))
    with pytest.raises(NotFound):
        found(place, Filter(documents=(mine.id,), conversation="two"))


def test_a_collection_of_attached_files_alone_and_a_language_of_its_own(place: Place) -> None:
    attach(place, "b.txt", "whales dive", to="one")
    assert found(place) == both()
    assert found(place, Filter(conversation="one")) == both("b.txt")
    place.put("a.txt", "whales sing")
    attach(place, "鲸.txt", "鲸鱼 whales", to="one", language="zh")
    assert found(place, Filter(conversation="one")) == both("a.txt", "b.txt", "鲸.txt")


def test_what_is_removed_or_attached_later_is_followed(place: Place) -> None:
    place.put("a.txt", "whales sing")
    document = attach(place, "b.txt", "whales dive", to="one")
    assert found(place, Filter(conversation="one")) == both("a.txt", "b.txt")
    place.library.remove([document.id])
    assert found(place, Filter(conversation="one")) == both("a.txt")
    attach(place, "c.txt", "whales eat", to="one")
    assert found(place, Filter(conversation="one")) == both("a.txt", "c.txt")


def test_lists_and_counts_leave_it_out_unless_asked(place: Place) -> None:
    library = place.put("a.txt", "whales sing", "and more")
    mine = attach(place, "b.txt", "whales dive", to="one")
    (collection,) = place.library.collections()
    assert (collection.documents, collection.chunks) == (1, 2)
    assert [each.id for each in place.library.documents("c")] == [library.id]
    assert [each.id for each in place.library.documents()] == [library.id]
    (info,) = place.library.documents(attached_to="one")
    assert (info.id, info.attached_to) == (mine.id, "one")
    assert [each.id for each in place.library.known("c")] == [library.id]
    assert [each.id for each in place.library.known("c", "one")] == [mine.id]


def test_it_is_read_by_its_id_and_takes_no_name_from_others(place: Place) -> None:
    mine = attach(place, "a.txt", "whales dive", to="one")
    assert place.library.document(mine.id).text == "whales dive"
    for name in ("a.txt", "/docs/a.txt"):
        with pytest.raises(NotFound):
            place.library.document(name)
