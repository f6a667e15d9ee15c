"""Idempotency: what came of a request, by the key that its sender gave it, so that repeating it repeats nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.platform.errors import IdempotencyKeyReused
from mercer.platform.tables import metadata, moment

LEASE = timedelta(seconds=60)
"""How long a claimed request is left to whoever claimed it."""

KEPT_FOR = timedelta(days=7)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("actor", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("field", sa.Text, primary_key=True, comment="The response key of the mutation."),
    sa.Column("fingerprint", sa.Text, nullable=False, comment="Of the mutation and its arguments."),
    sa.Column("claim", sa.Uuid, nullable=False, server_default=sa.text("uuidv7()")),
    moment("claimed_until", nullable=True),
    sa.Column("outcome", JSONB, comment="The result's type and ids, or the error: never a rendered answer."),
    moment("created_at"),
    schema="platform",
)

sa.Index(None, idempotency.c.created_at)

_BEGIN = sa.text("""
    INSERT INTO platform.idempotency (actor, key, field, fingerprint, created_at)
    VALUES (:actor, :key, :field, :fingerprint, :now) ON CONFLICT DO NOTHING
""")
_FINISH = sa.text("""
    UPDATE platform.idempotency SET outcome = cast(:outcome AS jsonb)
    WHERE actor = :actor AND key = :key AND field = :field
""")


@dataclass(frozen=True, kw_only=True)
class Keyed:
    """A request that may be repeated."""

    actor: str
    key: str
    field: str
    fingerprint: str

    def is_row(self) -> sa.ColumnElement[bool]:
        columns = idempotency.c
        return sa.and_(columns.actor == self.actor, columns.key == self.key, columns.field == self.field)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a request stands that was made before, or is being made."""

    claim: UUID
    outcome: dict[str, Any] | None
    claimed_until: datetime | None


async def begin(connection: AsyncConnection, request: Keyed, *, now: datetime) -> Standing | None:
    """Note a request that begins, in the transaction of its effect. Returns where it stands if it was made before.

    Waits for another transaction that makes the same one. Raises `IdempotencyKeyReused`.
    """
    made = await connection.execute(_BEGIN, _row(request) | {"now": now})
    return None if made.rowcount else await look_up(connection, request)


async def claim(connection: AsyncConnection, request: Keyed, *, now: datetime) -> tuple[Standing, bool]:
    """Claim a request that takes several transactions. Returns where it stands, and whether it is now the caller's.

    A claim whose lease ran out is taken over under the same id. Raises `IdempotencyKeyReused`.
    """
    lease = now + LEASE
    made = insert(idempotency).values(**_row(request), created_at=now, claimed_until=lease)
    if (claim := await connection.scalar(made.on_conflict_do_nothing().returning(idempotency.c.claim))) is not None:
        return Standing(claim=claim, outcome=None, claimed_until=lease), True
    ran_out = sa.and_(request.is_row(), idempotency.c.outcome.is_(None), idempotency.c.claimed_until <= now)
    ran_out = sa.and_(ran_out, idempotency.c.fingerprint == request.fingerprint)
    taken = await connection.execute(sa.update(idempotency).where(ran_out).values(claimed_until=lease))
    return await look_up(connection, request), bool(taken.rowcount)


async def look_up(connection: AsyncConnection, request: Keyed) -> Standing:
    """Where a request stands that has begun. Raises `IdempotencyKeyReused`."""
    found = (await connection.execute(sa.select(idempotency).where(request.is_row()))).one()
    if found.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused
    return Standing(claim=found.claim, outcome=found.outcome, claimed_until=found.claimed_until)


async def finish(connection: AsyncConnection, request: Keyed, outcome: dict[str, Any]) -> None:
    """Note what came of a request."""
    await connection.execute(_FINISH, _row(request) | {"outcome": msgspec.json.encode(outcome).decode()})


async def release(connection: AsyncConnection, request: Keyed, *, now: datetime) -> None:
    """Give up a claim, so that the request can be made again at once."""
    await connection.execute(
        sa.update(idempotency).where(request.is_row(), idempotency.c.outcome.is_(None)).values(claimed_until=now)
    )


async def forget(connection: AsyncConnection, *, now: datetime) -> int:
    """Delete what is older than keys are kept. Returns how many."""
    old = idempotency.c.created_at < now - KEPT_FOR
    return (await connection.execute(sa.delete(idempotency).where(old))).rowcount


def _row(request: Keyed) -> dict[str, str]:
    return {
        "actor": request.actor,
        "key": request.key,
        "field": request.field,
        "fingerprint": request.fingerprint,
    }
