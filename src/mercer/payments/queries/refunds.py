"""The SQL of what is given back, and of exceptions."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.payments.models import (
    ExceptionKind,
    KnownException,
    Refund,
    RefundKind,
    RefundState,
    Resolution,
)
from mercer.payments.rules.accepting import Finding
from mercer.payments.tables import attempt, exception, intent, refund

_OPEN = (RefundState.REQUESTED.value, RefundState.SUBMITTED.value)
_KNOWN = (
    sa.select(refund, attempt.c.provider, attempt.c.provider_reference, intent.c.order_id)
    .join(attempt, attempt.c.id == refund.c.attempt_id)
    .join(intent, intent.c.id == attempt.c.intent_id)
)


async def insert_refund(
    connection: AsyncConnection,
    *,
    attempt_id: UUID,
    kind: RefundKind,
    amount: int,
    currency: str,
    reason: str | None,
    now: datetime,
    next_try_at: datetime,
    exception_id: UUID | None = None,
) -> UUID:
    """Write that something is to be given back."""
    values = {
        "attempt_id": attempt_id,
        "kind": kind.value,
        "amount": amount,
        "currency": currency,
        "reason": reason,
        "requested_at": now,
        "next_try_at": next_try_at,
        "exception_id": exception_id,
    }
    refund_id: UUID | None = await connection.scalar(sa.insert(refund).values(values).returning(refund.c.id))
    assert refund_id is not None
    return refund_id


async def find_refund(connection: AsyncConnection, refund_id: UUID) -> Refund | None:
    """Something that is given back, by its id."""
    row = (await connection.execute(_KNOWN.where(refund.c.id == refund_id))).one_or_none()
    return None if row is None else _refund(row)


async def find_open_refunds(connection: AsyncConnection, attempt_ids: Iterable[UUID]) -> list[Refund]:
    """What of these attempts is being given back."""
    found = _KNOWN.where(refund.c.attempt_id.in_(list(attempt_ids)), refund.c.state.in_(_OPEN)).order_by(refund.c.id)
    return [_refund(row) for row in await connection.execute(found)]


async def submit_refund(
    connection: AsyncConnection, refund_id: UUID, *, now: datetime, next_try_at: datetime
) -> Refund | None:
    """Note that the provider is being asked. None if there is nothing to ask any more."""
    taken = (
        sa.update(refund)
        .where(refund.c.id == refund_id, refund.c.state.in_(_OPEN))
        .values(
            state=RefundState.SUBMITTED.value,
            submitted_at=sa.func.coalesce(refund.c.submitted_at, now),
            next_try_at=next_try_at,
            tries=refund.c.tries + 1,
        )
        .returning(refund.c.id)
    )
    found = await connection.scalar(taken)
    return None if found is None else await find_refund(connection, found)


async def finish_refund(
    connection: AsyncConnection,
    refund_id: UUID,
    *,
    attempt_id: UUID,
    state: RefundState,
    problem: str | None,
    now: datetime,
) -> UUID | None:
    """Note what came of giving back: money that was given back may fail to be so after all, and not the other way.

    Returns the exception that it was to settle, if it changed and is one's.
    """
    is_open: sa.ColumnElement[bool] = refund.c.state.in_(_OPEN)
    if state is RefundState.FAILED:
        was_done = sa.and_(refund.c.state == RefundState.SUCCEEDED.value, refund.c.kind == RefundKind.REFUND.value)
        is_open = sa.or_(is_open, was_done)
    finished = (
        sa.update(refund)
        .where(refund.c.id == refund_id, refund.c.attempt_id == attempt_id, is_open)
        .values(state=state.value, problem=problem, finished_at=now, next_try_at=None)
        .returning(refund.c.exception_id)
    )
    found: UUID | None = await connection.scalar(finished)
    return found


async def finish_voids(connection: AsyncConnection, attempt_id: UUID, *, now: datetime) -> None:
    """Note that an attempt's promise was given back, whoever asked for it."""
    open_voids = sa.and_(
        refund.c.attempt_id == attempt_id, refund.c.kind == RefundKind.VOID.value, refund.c.state.in_(_OPEN)
    )
    done = {"state": RefundState.SUCCEEDED.value, "finished_at": now, "next_try_at": None}
    await connection.execute(sa.update(refund).where(open_voids).values(done))


