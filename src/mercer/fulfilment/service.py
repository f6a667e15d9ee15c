"""What can be done with shipments."""

from collections.abc import Sequence
from uuid import UUID

from mercer.fulfilment import queries
from mercer.fulfilment.events import ShipmentCreated
from mercer.fulfilment.models import Parcel, Shipment, ShippedLine, Tracking
from mercer.fulfilment.rules import check_asked, check_lines, check_order, plan_parcel, track
from mercer.inventory.service import find_allocations, ship_allocated
from mercer.orders.models import OrderHead, TimelineKind
from mercer.orders.service import find_lines, follow_fulfilment, lock_order, note
from mercer.platform.context import Context
from mercer.platform.scopes import check_channel, check_scope
from mercer.values.ids import new_id

MANAGE = "shipments.manage"


async def create_shipment(
    context: Context,
    *,
    order_id: UUID,
    lines: Sequence[ShippedLine] | None = None,
    carrier: str | None = None,
    tracking_number: str | None = None,
    warehouse_id: UUID | None = None,
) -> UUID:
    """Hand a parcel with goods of an order over to its carrier. Returns the shipment.

    Without lines it is all that is left to ship; with a warehouse, all of it that is set aside there. A parcel leaves
    one warehouse, see `rules.plan_parcel`. The order is locked first: of several at once, none ships more than is left.
    Raises `OrderNotFound`, `ScopeExceeded`, `OrderStatusConflict`, `OrderNotPaid`, `OrderLineNotFound`,
    `LineShippedAlready`, `NothingToShip`, `NotAllocated`, `LinesInSeveralWarehouses`, inventory's `InsufficientStock`
    where a back-order has not come in, and what is wrong with a value.
    """
    tracking = track(carrier, tracking_number)
    if lines is not None:
        check_lines(lines)
    order = await lock_order(context, order_id=order_id)
    check_channel(context, MANAGE, order.channel_id)
    check_order(order)
    remaining = {line.id: line.remaining for line in await find_lines(context, order_id=order_id)}
    if lines is not None:
        check_asked(lines, remaining=remaining)
    parcel = plan_parcel(
        None if lines is None else {line.order_line_id: line.quantity for line in lines},
        remaining=remaining,
        allocations=await find_allocations(context, order_id=order_id),
        warehouse_id=warehouse_id,
    )
    check_scope(context, MANAGE, channel_id=order.channel_id, warehouse_id=parcel.warehouse_id)
    shipment_id = new_id(context.now)
    await ship_allocated(
        context,
        order_id=order_id,
        shipment_id=shipment_id,
        lines=parcel.quantities,
        warehouse_id=parcel.warehouse_id,
    )
    await queries.insert_shipment(
        context.db,
        shipment_id=shipment_id,
        order_id=order_id,
        parcel=parcel,
        tracking=tracking,
        at=context.now,
        actor={"actor_kind": context.actor.kind.value, "actor_id": context.actor.id},
    )
    await _tell(context, shipment_id, order, parcel, tracking)
    await follow_fulfilment(context, order_id=order_id, shipped=parcel.quantities, locked=order)
    return shipment_id


async def _tell(context: Context, shipment_id: UUID, order: OrderHead, parcel: Parcel, tracking: Tracking) -> None:
    """Note a shipment in its order's timeline and in the audit, and announce it."""
    shipped = {str(line): quantity for line, quantity in parcel.quantities.items()}
    entry = {"shipment_id": str(shipment_id), "lines": shipped}
    await note(context, order_id=order.id, kind=TimelineKind.SHIPPED, data=entry)
    context.record(
        "Shipment",
        shipment_id,
        {
            "order_id": (None, order.id),
            "warehouse_id": (None, parcel.warehouse_id),
            "lines": (None, shipped),
            "carrier": (None, tracking.carrier),
            "tracking_number": (None, tracking.number),
        },
    )
    context.announce(ShipmentCreated(shipment_id=shipment_id, order_id=order.id))


async def find_shipment(context: Context, *, shipment_id: UUID) -> Shipment | None:
    """A shipment and what is in it, or None. One statement."""
    return await queries.find_shipment(context.db, shipment_id)
