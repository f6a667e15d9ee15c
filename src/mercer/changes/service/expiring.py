"""Cancelling orders that nobody paid in time."""

from functools import partial
from uuid import UUID

from mercer.changes.rules import is_money_underway
from mercer.changes.service.cancelling import give_back, withdraw
from mercer.checkout.service import ask_provider, follow_payment_of
from mercer.orders.models import OrderStatus, TransitionCause
from mercer.orders.service import EXPIRED, claim_overdue, find_order, lock_order
from mercer.platform.context import Context
from mercer.platform.transactions import in_transaction

MOST = 100
"""How many are taken on at once."""


async def claim_unpaid(context: Context) -> list[UUID]:
    """Orders that should have been paid by now. They are given some minutes more: who claims them sees to them."""
    return await claim_overdue(context, most=MOST)


async def cancel_unpaid(context: Context, *, order_id: UUID) -> None:
    """Cancel an order that was not paid in time, unless its provider says that it was, or that money is on its way.

    It is called outside a transaction. Money that comes later stands among the exceptions.
    """
    order = await in_transaction(context, partial(find_order, order_id=order_id))
    if order is None or order.status is not OrderStatus.PENDING_PAYMENT:
        return
    await ask_provider(context, order_id=order_id)

    async def decide(inner: Context) -> tuple[UUID, ...]:
        locked = await lock_order(inner, order_id=order_id)
        if locked.status is not OrderStatus.PENDING_PAYMENT:
            return ()
        found = await follow_payment_of(inner, order_id=order_id)
        if found.is_covered or is_money_underway(found, now=inner.now):
            return ()
        return await withdraw(inner, order=locked, reason=EXPIRED, by=TransitionCause.EXPIRY)

    await give_back(context, order_id=order_id, refund_ids=await in_transaction(context, decide))
