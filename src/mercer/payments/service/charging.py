"""The verbs by which a payment is begun: what is due, an attempt, and the call of its provider."""

from dataclasses import replace
from uuid import UUID

import structlog

from mercer.payments.errors import (
    AlreadyPaid,
    AttemptNotFound,
    AttemptsTooMany,
    PaymentClosed,
    PaymentNotFound,
    ProviderUnavailable,
)
from mercer.payments.models import (
    Attempt,
    AttemptState,
    Begun,
    CaptureMode,
    Decline,
    EventKind,
    Payment,
    PaymentRequest,
    ProviderEvent,
)
from mercer.payments.providers.port import OutcomeUnknown, ProviderRefused, ProviderUnreachable, StartRequest
from mercer.payments.providers.registry import find_provider, usable_providers
from mercer.payments.queries import offers
from mercer.payments.queries import payments as queries
from mercer.payments.rules.asking import FIRST_POLL, LEASE, MOST_ATTEMPTS
from mercer.payments.rules.checks import check_return_url, check_token
from mercer.payments.rules.reducing import LIVE
from mercer.payments.rules.standing import promised_by, room
from mercer.platform.context import Context
from mercer.platform.errors import InvalidValue

log = structlog.get_logger("mercer.payments")


async def check_payment(context: Context, *, payment: PaymentRequest, channel_id: UUID) -> CaptureMode:
    """Look whether what a buyer would pay with can be used here, before anything is begun; and when money is taken.

    Raises `ProviderUnavailable`, `PaymentTokenInvalid`, `ReturnAddressInvalid`, at their place within the payment.
    """
    capture = await _offered(context, payment.provider, channel_id)
    for check, given, name in (
        (check_token, payment.token, "token"),
        (check_return_url, payment.return_url, "returnUrl"),
    ):
        if given is not None:
            try:
                check(given)
            except InvalidValue as wrong:
                raise wrong.at("payment", name) from None
    return capture


async def open_intent(
    context: Context, *, order_id: UUID, channel_id: UUID, amount: int, currency: str, label: str
) -> None:
    """Say what is due for an order. `label` is what providers show the buyer. Saying it again changes nothing."""
    await queries.insert_intent(
        context.db,
        order_id=order_id,
        channel_id=channel_id,
        amount=amount,
        currency=currency,
        label=label,
        now=context.now,
    )


async def begin_attempt(context: Context, *, order_id: UUID, provider: str) -> Begun:
    """An attempt to pay what is left: the one that is live, or a new one, for whose outcome the caller asks `charge`.

    `is_ours` says who calls the provider: whoever began it, or, when he did not come to it within a minute, the next
    one who asks. Raises `PaymentNotFound`, `PaymentClosed`, `AlreadyPaid`, `AttemptsTooMany`, `ProviderUnavailable`.
    """
    payment = await queries.lock_payment(context.db, order_id=order_id)
    if payment is None:
        raise PaymentNotFound(order_id=order_id)
    if payment.is_closed:
        raise PaymentClosed
    live = [told.attempt for told in payment.attempts if told.attempt.state in LIVE]
    if live:
        return await _join(context, live[-1], provider)
    amount = room(payment) - sum(map(promised_by, payment.attempts))
    if amount <= 0:
        raise AlreadyPaid
    if len(payment.attempts) >= MOST_ATTEMPTS:
        raise AttemptsTooMany
    return Begun(attempt=await _begin(context, payment, provider, amount), is_ours=True)


async def check_attempt(context: Context, *, order_id: UUID, attempt_id: UUID) -> None:
    """Raise `AttemptNotFound` if this is no attempt to pay that order."""
    attempt = await queries.find_attempt(context.db, attempt_id)
    if attempt is None or attempt.order_id != order_id:
        raise AttemptNotFound(id=attempt_id)


async def charge(context: Context, *, attempt_id: UUID, payment: PaymentRequest) -> tuple[ProviderEvent, ...]:
    """Ask the provider for the money, outside any transaction. Returns what it told; nothing: that is not known yet.

    Asked again for the same attempt, the provider does nothing again. Raises `AttemptNotFound`, `ProviderUnavailable`.
    """
    async with context.database.transaction() as connection:
        attempt = await queries.find_attempt(connection, attempt_id)
    if attempt is None:
        raise AttemptNotFound(id=attempt_id)
    request = StartRequest(
        attempt_id=attempt.id,
        amount=attempt.amount,
        currency=attempt.currency,
        label=attempt.label,
        is_captured_at_once=attempt.capture is CaptureMode.AUTOMATIC,
        at=context.now,
        token=payment.token,
        return_url=payment.return_url,
    )
    told = log.bind(provider=attempt.provider, attempt_id=str(attempt.id))
    try:
        return await find_provider(context, attempt.provider).start(request)
    except ProviderUnreachable:
        told.warning("provider_unreachable", call="start")
    except OutcomeUnknown:
        told.warning("provider_outcome_unknown", call="start")
    except ProviderRefused as refused:
        told.warning("provider_refused", call="start", code=refused.code)
        return (_refused(attempt, refused, context),)
    return ()


async def _join(context: Context, attempt: Attempt, provider: str) -> Begun:
    """A live attempt; the caller's if whoever began it never came back from the provider that both would pay by.

    What the caller pays with is for no other provider's eyes. Then the poller finds out what became of the attempt.
    """
    lease = attempt.charging_until
    is_left = attempt.state is AttemptState.CREATED and lease is not None and lease <= context.now
    if not is_left or attempt.provider != provider:
        return Begun(attempt=attempt, is_ours=False)
    until = context.now + LEASE
    await queries.extend_lease(context.db, attempt.id, until=until)
    return Begun(attempt=replace(attempt, charging_until=until), is_ours=True)


async def _begin(context: Context, payment: Payment, provider: str, amount: int) -> Attempt:
    capture = await _offered(context, provider, payment.channel_id)
    is_asked = find_provider(context, provider).is_asked
    return await queries.insert_attempt(
        context.db,
        payment,
        provider=provider,
        amount=amount,
        capture=capture,
        charging_until=context.now + LEASE,
        next_poll_at=context.now + FIRST_POLL if is_asked else None,
        now=context.now,
    )


async def _offered(context: Context, provider: str, channel_id: UUID) -> CaptureMode:
    """When the channel takes money by this provider. Raises `ProviderUnavailable`."""
    found = await offers.find_offers(context.db, [channel_id])
    _, offer = found.get((channel_id, provider), (None, None))
    if offer is None or not offer.is_active or provider not in usable_providers(context.settings):
        raise ProviderUnavailable(provider=provider[:100]).at("payment", "provider")
    return offer.capture


def _refused(attempt: Attempt, refused: ProviderRefused, context: Context) -> ProviderEvent:
    """That a provider would not even begin is a decline, under an id of our own."""
    decline = Decline(code=refused.code[:100], message="The payment was refused.", is_retryable=True)
    return ProviderEvent(
        id=f"refused:{attempt.id}", kind=EventKind.DECLINED, at=context.now, attempt_id=attempt.id, decline=decline
    )
