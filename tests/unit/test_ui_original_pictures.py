"""Pages of PDFs are drawn with the boxes of a quote where its characters stand."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ingest.clean import join
from ingest.readers.pdf import pdf
from storage.anchors import Box
from storage.errors import UnreadableFile
from ui.original.pictures import Picture, Sought, draw

WIDTH, HEIGHT = A4
Draw = Callable[[Canvas], None]


def written(folder: Path, *pages: Draw, size: tuple[float, float] = A4) -> Path:
    path = folder / "page.pdf"
    canvas = Canvas(str(path), pagesize=size)
    for page in pages:
        page(canvas)
        canvas.showPage()
    canvas.save()
    return path


def texts(*lines: tuple[float, float, str]) -> Draw:
    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 12)
        for x, y, line in lines:
            canvas.drawString(x, y, line)

    return page


def covers(box: Box, x: float, y: float, text: str, font: str = "Helvetica") -> bool:
    """Whether a box is where a line of 12 points was drawn, give or take a point or two."""
    width = pdfmetrics.stringWidth(text, font, 12)
    left, right, base = box.left * WIDTH, box.right * WIDTH, HEIGHT - box.bottom * HEIGHT
    return abs(left - x) < 2 and abs(right - x - width) < 2 and -6 < base - y <= 1 and 9 < _height(box) < 20


def _height(box: Box) -> float:
    return (box.bottom - box.top) * HEIGHT


def as_read(path: Path) -> str:
    return join(pdf.read(path).pieces)[0]


LEFT = ("The tenant pays the rent on the", "first day of the month and gives", "notice three months before.")
RIGHT = ("The landlord keeps the heating in", "good order and has it looked after", "once a year, in autumn.")


def test_a_quote_is_boxed_line_by_line_in_its_column(tmp_path: Path) -> None:
    columns = ((60, LEFT), (320, RIGHT))
    path = written(tmp_path, texts(*((x, 700 - 15 * n, line) for x, lines in columns for n, line in enumerate(lines))))
    boxes = draw(path, 1, Sought("first day of the month and gives notice three months before.")).boxes
    assert len(boxes) == 2
    assert covers(boxes[0], 60, 685, LEFT[1]) and covers(boxes[1], 60, 670, LEFT[2])
    boxes = draw(path, 1, Sought("has it looked after once a year")).boxes
    assert len(boxes) == 2 and all(box.left > 0.5 for box in boxes)


def test_a_word_parted_at_a_line_end_is_boxed_on_both_lines(tmp_path: Path) -> None:
    path = written(tmp_path, texts((60, 700, "The whole war-"), (60, 685, "ranty lasts two years.")))
    assert "warranty" in as_read(path).replace("-", "")
    boxes = draw(path, 1, Sought("war-ranty lasts two years.")).boxes
    before = pdfmetrics.stringWidth("The whole ", "Helvetica", 12)
    assert len(boxes) == 2
    assert covers(boxes[0], 60 + before, 700, "war-") and covers(boxes[1], 60, 685, "ranty lasts two years.")


def test_what_was_read_from_a_chinese_page_is_boxed_there(tmp_path: Path) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    rows = ["整机保修期为两年，电机保修期为五年。", "滤芯属于耗材，不在保修范围内。"]

    def page(canvas: Canvas) -> None:
        canvas.setFont("STSong-Light", 12)
        for n, line in enumerate(rows):
            canvas.drawString(72, 700 - 20 * n, line)

    path = written(tmp_path, page)
    assert rows[1] in as_read(path)
    boxes = draw(path, 1, Sought(rows[1])).boxes
    if not boxes and not draw(path, 1, Sought("整")).boxes:
        pytest.skip("no Chinese font here: PDFium leaves the page empty")
    assert len(boxes) == 1 and covers(boxes[0], 72, 680, rows[1], "STSong-Light")


def test_the_box_is_where_the_ink_is_however_the_page_is_turned_and_cropped(tmp_path: Path) -> None:
    for turn in (0, 90, 180, 270):

        def page(canvas: Canvas, turn: int = turn) -> None:
            canvas.setPageRotation(turn)
            canvas.setCropBox((50, 100, 500, 800))
            canvas.setFont("Helvetica", 12)
            canvas.drawString(200, 400, "Only these words stand here")

        picture = draw(written(tmp_path, page), 1, Sought("Only these words stand here"))
        (box,) = picture.boxes
        ink = Image.open(BytesIO(picture.image)).convert("L").point(lambda v: 255 if v < 128 else 0).getbbox()
        assert ink is not None
        left, top, right, bottom = ink
        assert box.left * picture.width <= left + 3 and box.right * picture.width >= right - 3, turn
        assert box.top * picture.height <= top + 3 and box.bottom * picture.height >= bottom - 3, turn


def test_of_equal_rows_the_one_nearby_is_boxed(tmp_path: Path) -> None:
    path = written(tmp_path, texts(*((60, 800 - 20 * n, "Total: 5") for n in range(30))))
    tops = [draw(path, 1, Sought("Total: 5", near)).boxes[0].top for near in (0.0, 0.5, 0.99)]
    assert tops[0] < 0.1 and 0.3 < tops[1] < 0.5 and tops[2] > 0.7


def test_a_page_without_the_quote_has_no_boxes(tmp_path: Path) -> None:
    path = written(tmp_path, texts((60, 700, "One")), texts((60, 700, "Two")))
    assert draw(path, 2, Sought("One")).boxes == draw(path, 2).boxes == ()
    assert draw(path, 2, Sought("Two")).boxes and draw(path, 2).pages == 2


@pytest.mark.parametrize("size", [(14400, 14400), (10, 14400), (14400, 10), (3, 3)])
def test_no_page_is_too_large_to_draw(tmp_path: Path, size: tuple[float, float]) -> None:
    picture: Picture = draw(written(tmp_path, texts((1, 1, "x")), size=size), 1)
    assert 1 <= picture.width <= 1401 and 1 <= picture.height <= 6001


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 and no more", b"not a PDF at all"])
def test_a_damaged_file_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match="cannot be drawn"):
        draw(path, 1)


def test_a_page_that_is_not_there_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, texts((60, 700, "One")))
    for page in (2, 500):
        with pytest.raises(UnreadableFile):
            draw(path, page)


def test_a_page_that_takes_forever_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.original.child._SECONDS", 0.001)
    with pytest.raises(UnreadableFile, match="takes longer"):
        draw(written(tmp_path, texts((60, 700, "One"))), 1)
