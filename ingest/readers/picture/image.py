"""Pictures: what can be read in them, page by page where a file has several."""

import re
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps
from PIL.ExifTags import IFD, Base

from ingest.clean import Piece, Reading
from ingest.readers.page.paragraphs import paragraphs
from ingest.readers.picture import ocr
from ingest.readers.picture.ocr import Progress
from storage.errors import UnreadableFile

_MOST_PIXELS = 150_000_000  # of one picture: an A0 scan with 300 dots an inch has 140 million
_MOST_PAGES = 2_000
_LONGEST = 3_000  # pixels of the longer side that are looked at
_LONGEST_FACT = 200  # characters
_FEWEST = 2  # letters and digits
_TOO_LARGE = "is a picture of too many pixels: save a smaller copy and ingest it."
_JUNK = re.compile(r"(?:olympus )?digital camera|screenshot|untitled|default|created with .*|.*\.\w{3,4}", re.I)


def read(path: Path, progress: Progress | None = None) -> Reading:
    """The text of each page, in paragraphs and rows of tables, each with its place in the picture.

    Raises UnreadableFile for a file that holds none that can be read, or is too large a picture.
    """
    pieces: list[Piece] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit here is another one
            with Image.open(path) as file:
                facts = _facts(file)
                pages = min(int(getattr(file, "n_frames", 1)), _MOST_PAGES) if file.format == "TIFF" else 1
                for page in range(pages):
                    file.seek(page)
                    pieces += _page(page + 1, file)
                    if progress:
                        progress(page + 1, pages)
    except Image.DecompressionBombError as error:
        raise UnreadableFile(_TOO_LARGE) from error
    except (OSError, SyntaxError, EOFError) as error:  # what Pillow raises on damage
        if isinstance(error, OSError) and error.errno is not None:  # the disk's own
            raise
        raise UnreadableFile("is damaged or no picture: open it in an image viewer and save it anew.") from error
    if sum(sum(map(str.isalnum, piece.text)) for piece in pieces) < _FEWEST:
        raise UnreadableFile("holds no text that can be read: if there is some, take a sharper or larger picture.")
    title, authors, created = facts
    return Reading(title, tuple(pieces), pages, authors, created)


def _page(number: int, file: Image.Image) -> list[Piece]:
    if file.width * file.height > _MOST_PIXELS:
        raise UnreadableFile(_TOO_LARGE)
    if file.format == "JPEG":
        file.draft("RGB", (_LONGEST, _LONGEST))  # reads a large one in a size not far above
    turned = file.getexif().get(Base.Orientation, 1) != 1
    picture = _plain(ImageOps.exif_transpose(file) if turned else file)
    picture.thumbnail((_LONGEST, _LONGEST))
    return [
        Piece("", number, paragraph.text, paragraph.spot, tight=not paragraph.apart)
        for paragraph in paragraphs(ocr.look(picture).lines)
    ]


def _plain(picture: Image.Image) -> Image.Image:
    """A picture in plain colours, on white where it is transparent."""
    if picture.mode.startswith(("I", "F")):  # one number for each pixel, in any range
        low, high = (float(bound) for bound in picture.getextrema())  # type: ignore[arg-type]
        scale = 255 / max(high - low, 1.0)
        return picture.point(lambda value: value * scale - low * scale).convert("L").convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    return picture.convert("RGB")


def _facts(file: Image.Image) -> tuple[str, tuple[str, ...], datetime | None]:
    """Title, author and date, as the camera or a program wrote them."""
    exif = file.getexif()
    title = _text(exif.get(Base.ImageDescription)) or _text(file.info.get("Title"))
    author = _text(exif.get(Base.Artist)) or _text(file.info.get("Author"))
    camera = exif.get_ifd(IFD.Exif)
    taken = _text(camera.get(Base.DateTimeOriginal)) or _text(exif.get(Base.DateTime))
    zone = _text(camera.get(Base.OffsetTimeOriginal))
    try:
        created = datetime.strptime(taken + zone, "%Y:%m:%d %H:%M:%S%z" if zone else "%Y:%m:%d %H:%M:%S")
    except ValueError:
        created = None
    if created is not None and created.tzinfo is None:
        created = created.replace(tzinfo=UTC)
    return "" if _JUNK.fullmatch(title) else title, (author,) if author else (), created


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    return " ".join(value.replace("\0", " ").split())[:_LONGEST_FACT] if isinstance(value, str) else ""
