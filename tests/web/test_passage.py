"""The drawer of a footnote: the document as it looks, from one footnote to the next, whatever became of the file."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Html

from storage.records import Citation, Message
from tests.web.conftest import APP
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


def answer(app: App, *quotes: tuple[str, str]) -> str:
    """A conversation whose answer has a sentence and a footnote for each (file, quote)."""
    citations = []
    text = ""
    for marker, (name, quote) in enumerate(quotes, 1):
        document = app.library.document(name)
        start = document.text.index(quote)
        page = next((s.page for s in document.sections if s.start <= start < s.end), None)
        said = len(text)
        text += f"Sentence {marker}. "
        citations.append(
            Citation(marker, document.id, document.title, document.path, page, start, start + len(quote), quote,
                     said, len(text) - 1)
        )  # fmt: skip
    conversation = app.conversations.start("t", "default")
    now = datetime.now(UTC)
    app.conversations.append(conversation.id, Message("q", "user", "What?", now))
    app.conversations.append(
        conversation.id, Message("a", "assistant", text, now, found=True, citations=tuple(citations))
    )
    return conversation.id


def opened(conversation: str, marker: int = 1) -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=30)
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
    monkeypatch.setattr("ui.original.pictures._SECONDS", 0.0)
    canvas = Canvas(str(folder / "other.pdf"))  # of no test beside: pictures are kept by the file's hash
    canvas.drawString(72, 700, "Cats are welcome too.")
    canvas.save()
    list(held.ingest([folder], "default"))
    drawer = shown(opened(answer(held, ("other.pdf", "Cats are welcome too."))))
    assert "cannot be shown as it looks" in drawer and "<mark>Cats are welcome too.</mark>" in drawer
    assert '<div class="fn-page">Page 1</div>' in drawer


def test_a_long_text_shows_more_on_demand(app: App, folder: Path) -> None:
    text = "\n\n".join(f"Paragraph {n} says this and that at some length." for n in range(2000))
    (folder / "long.txt").write_text(text, encoding="utf-8")
    list(app.ingest([folder], "default"))
    at = opened(answer(app, ("long.txt", "Paragraph 1000 says")))
    assert "Paragraph 980" in shown(at) and "Paragraph 800 " not in shown(at) and "Paragraph 1200 " not in shown(at)
    at.button(key="panel-earlier").click().run()
    assert "Paragraph 800 " in shown(at) and "Paragraph 1200 " not in shown(at)
    at.button(key="panel-later").click().run()
    assert "Paragraph 1200 " in shown(at)


def test_a_long_table_shows_more_on_demand(app: App, folder: Path) -> None:
    (folder / "long.csv").write_text("N,M\n" + "".join(f"row {n},x\n" for n in range(200)), encoding="utf-8")
    list(app.ingest([folder], "default"))
    at = opened(answer(app, ("long.csv", "N: row 100; M: x")))
    assert ">row 90<" in shown(at) and ">row 60<" not in shown(at)
    at.button(key="panel-rows").click().run()
    assert ">row 60<" in shown(at)