async def due_refunds(connection: AsyncConnection, *, now: datetime, most: int) -> Sequence[UUID]:
    """What is to be tried, or asked for again."""
    due = sa.select(refund.c.id).where(refund.c.next_try_at <= now).order_by(refund.c.next_try_at).limit(most)
    return (await connection.execute(due)).scalars().all()


async def find_behind(connection: AsyncConnection, refund_ids: Iterable[UUID]) -> dict[UUID, KnownException]:
    """The exceptions that these refunds are to settle, by refund. Most refunds are to settle none."""
    found = (
        sa.select(exception, refund.c.id.label("refund_id"))
        .join(refund, exception.c.id == refund.c.exception_id)
        .where(refund.c.id.in_(list(refund_ids)))
    )
    return {row.refund_id: _known(row) for row in await connection.execute(found)}


async def open_exceptions(
    connection: AsyncConnection,
    found: Sequence[Finding],
    *,
    order_id: UUID | None,
    attempt_id: UUID | None,
    provider: str,
    provider_reference: str | None,
    now: datetime,
) -> list[UUID]:
    """Write what somebody has to look at, each thing once. Returns the ids of those that are new."""
    rows = [
        {
            "kind": each.kind.value,
            "subject": each.subject,
            "order_id": order_id,
            "attempt_id": attempt_id,
            "provider": provider,
            "provider_reference": provider_reference,
            "amount": each.amount,
            "currency": each.currency,
            "opened_at": now,
        }
        for each in found
    ]
    written = insert(exception).values(rows).on_conflict_do_nothing().returning(exception.c.id)
    return list((await connection.execute(written)).scalars())


async def lock_exception(connection: AsyncConnection, exception_id: UUID) -> KnownException | None:
    """An exception, which nobody else changes until the transaction ends."""
    locked = sa.select(exception).where(exception.c.id == exception_id).with_for_update()
    row = (await connection.execute(locked)).one_or_none()
    return None if row is None else _known(row)


async def find_exception_order(connection: AsyncConnection, exception_id: UUID) -> UUID | None:
    """Whose payment an exception is about."""
    found: UUID | None = await connection.scalar(sa.select(exception.c.order_id).where(exception.c.id == exception_id))
    return found


async def find_open_refund(connection: AsyncConnection, exception_id: UUID) -> UUID | None:
    """What gives an exception's money back and has not ended."""
    found: UUID | None = await connection.scalar(
        sa.select(refund.c.id).where(refund.c.exception_id == exception_id, refund.c.state.in_(_OPEN)).limit(1)
    )
    return found


async def resolve_exception(
    connection: AsyncConnection, exception_id: UUID, *, resolution: Resolution, note: str | None, now: datetime
) -> None:
    """Note how an exception was settled, if it was not before."""
    values = {"resolved_at": now, "resolution": resolution.value, "note": note}
    unresolved = sa.and_(exception.c.id == exception_id, exception.c.resolved_at.is_(None))
    await connection.execute(sa.update(exception).where(unresolved).values(values))


async def reopen_exception(connection: AsyncConnection, exception_id: UUID) -> bool:
    """Open an exception again that was settled by giving its money back, if none of its refunds stands any more."""
    others = sa.select(refund.c.id).where(
        refund.c.exception_id == exception_id, refund.c.state == RefundState.SUCCEEDED.value
    )
    reopened = (
        sa.update(exception)
        .where(
            exception.c.id == exception_id,
            exception.c.resolution == Resolution.REFUNDED.value,
            ~others.exists(),
        )
        .values(resolved_at=None, resolution=None, note=None)
        .returning(exception.c.id)
    )
    return await connection.scalar(reopened) is not None


def _known(row: Any) -> KnownException:
    return KnownException(
        id=row.id,
        kind=ExceptionKind(row.kind),
        subject=row.subject,
        order_id=row.order_id,
        attempt_id=row.attempt_id,
        amount=row.amount,
        currency=row.currency,
        is_resolved=row.resolved_at is not None,
    )


def _refund(row: Any) -> Refund:
    return Refund(
        id=row.id,
        attempt_id=row.attempt_id,
        order_id=row.order_id,
        exception_id=row.exception_id,
        kind=RefundKind(row.kind),
        amount=row.amount,
        currency=row.currency,
        state=RefundState(row.state),
        provider=row.provider,
        provider_reference=row.provider_reference,
        reason=row.reason,
        tries=row.tries,
    )
