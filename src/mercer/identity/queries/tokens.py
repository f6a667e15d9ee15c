"""Tokens that were mailed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.identity.models import TokenPurpose
from mercer.identity.tables import token


@dataclass(frozen=True, kw_only=True)
class Mailed:
    """What a token stands for, whether it can be used or not."""

    purpose: TokenPurpose
    customer_id: UUID | None
    staff_id: UUID | None
    email_change_id: UUID | None


async def insert_token(connection: AsyncConnection, **values: Any) -> None:
    await connection.execute(sa.insert(token).values(**values))


async def find_token(connection: AsyncConnection, *, token_hash: bytes) -> Mailed | None:
    columns = token.c
    chosen = sa.select(columns.purpose, columns.customer_id, columns.staff_id, columns.email_change_id)
    row = (await connection.execute(chosen.where(columns.token_hash == token_hash))).one_or_none()
    if row is None:
        return None
    return Mailed(
        purpose=TokenPurpose(row.purpose),
        customer_id=row.customer_id,
        staff_id=row.staff_id,
        email_change_id=row.email_change_id,
    )


async def is_usable(
    connection: AsyncConnection, *, token_hash: bytes, purposes: Collection[TokenPurpose], now: datetime
) -> bool:
    """Whether a token is of one of these purposes, and neither over nor used."""
    named = token.c.purpose.in_([each.value for each in purposes])
    chosen = sa.select(token.c.id).where(_usable(token_hash, now), named)
    return (await connection.scalar(chosen)) is not None


async def use_token(connection: AsyncConnection, *, token_hash: bytes, now: datetime) -> bool:
    """Use a token up. False if it is over, or was used before. Lock its owner first."""
    updated = sa.update(token).where(_usable(token_hash, now)).values(used_at=now)
    return bool((await connection.execute(updated)).rowcount)


async def use_up_tokens(
    connection: AsyncConnection,
    *,
    purposes: Collection[TokenPurpose],
    now: datetime,
    customer_id: UUID | None = None,
    staff_id: UUID | None = None,
) -> None:
    """Let none of somebody's tokens of these purposes work any more."""
    owner = token.c.customer_id == customer_id if staff_id is None else token.c.staff_id == staff_id
    named = token.c.purpose.in_([each.value for each in purposes])
    unused = sa.and_(owner, named, token.c.used_at.is_(None))
    await connection.execute(sa.update(token).where(unused).values(used_at=now))


def _usable(hash: bytes, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(token.c.token_hash == hash, token.c.used_at.is_(None), token.c.expires_at > now)
