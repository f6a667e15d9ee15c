"""What happens to orders."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event):
    """An order is paid for, or promised to be: it is to be delivered. Told once for each order."""

    order_id: UUID


@dataclass(frozen=True, kw_only=True)
class OrderPaymentChanged(Event):
    """Where an order's payment stands changed."""

    order_id: UUID


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event):
    """An order is not to be delivered any more: staff cancelled it, or it was not paid in time."""

    order_id: UUID
    was_placed: bool
    """Whether it had been told of as placed before."""


@dataclass(frozen=True, kw_only=True)
class OrderCompleted(Event):
    """All of an order is shipped, and paid."""

    order_id: UUID
