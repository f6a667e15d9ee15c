"""The verbs by which providers are asked how something stands, outside any transaction."""

import hashlib
from collections.abc import Awaitable
from uuid import UUID

import structlog

from mercer.payments.errors import AttemptNotFound
from mercer.payments.events import ProviderEventReceived
from mercer.payments.models import (
    Attempt,
    EventKind,
    InboxSource,
    InboxState,
    Payment,
    ProviderEvent,
)
from mercer.payments.providers.port import OutcomeUnknown, PaymentName, ProviderRefused, ProviderUnreachable
from mercer.payments.providers.registry import find_provider
from mercer.payments.queries import inbox
from mercer.payments.queries import payments as queries
from mercer.payments.queries.refunds import due_refunds
from mercer.payments.rules.asking import LONGEST_POLL, abandonment, is_abandoned, poll_pause
from mercer.payments.service.refunding import carry_out_refund
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

MOST = 50
"""How many of each kind one run of the poller takes on."""

log = structlog.get_logger("mercer.payments")


async def continue_attempt(context: Context, *, attempt_id: UUID) -> tuple[ProviderEvent, ...]:
    """What the provider tells when it is asked how an attempt stands; nothing when it cannot be asked now.

    Raises `AttemptNotFound`.
    """
    return await fetch(context, attempt_id=attempt_id)


async def fetch(context: Context, *, attempt_id: UUID) -> tuple[ProviderEvent, ...]:
    """As `continue_attempt`. An attempt of which the provider never heard, and that nobody is bringing it, has expired.

    Raises `AttemptNotFound`.
    """
    async with context.database.transaction() as connection:
        attempt = await queries.find_attempt(connection, attempt_id)
    if attempt is None:
        raise AttemptNotFound(id=attempt_id)
    provider = find_provider(context, attempt.provider)
    told = log.bind(provider=attempt.provider, attempt_id=str(attempt.id))
    name = PaymentName(attempt_id=attempt.id, provider_reference=attempt.provider_reference, at=context.now)
    try:
        events = await provider.fetch(name)
    except (ProviderUnreachable, OutcomeUnknown):
        told.warning("provider_silent", call="fetch")
        return ()
    except ProviderRefused as refused:
        told.error("provider_refused", call="fetch", code=refused.code)
        return ()
    if events is not None:
        return events
    return (_abandoned(attempt, context),) if is_abandoned(attempt, now=context.now) else ()


async def poll(context: Context) -> None:
    """Ask providers for what they did not tell: attempts without an outcome, and what is to be given back.

    What is learned goes to the inbox, as webhooks do. What waits there for an attempt to be known is tried again. One
    of them that cannot be asked for keeps no other from it: each is put off before it is asked for.
    """
    async with transaction(context) as inner:
        for inbox_id in await inbox.wake_parked(inner.db, now=context.now, most=MOST):
            inner.announce(ProviderEventReceived(inbox_id=inbox_id))
    times = [context.now + poll_pause(polls) for polls in range(10)] + [context.now + LONGEST_POLL]
    async with transaction(context) as inner:
        claimed = await queries.claim_polls(inner.db, now=context.now, until=times, most=MOST)
    for attempt_id, _ in claimed:
        await _guarded(_ask(context, attempt_id), attempt_id=attempt_id)
    async with context.database.transaction() as connection:
        due = await due_refunds(connection, now=context.now, most=MOST)
    for refund_id in due:
        await _guarded(carry_out_refund(context, refund_id=refund_id), refund_id=refund_id)


async def _guarded(asking: Awaitable[None], **about: UUID) -> None:
    """Go on, whatever is wrong with one."""
    try:
        await asking
    except Exception as failure:  # noqa: BLE001 — whatever it is, the others are asked for
        named = {name: str(value) for name, value in about.items()}
        log.error("poll_failed", error=type(failure).__name__, **named)  # noqa: TRY400 — its words may be personal


async def _ask(context: Context, attempt_id: UUID) -> None:
    """Ask for one attempt, and put what is new into the inbox."""
    events = await fetch(context, attempt_id=attempt_id)
    if not events:
        return
    async with transaction(context) as inner:
        payment = await queries.find_payment(inner.db, attempt_id=attempt_id)
        assert payment is not None
        news = _news(payment, attempt_id, events)
        if not news:
            return
        digest = hashlib.blake2b(" ".join(sorted(event.id for event in news)).encode(), digest_size=16).hexdigest()
        inbox_id = await inbox.insert_notice(
            inner.db,
            provider=next(each.attempt.provider for each in payment.attempts if each.attempt.id == attempt_id),
            event_id=f"poll:{attempt_id}:{digest}",
            source=InboxSource.POLL,
            body=None,
            events=news,
            state=InboxState.WAITING,
            now=context.now,
        )
        if inbox_id is not None:
            inner.announce(ProviderEventReceived(inbox_id=inbox_id, order_id=payment.order_id))


def _news(payment: Payment, attempt_id: UUID, events: tuple[ProviderEvent, ...]) -> list[ProviderEvent]:
    known = {fact.id for told in payment.attempts if told.attempt.id == attempt_id for fact in told.facts}
    return [event for event in events if event.id not in known]


def _abandoned(attempt: Attempt, context: Context) -> ProviderEvent:
    return ProviderEvent(id=abandonment(attempt), kind=EventKind.EXPIRED, at=context.now, attempt_id=attempt.id)
