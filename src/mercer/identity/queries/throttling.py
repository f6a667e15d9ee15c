"""What is counted of guessing, the devices that are known, and the log of attempts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.identity.rules.throttling import Standing
from mercer.identity.tables import attempt, known_device, throttle


async def lock_standings(connection: AsyncConnection, keys: Sequence[str], *, now: datetime) -> dict[str, Standing]:
    """What is counted under these keys, locked in their order, so that of parallel attempts each sees the last."""
    rows = [{"key": key, "last_at": now} for key in sorted(keys)]
    await connection.execute(insert(throttle).on_conflict_do_nothing(), rows)
    chosen = sa.select(throttle).where(throttle.c.key.in_(keys)).order_by(throttle.c.key).with_for_update()
    return {
        row.key: Standing(failures=row.failures, last_at=row.last_at, held_until=row.held_until)
        for row in await connection.execute(chosen)
    }


async def held_until(connection: AsyncConnection, keys: Sequence[str], *, now: datetime) -> datetime | None:
    """Until when something counted under these keys is held up; None: nothing is. It locks nothing."""
    held = sa.and_(throttle.c.key.in_(keys), throttle.c.held_until > now)
    until: datetime | None = await connection.scalar(sa.select(sa.func.max(throttle.c.held_until)).where(held))
    return until


async def write_standings(connection: AsyncConnection, standings: Mapping[str, Standing]) -> None:
    columns = throttle.c
    changed = (
        sa.update(throttle)
        .where(columns.key == sa.bindparam("of"))
        .values(failures=sa.bindparam("count"), last_at=sa.bindparam("last"), held_until=sa.bindparam("held"))
    )
    rows = [
        {"of": key, "count": each.failures, "last": each.last_at, "held": each.held_until}
        for key, each in sorted(standings.items())
    ]
    await connection.execute(changed, rows)


async def note_told(connection: AsyncConnection, *, key: str, now: datetime, before: datetime) -> bool:
    """Note that somebody is told of this count. False if he was lately: after `before`."""
    columns = throttle.c
    is_due = sa.or_(columns.told_at.is_(None), columns.told_at <= before)
    told = sa.update(throttle).where(columns.key == key, is_due).values(told_at=now)
    return bool((await connection.execute(told)).rowcount)


async def forgive(connection: AsyncConnection, *, key: str, prefix: str, is_told_again: bool) -> None:
    """Count nothing any more under this key, and under those that begin so. Locked in their order, as everywhere.

    `is_told_again`: whoever it is about is told of the next hold, however lately he was told of one.
    """
    columns = throttle.c
    ours = sa.or_(columns.key == key, columns.key.startswith(prefix, autoescape=True))
    chosen = sa.select(columns.key).where(ours).order_by(columns.key).with_for_update().cte("chosen")
    told = {"told_at": None} if is_told_again else {}
    forgiven = sa.update(throttle).where(columns.key == chosen.c.key).values(failures=0, held_until=None, **told)
    await connection.execute(forgiven)


async def insert_attempt(connection: AsyncConnection, **values: Any) -> None:
    await connection.execute(sa.insert(attempt).values(**values))


async def insert_device(connection: AsyncConnection, **values: Any) -> None:
    await connection.execute(sa.insert(known_device).values(**values))


async def drop_device(connection: AsyncConnection, *, audience: str, account: str, token_hash: bytes) -> None:
    own = sa.and_(known_device.c.audience == audience, known_device.c.account == account)
    await connection.execute(sa.delete(known_device).where(own, known_device.c.token_hash == token_hash))


async def drop_devices(connection: AsyncConnection, *, audience: str, account: str, but_newest: int) -> None:
    """Delete the devices of an account, but for so many that came last."""
    columns = known_device.c
    own = sa.and_(columns.audience == audience, columns.account == account)
    kept = sa.select(columns.id).where(own).order_by(columns.created_at.desc(), columns.id.desc()).limit(but_newest)
    await connection.execute(sa.delete(known_device).where(own, columns.id.not_in(kept)))


async def has_device(
    connection: AsyncConnection, *, audience: str, account: str, token_hash: bytes, now: datetime
) -> bool:
    columns = known_device.c
    own = sa.and_(columns.audience == audience, columns.account == account, columns.expires_at > now)
    found = sa.select(sa.exists().where(columns.token_hash == token_hash, own))
    return bool(await connection.scalar(found))


async def forget_old(
    connection: AsyncConnection, *, now: datetime, counted_before: datetime, logged_before: datetime
) -> None:
    """Delete what is not counted any more, devices that are not known any more, and attempts of long ago."""
    await connection.execute(sa.delete(throttle).where(throttle.c.last_at < counted_before))
    await connection.execute(sa.delete(known_device).where(known_device.c.expires_at <= now))
    await connection.execute(sa.delete(attempt).where(attempt.c.at < logged_before))
