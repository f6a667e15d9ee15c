"""What happens to shipments."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class ShipmentCreated(Event):
    """A parcel with goods of an order was handed over to its carrier."""

    shipment_id: UUID
    order_id: UUID
