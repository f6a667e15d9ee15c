"""The prices' nouns."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a variant costs in a channel, in minor units of the channel's currency."""

    sku: str
    channel: str
    """The channel's code."""
    amount: int | None
    """None: it has no price there, and one stored before is removed."""
    before_amount: int | None = None
    """The higher, struck-out price beside it."""


@dataclass(frozen=True, kw_only=True)
class PriceKey:
    """Which price of a variant in a channel: the usual one, or the one that begins at a moment."""

    variant_id: UUID
    channel_id: UUID
    valid_from: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PriceChange(PriceKey):
    """What staff ask from now on, or from one moment until another, in the channel's currency."""

    amount: Decimal
    before_amount: Decimal | None = None
    """The higher, struck-out price beside it."""
    valid_until: datetime | None = None
    """When the usual price holds again. Without `valid_from` this one begins now."""
    version: int | None = None
    """What the caller has seen: 0 when there was no such price."""


@dataclass(frozen=True, kw_only=True)
class StoredPrice:
    """What is asked, in minor units."""

    amount: int
    before_amount: int | None
    valid_until: datetime | None
    version: int


@dataclass(frozen=True, kw_only=True)
class ListedPrice:
    """What shoppers are asked for one of a variant, in minor units."""

    amount: int
    currency: str
    before_amount: int | None
    """The higher, struck-out price beside it."""
