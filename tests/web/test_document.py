"""A document in the library: what its file says of itself, where its chunks stand, its copies and its parts."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Html

from ingest.clean import Piece
from storage.anchors import Cells, Lines
from tests.web.conftest import APP
from tests.web.held import keep, read
from ui.app import App


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file whose content no reader has to understand."""
    path = tmp_path / "prices.xlsx"
    path.write_bytes(b"PK\x03\x04")
    return path


def opened(document_id: str, view: str = "") -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=60).switch_page("library.py").run()
    at.button(key=f"open-{document_id}").click().run()
    if view:
        at.segmented_control(key="document-view").set_value(view).run()
    assert not at.exception
    return at


def shown(at: AppTest) -> str:
    return "\n".join(each.value for each in at.get("html") if isinstance(each, Html))


def test_the_facts_tell_what_the_file_says_of_itself_and_where_its_copies_are(app: App, file: Path) -> None:
    pieces = Piece("2023", 1, "Tool: Saw", Cells(2, 1, 2, 1)), Piece("2024", 2, "Tool: Drill", Cells(2, 1, 2, 1))
    written = datetime(2024, 5, 6, 12, tzinfo=UTC)
    document = replace(read(file, *pieces, pages=2), authors=("Ada <L>", "Bob"), created=written, tags=("tools",))
    keep(app, document, "/elsewhere/copy.xlsx")
    facts = shown(opened(document.id, "facts"))
    assert "<dt>Authors</dt><dd>Ada &lt;L&gt;; Bob</dd>" in facts and "<dt>Sheets</dt><dd>2</dd>" in facts
    assert "<dt>Written</dt><dd>6 May 2024" in facts and "<dt>Tags</dt><dd>tools</dd>" in facts
    assert "<dt>Paths, with the same content</dt>" in facts and f"/elsewhere/copy.xlsx<br>{file}" in facts
    assert "<dt>Part</dt>" not in facts


def test_chunks_tell_where_in_the_file_they_stand(app: App, file: Path, tmp_path: Path) -> None:
    sheet = read(file, *(Piece("2024", 1, f"Tool: Saw {n}", Cells(n, 1, n, 3), tight=n > 2) for n in range(2, 9)))
    keep(app, sheet)
    assert "Sheet “2024”, A2:C8" in shown(opened(sheet.id, "chunks"))
    (tmp_path / "a.py").write_text("def f():\n    return 1\n", encoding="utf-8")
    code = read(tmp_path / "a.py", Piece("f", None, "def f():\n    return 1", Lines(1, 2), verbatim=True))
    keep(app, code)
    assert "Lines 1–2" in shown(opened(code.id, "chunks"))
    assert '<li value="2">    return 1</li>' in shown(opened(code.id, "file"))


def test_a_file_in_several_parts_leads_from_one_to_the_next(app: App, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("First half.\nSecond half.\n", encoding="utf-8")
    first = read(path, Piece("", None, "First half.", Lines(1, 1)))
    second = replace(read(path, Piece("", None, "Second half.", Lines(2, 2))), id="second", part=2)
    keep(app, first, last=False)
    keep(app, second, part_of=first.id)
    at = opened(first.id)
    assert "Part 1 of 2" in shown(at) and "First half." in shown(at) and at.button(key="document-part-1").disabled
    at.button(key="document-part1").click().run()
    assert "Part 2 of 2" in shown(at) and "Second half." in shown(at) and at.button(key="document-part1").disabled
    at.segmented_control(key="document-view").set_value("facts").run()
    assert "<dt>Part</dt><dd>2 of 2</dd>" in shown(at)
