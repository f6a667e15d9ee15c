"""In which sizes pictures are made, and where they lie."""

import re
from collections.abc import Sequence

from mercer.media.models import Picture, PictureFormat

FOLDER = "pictures"
"""Where uploads lie in the object store. What lies under it never changes."""

LARGEST_SIDE = 4000
"""How many pixels the longer side of a stored picture has at most."""

WIDTHS = (160, 320, 640, 960, 1440, 2048)
"""In which widths a picture is made, if it has more."""

CACHE_FOR_EVER = "public, max-age=31536000, immutable"
CACHE_BRIEFLY = "public, max-age=300"

SHOWN = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "avif": "image/avif",
    "gif": "image/gif",
    "svg": "image/svg+xml",
}
"""What is served, by its extension. A page or a script that somebody put there is not."""

_LONGEST_PATH = 500
_SEGMENT = re.compile(r"[^./\\\x00-\x1f#?][^/\\\x00-\x1f#?]*")


def full_path(folder: str, format_: PictureFormat) -> str:
    """Where a picture lies in its full size; `folder` is its own, random."""
    return f"{FOLDER}/{folder}/full.{format_.extension}"


def rendition_path(picture: Picture, width: int, format_: PictureFormat) -> str:
    """Where a rendition lies: beside the picture."""
    return f"{picture.path.rpartition('/')[0]}/w{width}.{format_.extension}"


def widths_of(picture: Picture) -> Sequence[int]:
    """In which widths to make it."""
    return [width for width in WIDTHS if width < picture.width]


def formats_of(picture: Picture) -> Sequence[PictureFormat]:
    """In which formats to make each width: the small one first, then the one that everything can show."""
    return (PictureFormat.WEBP, picture.media_type)


def fitted(width: int, height: int) -> tuple[int, int]:
    """The largest size that a stored picture of this one may have."""
    scale = min(1.0, LARGEST_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def scaled_height(width: int, height: int, to_width: int) -> int:
    """How high a picture becomes when it becomes that wide."""
    return max(1, round(height * to_width / width))


def served_as(path: str) -> str | None:
    """The media type that a path is served as. None: it is not served."""
    if len(path) > _LONGEST_PATH or not all(_SEGMENT.fullmatch(segment) for segment in path.split("/")):
        return None
    name, dot, extension = path.rpartition("/")[2].rpartition(".")
    return SHOWN.get(extension.lower()) if name and dot else None


def is_unchanging(path: str) -> bool:
    """Whether what lies there never changes."""
    return path.startswith(f"{FOLDER}/")
