"""Expected failures of fulfilment."""

from dataclasses import dataclass
from uuid import UUID

from mercer.payments.models import PaymentStatus
from mercer.platform.errors import DomainError, InvalidValue


@dataclass(eq=False)
class LinesInSeveralWarehouses(DomainError):
    """What is to be shipped lies in several warehouses: a parcel leaves one. Name it, and ship what lies there."""

    warehouse_ids: tuple[UUID, ...]
    """Where something of it lies."""


@dataclass(eq=False)
class NothingToShip(DomainError):
    """Nothing of the order is left to ship."""


@dataclass(eq=False)
class OrderNotPaid(DomainError):
    """The order's money was not received, or went back."""

    payment_status: PaymentStatus


@dataclass(eq=False)
class ShipmentEmpty(InvalidValue):
    """A shipment has at least one line. Leave lines out to ship all that is left."""


@dataclass(eq=False)
class ShipmentLineRepeated(InvalidValue):
    """This line was given before."""


@dataclass(eq=False)
class ShippedQuantityInvalid(InvalidValue):
    """A shipment has at least one of each of its lines."""


@dataclass(eq=False)
class CarrierInvalid(InvalidValue):
    """A carrier's name has 1 to 100 printable characters."""


@dataclass(eq=False)
class TrackingNumberInvalid(InvalidValue):
    """A tracking number has 1 to 100 letters and digits, with single spaces, hyphens, dots or slashes between."""
