"""A file that has become several documents knows them all, in their order."""

from pathlib import Path

import numpy as np

from storage.database import Database
from storage.entries import Entry
from storage.library import Library
from storage.parts import parts
from storage.records import Document, File
from tests.fakes import FakeEmbedder, fake_embedders


def test_all_parts_are_found_from_any_of_them(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.sqlite'}")
    library = Library(database, fake_embedders(FakeEmbedder()))
    none = np.zeros((0, 64), np.float32)

    def document(id: str, path: str, part: int = 1) -> Document:
        return Document(id, path, "T", "0" * 64, "text", (), "txt", "en", 4, 0.0, part=part)

    files = (File("/b.txt", "0" * 64, 4, 0),)
    for entry in (
        Entry(document("second", "/a.txt", 2), (), none, "fake-embedder", part_of="first"),
        Entry(document("third", "/a.txt", 3), (), none, "fake-embedder", part_of="first"),
    ):
        if entry.document.id == "second":
            library.replace("c", [Entry(document("first", "/a.txt"), (), none, "fake-embedder")])
        library.replace("c", [entry])
    library.replace("c", [Entry(document("other", "/b.txt"), (), none, "fake-embedder", files=files)])
    assert parts(database, "first") == parts(database, "third") == ("first", "second", "third")
    assert parts(database, "other") == ("other",) and parts(database, "gone") == ()
    library.close()
