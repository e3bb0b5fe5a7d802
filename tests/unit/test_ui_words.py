"""A place is said in the words of its format."""

from dataclasses import replace

import pytest

from storage.anchors import Box, Cells, Lines, Spot
from storage.records import Chunk, Citation, Hit
from ui.words import place, standing, under


def cited(path: str, page: int | None, spot: Spot | None = None, title: str = "Title") -> Citation:
    return Citation(1, "d", title, path, page, 10, 20, "quote", 0, 0, spot)


def found(path: str, page: int | None, heading: str = "") -> Hit:
    return Hit(Chunk(1, "d", 0, "text", 0, 40, heading, page), "Title", path, 1, 1.0, "fused")


@pytest.mark.parametrize(
    ("citation", "said"),
    [
        (cited("/a/manual.pdf", 3, title="Boiler manual"), "Boiler manual, page 3"),
        (cited("/a/deck.PPTX", 4), "Title, slide 4"),
        (cited("C:\\a\\prices.xlsx", 2, Cells(5, 1, 5, 4)), "Title, sheet 2, A5:D5"),
        (cited("/a/prices.ods", 2, Cells(5, 28, 5, 28)), "Title, sheet 2, AB5"),
        (cited("/a/notes.txt", None, Lines(12, 15), "notes"), "notes.txt, lines 12–15"),
        (cited("/a/notes.txt", None, Lines(12, 12)), "Title, line 12"),
        (cited("/a/inbox.mbox", 7), "Title, message 7"),
        (cited("/a/tutorial.ipynb", 5, Lines(2, 3)), "Title, cell 5, lines 2–3"),
        (cited("/a/photo.jpeg", 1), "Title"),
        (cited("/a/fax.tiff", 2), "Title, page 2"),
        (cited("/a/guide.md", None), "Title"),
        (cited("/a/scan.pdf", 2, Box(0, 0, 1, 1)), "Title, page 2"),
    ],
)
def test_a_citation_has_its_place(citation: Citation, said: str) -> None:
    assert place(citation) == said


def test_a_sheet_is_called_by_its_name_where_a_passage_tells_it() -> None:
    citation = cited("/a/prices.xlsx", 2, Cells(5, 1, 6, 4))
    passages = [found("/a/other.xlsx", 1, "Other"), found("/a/prices.xlsx", 2, "2024 > Tools")]
    passages[0] = replace(passages[0], chunk=replace(passages[0].chunk, document_id="other"))
    assert place(citation, hits=passages) == "Title, sheet “2024”, A5:D6"
    assert place(passages[1]) == "Title, sheet “2024”" and under(passages[1]) == "Tools"


def test_what_a_place_does_not_name_stands_under_it() -> None:
    assert under(found("/a/manual.pdf", 3, "Boiler > Care")) == "Boiler > Care"
    assert under(found("/a/prices.xlsx", 1, "2024")) == ""


def test_a_place_is_said_alone_and_in_other_words() -> None:
    assert standing("md", None, "Heading", None) == ""
    assert standing("pptx", 2, "", None) == "slide 2"
    assert place(cited("/a/b.pdf", 3), lambda text, /, **values: text) == "{title}, {place}"
