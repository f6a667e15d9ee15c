"""What happens to channels."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class ChannelCreated(Event):
    """There is a new storefront."""

    channel_id: UUID


@dataclass(frozen=True, kw_only=True)
class ChannelUpdated(Event):
    """A storefront sells in another way; it may have begun to speak a language."""

    channel_id: UUID


@dataclass(frozen=True, kw_only=True)
class ChannelArchived(Event):
    """A storefront was closed."""

    channel_id: UUID


@dataclass(frozen=True, kw_only=True)
class ChannelRestored(Event):
    """A storefront that was closed is open again."""

    channel_id: UUID
