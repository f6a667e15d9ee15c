"""What a file is, by its content, and whether it is that and nothing else."""

from collections.abc import Callable, Iterator
from enum import StrEnum

from mercer.media.errors import FormatUnknown, PictureDamaged, PictureMixed


class Container(StrEnum):
    """What is taken as an upload, as the decoder names it."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    GIF = "GIF"
    AVIF = "AVIF"


FOREIGN = (b"PK\x05\x06", b"%PDF-", b"<html", b"<script", b"<svg", b"<?php")
"""What makes something else of the bytes behind a JPEG. Cameras rightly put previews and films there."""

MOST_SCANS = 100
"""How often a progressive JPEG may refine itself. Each time costs as much as the whole picture."""

_PNG = b"\x89PNG\r\n\x1a\n"


def recognised(content: bytes) -> Container:
    """What the first bytes say. Raises `FormatUnknown`."""
    if content.startswith(b"\xff\xd8\xff"):
        return Container.JPEG
    if content.startswith(_PNG):
        return Container.PNG
    if content.startswith((b"GIF87a", b"GIF89a")):
        return Container.GIF
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Container.WEBP
    if content[4:8] == b"ftyp" and any(brand in content[8:64] for brand in (b"avif", b"avis")):
        return Container.AVIF
    raise FormatUnknown


def check_nothing_else(content: bytes, container: Container) -> None:
    """Refuse a file that goes on after its picture, or ends before it. Raises `PictureMixed`, `PictureDamaged`.

    What is served is made anew, so nothing hidden would come through; but nobody sends such a file by accident.
    """
    try:
        end = _ENDS[container](content)
    except (IndexError, ValueError):
        raise PictureDamaged from None
    if end > len(content):
        raise PictureDamaged
    rest = content[end:]
    if container is Container.JPEG:
        is_foreign = any(mark in rest.lower() for mark in map(bytes.lower, FOREIGN))
    else:
        is_foreign = bool(rest.strip(b"\0"))
    if is_foreign:
        raise PictureMixed


def _number(content: bytes, start: int, *, size: int = 4, little: bool = False) -> int:
    if start + size > len(content):
        raise IndexError
    return int.from_bytes(content[start : start + size], "little" if little else "big")


def _end_of_jpeg(content: bytes) -> int:
    """Walk the segments (ITU T.81, B.1): markers with a length, and the entropy-coded data after SOS."""
    at, scans = 2, 0
    while scans <= MOST_SCANS:
        if content[at] != 0xFF:  # noqa: PLR2004 — each marker begins with it
            raise ValueError
        while content[at] == 0xFF:  # noqa: PLR2004 — and may be preceded by more of them
            at += 1
        marker = content[at]
        at += 1
        if marker == 0xD9:  # noqa: PLR2004 — EOI
            return at
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:  # noqa: PLR2004 — TEM, RST: no length
            continue
        at += _number(content, at, size=2)
        if marker == 0xDA:  # noqa: PLR2004 — SOS
            at, scans = _end_of_scan(content, at), scans + 1
    raise ValueError


def _end_of_scan(content: bytes, at: int) -> int:
    while True:
        at = content.index(b"\xff", at)
        following = content[at + 1]
        if following not in {0x00, 0xFF} and not 0xD0 <= following <= 0xD7:  # noqa: PLR2004 — RST
            return at
        at += 1 if following == 0xFF else 2  # noqa: PLR2004 — fill bytes


def _end_of_png(content: bytes) -> int:
    at = len(_PNG)
    while True:
        kind, size = content[at + 4 : at + 8], _number(content, at)
        at += 12 + size
        if kind == b"IEND":
            return at


def _end_of_webp(content: bytes) -> int:
    size = _number(content, 4, little=True)
    return 8 + size + size % 2 if 8 + size < len(content) else 8 + size


def _end_of_gif(content: bytes) -> int:
    """Walk the blocks (GIF89a, 12-27)."""
    at = 13 + _colours(content[10])
    while True:
        kind = content[at]
        if kind == 0x3B:  # noqa: PLR2004 — trailer
            return at + 1
        if kind == 0x21:  # noqa: PLR2004 — extension
            at += 2
        elif kind == 0x2C:  # noqa: PLR2004 — image descriptor, its colours, the code size
            at += 11 + _colours(content[at + 9])
        else:
            raise ValueError
        while content[at]:
            at += 1 + content[at]
        at += 1


def _colours(flags: int) -> int:
    """How many bytes a table of colours takes, if there is one."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _end_of_avif(content: bytes) -> int:
    """Walk the boxes (ISO/IEC 14496-12, 4.2)."""
    return max(_box_ends(content))


def _box_ends(content: bytes) -> Iterator[int]:
    at = 0
    while at < len(content):
        size, kind = _number(content, at), content[at + 4 : at + 8]
        if size == 0:
            size = len(content) - at
        elif size == 1:
            size = _number(content, at + 8, size=8)
        if size < 8 or not kind.isalnum():  # noqa: PLR2004 — a box's own head
            break
        at += size
        yield at


_ENDS: dict[Container, Callable[[bytes], int]] = {
    Container.JPEG: _end_of_jpeg,
    Container.PNG: _end_of_png,
    Container.WEBP: _end_of_webp,
    Container.GIF: _end_of_gif,
    Container.AVIF: _end_of_avif,
}
