"""The drawer of a footnote: the document as it looks, from one footnote to the next, whatever became of the file."""

import re
from pathlib import Path

import pytest
from PIL import Image
from pptx import Presentation
from reportlab.pdfgen.canvas import Canvas
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Html

from ingest.clean import Piece
from storage.anchors import Box, Cells
from tests.unit.test_ui_original_sheets import workbook
from tests.web.conftest import APP
from tests.web.held import answer, keep, read
from ui.app import App

LINES = ("The rent is due on the first day of the month.", "Dogs are welcome.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A PDF of two pages, a table and a Markdown file."""
    folder = tmp_path / "documents"
    folder.mkdir()
    canvas = Canvas(str(folder / "lease.pdf"))
    for line in LINES:
        canvas.drawString(72, 700, line)
        canvas.showPage()
    canvas.save()
    (folder / "hours.csv").write_text("Branch,Opens\nCentral,9:00\nNorth,10:00\n", encoding="utf-8")
    (folder / "guide.md").write_text("# Guide\n\nPress **the button**. Then wait.\n", encoding="utf-8")
    return folder


@pytest.fixture
def held(app: App, folder: Path) -> App:
    list(app.ingest([folder], "default"))
    return app


def opened(conversation: str, marker: int = 1) -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=60)
    at.query_params["conversation"] = conversation
    at.run().button(key=f"note-a-{marker}").click().run()
    assert not at.exception and not at.error
    return at


def shown(at: AppTest) -> str:
    """What the drawer holds: all that comes after the sentence of the answer."""
    every = [each.value for each in at.get("html") if isinstance(each, Html)]
    first = next(n for n, piece in enumerate(every) if 'class="fn-document"' in piece)
    return "\n".join(re.sub('base64,[^"]*', "", piece) for piece in every[first:])


def keys(at: AppTest) -> set[str]:
    return {each.key for each in at.button if each.key and each.key.startswith("panel-")}


def test_a_pdf_shows_its_page_with_the_quote_marked(held: App) -> None:
    at = opened(answer(held, ("lease.pdf", "The rent is due")))
    drawer = shown(at)
    assert "fn-leaf" in drawer and drawer.count("<mark") == 1
    assert "Page 1 of 2" in drawer and "Sentence 1." in drawer
    assert "panel-file" in {each.key for each in at.get("download_button")}


def test_the_neighbouring_page_and_the_way_back(held: App) -> None:
    at = opened(answer(held, ("lease.pdf", LINES[0])))
    assert at.button(key="panel-page-before").disabled
    at.button(key="panel-page-after").click().run()
    drawer = shown(at)
    assert "Page 2 of 2" in drawer and "<mark" not in drawer
    assert at.button(key="panel-page-after").disabled
    at.button(key="panel-back").click().run()
    assert "Page 1 of 2" in shown(at) and "panel-back" not in keys(at)


def test_a_page_can_be_enlarged(held: App) -> None:
    at = opened(answer(held, ("lease.pdf", LINES[0])))
    assert "fn-large" not in shown(at)
    at.button(key="panel-zoom").click().run()
    assert "fn-large" in shown(at)


def test_from_one_footnote_to_the_next(held: App) -> None:
    name = answer(
        held, ("lease.pdf", LINES[1]), ("hours.csv", "Branch: North; Opens: 10:00"), ("guide.md", "Then wait.")
    )
    at = opened(name, 2)
    drawer = shown(at)
    assert "Sentence 2." in drawer and '<tr class="fn-cited"><th scope="row">3</th><td><mark>North</mark>' in drawer
    at.button(key="panel-after").click().run()
    drawer = shown(at)
    assert "Sentence 3." in drawer and "<strong>the button</strong>. <mark>Then wait.</mark>" in drawer
    assert at.button(key="panel-after").disabled
    for _ in range(2):
        at.button(key="panel-before").click().run()
    assert "Page 2 of 2" in shown(at) and at.button(key="panel-before").disabled
    assert any("1 of 3" in each.value for each in at.get("html") if isinstance(each, Html))


def test_one_footnote_has_no_others_to_turn_to(held: App) -> None:
    at = opened(answer(held, ("guide.md", "Then wait.")))
    assert not {"panel-before", "panel-after"} & keys(at)


