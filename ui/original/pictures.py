"""Pictures of a PDF's pages, with the boxes that a quote fills on them. Each is drawn in a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from storage.anchors import Box
from storage.errors import UnreadableFile

_HOME = Path(__file__).parent.parent.parent
_SECONDS = 20.0  # that a page may take; usual ones take half of one


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as WebP; its size in pixels, the pages of its file, and boxes in shares of its width and height."""

    image: bytes
    width: int
    height: int
    pages: int
    boxes: tuple[Box, ...]


def draw(path: Path, page: int, quote: str = "", near: float = 0.0) -> Picture:
    """Page `page` (from 1) of a PDF, with the boxes of the quote that stands nearest to the share `near` of its text.

    There are no boxes where the quote is empty or does not stand on the page. Raises UnreadableFile, whose message
    completes the sentence "The page ...".
    """
    paths = [str(_HOME), *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "ui.original.draw"],
            input=json.dumps({"path": str(path), "page": page, "quote": quote, "near": near}).encode(),
            capture_output=True,
            timeout=_SECONDS,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"},
        )
    except subprocess.TimeoutExpired:
        raise UnreadableFile(f"takes longer than {_SECONDS:g} s to draw.") from None
    if done.returncode:
        raise UnreadableFile("cannot be drawn: the file is damaged or protected.")
    head, image = done.stdout.split(b"\n", 1)
    answer = json.loads(head)
    boxes = tuple(Box(*box) for box in answer["boxes"])
    return Picture(image, answer["width"], answer["height"], answer["pages"], boxes)
