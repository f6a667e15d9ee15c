"""The verbs by which promises and money are given back."""

from uuid import UUID

import structlog

from mercer.payments.errors import PaymentNotFound
from mercer.payments.events import PaymentChanged
from mercer.payments.models import (
    Decline,
    EventKind,
    Payment,
    ProviderEvent,
    Refund,
    RefundKind,
    Told,
)
from mercer.payments.providers.port import MoveRequest, OutcomeUnknown, ProviderRefused, ProviderUnreachable
from mercer.payments.providers.registry import find_provider
from mercer.payments.queries import payments as queries
from mercer.payments.queries import refunds
from mercer.payments.rules.asking import REFUND_PAUSE, poll_pause
from mercer.payments.rules.reducing import UNDECIDED, lasting
from mercer.payments.rules.standing import promised_by
from mercer.payments.service.applying import apply_events
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

log = structlog.get_logger("mercer.payments")


async def close_intent(context: Context, *, order_id: UUID, reason: str | None = None) -> tuple[UUID, ...]:
    """Say that nothing more is due: no attempt is begun any more, and what comes late is an exception.

    Writes down that all that is promised or captured is to be given back, and that what is under way is to be called
    off. Returns the ids for `carry_out_refund`, also when it was closed before. Raises `PaymentNotFound`.
    """
    payment = await queries.lock_payment(context.db, order_id=order_id)
    if payment is None:
        raise PaymentNotFound(order_id=order_id)
    if not payment.is_closed:
        await queries.close(context.db, payment.id, now=context.now)
    open_refunds = await refunds.find_open_refunds(context.db, [told.attempt.id for told in payment.attempts])
    written = [] if payment.is_closed else await _give_all_back(context, payment, open_refunds, reason)
    return (*(each.id for each in open_refunds), *written)


async def carry_out_refund(context: Context, *, refund_id: UUID) -> None:
    """Ask the provider to give something back, outside any transaction, and apply what it tells.

    Repeating it gives nothing back twice: the refund's id is the provider's idempotency key. When the provider cannot
    be reached, or its outcome is not known, the poller asks again.
    """
    async with transaction(context) as inner:
        known = await refunds.find_refund(inner.db, refund_id)
        pause = max(REFUND_PAUSE, poll_pause(known.tries)) if known else REFUND_PAUSE
        refund = await refunds.submit_refund(inner.db, refund_id, now=context.now, next_try_at=context.now + pause)
    if refund is None:
        return
    told = log.bind(provider=refund.provider, refund_id=str(refund.id), kind=refund.kind.value)
    try:
        events = await _asked(context, refund)
    except ProviderUnreachable:
        told.warning("provider_unreachable")
        return
    except OutcomeUnknown:
        told.warning("provider_outcome_unknown")
        return
    except ProviderRefused as refused:
        told.warning("provider_refused", code=refused.code)
        events = (_refused(context, refund, refused),)
    async with transaction(context) as inner:
        await apply_events(inner, attempt_id=refund.attempt_id, events=events)
        inner.announce(PaymentChanged(order_id=refund.order_id))


async def _asked(context: Context, refund: Refund) -> tuple[ProviderEvent, ...]:
    provider = find_provider(context, refund.provider)
    request = MoveRequest(
        attempt_id=refund.attempt_id,
        provider_reference=refund.provider_reference,
        at=context.now,
        key=refund.id,
        amount=refund.amount,
        currency=refund.currency,
    )
    return await (provider.void(request) if refund.kind is RefundKind.VOID else provider.refund(request))


async def _give_all_back(
    context: Context, payment: Payment, open_refunds: list[Refund], reason: str | None
) -> list[UUID]:
    written = []
    for told in payment.attempts:
        being_given = [each for each in open_refunds if each.attempt_id == told.attempt.id]
        if not any(each.kind is RefundKind.VOID for each in being_given):
            promise = promised_by(told)
            if promise or told.attempt.state in UNDECIDED:
                written.append(await _write(context, told, RefundKind.VOID, promise, reason))
        pending = sum(each.amount for each in being_given if each.kind is RefundKind.REFUND and not each.exception_id)
        if (money := _held(told) - pending) > 0:
            written.append(await _write(context, told, RefundKind.REFUND, money, reason))
    return written


async def _write(context: Context, told: Told, kind: RefundKind, amount: int, reason: str | None) -> UUID:
    return await refunds.insert_refund(
        context.db,
        attempt_id=told.attempt.id,
        kind=kind,
        amount=amount,
        currency=told.attempt.currency,
        reason=reason,
        now=context.now,
        next_try_at=context.now + REFUND_PAUSE,
    )


def _held(told: Told) -> int:
    """What an attempt brought for the order, and was not given back."""
    signs = {EventKind.CAPTURED: 1, EventKind.REFUNDED: -1}
    return sum(signs.get(fact.kind, 0) * fact.accepted for fact in lasting(told.facts))


def _refused(context: Context, refund: Refund, refused: ProviderRefused) -> ProviderEvent:
    """That a provider would not give it back, under an id of our own."""
    decline = Decline(code=refused.code[:100], message="The provider refused it.", is_retryable=False)
    return ProviderEvent(
        id=f"refused:{refund.id}",
        kind=EventKind.REFUND_FAILED,
        at=context.now,
        amount=refund.amount,
        currency=refund.currency,
        attempt_id=refund.attempt_id,
        refund_id=refund.id,
        decline=decline,
    )
