"""The mutations by which staff ship orders."""

import strawberry

from mercer.fulfilment import service
from mercer.fulfilment.errors import LinesInSeveralWarehouses, NothingToShip, OrderNotPaid
from mercer.fulfilment.graphql.admin import MANAGE, Shipment
from mercer.fulfilment.models import ShippedLine
from mercer.inventory.errors import InsufficientStock, NotAllocated
from mercer.orders.errors import LineShippedAlready, OrderLineNotFound, OrderNotFound, OrderStatusConflict
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import Key, mutation, row

_PLACES = {"id": "orderId"}


@strawberry.input(description="So many of a line of an order.")
class ShipmentLineInput:
    order_line_id: strawberry.ID
    quantity: int


@strawberry.input(description="What leaves in one parcel.")
class ShipmentCreateInput:
    order_id: strawberry.ID
    lines: list[ShipmentLineInput] | None = strawberry.field(
        default=None, description="Left out: all that is left to ship, or all of it that lies in `warehouseId`."
    )
    carrier: str | None = strawberry.field(default=None, description="As people know it: `DHL`.")
    tracking_number: str | None = None
    warehouse_id: strawberry.ID | None = strawberry.field(
        default=None, description="Where it leaves. Needed only if what is shipped lies in several."
    )


@mutation(
    OrderNotFound,
    OrderStatusConflict,
    OrderNotPaid,
    OrderLineNotFound,
    LineShippedAlready,
    NothingToShip,
    NotAllocated,
    LinesInSeveralWarehouses,
    InsufficientStock,
    needs=MANAGE,
    key=Key.REQUIRED,
)
async def shipment_create(context: Context, input: ShipmentCreateInput) -> Shipment:
    """Hand a parcel with goods of an order over to its carrier. The buyer is told by mail."""
    lines = input.lines
    try:
        shipment_id = await service.create_shipment(
            context,
            order_id=given_id(input.order_id),
            lines=None
            if lines is None
            else [ShippedLine(order_line_id=given_id(each.order_line_id), quantity=each.quantity) for each in lines],
            carrier=input.carrier,
            tracking_number=input.tracking_number,
            warehouse_id=None if input.warehouse_id is None else given_id(input.warehouse_id),
        )
    except DomainError as error:
        raise error.at("input", *(_PLACES.get(each, each) for each in error.path)) from None
    return row(Shipment, shipment_id)
