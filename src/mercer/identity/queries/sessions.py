"""Sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.identity.models import Audience, Ending, FactorLevel
from mercer.identity.rules.bounds import HeldRole
from mercer.identity.tables import challenge, session, staff, token
from mercer.platform.database import Database

_LIVE = """
    SELECT json_build_object(
        'id', s.id, 'version', s.version, 'audience', s.audience, 'owner_id', coalesce(s.customer_id, s.staff_id),
        'last_seen_at', s.last_seen_at, 'confirmed_at', s.confirmed_at, 'factor_level', s.factor_level,
        'until', least(
            s.expires_at, s.idle_expires_at,
            CASE WHEN s.token_hash = $1 THEN s.token_expires_at ELSE s.previous_expires_at END
        ),
        'roles', ARRAY(
            SELECT json_build_object('permissions', r.permissions, 'bounds', r.bounds, 'needs_factor', r.needs_factor)
            FROM identity.staff_role h JOIN identity.role r ON r.id = h.role_id
            WHERE h.staff_id = s.staff_id ORDER BY r.code
        )
    )
    FROM identity.session s
    LEFT JOIN identity.customer c ON c.id = s.customer_id
    LEFT JOIN identity.staff t ON t.id = s.staff_id
    WHERE (s.token_hash = $1 OR s.previous_token_hash = $1) AND s.audience = $2 AND s.revoked_at IS NULL
        AND c.blocked_at IS NULL AND t.is_active IS NOT false
"""
_OUTDATED = """
    SELECT coalesce(json_object_agg(id, version), '{}') FROM (
        SELECT id, version FROM identity.session WHERE outdated_at > clock_timestamp() - interval '3 minutes'
        UNION ALL
        SELECT id, version FROM identity.api_key WHERE outdated_at > clock_timestamp() - interval '3 minutes'
    ) changed
"""
_SEEN = sa.text("""
    UPDATE identity.session SET last_seen_at = :now, idle_expires_at = :idle_expires_at WHERE id = (
        SELECT id FROM identity.session WHERE id = :id AND revoked_at IS NULL AND last_seen_at <= :before
        FOR UPDATE SKIP LOCKED
    )
""")
_OUTDATE_STAFF = sa.text("""
    UPDATE identity.session SET version = version + 1, outdated_at = clock_timestamp()
    WHERE staff_id = ANY(:staff) AND revoked_at IS NULL
    RETURNING token_hash, previous_token_hash
""")


@dataclass(frozen=True, kw_only=True)
class Live:
    """A session as it stands in the rows, with its owner's roles."""

    id: UUID
    version: int
    audience: Audience
    owner_id: UUID
    last_seen_at: datetime
    confirmed_at: datetime
    factor_level: FactorLevel
    until: datetime
    roles: tuple[HeldRole, ...]


async def find_live(database: Database, *, token_hash: bytes, audience: Audience) -> Live | None:
    """The session of this token, unless it was revoked or its owner may not enter. It may have expired."""
    found = await database.fetch_value(_LIVE, (token_hash, audience.value))
    return None if found is None else msgspec.json.decode(found, type=Live)


async def outdated_sessions(database: Database) -> dict[UUID, int]:
    """The versions of all sessions and API keys that changed in the last three minutes."""
    found = await database.fetch_value(_OUTDATED)
    return msgspec.json.decode(found, type=dict[UUID, int])


async def insert_session(connection: AsyncConnection, **values: Any) -> UUID:
    id: UUID | None = await connection.scalar(sa.insert(session).values(**values).returning(session.c.id))
    assert id is not None
    return id


async def touch_session(
    connection: AsyncConnection, *, id: UUID, now: datetime, before: datetime, idle_expires_at: datetime
) -> None:
    """Note that a session was used, if that was last noted before. Waits for nobody."""
    await connection.execute(_SEEN, {"id": id, "now": now, "before": before, "idle_expires_at": idle_expires_at})


async def revoke(
    connection: AsyncConnection, *conditions: sa.ColumnElement[bool], reason: Ending, now: datetime
) -> dict[UUID, list[bytes]]:
    """Revoke the sessions that meet the conditions and are not revoked yet. Returns their tokens' hashes, by id."""
    locked = sa.select(session.c.id).where(*conditions, session.c.revoked_at.is_(None))
    chosen = locked.order_by(session.c.id).with_for_update().cte("chosen")
    revoked = (
        sa.update(session)
        .where(session.c.id == chosen.c.id)
        .values(
            revoked_at=now,
            revoked_reason=reason.value,
            version=session.c.version + 1,
            outdated_at=sa.func.clock_timestamp(),
        )
        .returning(session.c.id, session.c.token_hash, session.c.previous_token_hash)
    )
    found = await connection.execute(revoked)
    return {row.id: _hashes(row) for row in sorted(found, key=lambda row: row.id)}


def owned_by(audience: Audience, owner_id: UUID) -> sa.ColumnElement[bool]:
    """A customer's or a staff member's sessions."""
    return (session.c.customer_id if audience is Audience.SHOP else session.c.staff_id) == owner_id


def is_session(id: UUID) -> sa.ColumnElement[bool]:
    return session.c.id == id


def is_other_session(id: UUID | None) -> sa.ColumnElement[bool]:
    return session.c.id.is_distinct_from(id)


async def outdate_staff_sessions(connection: AsyncConnection, staff: Sequence[UUID]) -> list[bytes]:
    """Have the sessions of these staff read again: what their owners may do has changed. Returns token hashes."""
    found = await connection.execute(_OUTDATE_STAFF, {"staff": list(staff)})
    return [hash for row in found for hash in _hashes(row)]


async def find_open_level(connection: AsyncConnection, id: UUID, *, staff_id: UUID) -> FactorLevel | None:
    """What a session of this member of staff was opened with. None: it was revoked, or he may not enter any more."""
    is_open = sa.and_(session.c.id == id, session.c.revoked_at.is_(None), staff.c.id == staff_id, staff.c.is_active)
    opened = sa.select(session.c.factor_level).join(staff, staff.c.id == session.c.staff_id).where(is_open)
    level: str | None = await connection.scalar(opened)
    return None if level is None else FactorLevel(level)


async def find_owner(connection: AsyncConnection, audience: Audience, *, id: UUID) -> UUID | None:
    """Whose session this is. None: there is none of that audience."""
    owner = session.c.customer_id if audience is Audience.SHOP else session.c.staff_id
    found: UUID | None = await connection.scalar(sa.select(owner).where(session.c.id == id))
    return found


def _hashes(row: sa.Row[Any]) -> list[bytes]:
    return [bytes(hash) for hash in (row.token_hash, row.previous_token_hash) if hash is not None]


async def forget_old(connection: AsyncConnection, *, now: datetime, ended_before: datetime) -> None:
    """Delete sessions with their refresh tokens, challenges and mailed tokens that ended long ago."""
    ended = sa.func.least(session.c.expires_at, session.c.idle_expires_at, sa.func.coalesce(session.c.revoked_at, now))
    old = sa.and_(session.c.created_at < ended_before, ended < ended_before)
    await connection.execute(sa.delete(session).where(old))
    await connection.execute(sa.delete(challenge).where(challenge.c.expires_at < ended_before))
    await connection.execute(sa.delete(token).where(token.c.expires_at < ended_before))
