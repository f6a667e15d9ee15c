"""What becomes of a file that is sent in."""

import struct
import zlib
from collections.abc import Callable
from random import Random

import pytest
from PIL import Image
from tests.media.pictures import encoded, noise, opened, photo, profile, snapshot

from mercer.media.errors import FormatUnknown, PictureDamaged, PictureMixed, PictureOversized, PictureRefused
from mercer.media.models import PictureFormat
from mercer.media.providers.drawing import redrawn, resized

MOST = 1_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")


@pytest.mark.parametrize("format_", FORMATS)
def test_each_format_is_drawn_anew(format_: str) -> None:
    content = encoded(noise(), format_)
    drawn = redrawn(content, MOST)
    assert (drawn.format, drawn.width, drawn.height) == (PictureFormat.JPEG, 80, 60)
    assert drawn.content != content
    assert opened(drawn.content).format == "JPEG"


def test_a_picture_stands_upright_and_says_nothing_of_where_it_was_taken() -> None:
    sent = snapshot()
    assert opened(sent).getexif().get_ifd(0x8825)
    drawn = redrawn(sent, MOST)
    image = opened(drawn.content)
    assert image.size == (drawn.width, drawn.height) == (20, 40)
    red, _, blue = image.getpixel((10, 8))  # type: ignore[misc]
    assert (red > 200, blue < 60) == (True, True)
    assert dict(image.getexif()) == {}
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    for secret in (b"Maker of cameras", b"made at home", b"Exif"):
        assert secret not in drawn.content


@pytest.mark.parametrize("format_", ["PNG", "WEBP", "AVIF"])
def test_other_formats_lose_their_exif_and_profile_too(format_: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker of cameras"
    drawn = redrawn(encoded(noise(), format_, exif=exif, icc_profile=profile("sRGB")), MOST)
    assert b"Maker of cameras" not in drawn.content
    assert "icc_profile" not in opened(drawn.content).info


MODES: dict[str, tuple[Callable[[], bytes], PictureFormat, tuple[int, ...]]] = {
    "grey": (lambda: encoded(Image.new("L", (4, 4), 100), "PNG"), PictureFormat.JPEG, (100, 100, 100)),
    "one bit": (lambda: encoded(Image.new("1", (4, 4), 1), "PNG"), PictureFormat.JPEG, (255, 255, 255)),
    "16 bits": (lambda: encoded(Image.new("I;16", (4, 4), 40_000), "PNG"), PictureFormat.JPEG, (155, 155, 155)),
    "grey and alpha": (lambda: encoded(Image.new("LA", (4, 4), (9, 70)), "PNG"), PictureFormat.PNG, (9, 9, 9, 70)),
    "alpha": (lambda: encoded(Image.new("RGBA", (4, 4), (1, 2, 3, 4)), "PNG"), PictureFormat.PNG, (1, 2, 3, 4)),
    "opaque alpha": (
        lambda: encoded(Image.new("RGBA", (4, 4), (200, 200, 200, 255)), "PNG"),
        PictureFormat.JPEG,
        (200, 200, 200),
    ),
    "CMYK": (lambda: encoded(Image.new("CMYK", (8, 8), (0, 0, 0, 255)), "JPEG"), PictureFormat.JPEG, (0, 0, 0)),
    "alpha with a profile": (
        lambda: encoded(Image.new("RGBA", (4, 4), (1, 2, 3, 4)), "PNG", icc_profile=profile("sRGB")),
        PictureFormat.PNG,
        (1, 2, 3, 4),
    ),
    "a profile of another kind": (
        lambda: encoded(Image.new("RGB", (8, 8), (90, 90, 90)), "JPEG", icc_profile=profile("LAB")),
        PictureFormat.JPEG,
        (90, 90, 90),
    ),
    "a profile that is none": (
        lambda: encoded(Image.new("RGB", (8, 8), (90, 90, 90)), "JPEG", icc_profile=b"no profile" * 20),
        PictureFormat.JPEG,
        (90, 90, 90),
    ),
}


@pytest.mark.parametrize("mode", MODES)
def test_every_kind_of_pixels_becomes_rgb(mode: str) -> None:
    make, format_, pixel = MODES[mode]
    drawn = redrawn(make(), MOST)
    assert drawn.format is format_
    assert opened(drawn.content).getpixel((1, 1)) == pixel


def test_colours_move_from_their_own_profile_to_srgb() -> None:
    swapped = _swapped_profile()
    drawn = redrawn(encoded(Image.new("RGB", (8, 8), (255, 0, 0)), "PNG", icc_profile=swapped), MOST)
    red, green, _ = opened(drawn.content).getpixel((4, 4))  # type: ignore[misc]
    assert (green > 200, red < 60) == (True, True)


@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
def test_noise_is_drawn_however_little_of_it_can_be_compressed(format_: str) -> None:
    pixels = Image.frombytes("RGB", (700, 500), Random(1).randbytes(700 * 500 * 3))
    drawn = redrawn(encoded(pixels, format_, quality=95), MOST)
    assert opened(drawn.content).size == (700, 500)
    [smaller] = resized(drawn.content, 699, (PictureFormat.JPEG,))
    assert smaller.width == 699


@pytest.mark.parametrize("format_", ["GIF", "WEBP", "PNG", "AVIF"])
def test_animations_become_their_first_frame(format_: str) -> None:
    frames = [Image.new("RGB", (10, 10), colour) for colour in ("red", "lime", "blue")]
    drawn = redrawn(encoded(frames[0], format_, save_all=True, append_images=frames[1:]), MOST)
    image = opened(drawn.content)
    assert getattr(image, "n_frames", 1) == 1
    red, green, blue = image.getpixel((5, 5))  # type: ignore[misc]
    assert (red > 200, max(green, blue) < 60) == (True, True)


def test_the_longer_side_is_bounded() -> None:
    drawn = redrawn(encoded(Image.new("1", (20_000, 50)), "PNG"), MOST)
    assert (drawn.width, drawn.height) == (4000, 10)
    drawn = redrawn(encoded(Image.new("1", (1, 50_000)), "PNG"), MOST)
    assert (drawn.width, drawn.height) == (1, 4000)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"<!doctype html>",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"BM" + bytes(100),
        b"II*\0" + bytes(100),
        b"\0\0\0\x18ftypmp42" + bytes(100),
        b"RIFF\0\0\0\0WAVE",
    ],
)
def test_what_is_no_picture_is_not_recognised(content: bytes) -> None:
    with pytest.raises(FormatUnknown):
        redrawn(content, MOST)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_truncated_pictures_are_refused(format_: str, part: float) -> None:
    content = encoded(noise(), format_)
    with pytest.raises((PictureDamaged, FormatUnknown)):
        redrawn(content[: int(len(content) * part)], MOST)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("rest", [b"PK\x05\x06" + bytes(18), b"<script>alert(1)</script>", b"%PDF-1.4", b"<SVG/>"])
