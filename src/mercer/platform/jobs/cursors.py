"""Readers of the event log: each follows it at its own pace, from the position that it has reached."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from mercer.platform.context import Context
from mercer.platform.jobs.schema import cursor
from mercer.platform.outbox import NO_EVENT, outbox
from mercer.platform.transactions import transaction


@dataclass(frozen=True, kw_only=True)
class LoggedEvent:
    """An event in the log."""

    position: int
    name: str
    payload: Any
    at: datetime
    request_id: str | None
    traceparent: str | None


@asynccontextmanager
async def next_events(
    context: Context, *, reader: str, most: int = 500
) -> AsyncIterator[tuple[Context, Sequence[LoggedEvent]]]:
    """The events after those that a reader has taken, in order: up to so many, none when it has taken all.

    The reader moves on when the block ends, in the transaction of the context that it gets, and stays where it is when
    it raises. Only one at a time reads for a reader. A new reader begins with the first event.
    """
    async with transaction(context) as inner:
        begun = insert(cursor).values(name=reader, position=0).on_conflict_do_nothing()
        place = sa.select(cursor.c.position).where(cursor.c.name == reader).with_for_update()
        position = (await inner.db.execute(place)).scalar()
        if position is None:
            await inner.db.execute(begun)
            position = (await inner.db.execute(place)).scalar_one()
        columns = outbox.c
        following = (
            sa.select(columns.position, columns.name, columns.payload, columns.at, columns.request_id)
            .add_columns(columns.traceparent)
            .where(columns.position > position)
            .order_by(columns.position)
            .limit(most)
        )
        rows = (await inner.db.execute(following)).all()
        yield inner, [LoggedEvent(**row._mapping) for row in rows if row.name != NO_EVENT]  # noqa: SLF001 — its name
        if rows:
            moved = sa.update(cursor).where(cursor.c.name == reader).values(position=rows[-1].position)
            await inner.db.execute(moved)
