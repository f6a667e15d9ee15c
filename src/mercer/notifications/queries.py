"""The SQL of the record of mails."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.notifications.models import Cause, Mail, MailState, MailTemplate, Recipient
from mercer.notifications.tables import mail


async def insert_mail(
    connection: AsyncConnection,
    *,
    template: MailTemplate,
    language: str,
    recipient: Recipient,
    cause: Cause,
    once: str | None,
    now: datetime,
) -> UUID | None:
    """Note a mail that is to be sent. None if one was noted already for what it is sent once for."""
    values = {
        "template": template,
        "language": language,
        **asdict(recipient),
        "request_id": cause.request_id,
        "happened_at": cause.at,
        "once": once,
        "created_at": now,
    }
    written = insert(mail).values(values).on_conflict_do_nothing(index_elements=[mail.c.once]).returning(mail.c.id)
    id: UUID | None = (await connection.execute(written)).scalar_one_or_none()
    return id


async def lock_mail(connection: AsyncConnection, id: UUID) -> tuple[Mail, datetime | None] | None:
    """A mail, locked, and when it was last claimed."""
    row = (await connection.execute(sa.select(mail).where(mail.c.id == id).with_for_update())).one_or_none()
    return None if row is None else (_read(row), row.claimed_at)


async def update_mail(connection: AsyncConnection, id: UUID, **values: Any) -> None:
    """Change what is noted of a mail."""
    await connection.execute(sa.update(mail).where(mail.c.id == id).values(**values))


async def delete_mails(connection: AsyncConnection, *, before: datetime, limit: int) -> int:
    """Forget some mails that were noted before that, and say how many."""
    old = sa.select(mail.c.id).where(mail.c.created_at < before).limit(limit).with_for_update(skip_locked=True)
    gone = await connection.execute(sa.delete(mail).where(mail.c.id.in_(old)))
    return gone.rowcount


def _read(row: Any) -> Mail:
    return Mail(
        id=row.id,
        template=MailTemplate(row.template),
        language=row.language,
        recipient=Recipient(**{each.name: row._mapping[each.name] for each in fields(Recipient)}),  # noqa: SLF001
        state=MailState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        cause=Cause(row.happened_at, row.request_id),
    )
