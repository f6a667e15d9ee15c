"""The one way by which what providers tell becomes state, money in the ledger, and exceptions."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from mercer.ledger import service as ledger
from mercer.ledger.models import TransactionKind
from mercer.payments.errors import AttemptNotFound, PaymentNotFound
from mercer.payments.events import PaymentExceptionOpened
from mercer.payments.models import (
    Attempt,
    EventKind,
    Payment,
    PaymentStanding,
    ProviderEvent,
    RefundKind,
    RefundState,
    Resolution,
    Told,
)
from mercer.payments.queries import payments as queries
from mercer.payments.queries import refunds
from mercer.payments.rules.accepting import (
    Accepted,
    Finding,
    accept,
    contradiction,
    failure,
    findings,
    in_order,
    is_reported,
)
from mercer.payments.rules.asking import is_outdated
from mercer.payments.rules.reducing import UNDECIDED, Reduced, undone
from mercer.payments.rules.standing import promised_by, reduced, room, stand
from mercer.platform.context import Context


async def apply_events(context: Context, *, attempt_id: UUID, events: Sequence[ProviderEvent]) -> PaymentStanding:
    """Note what a provider told of an attempt, once however often it is told, and say how the order's payment stands.

    Posts to the ledger what was captured and given back, and opens exceptions. What is promised and needed no more is
    to be given back; the poller does it. Locks the payment: whoever locks the order too has done so before.
    Raises `AttemptNotFound`.
    """
    payment = await queries.lock_payment(context.db, attempt_id=attempt_id)
    if payment is None:
        raise AttemptNotFound(id=attempt_id)
    told = next(each for each in payment.attempts if each.attempt.id == attempt_id)
    known = {fact.id for fact in told.facts}
    fresh = [event for event in in_order(events) if event.id not in known and not is_outdated(event.id, told.attempt)]
    if fresh:
        told = await _take(context, payment, told, fresh)
        payment = replace(
            payment, attempts=tuple(told if each.attempt.id == attempt_id else each for each in payment.attempts)
        )
        await _release(context, payment, told)
    return stand(payment)


async def standing(context: Context, *, order_id: UUID) -> PaymentStanding:
    """How an order's payment stands. Raises `PaymentNotFound`."""
    payment = await queries.find_payment(context.db, order_id=order_id)
    if payment is None:
        raise PaymentNotFound(order_id=order_id)
    return stand(payment)


async def lock_standing(context: Context, *, order_id: UUID) -> PaymentStanding:
    """As `standing`, and nobody changes it before the transaction ends. Raises `PaymentNotFound`."""
    payment = await queries.lock_payment(context.db, order_id=order_id)
    if payment is None:
        raise PaymentNotFound(order_id=order_id)
    return stand(payment)


async def _take(context: Context, payment: Payment, told: Told, fresh: Sequence[ProviderEvent]) -> Told:
    """Write new events, with all that follows of them."""
    refund_ids = {event.refund_id for event in fresh if event.refund_id}
    behind = await refunds.find_behind(context.db, refund_ids) if refund_ids else {}
    excused = {refund_id for refund_id, exception in behind.items() if exception.amount}
    decided = accept(fresh, attempt=told.attempt, room=room(payment), is_closed=payment.is_closed, excused=excused)
    written = await queries.insert_events(context.db, told.attempt, decided, now=context.now)
    decided = [each for each in decided if each.fact.id in written]
    told = replace(told, facts=(*told.facts, *(each.fact for each in decided)))
    found = reduced(told)
    told = replace(told, attempt=_followed(told.attempt, found, decided))
    is_over = found.state not in UNDECIDED and not promised_by(told)
    await queries.update_attempt(context.db, told.attempt, now=context.now, is_over=is_over)
    for each in decided:
        await _post(context, told.attempt, each)
        await _settle(context, told.attempt, each)
    returned = undone(told.facts) & {each.fact.refund_id for each in decided}
    await _take_back(context, told, returned)
    wrong = [failure(refund_id, told.attempt) for refund_id in returned - behind.keys()]
    for each in decided:
        if not is_reported(each, behind):
            wrong += findings(each, attempt=told.attempt, is_closed=payment.is_closed)
    if found.is_contrary:
        wrong.append(contradiction(told.attempt))
    await _report(context, told.attempt, wrong)
    return told


