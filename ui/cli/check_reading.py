"""What `doctor` tries of the readers: whether text in pictures can be read here."""

import tempfile
import time
from pathlib import Path

from storage.errors import UnreadableFile
from ui.cli.findings import Findings

_WORD = "Footnote 42"
_SECONDS = 60.0


def check_reading(found: Findings) -> None:
    """Text recognition: as an ingest does it, in a process of its own with its limits."""
    began = time.monotonic()
    why = ""
    try:
        text = recognised(_WORD)
        why = "" if _WORD in text else f"{_WORD!r} was read as {text!r}"
    except (UnreadableFile, ImportError, OSError) as exc:
        why = " ".join(str(exc).split())
    found.facts["ocr"] = {"works": not why, "seconds": round(time.monotonic() - began, 1), "why": why or None}
    if why:
        found.problem(
            f"text in pictures and scanned pages cannot be read: {why}",
            "pip install --force-reinstall --no-deps rapidocr==3.10.* opencv-python-headless",
        )


def recognised(word: str) -> str:
    """What is read in a picture of a word. Raises UnreadableFile, ImportError, OSError."""
    from PIL import Image, ImageDraw, ImageFont

    from ingest.chunk import ChunkOptions
    from ingest.workers import Limits, Reader

    picture = Image.new("RGB", (720, 160), "white")
    ImageDraw.Draw(picture).text((40, 40), word, "black", ImageFont.load_default(64))
    with tempfile.TemporaryDirectory() as folder, Reader(Limits(_SECONDS)) as reader:
        file = Path(folder, "word.png")
        picture.save(file)
        return "\n".join(part.joined.text for part, _ in reader.read(file, ChunkOptions()))
