"""The simulator's SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.simulator.models import Behaviour, Fact, FactKind, NewFact, Order, Payment, Refusal
from mercer.simulator.tables import fact, operation, payment


async def insert_payment(
    connection: AsyncConnection,
    order: Order,
    *,
    fingerprint: str,
    behaviours: frozenset[Behaviour],
    client_secret: str,
    now: datetime,
    settles_at: datetime | None,
    expires_at: datetime | None,
) -> UUID | None:
    """Write a payment. None if its key is taken."""
    values = {
        "key": order.key,
        "fingerprint": fingerprint,
        "reference": order.reference,
        "label": order.label,
        "amount": order.amount,
        "currency": order.currency,
        "is_captured_at_once": order.is_captured_at_once,
        "behaviours": sorted(behaviours),
        "return_url": order.return_url,
        "client_secret": client_secret,
        "created_at": now,
        "settles_at": settles_at,
        "expires_at": expires_at,
    }
    found: UUID | None = await connection.scalar(
        insert(payment).values(values).on_conflict_do_nothing().returning(payment.c.id)
    )
    return found


async def lock_payment(
    connection: AsyncConnection, *, id: UUID | None = None, key: str | None = None, reference: str | None = None
) -> Payment | None:
    """A payment, which nobody else changes until the transaction ends; the newest with this reference."""
    asked = [
        column == value
        for column, value in ((payment.c.id, id), (payment.c.key, key), (payment.c.reference, reference))
        if value is not None
    ]
    locked = sa.select(payment).where(*asked).order_by(payment.c.id.desc()).limit(1).with_for_update()
    row = (await connection.execute(locked)).one_or_none()
    if row is None:
        return None
    facts = sa.select(fact).where(fact.c.payment_id == row.id).order_by(fact.c.number)
    return _payment(row, tuple(_fact(each) for each in await connection.execute(facts)))


async def insert_facts(connection: AsyncConnection, payment_id: UUID, new: Sequence[NewFact]) -> tuple[Fact, ...]:
    """Write what happened to a payment, in this order."""
    written = []
    for each in new:
        values = {
            "payment_id": payment_id,
            "kind": each.kind.value,
            "amount": each.amount,
            "currency": each.currency,
            "at": each.at,
            "refund_key": each.refund_key,
            "refusal": msgspec.to_builtins(each.refusal),
        }
        row = (await connection.execute(sa.insert(fact).values(values).returning(fact))).one()
        written.append(_fact(row))
    return tuple(written)


async def begin_operation(
    connection: AsyncConnection, key: str, *, payment_id: UUID, fingerprint: str, now: datetime
) -> str | None:
    """Note that something is asked for. Returns the fingerprint of what was asked under this key before."""
    values = {"key": key, "payment_id": payment_id, "fingerprint": fingerprint, "at": now}
    made = insert(operation).values(values).on_conflict_do_nothing().returning(operation.c.key)
    if await connection.scalar(made) is not None:
        return None
    found: str | None = await connection.scalar(sa.select(operation.c.fingerprint).where(operation.c.key == key))
    return found


async def find_payment_of(connection: AsyncConnection, fact_id: UUID) -> UUID | None:
    """The payment that something happened to."""
    found: UUID | None = await connection.scalar(sa.select(fact.c.payment_id).where(fact.c.id == fact_id))
    return found


def _payment(row: Any, facts: tuple[Fact, ...]) -> Payment:
    return Payment(
        id=row.id,
        key=row.key,
        fingerprint=row.fingerprint,
        reference=row.reference,
        label=row.label,
        amount=row.amount,
        currency=row.currency,
        is_captured_at_once=row.is_captured_at_once,
        behaviours=frozenset(Behaviour(each) for each in row.behaviours),
        return_url=row.return_url,
        client_secret=row.client_secret,
        created_at=row.created_at,
        settles_at=row.settles_at,
        expires_at=row.expires_at,
        facts=facts,
    )


def _fact(row: Any) -> Fact:
    return Fact(
        id=row.id,
        kind=FactKind(row.kind),
        amount=row.amount,
        currency=row.currency,
        at=row.at,
        refund_key=row.refund_key,
        refusal=None if row.refusal is None else msgspec.convert(row.refusal, Refusal),
    )
