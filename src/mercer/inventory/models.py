"""The stock's nouns."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class MovementKind(StrEnum):
    """Why quantities of stock changed."""

    RECEIVED = "received"
    ADJUSTED = "adjusted"
    HELD = "held"
    HOLD_RELEASED = "hold_released"
    ALLOCATED = "allocated"
    ALLOCATION_RELEASED = "allocation_released"
    SHIPPED = "shipped"
    RETURNED = "returned"
    SCRAPPED = "scrapped"
    TRANSFERRED = "transferred"


class AdjustmentKind(StrEnum):
    """Why staff change how many are on hand."""

    ADJUSTED = "adjusted"
    RECEIVED = "received"
    RETURNED = "returned"
    SCRAPPED = "scrapped"


@dataclass(frozen=True, kw_only=True)
class Warehouse:
    """A place that holds stock, and the channels that it ships to."""

    code: str
    name: str
    country: str
    """ISO 3166-1, two letters."""
    channels: Sequence[str] = ()
    """Channel codes."""


@dataclass(frozen=True, kw_only=True)
class StockLevel:
    """How many of a variant a warehouse holds."""

    sku: str
    warehouse: str
    """The warehouse's code."""
    on_hand: int


@dataclass(frozen=True, kw_only=True)
class NewWarehouse:
    """A place to hold stock, with the ids of the channels that it ships to."""

    code: str
    name: str
    country: str
    channel_ids: Sequence[UUID] = ()


@dataclass(frozen=True, kw_only=True)
class WarehouseChanges:
    """What is to be another in a warehouse. None: it stays as it is. Its code always does."""

    name: str | None = None
    country: str | None = None
    channel_ids: Sequence[UUID] | None = None


@dataclass(frozen=True, kw_only=True)
class KnownWarehouse(NewWarehouse):
    """A warehouse as it is stored."""

    id: UUID
    is_archived: bool
    version: int


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where stock of a variant lies."""

    variant_id: UUID
    warehouse_id: UUID


@dataclass(frozen=True, kw_only=True)
class Adjustment(Place):
    """How many more are on hand than before; fewer, if negative."""

    delta: int
    kind: AdjustmentKind = AdjustmentKind.ADJUSTED


@dataclass(frozen=True, kw_only=True)
class Count(Place):
    """How many were counted."""

    on_hand: int
    expected: int | None = None
    """How many there were to be. None: whatever there is, the count holds."""


@dataclass(frozen=True, kw_only=True)
class LockedLevel(Place):
    """A level that nobody else changes now."""

    on_hand: int
    reserved: int
    """How many must stay on hand: sold or held, less what may be back-ordered."""
    backorder_limit: int


@dataclass(frozen=True, kw_only=True)
class StockRequest:
    """So many of a variant that a line of an order needs."""

    line_id: UUID
    variant_id: UUID
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Supply(Place):
    """What a warehouse can promise of a variant."""

    code: str
    """The warehouse's."""
    country: str
    """Where the warehouse is."""
    free: int
    """On hand, and neither sold nor held by others. Negative where more was sold than is there."""
    backorder_limit: int
    own: int = 0
    """How many of the free ones the buyer holds already."""


@dataclass(frozen=True, kw_only=True)
class Allocation(Place):
    """So many of a variant that leave a warehouse for a line of an order."""

    line_id: UUID
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """So many of a variant that are taken from a warehouse to another."""

    variant_id: UUID
    quantity: int


@dataclass(frozen=True, kw_only=True)
class BackorderLimit(Place):
    """How many of a variant a warehouse may sell beyond what is on hand."""

    limit: int
