"""Second factors, recovery codes, and who has yet to show one."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.identity.models import Audience, Factor, FactorKind, FactorLevel
from mercer.identity.tables import challenge, factor, recovery_code, role, session, staff_role


async def insert_factor(connection: AsyncConnection, **values: Any) -> UUID:
    id: UUID | None = await connection.scalar(sa.insert(factor).values(**values).returning(factor.c.id))
    assert id is not None
    return id


async def lock_factors(connection: AsyncConnection, audience: Audience, *, owner_id: UUID) -> list[Factor]:
    """All factors of an account, those too that it has not confirmed yet, locked. Lock the account before."""
    columns = factor.c
    chosen = sa.select(
        columns.id,
        columns.kind,
        columns.name,
        columns.secret,
        columns.last_step,
        columns.created_at,
        columns.confirmed_at,
    ).where(_owned(factor, audience, owner_id))
    found = await connection.execute(chosen.order_by(columns.id).with_for_update())
    return [
        Factor(
            id=row.id,
            kind=FactorKind(row.kind),
            name=row.name,
            secret=bytes(row.secret),
            last_step=row.last_step,
            created_at=row.created_at,
            confirmed_at=row.confirmed_at,
        )
        for row in found
    ]


async def update_factor(connection: AsyncConnection, id: UUID, **changes: Any) -> None:
    await connection.execute(sa.update(factor).where(factor.c.id == id).values(**changes))


async def delete_factors(connection: AsyncConnection, ids: Collection[UUID]) -> None:
    await connection.execute(sa.delete(factor).where(factor.c.id.in_(list(ids))))


async def list_secrets(connection: AsyncConnection, *, after: UUID | None, most: int) -> Sequence[tuple[UUID, bytes]]:
    """The encrypted secrets of the factors after this one, by id."""
    chosen = sa.select(factor.c.id, factor.c.secret).order_by(factor.c.id).limit(most)
    if after is not None:
        chosen = chosen.where(factor.c.id > after)
    return [(row.id, bytes(row.secret)) for row in await connection.execute(chosen)]


async def replace_secret(connection: AsyncConnection, id: UUID, *, before: bytes, after: bytes) -> None:
    """Store a secret that was encrypted anew."""
    same = sa.and_(factor.c.id == id, factor.c.secret == before)
    await connection.execute(sa.update(factor).where(same).values(secret=after))


async def needs_factor(connection: AsyncConnection, *, staff_id: UUID) -> bool:
    """Whether a member of staff has a role that gives nothing without a second factor."""
    held = sa.select(role.c.id).join(staff_role, staff_role.c.role_id == role.c.id)
    held = held.where(staff_role.c.staff_id == staff_id, role.c.needs_factor)
    return bool(await connection.scalar(sa.select(held.exists())))


async def lower_sessions(connection: AsyncConnection, audience: Audience, *, owner_id: UUID) -> list[bytes]:
    """Have an account's sessions count as opened without a second factor. Returns token hashes."""
    raised = sa.and_(session.c.revoked_at.is_(None), session.c.factor_level == FactorLevel.TWO_FACTORS.value)
    lowered = (
        sa.update(session)
        .where(_owned(session, audience, owner_id), raised)
        .values(
            factor_level=FactorLevel.PASSWORD.value,
            version=session.c.version + 1,
            outdated_at=sa.func.clock_timestamp(),
        )
        .returning(session.c.token_hash)
    )
    return [bytes(row.token_hash) for row in await connection.execute(lowered)]


async def insert_recovery_codes(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    await connection.execute(sa.insert(recovery_code), rows)


async def delete_recovery_codes(
    connection: AsyncConnection, audience: Audience, *, owner_id: UUID, since: datetime | None = None
) -> None:
    """Delete the recovery codes of an account: all, or those that were made since then."""
    theirs = _owned(recovery_code, audience, owner_id)
    if since is not None:
        theirs = sa.and_(theirs, recovery_code.c.created_at >= since)
    await connection.execute(sa.delete(recovery_code).where(theirs))


async def use_recovery_code(
    connection: AsyncConnection, audience: Audience, *, owner_id: UUID, code_hash: bytes, now: datetime
) -> bool:
    """Use a recovery code up. False if it is none of this account's, or was used. Lock the account before."""
    columns = recovery_code.c
    usable = sa.and_(columns.code_hash == code_hash, columns.used_at.is_(None))
    used = sa.update(recovery_code).where(_owned(recovery_code, audience, owner_id), usable).values(used_at=now)
    return bool((await connection.execute(used)).rowcount)


async def insert_challenge(connection: AsyncConnection, **values: Any) -> None:
    await connection.execute(sa.insert(challenge).values(**values))


async def find_challenged(
    connection: AsyncConnection, audience: Audience, *, token_hash: bytes, now: datetime
) -> UUID | None:
    """Whose challenge this is; None if it is nobody's of this API, was answered or has ended."""
    owner = _owner(challenge, audience)
    chosen = sa.select(owner).where(_open(token_hash, now), owner.is_not(None))
    id: UUID | None = await connection.scalar(chosen)
    return id


async def use_challenge(connection: AsyncConnection, *, token_hash: bytes, now: datetime) -> bool:
    """Use a challenge up. False if it was answered, or has ended. Lock its account before."""
    used = sa.update(challenge).where(_open(token_hash, now)).values(used_at=now)
    return bool((await connection.execute(used)).rowcount)


async def void_challenges(connection: AsyncConnection, audience: Audience, *, owner_id: UUID, now: datetime) -> None:
    """Let no challenge of an account be answered any more."""
    theirs = sa.and_(_owned(challenge, audience, owner_id), challenge.c.used_at.is_(None))
    await connection.execute(sa.update(challenge).where(theirs).values(used_at=now))


async def forget_old(connection: AsyncConnection, *, ended_before: datetime) -> None:
    """Delete challenges that ended long ago."""
    await connection.execute(sa.delete(challenge).where(challenge.c.expires_at < ended_before))


def _open(token_hash: bytes, now: datetime) -> sa.ColumnElement[bool]:
    columns = challenge.c
    return sa.and_(columns.token_hash == token_hash, columns.used_at.is_(None), columns.expires_at > now)


def _owner(table: sa.Table, audience: Audience) -> sa.Column[Any]:
    return table.c.customer_id if audience is Audience.SHOP else table.c.staff_id


def _owned(table: sa.Table, audience: Audience, owner_id: UUID) -> sa.ColumnElement[bool]:
    return _owner(table, audience) == owner_id
