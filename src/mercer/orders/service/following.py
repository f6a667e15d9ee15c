"""The verbs by which an order follows what becomes of its payment and its goods. Nobody else writes those states."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from mercer.ledger.models import TransactionKind
from mercer.ledger.service import post, sale_entries
from mercer.orders.errors import LineShippedAlready, OrderLineNotFound, OrderStatusConflict
from mercer.orders.events import OrderCompleted, OrderPaymentChanged, OrderPlaced
from mercer.orders.models import OrderHead, OrderStatus, TimelineKind, TransitionCause
from mercer.orders.queries import heads, whole
from mercer.orders.rules.states import check_transition, fulfilment_of, status_after_payment, status_after_shipping
from mercer.orders.service.lookups import lock_order
from mercer.orders.service.timeline import entry_of
from mercer.payments.models import PaymentStanding
from mercer.platform.context import Context


async def follow_payment(
    context: Context, *, order_id: UUID, standing: PaymentStanding, locked: OrderHead | None = None
) -> OrderHead:
    """Write where an order's payment stands, and what follows from it: once it is covered, the order is open.

    Then the sale is in the ledger, and `OrderPlaced` is told, once. Again, it changes nothing. `locked` is the order,
    where the caller has locked it already. Raises `OrderNotFound`.
    """
    before = locked or await lock_order(context, order_id=order_id)
    status = status_after_payment(
        before.status,
        is_covered=standing.is_covered,
        payment=standing.status,
        fulfilment=before.fulfilment_status,
    )
    after = replace(before, payment_status=standing.status, status=status)
    if status is not before.status:
        check_transition(before.status, status, by=TransitionCause.PAYMENT)
        if status is OrderStatus.OPEN:
            after = replace(after, placed_at=context.now, expires_at=None)
    if after == before:
        return before
    data = {"status": after.payment_status.value}
    entries = [entry_of(context, order_id, TimelineKind.PAYMENT_CHANGED, data)] if _differ(before, after) else []
    entries += _of_status(context, before, after)
    await _write(context, before, after, entries)
    if _differ(before, after):
        context.announce(OrderPaymentChanged(order_id=order_id))
    if after.status is OrderStatus.OPEN and before.status is not OrderStatus.OPEN:
        await _post_sale(context, after)
        context.announce(OrderPlaced(order_id=order_id))
    return after


async def follow_fulfilment(
    context: Context, *, order_id: UUID, shipped: Mapping[UUID, int], locked: OrderHead | None = None
) -> OrderHead:
    """Note that so many more of these lines are shipped; once all are, and paid, the order is complete.

    What the timeline says of the shipment itself is its maker's. Only what is open is shipped. Raises `OrderNotFound`,
    `OrderStatusConflict`, `OrderLineNotFound`, `LineShippedAlready`.
    """
    before = locked or await lock_order(context, order_id=order_id)
    if before.status is not OrderStatus.OPEN:
        raise OrderStatusConflict(status=before.status)
    noted, lines = await heads.add_shipped(context.db, order_id, shipped)
    if missing := [line_id for line_id in shipped if line_id not in noted]:
        await _refuse(context, order_id, missing[0])
    fulfilment = fulfilment_of(lines)
    status = status_after_shipping(before.status, payment=before.payment_status, fulfilment=fulfilment)
    if status is not before.status:
        check_transition(before.status, status, by=TransitionCause.FULFILMENT)
    after = replace(before, fulfilment_status=fulfilment, status=status)
    await _write(context, before, after, _of_status(context, before, after))
    return after


async def _refuse(context: Context, order_id: UUID, line_id: UUID) -> None:
    for line in await whole.find_lines(context.db, order_id):
        if line.id == line_id:
            raise LineShippedAlready(remaining=line.remaining)
    raise OrderLineNotFound(id=line_id)


async def _write(context: Context, before: OrderHead, after: OrderHead, entries: list[dict[str, Any]]) -> None:
    values: dict[str, Any] = {
        "status": after.status.value,
        "payment_status": after.payment_status.value,
        "fulfilment_status": after.fulfilment_status.value,
        "placed_at": after.placed_at,
        "expires_at": after.expires_at,
    }
    if after.status is OrderStatus.COMPLETED and before.status is not OrderStatus.COMPLETED:
        values["completed_at"] = context.now
        context.announce(OrderCompleted(order_id=after.id))
    await heads.update_order(context.db, after.id, values, entries=entries)


def _of_status(context: Context, before: OrderHead, after: OrderHead) -> list[dict[str, Any]]:
    """What the timeline says of a status that changed."""
    kinds = {OrderStatus.OPEN: TimelineKind.PLACED, OrderStatus.COMPLETED: TimelineKind.COMPLETED}
    if after.status is before.status or after.status not in kinds:
        return []
    return [entry_of(context, after.id, kinds[after.status])]


def _differ(before: OrderHead, after: OrderHead) -> bool:
    return before.payment_status is not after.payment_status


async def _post_sale(context: Context, order: OrderHead) -> None:
    await post(
        context,
        kind=TransactionKind.SALE,
        order_id=order.id,
        reference=str(order.id),
        currency=order.currency,
        entries=sale_entries(goods_net=order.subtotal_net, shipping_net=order.shipping_net, tax=order.total_tax),
    )
