"""Pictures, read and drawn anew by Pillow, in a few threads: they take processors and memory, not the loop's time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TypeVar

from PIL import Image, ImageCms, ImageOps

from mercer.media.errors import PictureDamaged, PictureOversized
from mercer.media.models import Drawn, PictureFormat
from mercer.media.rules.containers import Container, check_nothing_else, recognised
from mercer.media.rules.sizes import LARGEST_SIDE, fitted, scaled_height

Result = TypeVar("Result")

THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pictures")
"""How many pictures are in memory, unpacked, at a time."""

QUALITY = {PictureFormat.JPEG: 88, PictureFormat.WEBP: 80}

Image.MAX_IMAGE_PIXELS = None  # `_opened` looks at the size itself, before anything is unpacked

_SRGB = ImageCms.createProfile("sRGB")


async def in_thread(work: Callable[..., Result], *arguments: object) -> Result:
    """Have one of the threads do it."""
    return await asyncio.get_running_loop().run_in_executor(THREADS, work, *arguments)


def redrawn(content: bytes, most_pixels: int) -> Drawn:
    """What a file shows, upright, in sRGB, 8 bits deep, and nothing else of the file.

    Animations become their first frame. Raises `FormatUnknown`, `PictureDamaged`, `PictureMixed`, `PictureOversized`.
    """
    container = recognised(content)
    check_nothing_else(content, container)
    try:
        image = _plain(_opened(content, container, most_pixels))
    except PictureOversized:
        raise
    except Exception:  # noqa: BLE001 — decoders fail on broken files with whatever they stumble over
        raise PictureDamaged from None
    size = fitted(image.width, image.height)
    if size != image.size:
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    is_drawing = container in {Container.PNG, Container.GIF}
    return _encoded(image, PictureFormat.PNG if image.mode == "RGBA" else PictureFormat.JPEG, is_sharp=is_drawing)


def resized(content: bytes, width: int, formats: tuple[PictureFormat, ...]) -> list[Drawn]:
    """A stored picture in another width, in each of these formats."""
    with Image.open(BytesIO(content)) as opened:
        height = scaled_height(opened.width, opened.height, width)
        opened.draft("RGB", (width, height))
        image = opened.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)
    return [_encoded(image, each, is_sharp=False) for each in formats]


def _opened(content: bytes, container: Container, most_pixels: int) -> Image.Image:
    """The first frame, upright. Its size is looked at before anything is unpacked."""
    with Image.open(BytesIO(content), formats=[container]) as opened:
        pixels = opened.width * opened.height
        if pixels > most_pixels:
            raise PictureOversized(pixels=pixels, most=most_pixels)
        opened.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
        opened.load()
        return ImageOps.exif_transpose(opened)


def _plain(image: Image.Image) -> Image.Image:
    """The picture as RGB or RGBA, its colours moved from its own profile to sRGB."""
    profile = image.info.get("icc_profile")
    is_transparent = image.has_transparency_data
    if image.mode.startswith("I") or image.mode == "F":  # grey, deeper than 8 bits
        image = image.point(lambda value: value / 257).convert("L")
    elif image.mode in {"P", "PA"}:
        image = image.convert("RGBA" if is_transparent else "RGB")
    if profile:
        image = _in_srgb(image, profile)
    image = image.convert("RGBA" if is_transparent else "RGB")
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    return image


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The colours as sRGB has them. A profile that makes no sense is left aside."""
    alpha = image.getchannel("A") if "A" in image.getbands() else None
    flat = image.convert(image.mode.removesuffix("A")) if alpha is not None else image
    try:
        found = ImageCms.ImageCmsProfile(BytesIO(profile))
        moved = ImageCms.profileToProfile(flat, found, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    assert moved is not None
    if alpha is not None:
        moved.putalpha(alpha)
    return moved


def _encoded(image: Image.Image, format_: PictureFormat, *, is_sharp: bool) -> Drawn:
    """Encode the pixels and nothing else: a copy without what the file had beside them."""
    image = image.copy()
    image.info = {}
    into = BytesIO()
    match format_:
        case PictureFormat.JPEG:
            subsampling = "4:4:4" if is_sharp else "4:2:0"
            quality = QUALITY[format_]
            try:
                image.save(into, "JPEG", quality=quality, subsampling=subsampling, optimize=True, progressive=True)
            except OSError:  # Pillow reserves a byte a pixel for the passes of this form: noise can need more
                into = BytesIO()
                image.save(into, "JPEG", quality=quality, subsampling=subsampling)
        case PictureFormat.PNG:
            image.save(into, "PNG", optimize=False, compress_level=6)
        case PictureFormat.WEBP:
            image.save(into, "WEBP", quality=QUALITY[format_], method=4)
    return Drawn(into.getvalue(), format_, image.width, image.height)
