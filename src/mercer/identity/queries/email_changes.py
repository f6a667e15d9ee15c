"""Changes of address."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.identity.models import EmailChange, TokenPurpose
from mercer.identity.tables import email_change, token


async def insert_change(connection: AsyncConnection, **values: Any) -> UUID:
    id: UUID | None = await connection.scalar(sa.insert(email_change).values(**values).returning(email_change.c.id))
    assert id is not None
    return id


async def find_change(connection: AsyncConnection, id: UUID) -> EmailChange:
    """A change that there is. Its customer's lock guards it."""
    row = (await connection.execute(sa.select(email_change).where(email_change.c.id == id))).one()
    return EmailChange(**row._mapping)  # noqa: SLF001 — SQLAlchemy's own name for it


async def note_confirmed(connection: AsyncConnection, id: UUID, *, now: datetime) -> None:
    await connection.execute(sa.update(email_change).where(email_change.c.id == id).values(confirmed_at=now))


async def end_changes(connection: AsyncConnection, *, customer_id: UUID, but: UUID | None, now: datetime) -> None:
    """Let nothing become of a customer's changes that are not confirmed yet, or of all but one. Lock him before."""
    columns = email_change.c
    waiting = sa.and_(columns.customer_id == customer_id, columns.confirmed_at.is_(None), columns.ended_at.is_(None))
    ended = sa.update(email_change).where(waiting, columns.id.is_distinct_from(but)).values(ended_at=now)
    await connection.execute(ended)


async def note_undone(connection: AsyncConnection, change: EmailChange, *, now: datetime) -> None:
    """Note that a confirmed change is undone, and with it those that came after; their tokens work no more."""
    columns = email_change.c
    later = sa.and_(columns.customer_id == change.customer_id, columns.confirmed_at >= change.confirmed_at)
    later = sa.and_(later, columns.undone_at.is_(None))
    undone = sa.update(email_change).where(later).values(undone_at=now).returning(columns.id)
    ids = list(await connection.scalars(undone))
    void = sa.and_(token.c.email_change_id.in_(ids), token.c.used_at.is_(None))
    undoing = token.c.purpose == TokenPurpose.UNDO_EMAIL_CHANGE.value
    await connection.execute(sa.update(token).where(void, undoing).values(used_at=now))


async def forget_old(connection: AsyncConnection, *, requested_before: datetime) -> None:
    """Delete changes of long ago, and the addresses in them."""
    await connection.execute(sa.delete(email_change).where(email_change.c.requested_at < requested_before))
