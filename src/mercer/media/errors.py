"""How pictures are refused."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.errors import DomainError


@dataclass(eq=False)
class PictureUnknown(DomainError):
    """There is no such upload."""

    picture_id: UUID


@dataclass(eq=False)
class PictureInUse(DomainError):
    """Something shows this picture: take it away there first."""

    picture_id: UUID


@dataclass(eq=False)
class PictureRefused(DomainError):
    """This file is not taken as a picture."""


@dataclass(eq=False)
class FormatUnknown(PictureRefused):
    """This is no picture in one of the formats JPEG, PNG, WebP, GIF and AVIF."""


@dataclass(eq=False)
class PictureDamaged(PictureRefused):
    """This picture cannot be read: it is damaged or incomplete."""


@dataclass(eq=False)
class PictureMixed(PictureRefused):
    """There is more in this file than a picture."""


@dataclass(eq=False)
class PictureOversized(PictureRefused):
    """This picture has too many pixels."""

    pixels: int
    most: int
