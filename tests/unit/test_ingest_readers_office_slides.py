"""Presentations: a page for each slide, its shapes in reading order and in their places, tables, charts, notes."""

import struct
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import MSO_SHAPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Inches

from ingest.clean import Piece, join
from ingest.readers import read
from ingest.readers.office.slides import Shape, ordered
from storage.anchors import Box
from storage.errors import UnreadableFile
from tests.unit.office_files import SHARED, compound, drawing, powerpoint, record, shape, words

GOLDEN = Path(__file__).parent.parent / "golden" / "readers"


def boxed(piece: Piece) -> tuple[float, ...]:
    assert isinstance(piece.spot, Box)
    return tuple(round(side, 2) for side in (piece.spot.left, piece.spot.top, piece.spot.right, piece.spot.bottom))


def deck(path: Path) -> None:
    """Ten by seven and a half inches: titles, lists, a table, a chart, a group, a picture, notes, a hidden slide."""
    show = Presentation()
    show.core_properties.title, show.core_properties.author = "PowerPoint Presentation", "Ada; Bob"
    show.core_properties.created, show.core_properties.keywords = datetime(2024, 3, 1, 9, 5), "heating, costs"
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "为什么换锅炉？"
    body = slide.placeholders[1].text_frame
    body.text = "The boiler is from 1987"
    body.add_paragraph().text = "It burns 30% more gas"
    body.paragraphs[1].level = 1
    slide.notes_slide.notes_text_frame.text = "Say where\nthe exits are."
    slide = show.slides.add_slide(show.slide_layouts[6])
    table = slide.shapes.add_table(3, 3, Inches(1), Inches(3), Inches(6), Inches(3)).table
    for row, values in zip(
        table.rows, [("", "Euros", ""), ("Gas", "812", "790"), ("Power", "120", "131")], strict=True
    ):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    table.cell(0, 1).merge(table.cell(0, 2))
    figures = CategoryChartData()
    figures.categories = ["2023", "2024"]
    figures.add_series("Gas", (812.5, 790))
    figures.add_series("Power", (120, None))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.LINE, Inches(1), Inches(0.5), Inches(6), Inches(2), figures).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Costs by year"
    slide = show.slides.add_slide(show.slide_layouts[6])
    slide._element.set("show", "0")
    for left, text in ((5, "second, on the right"), (1, "first, on the left")):
        slide.shapes.add_textbox(Inches(left), Inches(1), Inches(3), Inches(1)).text_frame.text = text
    group = slide.shapes.add_group_shape()
    group.shapes.add_shape(MSO_SHAPE.OVAL, Inches(0), Inches(0), Inches(2), Inches(1)).text_frame.text = "in a group"
    group.left, group.top, group.width, group.height = Inches(5), Inches(5), Inches(4), Inches(1)
    picture = BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    for description in ("The boiler in the cellar", "image1.png"):
        added = slide.shapes.add_picture(picture, Inches(1), Inches(6), Inches(1), Inches(1))
        added._element.nvPicPr.cNvPr.set("descr", description)
    show.save(str(path))


def test_pptx_slides_in_order_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "deck.pptx"
    deck(path)
    reading = read(path)
    assert (reading.title, reading.pages, reading.authors) == ("为什么换锅炉？", 3, ("Ada", "Bob"))
    assert (reading.created, reading.tags) == (datetime(2024, 3, 1, 9, 5, tzinfo=UTC), ("heating", "costs"))
    assert [(piece.page, piece.text) for piece in reading.pieces] == [
        (1, "为什么换锅炉？"),
        (1, "- The boiler is from 1987\n  - It burns 30% more gas"),
        (1, "Notes: Say where\nthe exits are."),
        (2, "Costs by year"),
        (2, "2023; Gas: 812.5; Power: 120"),
        (2, "2024; Gas: 790"),
        (2, "Gas: Euros: 812; Euros: 790"),
        (2, "Power: Euros: 120; Euros: 131"),
        (3, "first, on the left"),
        (3, "second, on the right"),
        (3, "in a group"),
        (3, "Picture: The boiler in the cellar"),
    ]
    assert [piece.tight for piece in reading.pieces[3:8]] == [False, True, True, False, True]
    assert boxed(reading.pieces[7]) == (0.1, 0.67, 0.7, 0.8)  # the last third of the table
    assert boxed(reading.pieces[10]) == (0.5, 0.67, 0.9, 0.8)  # drawn twice as wide as it is in the group
    assert reading.pieces[2].spot is None


