"""The process that shows an image as it is meant to be seen: turned as its camera says, on white, not too large."""

from PIL import Image, ImageOps

from ui.original.child import Object, answer
from ui.original.pictures import TALLEST, WIDTH, packed


def draw(request: Object) -> tuple[Object, bytes]:
    """Page `page` (from 1) of the image at `path`; only some formats have more than one."""
    with Image.open(request["path"]) as image:
        pages: int = getattr(image, "n_frames", 1)
        if image.format == "JPEG":
            image.draft("RGB", (WIDTH, WIDTH))  # reads a large one in a size not far above
        image.seek(request["page"] - 1)
        turned = ImageOps.exif_transpose(image)
        return packed(fitting(plain(turned), WIDTH, TALLEST), pages)


def plain(image: Image.Image) -> Image.Image:
    """An image in plain colours, on white where it is transparent."""
    if image.mode.startswith(("I", "F")):  # one number for each pixel, in any range
        low, high = image.getextrema()
        span = max(float(high) - float(low), 1.0)  # type: ignore[arg-type]
        return image.point(lambda value: value * (255 / span) - float(low) * (255 / span)).convert("L").convert("RGB")  # type: ignore[arg-type]
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def fitting(image: Image.Image, width: int, height: int) -> Image.Image:
    """An image in its shape, at most so wide and so tall."""
    scale = min(width / image.width, height / image.height, 1.0)
    if scale == 1.0:
        return image
    return image.resize((max(round(image.width * scale), 1), max(round(image.height * scale), 1)))


if __name__ == "__main__":
    answer(draw)
