"""Pictures of pages, slides and images, with the boxes of a quote on them; each is drawn in a process of its own."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from storage.anchors import Box
from ui.original.child import Object, ask

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL.Image import Image

WIDTH = 1400  # pixels of a picture, enough for a drawer of 700 on a screen that has two for each
TALLEST = 6000

Kind = Literal["page", "slide", "image"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as WebP; its size in pixels, the pages of its file, and boxes in shares of its width and height."""

    image: bytes
    width: int
    height: int
    pages: int
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """A quote on a page (empty: none), and at which share of the page's text it begins."""

    quote: str = ""
    near: float = 0.0


def draw(path: Path, page: int, sought: Sought = Sought(), kind: Kind = "page") -> Picture:
    """Page `page` (from 1) of a file: one of a PDF, a slide, or one of an image; with the boxes of what is sought.

    There are no boxes where the quote is empty or does not stand there as text; in an image nothing does. Raises
    UnreadableFile, whose message completes the sentence "The page ...".
    """
    request: dict[str, Any] = {"path": str(path), "page": page, "quote": sought.quote, "near": sought.near}
    answer, image = ask(kind, request)
    boxes = tuple(Box(*box) for box in answer["boxes"])
    return Picture(image, answer["width"], answer["height"], answer["pages"], boxes)


def packed(picture: "Image", pages: int, boxes: "Iterable[Box]" = ()) -> tuple[Object, bytes]:
    """The answer of a process that has drawn: `boxes` are in pixels."""
    shares = [box.share(*picture.size) for box in boxes]
    answer = {
        "pages": pages,
        "width": picture.width,
        "height": picture.height,
        "boxes": [(box.left, box.top, box.right, box.bottom) for box in shares],
    }
    image = BytesIO()
    picture.save(image, "WEBP", quality=80, method=2)
    return answer, image.getvalue()
