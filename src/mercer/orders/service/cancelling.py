"""The verb by which an order's status becomes cancelled. Stock and money are put right by whoever calls it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from mercer.ledger.models import TransactionKind
from mercer.ledger.service import cancellation_entries, post
from mercer.orders.errors import OrderCancelledBefore, OrderShipped, ReasonInvalid
from mercer.orders.events import OrderCancelled
from mercer.orders.models import FulfilmentStatus, OrderHead, OrderStatus, TimelineKind, TransitionCause
from mercer.orders.queries import heads
from mercer.orders.rules.states import CLAIMED_FOR, UNPAID_AT_MOST, UNPAID_FOR, check_transition
from mercer.orders.rules.texts import check_reason
from mercer.orders.service.lookups import lock_order
from mercer.orders.service.timeline import entry_of
from mercer.platform.context import Context

EXPIRED = "expired"
"""The reason of what was not paid in time."""


async def cancel(
    context: Context,
    *,
    order_id: UUID,
    reason: str,
    by: TransitionCause = TransitionCause.STAFF,
    locked: OrderHead | None = None,
) -> OrderHead:
    """Cancel an order that nothing is shipped of. What was booked as its sale is taken back in the ledger.

    Again for the same reason, it changes nothing. Raises `OrderNotFound`, `OrderShipped`, `OrderStatusConflict`,
    `OrderCancelledBefore`, `ReasonInvalid`.
    """
    try:
        reason = check_reason(reason)
    except ReasonInvalid as invalid:
        raise invalid.at("reason") from None
    before = locked or await lock_order(context, order_id=order_id)
    if before.status is OrderStatus.CANCELLED:
        if before.cancel_reason != reason:
            raise OrderCancelledBefore(reason=before.cancel_reason or "")
        return before
    if before.fulfilment_status in {FulfilmentStatus.PARTIAL, FulfilmentStatus.FULFILLED}:
        raise OrderShipped
    check_transition(before.status, OrderStatus.CANCELLED, by=by)
    after = replace(
        before,
        status=OrderStatus.CANCELLED,
        fulfilment_status=FulfilmentStatus.CANCELLED,
        cancelled_at=context.now,
        cancel_reason=reason,
        expires_at=None,
        version=before.version + 1,
    )
    names = ("status", "fulfilment_status", "cancelled_at", "cancel_reason", "expires_at")
    values: dict[str, Any] = {name: getattr(after, name) for name in names}
    kind = TimelineKind.EXPIRED if by is TransitionCause.EXPIRY else TimelineKind.CANCELLED
    entry = entry_of(context, order_id, kind, {"reason": reason})
    await heads.update_order(context.db, order_id, values, entries=[entry])
    was_placed = before.placed_at is not None
    if was_placed:
        await _take_back_sale(context, before)
    if by is TransitionCause.STAFF:
        context.record("Order", order_id, {"status": (before.status.value, after.status.value)}, reason=reason)
    context.announce(OrderCancelled(order_id=order_id, was_placed=was_placed))
    return after


async def claim_overdue(context: Context, *, most: int) -> list[UUID]:
    """Orders that should have been paid by now. Each is given some minutes more, so that nobody else claims it."""
    return await heads.claim_overdue(context.db, now=context.now, until=context.now + CLAIMED_FOR, most=most)


async def extend(context: Context, *, order: OrderHead) -> None:
    """Give an order, which is locked, as much time to be paid as a new one has, a day in all: somebody tries again."""
    until = min(context.now + UNPAID_FOR, order.created_at + UNPAID_AT_MOST)
    if order.expires_at is None or until > order.expires_at:
        await heads.update_order(context.db, order.id, {"expires_at": until}, entries=[])


async def _take_back_sale(context: Context, order: OrderHead) -> None:
    await post(
        context,
        kind=TransactionKind.CANCELLATION,
        order_id=order.id,
        reference=str(order.id),
        currency=order.currency,
        entries=cancellation_entries(
            goods_net=order.subtotal_net, shipping_net=order.shipping_net, tax=order.total_tax
        ),
    )
