"""Shipments as the shop API shows them: with the order that they are of."""

from datetime import datetime

import strawberry

from mercer.fulfilment import models, tables
from mercer.fulfilment.graphql.parts import ShipmentLine, lines_of
from mercer.platform.graphql.views import column, many, view


@view(tables.shipment)
class Shipment:
    """A parcel of an order."""

    id: strawberry.ID = column()
    state: models.ShipmentState = column()
    carrier: str | None = column()
    tracking_number: str | None = column()
    tracking_url: str | None = column(description="Where the carrier shows it. Null: the shop knows no such page.")
    lines: list[ShipmentLine] = lines_of()
    created_at: datetime = column()


@strawberry.type
class OrderShipments:
    """What fulfilment adds to an order."""

    shipments: list[Shipment] = many(
        on=lambda order, shipment: shipment.c.order_id == order.c.id,
        order_by=lambda shipment: (shipment.c.created_at, shipment.c.id),
    )