def test_a_document_that_was_removed_leaves_its_quote(held: App, folder: Path) -> None:
    name = answer(held, ("guide.md", "Then wait."))
    held.library.remove([held.library.document("guide.md").id])
    at = opened(name)
    assert "no longer in the library" in shown(at) and "<mark>Then wait.</mark>" in shown(at)
    assert not at.get("download_button")  # the path in an answer alone opens no file


def test_a_document_that_no_longer_says_so_leaves_the_quote(held: App, folder: Path) -> None:
    name = answer(held, ("guide.md", "Then wait."))
    (folder / "guide.md").write_text("# Guide\n\nDo not touch it.\n", encoding="utf-8")
    list(held.ingest([folder], "default"))
    at = opened(name)
    assert "has changed since this answer" in shown(at) and "<mark>Then wait.</mark>" in shown(at)
    assert at.get("download_button")


@pytest.mark.parametrize(
    ("file", "quote", "marked"),
    [("lease.pdf", LINES[1], f"<mark>{LINES[1]}</mark>"), ("hours.csv", "Branch: North", "<mark>Branch: North</mark>")],
)
def test_a_file_that_is_gone_or_changed_shows_its_text(
    held: App, folder: Path, file: str, quote: str, marked: str
) -> None:
    name = answer(held, (file, quote))
    (folder / file).write_bytes((folder / file).read_bytes() + b"\n")
    at = opened(name)
    assert "has changed since it was read" in shown(at) and marked in shown(at)
    assert at.get("download_button")
    (folder / file).unlink()
    at = opened(name)
    assert "no longer where it was read" in shown(at) and marked in shown(at)
    assert not at.get("download_button")


