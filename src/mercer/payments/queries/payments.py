"""The SQL of intents, attempts and what was told of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.payments.models import (
    Attempt,
    AttemptState,
    CaptureMode,
    Decline,
    EventKind,
    Fact,
    Payment,
    PaymentMethod,
    Told,
)
from mercer.payments.rules.accepting import Accepted
from mercer.payments.tables import attempt, event, intent

_ATTEMPT = [column.label(f"attempt_{column.name}") for column in attempt.c]
_ALL = (
    sa.select(
        intent,
        *_ATTEMPT,
        event.c.event_id,
        event.c.kind.label("event_kind"),
        event.c.amount.label("event_amount"),
        event.c.currency.label("event_currency"),
        event.c.accepted.label("event_accepted"),
        event.c.refund_id.label("event_refund_id"),
    )
    .select_from(intent.outerjoin(attempt, attempt.c.intent_id == intent.c.id))
    .outerjoin(event, event.c.attempt_id == attempt.c.id)
    .order_by(attempt.c.id, event.c.id)
)


async def insert_intent(
    connection: AsyncConnection,
    *,
    order_id: UUID,
    channel_id: UUID,
    amount: int,
    currency: str,
    label: str,
    now: datetime,
) -> None:
    """Write what is due for an order, unless it stands there already."""
    values = {
        "order_id": order_id,
        "channel_id": channel_id,
        "amount": amount,
        "currency": currency,
        "label": label,
        "created_at": now,
    }
    await connection.execute(insert(intent).values(values).on_conflict_do_nothing())


async def lock_payment(
    connection: AsyncConnection, *, order_id: UUID | None = None, attempt_id: UUID | None = None
) -> Payment | None:
    """All that is known of a payment, which nobody else changes until the transaction ends."""
    locked = sa.select(intent.c.id).where(_is_it(order_id, attempt_id)).with_for_update()
    found = await connection.scalar(locked)
    return None if found is None else await _find(connection, intent.c.id == found)


async def find_payment(
    connection: AsyncConnection, *, order_id: UUID | None = None, attempt_id: UUID | None = None
) -> Payment | None:
    """All that is known of a payment."""
    return await _find(connection, _is_it(order_id, attempt_id))


async def find_attempt(connection: AsyncConnection, attempt_id: UUID) -> Attempt | None:
    """An attempt by its id."""
    found = await find_payment(connection, attempt_id=attempt_id)
    attempts = found.attempts if found else ()
    return next((told.attempt for told in attempts if told.attempt.id == attempt_id), None)


async def insert_attempt(
    connection: AsyncConnection,
    payment: Payment,
    *,
    provider: str,
    amount: int,
    capture: CaptureMode,
    charging_until: datetime | None,
    next_poll_at: datetime | None,
    now: datetime,
) -> Attempt:
    """Write an attempt that begins."""
    values = {
        "intent_id": payment.id,
        "provider": provider,
        "amount": amount,
        "currency": payment.currency,
        "capture": capture.value,
        "charging_until": charging_until,
        "next_poll_at": next_poll_at,
        "created_at": now,
        "updated_at": now,
    }
    attempt_id = await connection.scalar(sa.insert(attempt).values(values).returning(attempt.c.id))
    assert attempt_id is not None
    return Attempt(
        id=attempt_id,
        order_id=payment.order_id,
        provider=provider,
        amount=amount,
        currency=payment.currency,
        state=AttemptState.CREATED,
        capture=capture,
        label=payment.label,
        charging_until=charging_until,
    )


async def extend_lease(connection: AsyncConnection, attempt_id: UUID, *, until: datetime) -> None:
    """Say until when somebody calls the provider for an attempt."""
    await connection.execute(sa.update(attempt).where(attempt.c.id == attempt_id).values(charging_until=until))


async def insert_events(
    connection: AsyncConnection, attempt_of: Attempt, accepted: Sequence[Accepted], *, now: datetime
) -> set[str]:
    """Write new events. Returns the ids of those written: not of those that stand with another attempt."""
    rows = [
        {
            "attempt_id": attempt_of.id,
            "provider": attempt_of.provider,
            "event_id": each.fact.id,
            "kind": each.fact.kind.value,
            "amount": each.fact.amount,
            "currency": each.fact.currency,
            "accepted": each.fact.accepted,
            "refund_id": each.fact.refund_id,
            "at": each.event.at,
            "received_at": now,
            "details": {name: msgspec.to_builtins(value) for name, value in each.event.details() if value is not None},
        }
        for each in accepted
    ]
    written = insert(event).values(rows).on_conflict_do_nothing().returning(event.c.event_id)
    return set((await connection.execute(written)).scalars())


async def update_attempt(connection: AsyncConnection, after: Attempt, *, now: datetime, is_over: bool) -> None:
    """Write how an attempt stands now. When it `is_over` its provider is not asked any more."""
    values: dict[str, Any] = {
        "state": after.state.value,
        "authorized": after.authorized,
        "captured": after.captured,
        "refunded": after.refunded,
        "provider_reference": after.provider_reference,
        "charging_until": after.charging_until,
        "redirect_url": after.redirect_url,
        "client_secret": after.client_secret,
        "decline_code": after.decline and after.decline.code,
        "decline_message": after.decline and after.decline.message,
        "is_retryable": after.decline and after.decline.is_retryable,
        "method": msgspec.to_builtins(after.method),
        "updated_at": now,
    }
    if is_over:
        values["next_poll_at"] = None
    await connection.execute(sa.update(attempt).where(attempt.c.id == after.id).values(values))


async def close(connection: AsyncConnection, intent_id: UUID, *, now: datetime) -> None:
    """Say that nothing more is due."""
    await connection.execute(sa.update(intent).where(intent.c.id == intent_id).values(closed_at=now))


async def claim_polls(
    connection: AsyncConnection, *, now: datetime, until: Iterable[datetime], most: int
) -> list[tuple[UUID, int]]:
    """Attempts whose provider is to be asked, with how often it was; each is put off as if it had been asked in vain.

    `until` are the next times by the number of questions so far; the last one is for all further ones.
    """
    times = list(until)
    due = sa.select(attempt.c.id).where(attempt.c.next_poll_at <= now).order_by(attempt.c.next_poll_at).limit(most)
    later = sa.case(
        *((attempt.c.polls == number, sa.literal(at)) for number, at in enumerate(times[:-1])), else_=times[-1]
    )
    taken = (
        sa.update(attempt)
        .where(attempt.c.id.in_(due.with_for_update(skip_locked=True)))
        .values(next_poll_at=later, polls=attempt.c.polls + 1)
        .returning(attempt.c.id, attempt.c.polls)
    )
    return [(row.id, row.polls) for row in await connection.execute(taken)]


async def poll_at(connection: AsyncConnection, attempt_id: UUID, *, at: datetime) -> None:
    """Have an attempt's provider asked at that time."""
    await connection.execute(sa.update(attempt).where(attempt.c.id == attempt_id).values(next_poll_at=at))


