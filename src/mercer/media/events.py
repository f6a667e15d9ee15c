"""What happens to pictures."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class PictureUploaded(Event):
    """A picture is stored in its full size."""

    picture_id: UUID


@dataclass(frozen=True, kw_only=True)
class PictureReady(Event):
    """A picture's renditions are there."""

    picture_id: UUID


@dataclass(frozen=True, kw_only=True)
class PictureRemoved(Event):
    """A picture that nothing used is gone."""

    picture_id: UUID
