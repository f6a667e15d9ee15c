"""The third phase: what a provider said becomes a state of the order. Whoever learns of it calls the same verb."""

from collections.abc import Sequence
from uuid import UUID

from mercer.orders.service import follow_payment, lock_order
from mercer.payments.errors import AttemptNotFound
from mercer.payments.models import PaymentStanding, ProviderEvent
from mercer.payments.service import apply_events, load_inbox, mark_inbox, standing
from mercer.platform.context import Context


async def finalise(
    context: Context, *, order_id: UUID, attempt_id: UUID, events: Sequence[ProviderEvent]
) -> PaymentStanding:
    """Apply what a provider said of an attempt, and have the order follow: all in the caller's transaction.

    The client's call, the way back from 3-D Secure, webhooks and the poller come here, in any order and again: what was
    applied before changes nothing. The order is locked first. Raises `OrderNotFound`, `AttemptNotFound`.
    """
    locked = await lock_order(context, order_id=order_id)
    found = await apply_events(context, attempt_id=attempt_id, events=events)
    if found.order_id != order_id:
        raise AttemptNotFound(id=attempt_id).at("attemptId")
    await follow_payment(context, order_id=order_id, standing=found, locked=locked)
    return found


async def follow_payment_of(context: Context, *, order_id: UUID) -> PaymentStanding:
    """Have an order follow what became of its payment by other ways: staff noted money, a refund came through."""
    locked = await lock_order(context, order_id=order_id)
    found = await standing(context, order_id=order_id)
    await follow_payment(context, order_id=order_id, standing=found, locked=locked)
    return found


async def follow_inbox(context: Context, *, inbox_id: UUID) -> None:
    """Apply what a provider told by itself, or told the poller. What is about nothing that is known yet waits."""
    entry = await load_inbox(context, inbox_id=inbox_id)
    if entry is not None:
        await finalise(context, order_id=entry.order_id, attempt_id=entry.attempt_id, events=entry.events)
        await mark_inbox(context, inbox_id=inbox_id, attempt_id=entry.attempt_id)