def test_pptx_headings_are_the_titles_of_slides(tmp_path: Path) -> None:
    path = tmp_path / "deck.pptx"
    show = Presentation()
    show.core_properties.title = "Heating"
    for title in ("Heating", "Costs"):
        show.slides.add_slide(show.slide_layouts[5]).shapes.title.text = title
    show.save(str(path))
    assert [piece.heading for piece in read(path).pieces] == ["", "Costs"]


def test_pptx_diagrams_and_what_only_newer_programs_draw(tmp_path: Path) -> None:
    path, whole = tmp_path / "deck.pptx", tmp_path / "whole.pptx"
    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    box = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(3), Inches(1))
    formula = (
        '<a14:m xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main"><m:oMath xmlns:m="http://schemas.'
        'openxmlformats.org/officeDocument/2006/math"><m:rad><m:e><m:r><m:t>x+1</m:t></m:r></m:e></m:rad></m:oMath></a14:m>'
    )
    box.text_frame.paragraphs[0]._p.append(parse_xml(formula))
    choice = parse_xml(
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice '
        'Requires="a14"/><mc:Fallback/></mc:AlternateContent>'
    )
    box._element.addprevious(choice)
    choice[0].append(box._element)
    frame = parse_xml(
        f"<p:graphicFrame {nsdecls('p', 'a', 'r')}>"
        '<p:nvGraphicFramePr><p:cNvPr id="9" name="d"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>'
        '<p:xfrm><a:off x="914400" y="3657600"/><a:ext cx="914400" cy="914400"/></p:xfrm><a:graphic><a:graphicData uri='
        '"http://schemas.openxmlformats.org/drawingml/2006/diagram"><dgm:relIds xmlns:dgm="http://schemas.openxmlformats.'
        'org/drawingml/2006/diagram" r:dm="rId99"/></a:graphicData></a:graphic></p:graphicFrame>'
    )
    slide.shapes._spTree.append(frame)
    show.save(str(path))
    data = (
        '<d:dataModel xmlns:d="http://schemas.openxmlformats.org/drawingml/2006/diagram" xmlns:a="http://schemas.'
        'openxmlformats.org/drawingml/2006/main"><d:ptLst><d:pt><d:t><a:p><a:r><a:t>Ask</a:t></a:r></a:p></d:t></d:pt>'
        "<d:pt><d:t><a:p/></d:t></d:pt><d:pt><d:t><a:p><a:r><a:t>Answer</a:t></a:r></a:p></d:t></d:pt></d:ptLst>"
        "</d:dataModel>"
    )
    link = '<Relationship Id="rId99" Type="diagramData" Target="../diagrams/data1.xml"/></Relationships>'
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(whole, "w") as archive:
        for name in source.namelist():
            part = source.read(name)
            if name == "ppt/slides/_rels/slide1.xml.rels":
                part = part.replace(b"</Relationships>", link.encode())
            archive.writestr(name, part)
        archive.writestr("ppt/diagrams/data1.xml", data)
    assert [piece.text for piece in read(whole).pieces] == ["√(x+1)", "- Ask\n- Answer"]


