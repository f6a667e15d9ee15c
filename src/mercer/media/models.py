"""What a picture is."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class PictureState(StrEnum):
    """How far a picture has come. It is shown in any case, in its full size at least."""

    PROCESSING = "processing"
    READY = "ready"
    """All of its renditions are there."""
    FAILED = "failed"
    """It has only its full size: the others could not be made."""


class PictureFormat(StrEnum):
    """What pictures are stored as, by media type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"

    @property
    def extension(self) -> str:
        return {self.JPEG: "jpg", self.PNG: "png", self.WEBP: "webp"}[self]


@dataclass(frozen=True)
class Drawn:
    """An encoded picture: nothing in it but what is seen."""

    content: bytes
    format: PictureFormat
    width: int
    height: int


@dataclass(frozen=True)
class Picture:
    """A stored picture in its full size, in pixels. Its path is relative to the media address."""

    id: UUID
    path: str
    width: int
    height: int
    media_type: PictureFormat
    state: PictureState
    is_used: bool
    """Whether something shows it."""


@dataclass(frozen=True)
class Rendition:
    """A picture in a smaller size or another format."""

    path: str
    width: int
    height: int
    media_type: PictureFormat
    byte_size: int
