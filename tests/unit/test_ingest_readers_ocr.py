"""Pictures and scans: what a person reads in them is in the text, with its place, whichever way up they are."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ingest.clean import join
from ingest.readers import read
from storage.anchors import Box
from storage.errors import UnreadableFile

CHINESE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
ENGLISH = (
    "The boiler in the cellar of the school was",
    "built in 1931 and is still used every winter.",
    "Nobody remembers who paid for it.",
)


def latin(size: int) -> ImageFont.FreeTypeFont:
    """The font that Pillow carries, so that any machine has it."""
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def page(*lines: str, font: ImageFont.FreeTypeFont | None = None, size: tuple[int, int] = (900, 600)) -> Image.Image:
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((60, 60 + 44 * number), line, "black", font or latin(28))
    return picture


def table(rows: Sequence[Sequence[str]], wide: int = 220, tall: int = 60) -> Image.Image:
    picture = Image.new("RGB", (100 + wide * len(rows[0]), 100 + tall * len(rows)), "white")
    draw = ImageDraw.Draw(picture)
    for down, row in enumerate(rows):
        for across, cell in enumerate(row):
            left, top = 50 + wide * across, 50 + tall * down
            draw.rectangle((left, top, left + wide, top + tall), outline="black", width=2)
            draw.text((left + 14, top + 14), cell, "black", latin(26))
    return picture


def test_picture_is_read_in_paragraphs_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "note.png"
    page(*ENGLISH[:2], "", ENGLISH[2]).save(path)
    reading = read(path)
    pieces = tuple(reading.pieces)
    assert [piece.text for piece in pieces] == [" ".join(ENGLISH[:2]), ENGLISH[2]]
    assert (reading.title, reading.pages, pieces[0].page) == ("note", 1, 1)
    spot = pieces[0].spot
    assert isinstance(spot, Box)
    assert spot.left == pytest.approx(60 / 900, abs=0.02) and spot.top == pytest.approx(66 / 600, abs=0.03)
    assert spot.bottom == pytest.approx(132 / 600, abs=0.03)


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_picture_that_lies_or_stands_on_its_head(tmp_path: Path, angle: int) -> None:
    path = tmp_path / "turned.png"
    page(*ENGLISH).rotate(angle, expand=True).save(path)
    (piece,) = read(path).pieces
    assert piece.text == " ".join(ENGLISH)
    assert isinstance(piece.spot, Box)
    if angle == 180:
        assert piece.spot.top > 0.6  # told as the picture is shown, not as it is read
    else:
        assert piece.spot.bottom - piece.spot.top > 0.5


@pytest.mark.skipif(not CHINESE.exists(), reason="no Chinese font is here")
def test_chinese_lines_meet_without_a_space(tmp_path: Path) -> None:
    path = tmp_path / "告示.webp"
    lines = ("本市建筑物的节能管理工作由建设行政", "管理部门负责，自2010年起施行。", "繁體字也能讀。")
    page(*lines, font=ImageFont.truetype(str(CHINESE), 32, index=2)).save(path, lossless=True)
    assert join(read(path).pieces).text.split("\n") == [lines[0] + lines[1], lines[2]]


def test_rows_of_a_table_say_what_their_values_mean(tmp_path: Path) -> None:
    path = tmp_path / "prices.bmp"
    table([["Room", "Beds", "Price"], ["Garden", "2", "80 euros"], ["Tower", "3", "95 euros"]]).save(path)
    assert join(read(path).pieces).text.split("\n") == [
        "Room: Garden; Beds: 2; Price: 80 euros",
        "Room: Tower; Beds: 3; Price: 95 euros",
    ]


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = [f"{word} line of the left column of the page" for word in "First Second Third Fourth Fifth Sixth".split()]
    right = [line.replace("left", "right") for line in left]
    picture = Image.new("RGB", (1240, 500), "white")
    draw = ImageDraw.Draw(picture)
    for number, (one, other) in enumerate(zip(left, right, strict=True)):
        draw.text((60, 60 + 40 * number), one, "black", latin(24))
        draw.text((660, 60 + 40 * number), other, "black", latin(24))
    path = tmp_path / "columns.png"
    picture.save(path)
    text = " ".join(join(read(path).pieces).text.split())
    assert text == " ".join([*left, *right])


def test_text_below_a_red_stamp_is_read_and_red_text_too(tmp_path: Path) -> None:
    picture = page("The parish council of Elmsworth", "Signed on 31 March 2021 by the warden")
    stamp = Image.new("RGB", picture.size, "white")
    draw = ImageDraw.Draw(stamp)
    for wide in range(20, 130, 20):
        draw.ellipse((280 - wide, 110 - wide, 280 + wide, 110 + wide), outline=(225, 40, 50), width=9)
    draw.text((60, 300), "Not to be copied", (225, 40, 50), latin(28))
    path = tmp_path / "stamped.png"
    ImageChops.multiply(picture, stamp).save(path)
    text = join(read(path).pieces).text
    assert "Signed on 31 March 2021 by the warden" in text and "Not to be copied" in text


def test_tiff_has_pages_and_tells_its_progress(tmp_path: Path) -> None:
    path = tmp_path / "fax.tiff"
    pages = [page("Page one of the fax").convert("1"), page("Page two of the fax").convert("1")]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    told: list[tuple[int, int]] = []
    reading = read(path, lambda done, total: told.append((done, total)))
    assert [(piece.page, piece.text) for piece in reading.pieces] == [
        (1, "Page one of the fax"),
        (2, "Page two of the fax"),
    ]
    assert (reading.pages, told) == (2, [(1, 2), (2, 2)])


def test_photo_is_turned_as_its_camera_says_and_tells_when_it_was_taken(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned to the right
    exif[0x010E] = "The plate at the boiler"
    exif[0x013B] = "Ada Lovelace"
    exif[0x0132] = "2024:02:29 12:00:00"
    path = tmp_path / "IMG_0001.jpg"
    page(*ENGLISH).rotate(90, expand=True).save(path, exif=exif, quality=92)
    reading = read(path)
    (piece,) = reading.pieces
    assert piece.text == " ".join(ENGLISH)
    assert isinstance(piece.spot, Box) and piece.spot.right - piece.spot.left > 0.5
    assert (reading.title, reading.authors) == ("The plate at the boiler", ("Ada Lovelace",))
    assert reading.created == datetime(2024, 2, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize("size", [(400, 300), (1, 1), (3000, 2)])
def test_picture_without_text_says_so(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "sky.png"
    Image.linear_gradient("L").resize(size).save(path)
    with pytest.raises(UnreadableFile, match="holds no text that can be read"):
        read(path)


@pytest.mark.parametrize("data", [b"no picture at all", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"])
def test_damaged_picture_says_so(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(data)
    with pytest.raises(UnreadableFile, match="damaged or no picture"):
        read(path)


def test_cut_picture_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    page(*ENGLISH).save(path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(UnreadableFile, match="damaged or no picture"):
        read(path)


def test_picture_that_unpacks_to_far_too_much_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (40_000, 5_000)).save(path)
    with pytest.raises(UnreadableFile, match="too many pixels"):
        read(path)


def scan(path: Path, *pictures: Image.Image, layer: str = "") -> Path:
    canvas = Canvas(str(path), pagesize=(595, 842))
    for picture in pictures:
        canvas.drawImage(ImageReader(picture), 0, 0, 595, 842)
        if layer:
            hidden = canvas.beginText(40, 780)
            hidden.setTextRenderMode(3)
            hidden.textLine(layer)
            canvas.drawText(hidden)
        canvas.showPage()
    canvas.save()
    return path


def test_only_the_pages_of_a_pdf_without_text_are_read_as_pictures(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "mixed.pdf"), pagesize=(595, 842))
    canvas.drawString(60, 700, "This page has text of its own.")
    canvas.showPage()
    canvas.drawImage(ImageReader(page(*ENGLISH, size=(900, 1273))), 0, 0, 595, 842)
    canvas.showPage()
    canvas.save()
    told: list[tuple[int, int]] = []
    pieces = tuple(read(tmp_path / "mixed.pdf", lambda done, total: told.append((done, total))).pieces)
    assert [(piece.page, piece.text) for piece in pieces] == [
        (1, "This page has text of its own."),
        (2, " ".join(ENGLISH)),
    ]
    assert pieces[0].spot is None and isinstance(pieces[1].spot, Box)
    assert told == [(2, 2)]


def test_a_good_text_layer_of_a_scan_is_kept_and_a_bad_one_is_not(tmp_path: Path) -> None:
    picture = page(*ENGLISH, size=(900, 1273))
    good, bad = " ".join(ENGLISH), "Tl1e b0iler in tbe ce11ar 0f tl1e schoo1 vvas bui1t in 193I,O and is sti1l u5ed"
    assert join(read(scan(tmp_path / "good.pdf", picture, layer=good)).pieces).text == good
    assert join(read(scan(tmp_path / "bad.pdf", picture, layer=bad)).pieces).text == good


def test_nothing_is_said_and_nothing_written(tmp_path: Path) -> None:
    path = tmp_path / "note.png"
    page("A quiet note").save(path)
    code = f"from ingest.readers import read; from pathlib import Path; read(Path({str(path)!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
    assert list(tmp_path.iterdir()) == [path]
