"""Fulfilment's nouns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ShipmentState(StrEnum):
    """Where a shipment is."""

    HANDED_OVER = "handed_over"
    """The carrier has it."""


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """What leaves which warehouse: quantities by line of the order."""

    warehouse_id: UUID
    quantities: Mapping[UUID, int]


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """By what a parcel is found on its way."""

    carrier: str | None = None
    """As people know it: `DHL`."""
    number: str | None = None
    url: str | None = None
    """Where the carrier shows it. None if the program does not know the carrier."""


@dataclass(frozen=True, kw_only=True)
class ShippedLine:
    """So many of a line of an order."""

    order_line_id: UUID
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """A parcel of an order, from one warehouse."""

    id: UUID
    order_id: UUID
    warehouse_id: UUID
    state: ShipmentState
    tracking: Tracking
    lines: tuple[ShippedLine, ...]
    created_at: datetime
