"""The SQL of the inbox."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.payments.models import InboxSource, InboxState, ProviderEvent, Waiting
from mercer.payments.tables import attempt, inbox, intent


async def insert_notice(
    connection: AsyncConnection,
    *,
    provider: str,
    event_id: str,
    source: InboxSource,
    body: bytes | None,
    events: Sequence[ProviderEvent],
    state: InboxState,
    now: datetime,
) -> UUID | None:
    """Write what a provider told. None if it stands there already."""
    values = {
        "provider": provider,
        "event_id": event_id,
        "source": source.value,
        "body": body,
        "events": msgspec.to_builtins([replace(each, client_secret=None) for each in events]),
        "state": state.value,
        "received_at": now,
    }
    found: UUID | None = await connection.scalar(
        insert(inbox).values(values).on_conflict_do_nothing().returning(inbox.c.id)
    )
    return found


async def find_notice(connection: AsyncConnection, inbox_id: UUID) -> Waiting | None:
    """What a provider told."""
    row = (await connection.execute(sa.select(inbox).where(inbox.c.id == inbox_id))).one_or_none()
    if row is None:
        return None
    return Waiting(
        id=row.id,
        provider=row.provider,
        event_id=row.event_id,
        events=tuple(msgspec.convert(row.events, list[ProviderEvent])),
        state=InboxState(row.state),
        tries=row.tries,
    )


async def update_notice(
    connection: AsyncConnection,
    inbox_id: UUID,
    *,
    state: InboxState,
    tries: int | None = None,
    attempt_id: UUID | None = None,
    next_try_at: datetime | None = None,
    applied_at: datetime | None = None,
) -> None:
    """Note what becomes of it."""
    values: dict[str, object] = {"state": state.value, "next_try_at": next_try_at, "applied_at": applied_at}
    if tries is not None:
        values["tries"] = tries
    if attempt_id is not None:
        values["attempt_id"] = attempt_id
    await connection.execute(sa.update(inbox).where(inbox.c.id == inbox_id).values(values))


async def wake_parked(connection: AsyncConnection, *, now: datetime, most: int) -> list[UUID]:
    """What is to be tried again now: it waits from here on."""
    due = sa.select(inbox.c.id).where(inbox.c.next_try_at <= now).order_by(inbox.c.next_try_at).limit(most)
    woken = (
        sa.update(inbox)
        .where(inbox.c.id.in_(due.with_for_update(skip_locked=True)))
        .values(next_try_at=None, state=InboxState.WAITING.value)
        .returning(inbox.c.id)
    )
    return list((await connection.execute(woken)).scalars())


async def find_order(connection: AsyncConnection, attempt_id: UUID) -> UUID | None:
    """Whose an attempt is."""
    found: UUID | None = await connection.scalar(
        sa.select(intent.c.order_id).join(attempt, attempt.c.intent_id == intent.c.id).where(attempt.c.id == attempt_id)
    )
    return found
