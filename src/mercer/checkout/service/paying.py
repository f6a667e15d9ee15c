"""The second phase, outside any transaction: the provider is called; and what buyers do about a payment afterwards."""

import asyncio
from functools import partial
from uuid import UUID

from mercer.checkout.models import Charge, Outcome, Underway
from mercer.checkout.rules import charging_until, outcome_of
from mercer.checkout.service.finalising import finalise
from mercer.orders.models import OrderStatus
from mercer.orders.service import extend, lock_order, order_of_token
from mercer.payments.errors import AttemptNotFound, PaymentClosed, PaymentNotFound
from mercer.payments.models import PaymentRequest
from mercer.payments.service import begin_attempt, charge, check_attempt, check_payment, continue_attempt, standing
from mercer.platform.context import Context
from mercer.platform.errors import InProgress
from mercer.platform.transactions import in_transaction
from mercer.platform.turns import turn

WAIT_S = 10.0
"""How long whoever comes second waits for what becomes of the first one's call."""

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 0.5


async def start_payment(context: Context, *, token: str, payment: PaymentRequest) -> Outcome:
    """Begin another attempt to pay an order, or go on with the one that lives.

    It is called outside a transaction. Raises `OrderNotFound`, `ProviderUnavailable`, `AlreadyPaid`, `PaymentClosed`,
    `AttemptsTooMany`, `InProgress`, and what is wrong with the payment's values.
    """

    async def begin(inner: Context) -> Charge | Underway:
        order_id = await order_of_token(inner, token=token)
        return await begin_charge(inner, order_id=order_id, payment=payment)

    async with turn(context.database, ("order", token), patience_s=WAIT_S):
        return await carry_on(context, begun=await in_transaction(context, begin), payment=payment)


async def continue_payment(context: Context, *, token: str, attempt_id: UUID) -> Outcome:
    """Ask the provider how an attempt stands, as its buyer is back from confirming it.

    It is called outside a transaction. The provider is asked of the order's own attempts alone. Raises `OrderNotFound`,
    `AttemptNotFound`.
    """

    async def find(inner: Context) -> UUID:
        order_id = await order_of_token(inner, token=token)
        try:
            await check_attempt(inner, order_id=order_id, attempt_id=attempt_id)
        except AttemptNotFound as unknown:
            raise unknown.at("attemptId") from None
        return order_id

    order_id = await in_transaction(context, find)
    events = await continue_attempt(context, attempt_id=attempt_id)
    apply = partial(finalise, order_id=order_id, attempt_id=attempt_id, events=events)
    return outcome_of(await in_transaction(context, apply))


async def ask_provider(context: Context, *, order_id: UUID) -> None:
    """Ask how the latest attempt to pay an order stands, if that is not known yet, and have the order follow.

    It is called outside a transaction.
    """
    found = await in_transaction(context, partial(standing, order_id=order_id))
    latest = found.latest
    if latest is None or not found.pending:
        return
    events = await continue_attempt(context, attempt_id=latest.id)
    if events:
        apply = partial(finalise, order_id=order_id, attempt_id=latest.id, events=events)
        await in_transaction(context, apply)


async def begin_charge(context: Context, *, order_id: UUID, payment: PaymentRequest) -> Charge | Underway:
    """Begin to pay an order, in the caller's transaction; or find that somebody has begun."""
    order = await lock_order(context, order_id=order_id)
    await check_payment(context, payment=payment, channel_id=order.channel_id)
    try:
        begun = await begin_attempt(context, order_id=order_id, provider=payment.provider)
    except PaymentNotFound:
        raise PaymentClosed from None  # it came about elsewhere, and is not paid here
    if order.status is OrderStatus.PENDING_PAYMENT:
        await extend(context, order=order)
    return Charge(order_id=order_id, attempt_id=begun.attempt.id) if begun.is_ours else Underway(order_id=order_id)


async def carry_on(context: Context, *, begun: Charge | Underway, payment: PaymentRequest | None) -> Outcome:
    """Carry out a charge that is ours, or wait for what becomes of somebody else's."""
    if isinstance(begun, Underway):
        return await _wait(context, order_id=begun.order_id, payment=payment)
    assert payment is not None
    return await _charge(context, begun, payment=payment)


async def _charge(context: Context, begun: Charge, *, payment: PaymentRequest) -> Outcome:
    """Call the provider. Where it does not answer, it is asked once; whatever comes later, comes by the poller."""
    events = await charge(context, attempt_id=begun.attempt_id, payment=payment)
    if not events:
        events = await continue_attempt(context, attempt_id=begun.attempt_id)
    apply = partial(finalise, order_id=begun.order_id, attempt_id=begun.attempt_id, events=events)
    return outcome_of(await in_transaction(context, apply))


async def _wait(context: Context, *, order_id: UUID, payment: PaymentRequest | None) -> Outcome:
    """Wait for the outcome of the call under way. Nothing is held meanwhile: each look is a short transaction.

    Where whoever called died, what he began is taken over, under the same attempt. Raises `InProgress`.
    """
    waited, pause = 0.0, _FIRST_PAUSE_S
    while True:
        found = await in_transaction(context, partial(standing, order_id=order_id))
        until = charging_until(found)
        if until is None or (until <= context.now and payment is None):
            return outcome_of(found)
        if until <= context.now and payment is not None:
            begin = partial(begin_charge, order_id=order_id, payment=payment)
            begun = await in_transaction(context, begin)
            if isinstance(begun, Charge):
                return await _charge(context, begun, payment=payment)
        if waited >= WAIT_S:
            raise InProgress
        await asyncio.sleep(pause)
        waited += pause
        pause = min(pause * 1.5, _LONGEST_PAUSE_S)
