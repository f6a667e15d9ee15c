"""What mails tell of accounts: read, never locked."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.identity.models import EmailChange, MadeKey, TokenPurpose
from mercer.identity.rules.roles import ADMINISTRATOR
from mercer.identity.tables import (
    api_key,
    attempt,
    email_change,
    recovery_code,
    role,
    session,
    staff,
    staff_role,
    token,
)
from mercer.platform.audit import audit

_AUDITED = ("ApiKey", "Customer", "Session", "Staff")


async def find_audited(connection: AsyncConnection, *, ids: Collection[UUID], request_id: str) -> Any:
    """When, from which address and with what program a request changed one of these, if it did."""
    ours = sa.and_(audit.c.entity.in_(_AUDITED), audit.c.entity_id.in_(list(ids)), audit.c.request_id == request_id)
    chosen = sa.select(audit.c.at, audit.c.ip, audit.c.user_agent).where(ours).order_by(audit.c.at.desc()).limit(1)
    return (await connection.execute(chosen)).one_or_none()


async def find_attempted(connection: AsyncConnection, *, account_id: UUID, request_id: str) -> Any:
    """When, from which address and with what program a request tried something on this account, if it did."""
    ours = sa.and_(attempt.c.account_id == account_id, attempt.c.request_id == request_id)
    columns = (attempt.c.at, attempt.c.ip, attempt.c.user_agent)
    return (await connection.execute(sa.select(*columns).where(ours).order_by(attempt.c.at.desc()).limit(1))).first()


async def find_opening(connection: AsyncConnection, session_id: UUID) -> Any:
    """When, from which address and on what device a session was opened."""
    chosen = sa.select(session.c.created_at, session.c.ip, session.c.device).where(session.c.id == session_id)
    return (await connection.execute(chosen)).one_or_none()


async def find_email_change(connection: AsyncConnection, id: UUID) -> EmailChange | None:
    row = (await connection.execute(sa.select(email_change).where(email_change.c.id == id))).one_or_none()
    return None if row is None else EmailChange(**row._mapping)  # noqa: SLF001 — SQLAlchemy's own name for it


async def find_made_key(connection: AsyncConnection, id: UUID) -> MadeKey | None:
    columns = (api_key.c.name, api_key.c.prefix, api_key.c.created_by, staff.c.name.label("maker"))
    chosen = sa.select(*columns).select_from(api_key.outerjoin(staff, staff.c.id == api_key.c.created_by))
    row = (await connection.execute(chosen.where(api_key.c.id == id))).one_or_none()
    return None if row is None else MadeKey(**row._mapping)  # noqa: SLF001


async def list_administrators(connection: AsyncConnection) -> list[UUID]:
    """The active ones, by id."""
    held = staff.join(staff_role, staff_role.c.staff_id == staff.c.id).join(role, role.c.id == staff_role.c.role_id)
    chosen = sa.select(staff.c.id).select_from(held).where(role.c.code == ADMINISTRATOR, staff.c.is_active)
    return list(await connection.scalars(chosen.order_by(staff.c.id)))


async def count_recovery_codes(
    connection: AsyncConnection, *, customer_id: UUID | None = None, staff_id: UUID | None = None
) -> int:
    unused = sa.and_(_is_of(recovery_code, customer_id, staff_id), recovery_code.c.used_at.is_(None))
    return await connection.scalar(sa.select(sa.func.count()).where(unused)) or 0


async def was_token_used(
    connection: AsyncConnection,
    *,
    purposes: Collection[TokenPurpose],
    since: datetime,
    customer_id: UUID | None = None,
    staff_id: UUID | None = None,
) -> bool:
    """Whether a token of one of these purposes was used up after that moment."""
    named = token.c.purpose.in_([each.value for each in purposes])
    used = sa.and_(_is_of(token, customer_id, staff_id), named, token.c.used_at > since)
    return bool(await connection.scalar(sa.select(sa.exists().where(used))))


def _is_of(table: sa.Table, customer_id: UUID | None, staff_id: UUID | None) -> sa.ColumnElement[bool]:
    return table.c.customer_id == customer_id if staff_id is None else table.c.staff_id == staff_id
