"""Pictures for tests, made by Pillow."""

from io import BytesIO
from typing import Any

from PIL import Image, ImageCms

GPS = 0x8825
ORIENTATION = 0x0112


def encoded(image: Image.Image, format_: str, **options: Any) -> bytes:
    into = BytesIO()
    image.save(into, format_, **options)
    return into.getvalue()


def noise(width: int = 80, height: int = 60) -> Image.Image:
    """A picture that no encoder makes small."""
    return Image.effect_noise((width, height), 60).convert("RGB")


def photo(width: int = 80, height: int = 60) -> bytes:
    return encoded(noise(width, height), "JPEG")


def snapshot() -> bytes:
    """As a telephone has it: lying on its side, and telling where it was taken. Red above, blue below when upright."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010F] = "Maker of cameras"
    exif[GPS] = {1: "N", 2: (52.0, 31.0, 12.0)}
    image = Image.new("RGB", (40, 20), "blue")
    image.paste("red", (0, 0, 20, 20))
    return encoded(image, "JPEG", exif=exif, comment=b"made at home", quality=95)


def profile(name: str) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()  # type: ignore[arg-type]


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image
