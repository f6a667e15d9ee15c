"""Cancelling an order: decided in one transaction, carried out by providers outside any, followed by the order.

What is to be given back is written down with the decision. Where the process dies before it is, the poller of payments
does it, and the order follows by the event of that.
"""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from mercer.checkout.service import follow_payment_of
from mercer.inventory.service import release_allocations
from mercer.orders.models import OrderHead, TransitionCause
from mercer.orders.service import cancel, lock_order
from mercer.payments.errors import PaymentNotFound
from mercer.payments.service import carry_out_refund, close_intent, lock_standing
from mercer.platform.context import Context
from mercer.platform.scopes import check_scope
from mercer.platform.transactions import in_transaction


async def cancel_order(context: Context, *, order_id: UUID, reason: str) -> None:
    """Cancel an order that nothing is shipped of, give its stock free and its money back.

    It is called outside a transaction. Again for the same reason, it goes on where it stopped. Raises `OrderNotFound`,
    `ScopeExceeded`, `OrderShipped`, `OrderStatusConflict`, `OrderCancelledBefore`, `ReasonInvalid`.
    """

    async def decide(inner: Context) -> tuple[UUID, ...]:
        order = await lock_order(inner, order_id=order_id)
        undone = await _undone(inner, order_id)
        check_scope(inner, "orders.manage", channel_id=order.channel_id, amount=undone, currency=order.currency)
        return await withdraw(inner, order=order, reason=reason, by=TransitionCause.STAFF)

    refund_ids = await in_transaction(context, decide)
    await give_back(context, order_id=order_id, refund_ids=refund_ids)


async def withdraw(context: Context, *, order: OrderHead, reason: str, by: TransitionCause) -> tuple[UUID, ...]:
    """Cancel an order that is locked, in the caller's transaction. Returns what is to be given back of its money."""
    await cancel(context, order_id=order.id, reason=reason, by=by, locked=order)
    try:
        refund_ids = await close_intent(context, order_id=order.id, reason=reason)
    except PaymentNotFound:
        refund_ids = ()  # an order that came about elsewhere was paid there
    await release_allocations(context, order_id=order.id)
    return refund_ids


async def give_back(context: Context, *, order_id: UUID, refund_ids: Sequence[UUID]) -> None:
    """Have providers give back what was written down, outside any transaction, and the order follow."""
    for refund_id in refund_ids:
        await carry_out_refund(context, refund_id=refund_id)
    if refund_ids:
        await in_transaction(context, partial(follow_payment_of, order_id=order_id))


async def _undone(context: Context, order_id: UUID) -> int:
    """What of an order's money goes back with it, or is promised or under way and then not taken, in minor units.

    No more comes in before the transaction ends.
    """
    try:
        found = await lock_standing(context, order_id=order_id)
    except PaymentNotFound:
        return 0
    expected = min(found.authorized + found.pending, max(0, found.amount - found.captured))
    return max(0, found.captured - found.refunded) + expected
