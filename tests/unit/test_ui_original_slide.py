"""Slides are drawn from their shapes: text where it stands, with the quote's boxes, in colours that can be read."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches, Pt

from storage.anchors import Box
from storage.errors import UnreadableFile
from ui.original.pictures import Picture, Sought, draw


def deck() -> Any:
    made = Presentation()  # ten inches by seven and a half
    return made, made.slides.add_slide(made.slide_layouts[6])


def drawn(made: Any, folder: Path, quote: str = "", page: int = 1) -> tuple[Picture, Image.Image]:
    path = folder / "deck.pptx"
    made.save(str(path))
    picture = draw(path, page, Sought(quote), "slide")
    return picture, Image.open(BytesIO(picture.image)).convert("RGB")


def text(slide: Any, left: float, top: float, words: str, width: float = 4) -> Any:
    box = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(1))
    box.text_frame.word_wrap = True
    box.text_frame.text = words
    return box


def inside(box: Box, left: float, top: float, right: float, bottom: float) -> bool:
    """Whether a box lies within these inches."""
    return left / 10 <= box.left and box.right <= right / 10 and top / 7.5 <= box.top and box.bottom <= bottom / 7.5


def dark(image: Image.Image, box: Box) -> bool:
    """Whether there is ink in a box."""
    width, height = image.size
    part = image.crop((int(box.left * width), int(box.top * height), int(box.right * width), int(box.bottom * height)))
    return part.convert("L").getextrema()[0] < 100  # type: ignore[operator]


def test_a_quote_is_boxed_line_by_line_where_its_ink_is(tmp_path: Path) -> None:
    made, slide = deck()
    text(slide, 1, 1, "The tenant pays the rent on the first day of the month and gives notice in writing.")
    text(slide, 5.5, 5, "整机保修期为两年，滤芯除外。")
    picture, image = drawn(made, tmp_path, "the first day of the month and gives notice")
    assert (picture.width, picture.height, picture.pages) == (1400, 1050, 1)
    assert len(picture.boxes) >= 2 and all(inside(box, 1, 1, 5.1, 2.5) for box in picture.boxes)
    assert all(dark(image, box) for box in picture.boxes)
    (box,) = drawn(made, tmp_path, "滤芯除外")[0].boxes
    assert inside(box, 5.5, 5, 9.5, 6)


def test_text_in_groups_and_tables_stands_where_the_slide_has_it(tmp_path: Path) -> None:
    made, slide = deck()
    group = slide.shapes.add_group_shape([text(slide, 1, 1, "inside a group")])
    group.left, group.top, group.width, group.height = Inches(6), Inches(5), Inches(2), Inches(0.5)
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(3), Inches(4), Inches(1)).table
    table.cell(1, 1).text = "last cell"
    (box,) = drawn(made, tmp_path, "inside a group")[0].boxes
    assert inside(box, 6, 5, 8.3, 6)
    (box,) = drawn(made, tmp_path, "last cell")[0].boxes
    assert inside(box, 3, 3.4, 5, 4.1)


def test_placeholders_have_the_place_and_the_size_of_their_layout(tmp_path: Path) -> None:
    made = Presentation()
    slide = made.slides.add_slide(made.slide_layouts[1])
    slide.shapes.title.text = "Heading"
    slide.placeholders[1].text = "Body"
    (title,), (body,) = (drawn(made, tmp_path, quote)[0].boxes for quote in ("Heading", "Body"))
    assert title.bottom < body.top and title.bottom - title.top > (body.bottom - body.top) * 1.2
    assert abs((title.left + title.right) / 2 - 0.5) < 0.02  # in the middle, as the master says
    assert body.left < 0.2


def test_letters_can_be_read_on_any_ground(tmp_path: Path) -> None:
    made, slide = deck()
    slide.background.fill.solid()
    slide.background.fill.fore_color.rgb = RGBColor(0, 0, 0)
    text(slide, 1, 1, "words")  # black, as nothing else is said
    box = text(slide, 1, 4, "white on pale")
    box.fill.solid()
    box.fill.fore_color.rgb = RGBColor(240, 240, 240)
    box.text_frame.paragraphs[0].runs[0].font.color.rgb = RGBColor(255, 255, 255)
    picture, image = drawn(made, tmp_path, "words")
    assert image.getpixel((5, 5)) == (0, 0, 0)
    (found,) = picture.boxes
    area = int(found.left * 1400), int(found.top * 1050), int(found.right * 1400), int(found.bottom * 1050)
    assert image.crop(area).convert("L").getextrema()[1] > 200  # type: ignore[operator]
    assert dark(image, drawn(made, tmp_path, "white on pale")[0].boxes[0])


def test_a_text_too_long_for_its_shape_is_made_smaller(tmp_path: Path) -> None:
    made, slide = deck()
    long = text(slide, 1, 1, "first " + "word " * 60, width=3)
    long.text_frame.paragraphs[0].runs[0].font.size = Pt(28)
    short = text(slide, 1, 5, "first")
    short.text_frame.paragraphs[0].runs[0].font.size = Pt(28)
    boxes = [draw_box(made, tmp_path, quote) for quote in ("first word", "first")]
    assert boxes[0] < boxes[1] * 0.8


def draw_box(made: Any, folder: Path, quote: str) -> float:
    made.save(str(folder / "deck.pptx"))
    near = 0.0 if quote == "first word" else 1.0
    box = draw(folder / "deck.pptx", 1, Sought(quote, near), "slide").boxes[0]
    return box.bottom - box.top


def test_pictures_are_drawn_and_charts_say_their_values(tmp_path: Path) -> None:
    made, slide = deck()
    content = BytesIO()
    Image.new("RGB", (10, 10), "blue").save(content, "PNG")
    slide.shapes.add_picture(content, Inches(1), Inches(1), Inches(1), Inches(1))
    data = CategoryChartData()
    data.categories = ["2023", "2024"]
    data.add_series("Ducks", (120, 130))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(4), Inches(3), Inches(4), Inches(3), data)
    picture, image = drawn(made, tmp_path, "Ducks: 2023 120")
    blue = image.getpixel((200, 200))
    assert isinstance(blue, tuple) and blue[2] > 200 and blue[0] < 60
    assert len(picture.boxes) == 1 and inside(picture.boxes[0], 4, 3, 8, 6)


def test_shapes_that_are_turned_are_drawn(tmp_path: Path) -> None:
    made, slide = deck()
    text(slide, 3, 3, "up the edge").rotation = 270
    picture, image = drawn(made, tmp_path, "up the edge")
    assert picture.boxes == ()  # the reader's box is shown in their place
    middle = Box(0.44, 0.2, 0.56, 0.75)
    assert dark(image, middle) and not dark(image, Box(0, 0, 0.4, 1)) and not dark(image, Box(0.6, 0, 1, 1))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more"])
def test_a_damaged_deck_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "deck.pptx"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match="cannot be drawn"):
        draw(path, 1, kind="slide")


def test_a_slide_with_endless_text_is_given_up(tmp_path: Path) -> None:
    made, slide = deck()
    text(slide, 1, 1, "word " * 10_000)
    with pytest.raises(UnreadableFile, match="cannot be drawn"):
        drawn(made, tmp_path)