def test_a_page_that_cannot_be_drawn_shows_its_text(held: App, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.original.child._SECONDS", 0.0)
    canvas = Canvas(str(folder / "other.pdf"))  # of no test beside: pictures are kept by the file's hash
    canvas.drawString(72, 700, "Cats are welcome too.")
    canvas.save()
    list(held.ingest([folder], "default"))
    drawer = shown(opened(answer(held, ("other.pdf", "Cats are welcome too."))))
    assert "cannot be shown as it looks" in drawer and "<mark>Cats are welcome too.</mark>" in drawer
    assert '<div class="fn-page">Page 1</div>' in drawer


def test_a_long_text_shows_more_on_demand(app: App, folder: Path) -> None:
    text = "\n\n".join(f"Paragraph {n} says this and that at some length." for n in range(2000))
    (folder / "long.md").write_text(text, encoding="utf-8")
    list(app.ingest([folder], "default"))
    at = opened(answer(app, ("long.md", "Paragraph 1000 says")))
    assert "Paragraph 980" in shown(at) and "Paragraph 800 " not in shown(at) and "Paragraph 1200 " not in shown(at)
    at.button(key="panel-earlier").click().run()
    assert "Paragraph 800 " in shown(at) and "Paragraph 1200 " not in shown(at)
    at.button(key="panel-later").click().run()
    assert "Paragraph 1200 " in shown(at)


def test_a_text_shows_the_lines_of_its_file(app: App, folder: Path) -> None:
    lines = [f"Line {n} of the log." for n in range(1, 301)]
    (folder / "log.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    list(app.ingest([folder], "default"))
    name = answer(app, ("log.txt", "150 of the log."))
    at = opened(name)
    drawer = shown(at)
    assert '<li value="150" class="fn-cited">Line <mark>150 of the log.</mark></li>' in drawer
    assert "Line 150" in drawer and '<li value="130">' in drawer and '<li value="129">' not in drawer
    assert any("log\\.txt\\, line 150" in each.label for each in at.button)
    at.button(key="panel-earlier").click().run()
    assert '<li value="30">' in shown(at) and '<li value="171">' not in shown(at)
    at.button(key="panel-later").click().run()
    assert '<li value="270">' in shown(at)
    (folder / "log.txt").unlink()
    at = opened(name)
    assert "no longer where it was read" in shown(at) and "<mark>150 of the log.</mark>" in shown(at)


def test_a_slide_is_drawn_with_its_notes_below(app: App, folder: Path) -> None:
    deck = Presentation()
    for words in ("Growing pains", "Rapid improvement in hard problems"):
        box = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_textbox(0, 0, 5_000_000, 900_000)
        box.text_frame.text = words
    deck.save(str(folder / "talk.pptx"))
    held = read(
        folder / "talk.pptx", Piece("", 1, "Growing pains", Box(0, 0, 0.5, 0.1)),
        Piece("", 2, "Rapid improvement in hard problems", Box(0, 0, 0.5, 0.1)), Piece("", 2, "Notes: speak slowly"),
        pages=2,
    )  # fmt: skip
    keep(app, held)
    at = opened(answer(app, ("talk.pptx", "hard problems"), ("talk.pptx", "speak slowly")))
    drawer = shown(at)
    assert "Slide 2 of 2" in drawer and "A sketch" in drawer and "Notes: speak slowly" in drawer
    assert drawer.count("<mark") == 1 and 'alt="Slide 2 of talk. Marked: hard problems"' in drawer
    at.button(key="panel-page-before").click().run()
    assert "Slide 1 of 2" in shown(at) and "speak slowly" not in shown(at)
    at.button(key="panel-after").click().run()
    assert "Notes: <mark>speak slowly</mark>" in shown(at)


def test_a_sheet_shows_the_cited_row_and_the_other_sheets(app: App, folder: Path) -> None:
    rows = [["Tool", "Price"], ["Drill", "5"], ["Saw", "3"]]
    held = read(
        workbook(folder / "prices.xlsx", **{"2023": [["Nothing"]], "2024": rows}),
        Piece("2023", 1, "Nothing", Cells(1, 1, 1, 1)),
        *(Piece("2024", 2, f"Tool: {a}; Price: {b}", Cells(n, 1, n, 2), tight=n > 2) for n, (a, b) in
          enumerate(rows[1:], 2)), pages=2,
    )  # fmt: skip
    keep(app, held)
    at = opened(answer(app, ("prices.xlsx", "Price: 3")))
    drawer = shown(at)
    assert "Sheet “2024”, A3:B3" in drawer and "Sheet 2 of 2: 2024" in drawer
    assert '<tr class="fn-cited"><th scope="row">3</th><td>Saw</td><td><mark>3</mark></td></tr>' in drawer
    assert '<th scope="col">B</th>' in drawer and '<th scope="col">Price</th>' in drawer
    at.button(key="panel-page-before").click().run()
    assert "Sheet 1 of 2: 2023" in shown(at) and "<td>Nothing</td>" in shown(at) and "<mark" not in shown(at)


def test_lines_that_were_seen_on_an_image_or_a_scan_are_marked_there(app: App, folder: Path) -> None:
    Image.new("RGB", (200, 100), "white").save(folder / "photo.png")
    pieces = Piece("", 1, "Seen first", Box(0.1, 0.1, 0.9, 0.3)), Piece("", 1, "Seen next", Box(0.1, 0.5, 0.9, 0.7))
    keep(app, read(folder / "photo.png", *pieces, pages=1))
    canvas = Canvas(str(folder / "scan.pdf"))
    canvas.rect(72, 700, 50, 50)
    canvas.save()
    keep(app, read(folder / "scan.pdf", *pieces, pages=1))
    at = opened(answer(app, ("photo.png", "Seen next"), ("scan.pdf", "Seen first")))
    drawer = shown(at)
    assert drawer.count("<mark") == 1 and "left: 10.00%; top: 50.00%; width: 80.00%; height: 20.00%" in drawer
    assert 'alt="The image photo. Marked: Seen next"' in drawer and not {"panel-page-after"} & keys(at)
    at.button(key="panel-after").click().run()
    assert "Page 1 of 1" in shown(at) and "top: 10.00%" in shown(at) and "could not be found" not in shown(at)


def test_a_long_table_shows_more_on_demand(app: App, folder: Path) -> None:
    (folder / "long.csv").write_text("N,M\n" + "".join(f"row {n},x\n" for n in range(200)), encoding="utf-8")
    list(app.ingest([folder], "default"))
    at = opened(answer(app, ("long.csv", "N: row 100; M: x")))
    assert ">row 90<" in shown(at) and ">row 60<" not in shown(at)
    at.button(key="panel-rows").click().run()
    assert ">row 60<" in shown(at)
