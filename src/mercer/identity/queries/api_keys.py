"""API keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.identity.models import ApiKey, LiveSession
from mercer.identity.rules.bounds import read_bounds
from mercer.identity.tables import api_key
from mercer.platform.database import Database

# What has no end ends when time does. One that was never used was last seen at the beginning.
_LIVE = """
    SELECT json_build_object(
        'id', id, 'version', version, 'audience', 'admin', 'owner_id', id, 'is_api_key', true,
        'last_seen_at', coalesce(last_used_at, '0001-01-01Z'), 'until', coalesce(expires_at, '9999-12-31Z'),
        'permissions', permissions, 'bounds', (
            SELECT coalesce(json_object_agg(key, json_build_array(value)), '{}') FROM jsonb_each(bounds)
        )
    )
    FROM identity.api_key WHERE key_hash = $1 AND revoked_at IS NULL
"""
_USED = sa.text("""
    UPDATE identity.api_key SET last_used_at = :now, last_used_ip = :ip WHERE id = (
        SELECT id FROM identity.api_key
        WHERE id = :id AND revoked_at IS NULL AND coalesce(last_used_at <= :before, true)
        FOR UPDATE SKIP LOCKED
    )
""")


async def find_live(database: Database, *, key_hash: bytes) -> LiveSession | None:
    """What this key opens, unless it was revoked. It may have expired."""
    found = await database.fetch_value(_LIVE, (key_hash,))
    return None if found is None else msgspec.json.decode(found, type=LiveSession)


async def insert_key(connection: AsyncConnection, **values: Any) -> UUID:
    id: UUID | None = await connection.scalar(sa.insert(api_key).values(**values).returning(api_key.c.id))
    assert id is not None
    return id


async def lock_key(connection: AsyncConnection, id: UUID) -> tuple[ApiKey, bytes] | None:
    """A key, locked, and what it is stored as."""
    chosen = sa.select(api_key).where(api_key.c.id == id).with_for_update()
    row = (await connection.execute(chosen)).one_or_none()
    if row is None:
        return None
    key = ApiKey(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        permissions=tuple(row.permissions),
        bounds=read_bounds(row.bounds),
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        version=row.version,
    )
    return key, bytes(row.key_hash)


async def update_key(connection: AsyncConnection, id: UUID, *, now: datetime, **changes: Any) -> None:
    """Change a key. What is remembered of it is true no more."""
    told = {"version": api_key.c.version + 1, "outdated_at": sa.func.clock_timestamp()}
    await connection.execute(sa.update(api_key).where(api_key.c.id == id).values(**changes, updated_at=now, **told))


async def touch_key(connection: AsyncConnection, *, id: UUID, now: datetime, before: datetime, ip: str | None) -> None:
    """Note that a key was used, if that was last noted before. Waits for nobody."""
    await connection.execute(_USED, {"id": id, "now": now, "before": before, "ip": ip})