def _followed(attempt: Attempt, found: Reduced, decided: Sequence[Accepted]) -> Attempt:
    """An attempt as it stands now. What is the buyer's to do is forgotten once it is done."""
    after = replace(
        attempt,
        state=found.state,
        authorized=found.authorized,
        captured=found.captured,
        refunded=found.refunded,
        charging_until=None,
    )
    for event in (each.event for each in decided):
        after = replace(
            after,
            provider_reference=after.provider_reference or event.provider_reference,
            redirect_url=event.redirect_url or after.redirect_url,
            client_secret=event.client_secret or after.client_secret,
            decline=event.decline if event.kind is EventKind.DECLINED else after.decline,
            method=event.method or after.method,
        )
    return after if found.state in UNDECIDED else replace(after, redirect_url=None, client_secret=None)


async def _post(context: Context, attempt: Attempt, each: Accepted) -> None:
    """Post what moved: what is the order's, and what stands among the exceptions."""
    fact, rest = each.fact, each.fact.amount - each.fact.accepted
    movements = []
    if fact.kind is EventKind.CAPTURED:
        movements = [
            (TransactionKind.CAPTURE, fact.accepted, ledger.capture_entries(fact.accepted)),
            (TransactionKind.SUSPENSE, rest, ledger.suspense_entries(rest)),
        ]
    elif fact.kind is EventKind.REFUNDED:
        movements = [
            (TransactionKind.REFUND, fact.accepted, ledger.refund_entries(fact.accepted)),
            (TransactionKind.SUSPENSE_REFUND, rest, ledger.suspense_refund_entries(rest)),
        ]
    for kind, amount, entries in movements:
        if amount:
            await ledger.post(
                context,
                kind=kind,
                order_id=attempt.order_id,
                reference=f"{attempt.provider}:{fact.id}",
                currency=fact.currency,
                entries=entries,
                provider=attempt.provider,
            )


async def _take_back(context: Context, told: Told, returned: Collection[UUID]) -> None:
    """Post what was given back and is with us again: of each refund that was done and failed, whichever came last."""
    for fact in told.facts:
        if fact.kind is EventKind.REFUNDED and fact.refund_id in returned and fact.amount:
            is_orders = bool(fact.accepted)
            await ledger.post(
                context,
                kind=TransactionKind.REFUND_REVERSAL,
                order_id=told.attempt.order_id,
                reference=f"{told.attempt.provider}:{fact.id}",
                currency=fact.currency,
                entries=(ledger.refund_reversal_entries if is_orders else ledger.suspense_entries)(fact.amount),
                provider=told.attempt.provider,
            )


async def _settle(context: Context, attempt: Attempt, each: Accepted) -> None:
    """Note what came of what is being given back."""
    event = each.event
    if event.kind is EventKind.VOIDED:
        await refunds.finish_voids(context.db, attempt.id, now=context.now)
    if event.refund_id is None or event.kind not in {EventKind.REFUNDED, EventKind.REFUND_FAILED}:
        return
    is_done = event.kind is EventKind.REFUNDED
    settled = await refunds.finish_refund(
        context.db,
        event.refund_id,
        attempt_id=attempt.id,
        state=RefundState.SUCCEEDED if is_done else RefundState.FAILED,
        problem=event.decline.code if event.decline and not is_done else None,
        now=context.now,
    )
    if settled is None:
        return
    if is_done:
        await refunds.resolve_exception(context.db, settled, resolution=Resolution.REFUNDED, note=None, now=context.now)
    elif await refunds.reopen_exception(context.db, settled):
        context.announce(PaymentExceptionOpened(exception_id=settled, order_id=attempt.order_id))


async def _report(context: Context, attempt: Attempt, wrong: Sequence[Finding]) -> None:
    """Open the exceptions that new events give cause to."""
    if not wrong:
        return
    opened = await refunds.open_exceptions(
        context.db,
        wrong,
        order_id=attempt.order_id,
        attempt_id=attempt.id,
        provider=attempt.provider,
        provider_reference=attempt.provider_reference,
        now=context.now,
    )
    for exception_id in opened:
        context.announce(PaymentExceptionOpened(exception_id=exception_id, order_id=attempt.order_id))


async def _release(context: Context, payment: Payment, told: Told) -> None:
    """Have a promise given back that came too late: the order is cancelled, or paid by other means."""
    promise = promised_by(told)
    if not promise:
        return
    others = sum(promised_by(each) for each in payment.attempts if each.attempt.id != told.attempt.id)
    is_needed = not payment.is_closed and room(payment) - others > 0
    if is_needed or await refunds.find_open_refunds(context.db, [told.attempt.id]):
        return
    await refunds.insert_refund(
        context.db,
        attempt_id=told.attempt.id,
        kind=RefundKind.VOID,
        amount=promise,
        currency=told.attempt.currency,
        reason="It came too late.",
        now=context.now,
        next_try_at=context.now,
    )
