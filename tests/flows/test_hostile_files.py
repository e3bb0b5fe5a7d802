"""Good files of every format, spoilt in a few hundred ways: none stops the run, each has one reason or is read."""

import os
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from pptx import Presentation
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import func, select

from ingest.progress import Report
from storage import schema as t
from tests.flows.place import fake_app
from tests.samples import DOCUMENTS

GOLDEN = sorted(
    path
    for path in (Path(__file__).parent.parent / "golden" / "readers").iterdir()
    if path.with_name(f"{path.name}.json").exists()
)
EACH = int(os.environ.get("FUZZED", "10"))  # variants of every good file; FUZZED=200 for a long run
WORDS = tuple(b"\0\0\0\0 \xff\xff\xff\xff <<<<<< {{{{{{ [[[[[[ &#0; ]]> %PDF- PK\x03\x04".split())


def spoilt(data: bytes, random: Random) -> bytes:
    """The bytes cut, overwritten, doubled, mixed or stuffed in a few places."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 6)):
        at = random.randrange(max(len(changed), 1))
        length = random.choice((1, 1, 4, 64, 1024))
        match random.randrange(6):
            case 0:
                del changed[at : at + length]
            case 1:
                changed[at : at + length] = random.randbytes(length)
            case 2:
                changed[at:at] = changed[at : at + length] * random.choice((2, 50))
            case 3:
                changed[at:at] = random.choice(WORDS)
            case 4:
                del changed[at:]
            case _ if changed:
                changed[at % len(changed)] ^= 1 << random.randrange(8)
    return bytes(changed)


def good() -> Iterator[tuple[str, bytes]]:
    """Name and content of a good file of each kind."""
    for path in GOLDEN:
        yield path.name, path.read_bytes()
    out = BytesIO()
    canvas = Canvas(out, pageCompression=1)
    for page in range(3):
        canvas.drawString(72, 700, f"Page {page} says that the boiler needs 1.5 bar.")
        canvas.showPage()
    canvas.save()
    yield "boiler.pdf", out.getvalue()
    slides, out = Presentation(), BytesIO()
    slide = slides.slides.add_slide(slides.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = "Heating", "The pump runs from October to April."
    slides.save(out)
    yield "heating.pptx", out.getvalue()


def variants(folder: Path) -> Iterator[Path]:
    for name, data in good():
        random = Random(zlib.crc32(name.encode()))
        for number in range(EACH):
            variant = folder / f"{number}-{name}"
            variant.write_bytes(spoilt(data, random))
            yield variant


def test_spoilt_files_are_read_or_have_one_reason_each(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "good.md").write_text("# Quiet hours\n\nFrom 22:00 to 6:00.", encoding="utf-8")
    written = {str(path) for path in variants(folder)}
    app = fake_app(tmp_path / "home")
    *_, report = app.ingest([folder], "default")
    assert isinstance(report, Report)
    reasons = [(failure.path, failure.reason) for failure in report.failures]
    failed = {path for path, _ in reasons}
    assert len(failed) == len(reasons) and failed <= written
    for path, reason in reasons:
        assert "\n" not in reason and len(reason) < 400, (path, reason)
        assert "crashes the reader" not in reason and "took longer" not in reason, (path, reason)
        assert "Traceback" not in reason and "0x" not in reason, (path, reason)
    known = app.library.known("default")
    assert {each.file.path for each in known} == (written | {str(folder / "good.md")}) - failed
    assert len({each.id for each in known}) <= len(known) == report.added
    with app.library.database.reading() as connection:
        documents = connection.scalar(select(func.count()).select_from(t.documents))
        without = select(t.documents.c.id).where(t.documents.c.id.not_in(select(t.chunks.c.document_id)))
        assert documents == len({each.id for each in known}) and not connection.execute(without).all()
    for document in app.library.documents("default"):
        text = app.library.document(document.id).text
        assert all(text[chunk.start : chunk.end] == chunk.text for chunk in app.library.chunks(document.id))


def test_the_golden_files_are_of_every_kind() -> None:
    assert len(GOLDEN) > 25
    assert {path.suffix for path in GOLDEN} >= {".docx", ".xlsx", ".eml", ".zip", ".epub", ".html", ".json", ".rtf"}


BROKEN = DOCUMENTS / "broken"


@pytest.mark.skipif(not BROKEN.is_dir(), reason="the folder of sample documents is not here")
def test_the_bombs_among_the_samples_are_refused_within_limits(tmp_path: Path) -> None:
    app = fake_app(tmp_path / "home")
    *_, report = app.ingest([BROKEN / "bomb_giant.pdf", BROKEN / "xml_entity_bomb.xlsx"], "default")
    assert isinstance(report, Report)
    assert report.added + len(report.failures) == 2 and report.seconds < 60