def test_files_that_are_something_else_too_are_refused(format_: str, rest: bytes) -> None:
    with pytest.raises(PictureMixed):
        redrawn(encoded(noise(), format_) + rest, MOST)


def test_a_camera_may_put_previews_behind_a_photo() -> None:
    assert redrawn(photo() + photo(8, 8), MOST).width == 80
    with pytest.raises(PictureMixed):
        redrawn(encoded(noise(), "PNG") + photo(8, 8), MOST)


def test_bombs_are_refused_before_they_are_unpacked() -> None:
    bomb = encoded(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(bomb) < 100_000
    with pytest.raises(PictureOversized) as refused:
        redrawn(bomb, MOST)
    assert vars(refused.value) == {"pixels": 400_000_000, "most": MOST}


def test_a_size_that_is_a_lie_is_refused() -> None:
    head = struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    with pytest.raises(PictureRefused):
        redrawn(b"\x89PNG\r\n\x1a\n" + b"".join(packed), MOST)


def test_a_photo_that_refines_itself_for_ever_is_refused() -> None:
    content = encoded(noise(), "JPEG", progressive=True)
    scan = content[content.rindex(b"\xff\xda") : -2]
    with pytest.raises(PictureDamaged):
        redrawn(content[:-2] + scan * 200 + content[-2:], MOST)


@pytest.mark.parametrize("format_", FORMATS)
def test_broken_bytes_are_refused_or_drawn_but_nothing_else(format_: str) -> None:
    content = bytearray(encoded(noise(30, 20), format_))
    for place in range(0, len(content), max(1, len(content) // 60)):
        broken = bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        try:
            drawn = redrawn(broken, MOST)
        except PictureRefused:
            continue
        assert drawn.width * drawn.height <= MOST


def test_other_sizes_keep_the_shape() -> None:
    stored = redrawn(photo(), MOST)
    small = resized(stored.content, 20, (PictureFormat.WEBP, PictureFormat.JPEG))
    assert [(each.format, each.width, each.height) for each in small] == [
        (PictureFormat.WEBP, 20, 15),
        (PictureFormat.JPEG, 20, 15),
    ]
    assert [opened(each.content).format for each in small] == ["WEBP", "JPEG"]
    see_through = redrawn(encoded(Image.new("RGBA", (50, 50), (9, 9, 9, 9)), "PNG"), MOST)
    made = resized(see_through.content, 10, (PictureFormat.WEBP, PictureFormat.PNG))
    assert [opened(each.content).mode for each in made] == ["RGBA", "RGBA"]


def _swapped_profile() -> bytes:
    """An sRGB profile whose red is green and whose green is red."""
    content = profile("sRGB")
    at = {content[place : place + 4]: place for place in range(132, 132 + 12 * 30, 12)}
    red, green = at[b"rXYZ"], at[b"gXYZ"]
    swapped = bytearray(content)
    swapped[red : red + 4], swapped[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(swapped)
