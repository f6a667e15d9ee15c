"""Shipments as the admin API shows them: all of them."""

from datetime import datetime

import strawberry

from mercer.fulfilment import models, tables
from mercer.fulfilment.graphql.parts import ShipmentLine, lines_of
from mercer.inventory.graphql.admin import Warehouse
from mercer.orders.graphql.admin import Order, channel_of
from mercer.platform.graphql.views import (
    Argument,
    AskedOrder,
    Connection,
    Filter,
    Listing,
    Listings,
    Sort,
    SortDirection,
    column,
    many,
    one,
    page,
    view,
    within_channels,
)
from mercer.platform.graphql.views.operators import DateTimeOperators, IdOperators, StringOperators

READ, MANAGE = "shipments.read", "shipments.manage"


@view(tables.shipment, rows=lambda shipment: within_channels(READ, channel_of(shipment.c.order_id)))
class Shipment:
    """A parcel of an order, from one warehouse."""

    id: strawberry.ID = column()
    order: Order | None = one(on=lambda shipment, order: order.c.id == shipment.c.order_id, needs="orders.read")
    warehouse: Warehouse | None = one(
        on=lambda shipment, warehouse: warehouse.c.id == shipment.c.warehouse_id, needs="stock.read"
    )
    state: models.ShipmentState = column()
    carrier: str | None = column()
    tracking_number: str | None = column()
    tracking_url: str | None = column(description="Where the carrier shows it. Null: the shop knows no such page.")
    lines: list[ShipmentLine] = lines_of()
    created_at: datetime = column()
    actor_kind: str = column(description="Who handed it over: `staff`, an `api_key` …")
    actor_id: strawberry.ID | None = column()


@strawberry.type
class OrderShipments:
    """What fulfilment adds to an order."""

    shipments: list[Shipment] = many(
        on=lambda order, shipment: shipment.c.order_id == order.c.id,
        order_by=lambda shipment: (shipment.c.created_at, shipment.c.id),
        needs=READ,
    )


@strawberry.type
class Query:
    shipment: Shipment | None = one(
        arguments={"id": Argument(strawberry.ID, lambda shipment, given: shipment.c.id == given.value)}, needs=READ
    )
    shipments: Connection[Shipment] = page(needs=READ)


LISTINGS: Listings = {
    Shipment: Listing(
        filters={
            "order": Filter(IdOperators, lambda shipment, given: given.compared(shipment.c.order_id)),
            "warehouse": Filter(IdOperators, lambda shipment, given: given.compared(shipment.c.warehouse_id)),
            "trackingNumber": Filter(
                StringOperators, lambda shipment, given: given.compared(shipment.c.tracking_number)
            ),
            "createdAt": Filter(DateTimeOperators, lambda shipment, given: given.compared(shipment.c.created_at)),
        },
        sorts={"CREATED_AT": Sort(lambda shipment: shipment.c.created_at)},
        default_order=AskedOrder("CREATED_AT", SortDirection.DESC),
    )
}