async def resolve_attempt(
    connection: AsyncConnection, *, provider: str, provider_reference: str | None, attempt_id: UUID | None
) -> UUID | None:
    """The attempt that a provider speaks of, by its own reference or by ours."""
    is_it = []
    if provider_reference is not None:
        is_it.append(attempt.c.provider_reference == provider_reference)
    if attempt_id is not None:
        # An attempt that the provider knows by another name is another payment.
        is_free = sa.true() if provider_reference is None else attempt.c.provider_reference.is_(None)
        is_it.append(sa.and_(attempt.c.id == attempt_id, is_free))
    if not is_it:
        return None
    found: UUID | None = await connection.scalar(
        sa.select(attempt.c.id).where(attempt.c.provider == provider, sa.or_(*is_it)).limit(1)
    )
    return found


def _is_it(order_id: UUID | None, attempt_id: UUID | None) -> sa.ColumnElement[bool]:
    if order_id is not None:
        return intent.c.order_id == order_id
    return intent.c.id == sa.select(attempt.c.intent_id).where(attempt.c.id == attempt_id).scalar_subquery()


async def _find(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> Payment | None:
    rows = (await connection.execute(_ALL.where(condition))).all()
    if not rows:
        return None
    head, facts, attempts = rows[0], dict[UUID, list[Fact]](), dict[UUID, Attempt]()
    for row in rows:
        if row.attempt_id is not None:
            attempts.setdefault(row.attempt_id, _attempt(row))
        if row.event_id is not None:
            facts.setdefault(row.attempt_id, []).append(_fact(row))
    return Payment(
        id=head.id,
        order_id=head.order_id,
        channel_id=head.channel_id,
        amount=head.amount,
        currency=head.currency,
        label=head.label,
        is_closed=head.closed_at is not None,
        attempts=tuple(Told(attempt=each, facts=tuple(facts.get(id_, ()))) for id_, each in attempts.items()),
    )


def _attempt(row: Any) -> Attempt:
    decline = None
    if row.attempt_decline_code is not None:
        decline = Decline(
            code=row.attempt_decline_code, message=row.attempt_decline_message, is_retryable=row.attempt_is_retryable
        )
    method = None if row.attempt_method is None else msgspec.convert(row.attempt_method, PaymentMethod)
    return Attempt(
        id=row.attempt_id,
        order_id=row.order_id,
        provider=row.attempt_provider,
        amount=row.attempt_amount,
        currency=row.attempt_currency,
        state=AttemptState(row.attempt_state),
        capture=CaptureMode(row.attempt_capture),
        label=row.label,
        authorized=row.attempt_authorized,
        captured=row.attempt_captured,
        refunded=row.attempt_refunded,
        provider_reference=row.attempt_provider_reference,
        charging_until=row.attempt_charging_until,
        redirect_url=row.attempt_redirect_url,
        client_secret=row.attempt_client_secret,
        decline=decline,
        method=method,
    )


def _fact(row: Any) -> Fact:
    return Fact(
        id=row.event_id,
        kind=EventKind(row.event_kind),
        amount=row.event_amount,
        currency=row.event_currency,
        accepted=row.event_accepted,
        refund_id=row.event_refund_id,
    )