def test_old_powerpoint_slides_tables_and_notes(tmp_path: Path) -> None:
    path = tmp_path / "deck.ppt"
    refers = [record(0xF9E, struct.pack("<I", at)) for at in (0, 1)]
    group = record(0xF009, struct.pack("<4i", 0, 0, 2000, 300))
    group += record(0xF122, struct.pack("<HI", 0x39F, 1), 1)  # which says that it is a table
    group += record(0xF010, struct.pack("<4h", 2000, 1000, 5000, 2900))
    table = record(0xF004, group, holds=True)
    for at, text in enumerate(["Item", "Euros", "Gas", "812", "Power", "120"]):
        left, top = at % 2 * 1000, at // 2 * 100
        place = record(0xF00F, struct.pack("<4i", left, top, left + 1000, top + 100))
        table += record(0xF004, place + record(0xF00D, words(4, text), holds=True), holds=True)
    table = record(0xF003, table, holds=True)
    number = shape(words(4, "*") + record(0xFD8, bytes(4)), (4000, 5000, 4200, 5700))
    first = drawing(shape(refers[1], (1000, 100, 5000, 4000)), shape(refers[0], (100, 100, 5000, 500)), number)
    second = drawing(shape(words(4, "Über alles", wide=True), (10, 100, 5000, 500)), table)
    streams = powerpoint([(first, words(0, "锅炉", wide=True) + words(1, "one\rtwo"), "Say hello"), (second, b"", "")])
    path.write_bytes(compound(streams))
    reading = read(path)
    assert (reading.title, reading.pages) == ("锅炉", 2)
    assert [(piece.page, piece.text) for piece in reading.pieces] == [
        (1, "锅炉"),
        (1, "- one\n- two"),
        (1, "Notes: Say hello"),
        (2, "Über alles"),
        (2, "Item: Euros"),
        (2, "Gas: 812"),
        (2, "Power: 120"),
    ]
    assert boxed(reading.pieces[1]) == (0.02, 0.23, 0.87, 0.93)
    assert boxed(reading.pieces[5]) == (0.17, 0.53, 0.87, 0.6)


def test_old_powerpoint_with_a_password_or_lost_lists(tmp_path: Path) -> None:
    path = tmp_path / "deck.ppt"
    slide = drawing(shape(words(4, "still here"), (0, 0, 100, 100)))
    path.write_bytes(compound(powerpoint([(slide, b"", "")], token=0xF3D1C4DF)))
    with pytest.raises(UnreadableFile, match="protected by a password"):
        read(path)
    streams = powerpoint([(slide, b"", "")])
    path.write_bytes(compound({"PowerPoint Document": streams["PowerPoint Document"], "Current User": b"damaged"}))
    assert [(piece.page, piece.text) for piece in read(path).pieces] == [(1, "still here")]


def test_odp_is_read_like_the_others() -> None:
    reading = read(GOLDEN / "heating.odp")  # saved by LibreOffice
    assert (reading.title, reading.pages, reading.authors) == ("Heating in Linden Street 5", 4, ("Ada Example",))
    assert boxed(next(piece for piece in reading.pieces if piece.text == "in a group")) == (0.1, 0.53, 0.3, 0.67)


@pytest.mark.parametrize(
    ("boxes", "order"),
    [
        ("a0011 b0122", "ab"),
        ("b0122 a0011", "ab"),  # above
        ("b2031 a0011", "ab"),  # left of it
        ("a0011 b0112 c2031 d2132", "abcd"),  # columns stay columns
        ("a0011 c2031 b0112 d2132", "acbd"),  # and rows rows
        ("a0033 b1122", "ab"),  # one upon the other
    ],
)
def test_reading_order(boxes: str, order: str) -> None:
    """Letter, left, top, right and bottom of each shape, as they come."""
    shapes = [Shape(each[0], Box(*(float(side) / 4 for side in each[1:]))) for each in boxes.split()]
    assert "".join(shape.text for shape in ordered(shapes)) == order


def test_real_slides() -> None:
    if not SHARED.exists():
        pytest.skip("the shared documents are not here")
    reading = read(SHARED / "SampleShow_old.ppt")
    assert (reading.title, reading.pages, reading.tags) == ("SlideShow Sample", 2, ("Sample Testing",))
    assert "- They’re fun, aren’t they?" in join(reading.pieces).text
    assert "Notes: I am the notes of the first slide" in join(reading.pieces).text
    text = join(read(SHARED / "autogen_slides.pptx").pieces).text
    assert "ColA: 1; ColB: 2; ColC: 3; ColD: 4; ColE: 5; ColF: 6" in text
    assert "Picture: This phrase of the caption is Human-written." in text
    assert "2019; Freshwater Ducks: 120; Saltwater Ducks: 80" in join(read(SHARED / "pptx_chart.pptx").pieces).text
    assert "√(𝑥+1)−√𝑥" in join(read(SHARED / "floating_point_talk.pptx").pieces).text
