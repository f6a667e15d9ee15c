"""Refresh tokens, and new access tokens of sessions that go on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.identity.models import Audience, FactorLevel
from mercer.identity.tables import refresh_token, session


@dataclass(frozen=True, kw_only=True)
class GoingOn:
    """A session that is to have new tokens, locked."""

    id: UUID
    audience: Audience
    owner_id: UUID
    token_hash: bytes
    token_expires_at: datetime | None
    """None: it has no refresh token."""
    previous_token_hash: bytes | None
    previous_expires_at: datetime | None
    confirmed_at: datetime
    factor_level: FactorLevel
    expires_at: datetime
    ends_at: datetime
    """Unless it is used before."""
    is_revoked: bool

    @property
    def hashes(self) -> list[bytes]:
        """Of the tokens that open it."""
        return [self.token_hash, *([] if self.previous_token_hash is None else [self.previous_token_hash])]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A refresh token that somebody shows."""

    id: UUID
    salt: bytes | None
    used_at: datetime | None


async def find_session_of(connection: AsyncConnection, *, token_hash: bytes) -> UUID | None:
    """The session of a refresh token, whether that can be used or not."""
    found: UUID | None = await connection.scalar(
        sa.select(refresh_token.c.session_id).where(refresh_token.c.token_hash == token_hash)
    )
    return found


async def lock_session(connection: AsyncConnection, *, id: UUID) -> GoingOn | None:
    columns = session.c
    chosen = sa.select(
        columns.id,
        columns.audience,
        sa.func.coalesce(columns.customer_id, columns.staff_id).label("owner_id"),
        columns.token_hash,
        columns.token_expires_at,
        columns.previous_token_hash,
        columns.previous_expires_at,
        columns.confirmed_at,
        columns.factor_level,
        columns.expires_at,
        sa.func.least(columns.expires_at, columns.idle_expires_at).label("ends_at"),
        columns.revoked_at.is_not(None).label("is_revoked"),
    ).where(columns.id == id)
    row = (await connection.execute(chosen.with_for_update())).one_or_none()
    if row is None:
        return None
    values: dict[str, Any] = dict(row._mapping)  # noqa: SLF001 — SQLAlchemy's own name for it
    values |= {"audience": Audience(row.audience), "factor_level": FactorLevel(row.factor_level)}
    return GoingOn(**values)


async def find_refresh_token(connection: AsyncConnection, *, token_hash: bytes) -> Shown | None:
    """A refresh token as it is now. Lock its session before."""
    chosen = sa.select(refresh_token.c.id, refresh_token.c.salt, refresh_token.c.used_at)
    row = (await connection.execute(chosen.where(refresh_token.c.token_hash == token_hash))).one_or_none()
    return None if row is None else Shown(id=row.id, salt=row.salt, used_at=row.used_at)


async def insert_refresh_token(
    connection: AsyncConnection, *, session_id: UUID, token_hash: bytes, now: datetime
) -> None:
    values = {"session_id": session_id, "token_hash": token_hash, "created_at": now}
    await connection.execute(sa.insert(refresh_token).values(**values))


async def use_refresh_tokens(connection: AsyncConnection, *, session_id: UUID, salt: bytes, now: datetime) -> None:
    """Note that the present refresh token of a session was used, and what its successors are made with."""
    present = sa.and_(refresh_token.c.session_id == session_id, refresh_token.c.used_at.is_(None))
    await connection.execute(sa.update(refresh_token).where(present).values(used_at=now, salt=salt))


async def drop_unused_refresh_tokens(connection: AsyncConnection, *, session_id: UUID) -> None:
    """Let the present refresh token of a session be unknown. Lock the session before."""
    present = sa.and_(refresh_token.c.session_id == session_id, refresh_token.c.used_at.is_(None))
    await connection.execute(sa.delete(refresh_token).where(present))


async def update_session(connection: AsyncConnection, *, id: UUID, **values: Any) -> None:
    """Change a session that is locked. What is remembered of it is true no more."""
    changed = {"version": session.c.version + 1, "outdated_at": sa.func.clock_timestamp(), **values}
    await connection.execute(sa.update(session).where(session.c.id == id).values(**changed))
