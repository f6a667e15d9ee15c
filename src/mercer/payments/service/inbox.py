"""The verbs of the inbox: what providers tell by webhooks is stored first, answered, and applied afterwards."""

from collections.abc import Mapping
from uuid import UUID

import structlog

from mercer.ledger import service as ledger
from mercer.ledger.models import TransactionKind
from mercer.payments.errors import WebhookNotSigned, WebhookNotUnderstood
from mercer.payments.events import PaymentExceptionOpened, ProviderEventReceived
from mercer.payments.models import (
    EventKind,
    ExceptionKind,
    InboxEntry,
    InboxSource,
    InboxState,
    ProviderEvent,
    Waiting,
)
from mercer.payments.providers.port import WebhookForged, WebhookUnreadable
from mercer.payments.providers.registry import find_provider
from mercer.payments.queries import inbox as queries
from mercer.payments.queries import refunds
from mercer.payments.queries.payments import resolve_attempt
from mercer.payments.rules.accepting import Finding
from mercer.payments.rules.asking import PARKED_TRIES, parked_pause
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

LONGEST_EVENT_ID = 200
NO_CURRENCY = "XXX"
"""ISO 4217's own code for what involves no currency: a provider told of an unknown payment and named none."""

log = structlog.get_logger("mercer.payments")


async def receive_webhook(context: Context, *, provider: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Store what a provider tells, once, if it is signed by it, in a transaction of its own.

    What is not signed costs no connection. `headers` are looked up in any case. Raises `ProviderUnavailable`,
    `WebhookNotSigned`, `WebhookNotUnderstood`; then nothing is stored.
    """
    port = find_provider(context, provider)
    try:
        notice = port.read_webhook(body, headers, now=context.now)
    except WebhookForged:
        log.warning("webhook_forged", provider=provider)
        raise WebhookNotSigned from None
    except WebhookUnreadable:
        log.warning("webhook_unreadable", provider=provider)
        raise WebhookNotUnderstood from None
    if not 0 < len(notice.event_id) <= LONGEST_EVENT_ID or "\0" in notice.event_id:
        raise WebhookNotUnderstood
    async with transaction(context) as inner:
        inbox_id = await queries.insert_notice(
            inner.db,
            provider=provider,
            event_id=notice.event_id,
            source=InboxSource.WEBHOOK,
            body=body,
            events=notice.events,
            state=InboxState.WAITING if notice.events else InboxState.REFUSED,
            now=context.now,
        )
        if inbox_id is None:
            log.info("webhook_repeated", provider=provider)
        elif notice.events:
            inner.announce(ProviderEventReceived(inbox_id=inbox_id))


async def load_inbox(context: Context, *, inbox_id: UUID) -> InboxEntry | None:
    """What waits in the inbox, and whose payment it is about. None: nothing is to be done with it now.

    What is about a payment that nobody knows is parked, and announced again later; at last it is an exception. It locks
    nothing: an entry that two apply at once is applied once.
    """
    waiting = await queries.find_notice(context.db, inbox_id)
    if waiting is None or waiting.state in {InboxState.APPLIED, InboxState.REFUSED}:
        return None
    first = waiting.events[0]
    attempt_id = await resolve_attempt(
        context.db,
        provider=waiting.provider,
        provider_reference=first.provider_reference,
        attempt_id=first.attempt_id,
    )
    if attempt_id is None:
        await _park(context, waiting)
        return None
    order_id = await queries.find_order(context.db, attempt_id)
    assert order_id is not None
    return InboxEntry(order_id, attempt_id, waiting.events)


async def mark_inbox(context: Context, *, inbox_id: UUID, attempt_id: UUID | None = None) -> None:
    """Note that what was in the inbox is applied."""
    await queries.update_notice(
        context.db, inbox_id, state=InboxState.APPLIED, attempt_id=attempt_id, applied_at=context.now
    )


async def _park(context: Context, waiting: Waiting) -> None:
    tries = waiting.tries + 1
    if tries < PARKED_TRIES:
        at = context.now + parked_pause(tries)
        await queries.update_notice(context.db, waiting.id, state=InboxState.PARKED, tries=tries, next_try_at=at)
        return
    log.error("webhook_of_nobody", provider=waiting.provider, inbox_id=str(waiting.id))
    await queries.update_notice(context.db, waiting.id, state=InboxState.REFUSED, tries=tries)
    for finding in _unknown(waiting):
        opened = await refunds.open_exceptions(
            context.db,
            [finding],
            order_id=None,
            attempt_id=None,
            provider=waiting.provider,
            provider_reference=waiting.events[0].provider_reference,
            now=context.now,
        )
        for exception_id in opened:
            context.announce(PaymentExceptionOpened(exception_id=exception_id))
            await _suspend(context, waiting, finding)


async def _suspend(context: Context, waiting: Waiting, finding: Finding) -> None:
    """Post money that nobody knows whose it is."""
    if not finding.amount:
        return
    await ledger.post(
        context,
        kind=TransactionKind.SUSPENSE,
        order_id=None,
        reference=f"{waiting.provider}:{finding.subject}",
        currency=finding.currency,
        entries=ledger.suspense_entries(finding.amount),
        provider=waiting.provider,
    )


def _unknown(waiting: Waiting) -> list[Finding]:
    """An exception for each capture that nobody knows; where nothing was captured, one that says so."""
    kind = ExceptionKind.UNKNOWN_REFERENCE
    captures = [event for event in waiting.events if event.kind is EventKind.CAPTURED and event.amount]
    if not captures:
        subject = f"payment:{waiting.provider}:{waiting.events[0].provider_reference or waiting.event_id}"
        return [Finding(kind=kind, subject=subject, amount=0, currency=_currency(waiting.events[0]))]
    return [
        Finding(kind=kind, subject=f"event:{event.id}", amount=event.amount or 0, currency=_currency(event))
        for event in captures
    ]


def _currency(event: ProviderEvent) -> str:
    return event.currency or NO_CURRENCY
