"""Images are shown as they are meant to be seen."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from storage.errors import UnreadableFile
from ui.original.pictures import Picture, draw


def shown(path: Path, page: int = 1) -> tuple[Picture, Image.Image]:
    picture = draw(path, page, kind="image")
    return picture, Image.open(BytesIO(picture.image)).convert("RGB")


def test_a_photograph_is_turned_as_its_camera_says_and_made_smaller(tmp_path: Path) -> None:
    image = Image.new("RGB", (3000, 1500), "white")
    image.paste("red", (0, 0, 300, 300))  # top left in the file; by its EXIF it was taken upright
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    image.save(tmp_path / "a.jpg", exif=exif)
    picture, seen = shown(tmp_path / "a.jpg")
    assert (picture.width, picture.height, picture.pages) == (1400, 2800, 1)
    red = seen.getpixel((1390, 10))
    assert isinstance(red, tuple) and red[0] > 200 and red[1] < 60


def test_each_page_of_a_fax_can_be_seen(tmp_path: Path) -> None:
    pages = [Image.new("1", (100, 100), colour) for colour in (0, 1, 0)]
    pages[0].save(tmp_path / "fax.tiff", save_all=True, append_images=pages[1:])
    for page, colour in ((1, 0), (2, 255), (3, 0)):
        picture, seen = shown(tmp_path / "fax.tiff", page)
        assert picture.pages == 3 and seen.getpixel((50, 50)) == (colour, colour, colour)
    with pytest.raises(UnreadableFile):
        shown(tmp_path / "fax.tiff", 4)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "I;16", "F", "CMYK"])
def test_every_kind_of_pixel_is_drawn(tmp_path: Path, mode: str) -> None:
    image = Image.new(mode if mode != "P" else "RGBA", (20, 10))  # black, or transparent where it can be
    path = tmp_path / ("a.png" if mode in ("RGBA", "LA", "P", "I;16") else "a.tiff")
    (image.quantize() if mode == "P" else image).save(path)
    _, seen = shown(path)
    value = seen.getpixel((5, 5))
    assert isinstance(value, tuple) and value[0] in ((255,) if mode in ("RGBA", "LA", "CMYK", "P") else (0,))


def test_what_is_no_image_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    with pytest.raises(UnreadableFile, match="cannot be drawn"):
        shown(tmp_path / "a.png")
