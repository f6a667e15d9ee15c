"""Expected failures of prices."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mercer.platform.errors import DomainError, InvalidValue


@dataclass(eq=False)
class PriceRepeated(DomainError):
    """The variant's price in this channel was given before, in the same call."""

    sku: str
    channel: str


@dataclass(eq=False)
class PriceGivenTwice(InvalidValue):
    """The variant's price in this channel, from this moment on, was given before."""


@dataclass(eq=False)
class PricesTooMany(InvalidValue):
    """At most 250 prices can be written at once, and one at least."""


@dataclass(eq=False)
class BeforeAmountInvalid(InvalidValue):
    """The price before is higher than the price."""

    amount: int | None
    before_amount: int


@dataclass(eq=False)
class PriceWindowInvalid(InvalidValue):
    """A scheduled price ends after it begins, and not in the past."""


@dataclass(eq=False)
class PriceWindowsTooMany(InvalidValue):
    """A variant has at most 100 scheduled prices in a channel."""


@dataclass(eq=False)
class PriceWindowsOverlap(DomainError):
    """Another price is scheduled for some of this time."""

    variant_id: UUID
    channel_id: UUID
    begins_at: datetime
    """When the other one begins."""
    ends_at: datetime | None


@dataclass(eq=False)
class PriceNotFound(DomainError):
    """The variant has no such price in this channel."""

    variant_id: UUID
    channel_id: UUID
