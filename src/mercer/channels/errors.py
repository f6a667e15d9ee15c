"""Expected failures of channels."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.errors import DomainError


@dataclass(eq=False)
class ChannelUnknown(DomainError):
    """No channel has this code."""

    channel: str


@dataclass(eq=False)
class ChannelInvalid(DomainError):
    """The channel's field has a value that it cannot have."""

    channel: str
    field: str


@dataclass(eq=False)
class ChannelCurrencyFixed(DomainError):
    """A channel's currency cannot be changed: its prices are in it."""

    channel: str
    currency: str


@dataclass(eq=False)
class ChannelCodeTaken(DomainError):
    """Another channel has this code."""

    channel: str


@dataclass(eq=False)
class DefaultChannelNeeded(DomainError):
    """One channel is the default, and it is open. Make another one the default first."""


@dataclass(eq=False)
class ChannelNotFound(DomainError):
    """No channel has this id."""

    id: UUID
