"""A collection that is renamed keeps its documents and conversations, and takes nothing from its successor."""

import pytest

from storage.conversations import Conversations
from storage.errors import BadSettings, NotFound
from storage.library import Library
from storage.renaming import LONGEST, rename_collection
from tests.unit.test_storage_listing import document, library, put

__all__ = ["library"]


def test_documents_and_conversations_follow(library: Library) -> None:
    put(library, document("a"))
    conversations = Conversations(library.database)
    about = conversations.start("about it", "c")
    other = conversations.start("another", "elsewhere")
    generation = library.collections()[0].generation
    rename_collection(library.database, "c", "  new ")
    assert [(each.name, each.generation) for each in library.collections()] == [("new", generation)]
    assert conversations.conversation(about.id).collection == "new"
    assert conversations.conversation(other.id).collection == "elsewhere"


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST + 1), "taken"])
def test_a_name_that_cannot_be_is_refused_and_nothing_changes(library: Library, name: str) -> None:
    put(library, document("a"))
    put(library, document("b"), collection="taken")
    with pytest.raises(BadSettings):
        rename_collection(library.database, "c", name)
    assert [each.name for each in library.collections()] == ["c", "taken"]


def test_what_is_not_there_cannot_be_renamed(library: Library) -> None:
    with pytest.raises(NotFound):
        rename_collection(library.database, "nothing", "new")
